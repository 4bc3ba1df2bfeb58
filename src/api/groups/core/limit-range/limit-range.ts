/** LimitRange: how small and large things in a namespace may be, and what they get when they do not ask. */

import {
  duplicate,
  forbidden,
  invalid,
  required,
  ROOT_PATH,
  type FieldError,
  type FieldPath,
} from '../../../field/field-error.ts';
import { labelKeyProblem } from '../../../labels/selector.ts';
import { PLAIN_COLUMNS } from '../../../meta/columns.ts';
import { deepEqual } from '../../../meta/equal.ts';
import type { ResourceDefinition } from '../../../meta/resource-definition.ts';
import { compareQuantities, quantityOf } from '../../../quantity/quantity.ts';
import type { LimitRange, LimitRangeItem } from '../../../types.gen.ts';
import { isOvercommitable, validateContainerResourceName, validateResourceName } from '../resource-names.ts';

const LIMITS = ROOT_PATH.child('spec', 'limits');
const TYPES: readonly string[] = ['Pod', 'Container', 'PersistentVolumeClaim'];
const LISTS = ['max', 'min', 'default', 'defaultRequest', 'maxLimitRequestRatio'] as const;

type ResourceList = { readonly [name: string]: string };

export const limitRanges: ResourceDefinition<LimitRange> = {
  group: '',
  version: 'v1',
  kind: 'LimitRange',
  plural: 'limitranges',
  singular: 'limitrange',
  shortNames: ['limits'],
  categories: [],
  namespaced: true,
  message: 'core/v1.LimitRange',
  nameFormat: 'dns1123Subdomain',
  hasStatus: false,
  hasGeneration: false,
  createOnUpdate: true,
  defaults,
  validate,
  columns: PLAIN_COLUMNS,
};

function defaults(range: LimitRange): LimitRange {
  const limits = range.spec.limits.map(defaultItem);
  if (limits.every((item, i) => item === range.spec.limits[i])) return range;
  return { ...range, spec: { ...range.spec, limits } };
}

/** What a container gets by default follows from what it may have. */
function defaultItem(item: LimitRangeItem): LimitRangeItem {
  if (item.type !== 'Container') return item;
  const limits: ResourceList = { ...item.max, ...item.default };
  const requests: ResourceList = { ...item.min, ...limits, ...item.defaultRequest };
  const next = {
    ...item,
    ...(Object.keys(limits).length === 0 ? {} : { default: limits }),
    ...(Object.keys(requests).length === 0 ? {} : { defaultRequest: requests }),
  };
  return deepEqual(next, item) ? item : next;
}

function validate({ spec }: LimitRange): FieldError[] {
  const seen = new Set<string>();
  return spec.limits.flatMap((item, i) => {
    const path = LIMITS.index(i);
    const errors = validateType(path.child('type'), item.type);
    if (seen.has(item.type)) errors.push(duplicate(path.child('type'), item.type));
    seen.add(item.type);
    return [...errors, ...validateItem(path, item)];
  });
}

function validateType(path: FieldPath, type: string): FieldError[] {
  const problem = type === '' ? undefined : labelKeyProblem(type);
  if (problem !== undefined) return [invalid(path, type, problem)];
  if (type === '' || type.includes('/') || TYPES.includes(type)) return [];
  return [invalid(path, type, 'must be a standard limit type or fully qualified')];
}

function validateItem(path: FieldPath, item: LimitRangeItem): FieldError[] {
  const errors: FieldError[] = [];
  const checkName =
    item.type === 'Pod' || item.type === 'Container' ? validateContainerResourceName : validateResourceName;
  const names = new Set<string>();
  for (const field of LISTS) {
    const given = Object.keys(item[field] ?? {});
    if (item.type === 'Pod' && (field === 'default' || field === 'defaultRequest')) {
      const detail = "may not be specified when `type` is 'Pod'";
      if (given.length > 0) errors.push(forbidden(path.child(field), detail));
      continue;
    }
    for (const name of given) {
      errors.push(...checkName(path.child(field).key(name), name));
      names.add(name);
    }
  }
  const hasStorage = item.min?.['storage'] !== undefined || item.max?.['storage'] !== undefined;
  if (item.type === 'PersistentVolumeClaim' && !hasStorage) {
    const detail = 'either minimum or maximum storage value is required, but neither was provided';
    errors.push(required(path.child('limits'), detail));
  }
  return [...errors, ...[...names].flatMap((name) => validateResource(path, item, name))];
}

/** The values for one resource must agree: min <= default request <= default <= max. */
function validateResource(path: FieldPath, item: LimitRangeItem, name: string): FieldError[] {
  const { min, max, default: limit, defaultRequest: request, maxLimitRequestRatio: ratio } = item;
  const errors: FieldError[] = [];
  const isPod = item.type === 'Pod';
  const of = (list: ResourceList | undefined): string | undefined => list?.[name];
  const [least, most, share] = [of(min), of(max), of(ratio)];
  const [given, asked] = isPod ? [undefined, undefined] : [of(limit), of(request)];
  const order = (
    [small, smallName]: readonly [string | undefined, string],
    [large, largeName]: readonly [string | undefined, string],
    [field, shown]: readonly [string, 'small' | 'large'],
  ): void => {
    if (small === undefined || large === undefined || !isGreater(small, large)) return;
    const detail = `${smallName} value ${small} is greater than ${largeName} value ${large}`;
    errors.push(invalid(path.child(field).key(name), shown === 'small' ? small : large, detail));
  };
  order([least, 'min'], [most, 'max'], ['min', 'small']);
  order([least, 'min'], [asked, 'default request'], ['defaultRequest', 'large']);
  order([asked, 'default request'], [most, 'max'], ['defaultRequest', 'small']);
  order([asked, 'default request'], [given, 'default limit'], ['defaultRequest', 'small']);
  order([least, 'min'], [given, 'default'], ['default', 'small']);
  order([given, 'default'], [most, 'max'], ['default', 'large']);
  if (share !== undefined) {
    const at = path.child('maxLimitRequestRatio').key(name);
    errors.push(...validateRatio(at, share, least, most));
  }
  if (!isOvercommitable(name) && given !== undefined && asked !== undefined && !isEqual(given, asked)) {
    const detail = `default value ${given} must equal to defaultRequest value ${asked} in ${name}`;
    errors.push(invalid(path.child('defaultRequest').key(name), asked, detail));
  }
  return errors;
}

function validateRatio(path: FieldPath, ratio: string, min?: string, max?: string): FieldError[] {
  const errors: FieldError[] = [];
  if (isGreater('1', ratio)) errors.push(invalid(path, ratio, `ratio ${ratio} is less than 1`));
  if (min === undefined || max === undefined) return errors;
  const value = (text: string): number => Number(quantityOf(text).nanos) / 1e9;
  const bound = value(max) / value(min);
  if (value(ratio) > bound) {
    errors.push(invalid(path, ratio, `ratio ${ratio} is greater than max/min = ${bound.toFixed(6)}`));
  }
  return errors;
}

function isGreater(a: string, b: string): boolean {
  return compareQuantities(quantityOf(a), quantityOf(b)) > 0;
}

function isEqual(a: string, b: string): boolean {
  return compareQuantities(quantityOf(a), quantityOf(b)) === 0;
}
