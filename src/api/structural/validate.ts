/**
 * Validation of a custom resource by its schema, worded as upstream words it.
 *
 * Input: a pruned object with its defaults. Output: field errors. Rules in CEL are judged in `rules.ts`.
 * The names in the messages are upstream's (kube-openapi): `spec.replicas in body must be of type integer`.
 */

import * as error from '../field/field-error.ts';
import type { FieldError } from '../field/field-error.ts';
import { deepEqual } from '../meta/equal.ts';
import type { JsonObject, JsonValue } from '../schema/schema.ts';
import { formatProblem } from './formats.ts';
import { matchesPattern } from './pattern.ts';
import {
  additionalOf,
  isIntOrString,
  isList,
  isObject,
  itemsOf,
  propertyOf,
  RESOURCE_FIELDS,
  type JsonSchema,
} from './structural.ts';

/** A broken object is not described to the last field. */
const ERRORS_MAX = 1_000;

export function validateStructural(schema: JsonSchema, object: JsonObject): FieldError[] {
  const errors: FieldError[] = [];
  check(schema, object, '', true, errors);
  return errors;
}

/** As `validateStructural`, for a value somewhere in a resource (a default). */
export function validateValue(schema: JsonSchema, value: JsonValue, path: string): FieldError[] {
  const errors: FieldError[] = [];
  check(schema, value, path, false, errors);
  return errors;
}

function check(
  schema: JsonSchema,
  value: JsonValue,
  path: string,
  isRoot: boolean,
  errors: FieldError[],
): void {
  if (errors.length >= ERRORS_MAX) return;
  if (!checkType(schema, value, path, errors)) return;
  checkEnum(schema, value, path, errors);
  if (typeof value === 'number') checkNumber(schema, value, path, errors);
  else if (typeof value === 'string') checkString(schema, value, path, errors);
  else if (isList(value)) checkList(schema, value, path, errors);
  else if (isObject(value)) checkObject(schema, value, path, isRoot, errors);
  checkAlternatives(schema, value, path, isRoot, errors);
}

function named(path: string): string {
  return path === '' ? ' in body' : `${path} in body`;
}

function typeName(value: JsonValue): string {
  if (value === null) return 'null';
  if (isList(value)) return 'array';
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number';
  return typeof value === 'boolean' ? 'boolean' : typeof value;
}

function checkType(schema: JsonSchema, value: JsonValue, path: string, errors: FieldError[]): boolean {
  const wanted = isIntOrString(schema)
    ? ['integer', 'string']
    : schema.type === undefined
      ? []
      : [schema.type];
  const actual = typeName(value);
  if (value === null) {
    // Without a type there is nothing that null could break.
    if (schema.nullable === true || wanted.length === 0) return false;
  } else if (
    wanted.length === 0 ||
    wanted.includes(actual) ||
    (actual === 'integer' && wanted.includes('number'))
  ) {
    return true;
  }
  const detail = `${named(path)} must be of type ${wanted.join(',')}: ${JSON.stringify(actual)}`;
  errors.push(error.typeInvalid(path, actual, detail));
  return false;
}

function checkEnum(schema: JsonSchema, value: JsonValue, path: string, errors: FieldError[]): void {
  const choices = schema.enum ?? [];
  if (choices.length === 0 || choices.some((choice) => deepEqual(choice, value))) return;
  const texts = choices.map((choice) => (typeof choice === 'string' ? choice : JSON.stringify(choice)));
  errors.push(error.notSupported(path, value, texts));
}

function checkNumber(schema: JsonSchema, value: number, path: string, errors: FieldError[]): void {
  const { maximum, minimum, multipleOf } = schema;
  const fail = (detail: string): void => {
    errors.push(error.invalid(path, value, `${named(path)} should be ${detail}`));
  };
  if (multipleOf !== undefined && !isMultiple(value, multipleOf)) fail(`a multiple of ${multipleOf}`);
  if (maximum !== undefined && (schema.exclusiveMaximum === true ? value >= maximum : value > maximum)) {
    fail(`less than ${schema.exclusiveMaximum === true ? '' : 'or equal to '}${maximum}`);
  }
  if (minimum !== undefined && (schema.exclusiveMinimum === true ? value <= minimum : value < minimum)) {
    fail(`greater than ${schema.exclusiveMinimum === true ? '' : 'or equal to '}${minimum}`);
  }
}

function isMultiple(value: number, factor: number): boolean {
  const times = value / factor;
  return Math.abs(times - Math.round(times)) < 1e-9;
}

