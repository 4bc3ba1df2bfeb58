/** What the kinds of dynamic resource allocation share: bounds, names, selectors, opaque configuration. */

import { checked } from '../../field/rules.ts';
import {
  duplicate,
  invalid,
  required,
  tooLong,
  tooMany,
  type FieldError,
  type FieldPath,
} from '../../field/field-error.ts';
import { labelKeyProblem, labelValueProblem } from '../../labels/selector.ts';
import { dns1123LabelProblem, dns1123SubdomainProblem } from '../../names/names.ts';
import type {
  DeviceConfiguration,
  DeviceSelector,
  DeviceToleration,
  OpaqueDeviceConfiguration,
} from '../../types.gen.ts';
import { validateDriverName } from '../storage/rules.ts';
import { validateDeviceExpression } from './device-selector.ts';

export const RESOURCE_GROUP = 'resource.k8s.io';
export const REQUESTS_MAX = 32;
export const CONFIGURATIONS_MAX = 32;
export const POOL_NAME_LENGTH_MAX = 253;
const SELECTORS_MAX = 32;
const TOLERATIONS_MAX = 16;
const BINDING_CONDITIONS_MAX = 4;
const PARAMETERS_LENGTH_MAX = 10 * 1024;
const IDENTIFIER_LENGTH_MAX = 32;
const IDENTIFIER = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** Every item, unless there are too many to look at. */
export function validateItems<T>(
  path: FieldPath,
  items: readonly T[],
  max: number,
  validate: (at: FieldPath, item: T) => readonly FieldError[],
): FieldError[] {
  if (items.length > max) return [tooMany(path, items.length, max)];
  return items.flatMap((item, i) => validate(path.index(i), item));
}

/** As `validateItems`, and no key may stand twice. */
export function validateUnique<T>(
  path: FieldPath,
  items: readonly T[],
  max: number,
  keyOf: (item: T) => string,
  validate: (at: FieldPath, item: T) => readonly FieldError[],
): FieldError[] {
  const errors = validateItems(path, items, max, validate);
  if (items.length > max) return errors;
  const keys = items.map(keyOf);
  const repeated = keys.flatMap((key, i) => (keys.indexOf(key) < i ? [duplicate(path.index(i), key)] : []));
  return [...errors, ...repeated];
}

/** Empty names are refused by the schema, except in a status, where it does not look. */
export function validateName(path: FieldPath, name: string): FieldError[] {
  return name === '' ? [] : checked(path, name, dns1123LabelProblem(name));
}

/** One or more domains with slashes between. */
export function validatePoolName(path: FieldPath, name: string): FieldError[] {
  if (name === '') return [];
  const errors = name.length > POOL_NAME_LENGTH_MAX ? [tooLong(path, POOL_NAME_LENGTH_MAX)] : [];
  const parts = name.split('/');
  return [...errors, ...parts.flatMap((part) => checked(path, part, dns1123SubdomainProblem(part)))];
}

/** `name`, or `domain/name`; the driver's domain is meant when there is none. */
export function validateQualifiedName(path: FieldPath, name: string): FieldError[] {
  const parts = name.split('/');
  const [first = '', second = ''] = parts;
  switch (parts.length) {
    case 1:
      return validateIdentifier(path, first);
    case 2:
      return [
        ...(first === ''
          ? [invalid(path, '', 'the domain must not be empty')]
          : validateDriverName(path, first)),
        ...(second === ''
          ? [invalid(path, '', 'the name must not be empty')]
          : validateIdentifier(path, second)),
      ];
    default:
      return [invalid(path, name, 'must not contain more than one slash')];
  }
}

export function validateFullyQualifiedName(path: FieldPath, name: string): FieldError[] {
  const errors = validateQualifiedName(path, name);
  if (name.includes('/')) return errors;
  const detail = 'a fully qualified name must be a domain and a name separated by a slash';
  return [...errors, invalid(path, name, detail)];
}

