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
import { SHARED_OBJECTS_MAX } from '../../base/remembered.ts';
import * as error from '../field/field-error.ts';
import { ROOT_PATH, type FieldError, type FieldPath } from '../field/field-error.ts';
import { anywhere } from './anywhere.ts';
import type { Field, FieldType, JsonObject, JsonValue, MessageSchema } from './schema.ts';

export function validateSchema(
  message: MessageSchema,
  object: object,
  path: FieldPath = ROOT_PATH,
): FieldError[] {
  const walk = new ValidationWalk(path);
  checkerOf(message)?.(object as unknown as JsonObject, walk);
  return walk.errors;
}

/** Where a validation stands: a path is made only when there is something to say about it. */
class ValidationWalk {
  readonly errors: FieldError[] = [];
  readonly #root: FieldPath;
  /** A field, an index, or a key of a map; what stands beyond `depth` is left over. */
  readonly steps: (string | number | { readonly key: string })[] = [];
  depth = 0;

  constructor(root: FieldPath) {
    this.#root = root;
  }

  get path(): FieldPath {
    let path = this.#root;
    for (const step of this.steps.slice(0, this.depth)) {
      if (typeof step === 'string') path = path.child(step);
      else path = typeof step === 'number' ? path.index(step) : path.key(step.key);
    }
    return path;
  }
}

type Checker<T extends JsonValue = JsonValue> = (value: T, walk: ValidationWalk) => void;

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
  const check: Checker<JsonObject> = (object, walk) => {
    fields ??= compileFields(message);
    const depth = walk.depth++;
    for (const field of fields) {
      const value = object[field.name];
      if (value === undefined && !field.isRequired) continue;
      walk.steps[depth] = field.name;
      if (value !== undefined) field.check?.(value, walk);
      else walk.errors.push(error.required(walk.path));
    }
    walk.depth = depth;
  };
  checkers.set(message, check);
  return check;
}

function compileFields(message: MessageSchema): readonly FieldCheck[] {
  const compiled: FieldCheck[] = [];
  for (const field of message.byName.values()) {
    if (isLeftAlone(field, message)) continue;
    const isRequired = mustBeThere(field);
    const check = sharedChecker(message, field);
    if (isRequired || check !== undefined) compiled.push({ name: field.name, isRequired, check });
  }
  return compiled;
}

/** Whether there is anything to check in the message, or below it. */
const saysAnything = anywhere((field, owner) => {
  if (isLeftAlone(field, owner)) return 'skip';
  const says = mustBeThere(field) || hasBounds(field) || field.list?.kind === 'set';
  return says ? 'yes' : 'no';
});

function isLeftAlone(field: Field, owner: MessageSchema): boolean {
  return field.name === 'metadata' || (owner.isKind && field.name === 'status');
}

function hasBounds({ enum: choices, min, max, minLength, maxLength }: Field): boolean {
  return [choices, min, max, minLength, maxLength].some((rule) => rule !== undefined);
}

function mustBeThere(field: Field): boolean {
  return field.required && field.minLength !== 0 && (field.pointer || mustNotBeEmpty(field));
}

function mustNotBeEmpty(field: Field): boolean {
  if (!field.required || field.minLength === 0 || field.type.form !== 'scalar') return false;
  return field.type.scalar === 'string' || field.type.scalar === 'bytes';
}

/** Replicas share one specification: where nothing was wrong, nothing is. */
function sharedChecker(message: MessageSchema, field: Field): Checker | undefined {
  const check = fieldChecker(field);
  if (check === undefined || !message.isKind || field.name !== 'spec') return check;
  const sound = new Set<JsonValue>();
  return (value, walk) => {
    if (sound.has(value)) return;
    const before = walk.errors.length;
    check(value, walk);
    if (walk.errors.length > before) return;
    if (sound.size >= SHARED_OBJECTS_MAX) sound.clear();
    sound.add(value);
  };
}

function fieldChecker(field: Field): Checker | undefined {
  const [first, second] = [valueChecker(field, field.type), setChecker(field)].filter(
    (check) => check !== undefined,
  );
  if (mustNotBeEmpty(field)) {
    return (value, walk) => {
      if (value === '') walk.errors.push(error.required(walk.path));
      else {
        first?.(value, walk);
        second?.(value, walk);
      }
    };
  }
  if (first === undefined || second === undefined) return first;
  return (value, walk) => {
    first(value, walk);
    second(value, walk);
  };
}

/** Enums and bounds apply to the items of a list and the values of a map. */
function valueChecker(field: Field, type: FieldType): Checker | undefined {
  switch (type.form) {
    case 'scalar':
      return scalarChecker(field);
    case 'message': {
      const { message } = type;
      if (message.wraps !== undefined) return valueChecker(field, message.wraps);
      if (!saysAnything(message)) return undefined;
      let check: Checker<JsonObject> | undefined;
      return (value, walk) => {
        check ??= checkerOf(message);
        if (isObject(value)) check?.(value, walk);
      };
    }
    case 'list': {
      const check = valueChecker(field, type.items);
      if (check === undefined) return undefined;
      return (value, walk) => {
        const list = value as readonly JsonValue[];
        const depth = walk.depth++;
        for (let i = 0; i < list.length; i++) {
          walk.steps[depth] = i;
          check(list[i] ?? null, walk);
        }
        walk.depth = depth;
      };
    }
    case 'map': {
      const check = valueChecker(field, type.values);
      if (check === undefined) return undefined;
      return (value, walk) => {
        const map = value as JsonObject;
        const depth = walk.depth++;
        for (const key of Object.keys(map)) {
          walk.steps[depth] = { key };
          check(map[key] ?? null, walk);
        }
        walk.depth = depth;
      };
    }
    default:
      return unreachable(type);
  }
}

function scalarChecker(field: Field): Checker | undefined {
  const { enum: choices, min, max, minLength, maxLength } = field;
  if (!hasBounds(field)) return undefined;
  return (value, walk) => {
    const { errors } = walk;
    if (typeof value === 'string') {
      if (choices !== undefined && !choices.includes(value))
        errors.push(error.notSupported(walk.path, value, choices));
      if (maxLength !== undefined && value.length > maxLength)
        errors.push(error.tooLong(walk.path, maxLength));
      if (minLength !== undefined && value.length < minLength) {
        errors.push(error.invalid(walk.path, value, `must be at least ${minLength} characters long`));
      }
    } else if (typeof value === 'number') {
      if (min !== undefined && value < min) {
        errors.push(error.invalid(walk.path, value, `must be greater than or equal to ${min}`));
      }
      if (max !== undefined && value > max)
        errors.push(error.invalid(walk.path, value, `must be less than or equal to ${max}`));
    }
  };
}

function setChecker(field: Field): Checker | undefined {
  if (field.list?.kind !== 'set') return undefined;
  return (value, walk) => {
    const list = value as readonly JsonValue[];
    if (list.length < 2) return;
    const seen = new Set<JsonValue>();
    for (const [i, item] of list.entries()) {
      if (seen.has(item)) walk.errors.push(error.duplicate(walk.path.index(i), item));
      seen.add(item);
    }
  };
}

function isObject(value: JsonValue): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