function checkString(schema: JsonSchema, value: string, path: string, errors: FieldError[]): void {
  const { maxLength, minLength, pattern, format } = schema;
  const fail = (detail: string): void => {
    errors.push(error.invalid(path, value, `${named(path)} should ${detail}`));
  };
  if (maxLength !== undefined || minLength !== undefined) {
    const length = codePoints(value);
    if (maxLength !== undefined && length > maxLength) errors.push(error.tooLong(path, maxLength));
    if (minLength !== undefined && length < minLength) fail(`be at least ${minLength} chars long`);
  }
  if (pattern !== undefined && pattern !== '' && !matchesPattern(pattern, value)) {
    fail(`match '${pattern}'`);
  }
  if (format !== undefined && formatProblem(format, value)) {
    const detail = `${named(path)} must be of type ${format}: ${JSON.stringify(value)}`;
    errors.push(error.invalid(path, value, detail));
  }
}

function codePoints(text: string): number {
  let count = 0;
  for (const _ of text) count++;
  return count;
}

function checkList(schema: JsonSchema, list: readonly JsonValue[], path: string, errors: FieldError[]): void {
  const { maxItems, minItems } = schema;
  if (maxItems !== undefined && list.length > maxItems) {
    errors.push(error.tooMany(path, list.length, maxItems));
  }
  if (minItems !== undefined && list.length < minItems) {
    const detail = `${named(path)} should have at least ${minItems} items`;
    errors.push(error.invalid(path, list.length, detail));
  }
  const items = itemsOf(schema);
  if (items !== undefined) {
    for (const [i, item] of list.entries()) check(items, item, `${path}[${i}]`, false, errors);
  }
}

function checkObject(
  schema: JsonSchema,
  object: JsonObject,
  path: string,
  isRoot: boolean,
  errors: FieldError[],
): void {
  const keys = Object.keys(object);
  const { maxProperties, minProperties } = schema;
  if (maxProperties !== undefined && keys.length > maxProperties) {
    errors.push(error.tooMany(path, keys.length, maxProperties));
  }
  if (minProperties !== undefined && keys.length < minProperties) {
    const detail = `${named(path)} should have at least ${minProperties} properties`;
    errors.push(error.invalid(path, keys.length, detail));
  }
  for (const name of schema.required ?? []) {
    if (object[name] === undefined) errors.push(error.required(join(path, name)));
  }
  const additional = additionalOf(schema);
  for (const key of keys) {
    const value = object[key];
    // The server has judged them by its own rules, which hold for every kind.
    if (value === undefined || (isRoot && key !== 'metadata' && RESOURCE_FIELDS.has(key))) continue;
    const below = propertyOf(schema, key) ?? (additional === true ? undefined : additional);
    if (below !== undefined) check(below, value, join(path, key), false, errors);
  }
}

function join(path: string, key: string): string {
  return path === '' ? key : `${path}.${key}`;
}

/** `allOf`, `anyOf`, `oneOf`, `not`: judged as a whole, with the errors of what nearly fitted. */
function checkAlternatives(
  schema: JsonSchema,
  value: JsonValue,
  path: string,
  isRoot: boolean,
  errors: FieldError[],
): void {
  const attempt = (one: JsonSchema): FieldError[] => {
    const found: FieldError[] = [];
    check(one, value, path, isRoot, found);
    return found;
  };
  const fail = (detail: string): void => {
    errors.push(error.invalid('', '', `${JSON.stringify(path)} ${detail}`));
  };
  const { anyOf = [], oneOf = [], allOf = [], not } = schema;
  if (anyOf.length > 0) {
    const attempts = anyOf.map(attempt);
    if (!attempts.some((found) => found.length === 0)) {
      fail('must validate at least one schema (anyOf)');
      errors.push(...nearest(attempts));
    }
  }
  if (oneOf.length > 0) {
    const attempts = oneOf.map(attempt);
    const valid = attempts.filter((found) => found.length === 0).length;
    if (valid !== 1) {
      const what = valid === 0 ? 'Found none valid' : `Found ${valid} valid alternatives`;
      fail(`must validate one and only one schema (oneOf). ${what}`);
      if (valid === 0) errors.push(...nearest(attempts));
    }
  }
  if (allOf.length > 0) {
    const attempts = allOf.map(attempt);
    const valid = attempts.filter((found) => found.length === 0).length;
    if (valid < allOf.length) {
      fail(`must validate all the schemas (allOf)${valid === 0 ? '. None validated' : ''}`);
      for (const found of attempts) errors.push(...found);
    }
  }
  if (not !== undefined && attempt(not).length === 0) fail('must not validate the schema (not)');
}

/** The errors of the alternative that has fewest. */
function nearest(attempts: readonly (readonly FieldError[])[]): readonly FieldError[] {
  return attempts.reduce((best, found) => (found.length < best.length ? found : best));
}