function validateIdentifier(path: FieldPath, text: string): FieldError[] {
  const problem =
    "a valid C identifier must start with alphabetic character or '_', followed by a string of alphanumeric " +
    "characters or '_' (e.g. 'my_name',  or 'MY_NAME',  or 'MyName', regex used for validation is " +
    "'[A-Za-z_][A-Za-z0-9_]*')";
  return [
    ...(text.length > IDENTIFIER_LENGTH_MAX ? [tooLong(path, IDENTIFIER_LENGTH_MAX)] : []),
    ...checked(path, text, IDENTIFIER.test(text) ? undefined : problem),
  ];
}

export function validateSelectors(path: FieldPath, selectors: readonly DeviceSelector[] = []): FieldError[] {
  return validateItems(path, selectors, SELECTORS_MAX, (at, { cel }) => {
    if (cel === undefined) return [required(at.child('cel'))];
    return validateDeviceExpression(at.child('cel', 'expression'), cel.expression);
  });
}

export function validateTolerations(
  path: FieldPath,
  tolerations: readonly DeviceToleration[] = [],
): FieldError[] {
  return validateItems(path, tolerations, TOLERATIONS_MAX, (at, { key = '', operator, value = '' }) => {
    const errors = key === '' ? [] : checked(at.child('key'), key, labelKeyProblem(key));
    const exists = operator === 'Exists';
    if (!exists) return [...errors, ...checked(at.child('value'), value, labelValueProblem(value))];
    const problem = value === '' ? undefined : 'must be empty for operator `Exists`';
    return [...errors, ...checked(at.child('value'), value, problem)];
  });
}

/** Conditions that decide about binding go in pairs of good and bad, and are no two things at once. */
export function validateBinding(
  path: FieldPath,
  good: readonly string[] = [],
  bad: readonly string[] = [],
): FieldError[] {
  const goodAt = path.child('bindingConditions');
  const badAt = path.child('bindingFailureConditions');
  const type = (at: FieldPath, text: string): FieldError[] => checked(at, text, labelKeyProblem(text));
  const same = (text: string): string => text;
  const errors = [
    ...validateUnique(goodAt, good, BINDING_CONDITIONS_MAX, same, type),
    ...validateUnique(badAt, bad, BINDING_CONDITIONS_MAX, same, type),
  ];
  for (const [i, text] of bad.entries()) {
    const detail = 'bindingFailureConditions must not overlap with bindingConditions';
    if (good.includes(text)) errors.push(invalid(badAt.index(i), text, detail));
  }
  if (good.length === 0 && bad.length > 0) {
    const detail = 'bindingConditions are required to use bindingFailureConditions';
    errors.push(invalid(goodAt, [...good], detail));
  }
  if (bad.length === 0 && good.length > 0) {
    const detail = 'bindingFailureConditions are required to use bindingConditions';
    errors.push(invalid(badAt, [...bad], detail));
  }
  return errors;
}

export function validateConfiguration(path: FieldPath, { opaque }: DeviceConfiguration): FieldError[] {
  const at = path.child('opaque');
  if (opaque === undefined) return [required(at)];
  const { parameters }: Partial<OpaqueDeviceConfiguration> = opaque;
  return [
    ...validateDriverName(at.child('driver'), opaque.driver),
    ...validateRawObject(at.child('parameters'), parameters, PARAMETERS_LENGTH_MAX),
  ];
}

/** Any JSON object, if it is not too long. */
export function validateRawObject(path: FieldPath, value: unknown, lengthMax: number): FieldError[] {
  if (value === undefined || value === null) return [required(path)];
  if (Buffer.byteLength(JSON.stringify(value)) > lengthMax) return [tooLong(path, lengthMax)];
  if (typeof value === 'object' && !Array.isArray(value)) return [];
  return [invalid(path, '<value omitted>', 'must be a valid JSON object')];
}
