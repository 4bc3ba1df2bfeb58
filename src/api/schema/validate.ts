/**
 * Validation by the schema: what the notation itself says about values.
 *
 * Input: a decoded object with its defaults. Output: field errors, in schema order.
 * Checked: `required` strings and bytes are not empty (unless `minLength=0`), `required` pointers are
 * there; enums; bounds of numbers and lengths; duplicates in `list=set`. Not checked here, but by the
 * kinds: empty lists, duplicates in `list=map` (upstream allows them in some lists, such as `env`), names,
 * and everything that depends on other fields. `status` and every `metadata` are left alone: upstream
 * validates what controllers write by rules of its own, or not at all.
 */

import { unreachable } from '../../base/assert.ts';
import * as error from '../field/field-error.ts';
import { ROOT_PATH, type FieldError, type FieldPath } from '../field/field-error.ts';
import type { Field, FieldType, JsonObject, JsonValue, MessageSchema } from './schema.ts';

export function validateSchema(
  message: MessageSchema,
  object: object,
  path: FieldPath = ROOT_PATH,
): FieldError[] {
  const errors: FieldError[] = [];
  checkerOf(message)?.(object as unknown as JsonObject, path, errors);
  return errors;
}

type Checker<T extends JsonValue = JsonValue> = (value: T, path: FieldPath, errors: FieldError[]) => void;

interface FieldCheck {
  readonly name: string;
  /** What an absent field means. */
  readonly isRequired: boolean;
  readonly check: Checker | undefined;
}

const checkers = new WeakMap<MessageSchema, Checker<JsonObject>>();

function checkerOf(message: MessageSchema): Checker<JsonObject> | undefined {
  const known = checkers.get(message);
  if (known !== undefined) return known;
  let fields: readonly FieldCheck[] | undefined;
  const check: Checker<JsonObject> = (object, path, errors) => {
    fields ??= compileFields(message);
    for (const field of fields) {
      const value = object[field.name];
      if (value !== undefined) field.check?.(value, path.child(field.name), errors);
      else if (field.isRequired) errors.push(error.required(path.child(field.name)));
    }
  };
  checkers.set(message, check);
  return check;
}

function compileFields(message: MessageSchema): readonly FieldCheck[] {
  const compiled: FieldCheck[] = [];
  for (const field of message.byName.values()) {
    if (field.name === 'metadata' || (message.isKind && field.name === 'status')) continue;
    const isRequired = mustBeThere(field);
    const check = fieldChecker(field);
    if (isRequired || check !== undefined) compiled.push({ name: field.name, isRequired, check });
  }
  return compiled;
}

function mustBeThere(field: Field): boolean {
  return field.required && field.minLength !== 0 && (field.pointer || mustNotBeEmpty(field));
}

function mustNotBeEmpty(field: Field): boolean {
  if (!field.required || field.minLength === 0 || field.type.form !== 'scalar') return false;
  return field.type.scalar === 'string' || field.type.scalar === 'bytes';
}

function fieldChecker(field: Field): Checker | undefined {
  const checks = [valueChecker(field, field.type), setChecker(field)].filter((check) => check !== undefined);
  if (mustNotBeEmpty(field)) {
    return (value, path, errors) => {
      if (value === '') errors.push(error.required(path));
      else for (const check of checks) check(value, path, errors);
    };
  }
  if (checks.length < 2) return checks[0];
  return (value, path, errors) => {
    for (const check of checks) check(value, path, errors);
  };
}

/** Enums and bounds apply to the items of a list and the values of a map. */
function valueChecker(field: Field, type: FieldType): Checker | undefined {
  switch (type.form) {
    case 'scalar':
      return scalarChecker(field);
    case 'message':
      if (type.message.wraps !== undefined) return valueChecker(field, type.message.wraps);
      return (value, path, errors) => {
        if (isObject(value)) checkerOf(type.message)?.(value, path, errors);
      };
    case 'list': {
      const check = valueChecker(field, type.items);
      if (check === undefined) return undefined;
      return (value, path, errors) => {
        for (const [i, item] of (value as readonly JsonValue[]).entries()) check(item, path.index(i), errors);
      };
    }
    case 'map': {
      const check = valueChecker(field, type.values);
      if (check === undefined) return undefined;
      return (value, path, errors) => {
        for (const [key, item] of Object.entries(value as JsonObject))
          check(item ?? null, path.key(key), errors);
      };
    }
    default:
      return unreachable(type);
  }
}

function scalarChecker(field: Field): Checker | undefined {
  const { enum: choices, min, max, minLength, maxLength } = field;
  if ([choices, min, max, minLength, maxLength].every((rule) => rule === undefined)) return undefined;
  return (value, path, errors) => {
    if (typeof value === 'string') {
      if (choices !== undefined && !choices.includes(value))
        errors.push(error.notSupported(path, value, choices));
      if (maxLength !== undefined && value.length > maxLength) errors.push(error.tooLong(path, maxLength));
      if (minLength !== undefined && value.length < minLength) {
        errors.push(error.invalid(path, value, `must be at least ${minLength} characters long`));
      }
    } else if (typeof value === 'number') {
      if (min !== undefined && value < min) {
        errors.push(error.invalid(path, value, `must be greater than or equal to ${min}`));
      }
      if (max !== undefined && value > max)
        errors.push(error.invalid(path, value, `must be less than or equal to ${max}`));
    }
  };
}

function setChecker(field: Field): Checker | undefined {
  if (field.list?.kind !== 'set') return undefined;
  return (value, path, errors) => {
    const seen = new Set<JsonValue>();
    for (const [i, item] of (value as readonly JsonValue[]).entries()) {
      if (seen.has(item)) errors.push(error.duplicate(path.index(i), item));
      seen.add(item);
    }
  };
}

function isObject(value: JsonValue): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
