/**
 * Decoding: a parsed JSON value becomes an object in the form in which objects are stored, compared and
 * served.
 *
 * Input: a message schema and any JSON value; it is not changed, and the result shares its untouched parts.
 * Output: the object and the paths of the fields that the schema does not know (pruned), or the first type
 * error. Whether unknown fields are an error, a warning or nothing is the caller's matter
 * (`fieldValidation`).
 *
 * The form, which is upstream's after a round trip through its structs:
 * - keys in the order kind, apiVersion, fields of the schema; keys of maps sorted;
 * - null is absent; a zero value or an empty list or map is absent, unless its field is a pointer or
 *   `always`;
 * - a field that is `always` and absent reads as its zero value, structs recursively; so does every
 *   `metadata`;
 * - quantities, times and durations canonical.
 *
 * Each schema is compiled to closures once, when it is first used.
 */

import { present } from '../../base/assert.ts';
import { EMPTY_OBJECT, goValueMismatch, SCALAR_DECODERS, zeroOfScalar } from './decode-scalar.ts';
import { DecodeWalk } from './decode-walk.ts';
import { goTypeOf, goTypeOfMessage } from './go-type.ts';
import type { Literals } from './json.ts';
import type { Field, FieldType, JsonObject, JsonValue, MessageSchema } from './schema.ts';

export type Decoded =
  | {
      readonly ok: true;
      readonly value: JsonObject;
      readonly unknownFields: readonly string[];
      /** Where duplicate fields were given: both kinds in their order, `duplicate field "spec.replicas"`. */
      readonly strictErrors?: readonly string[];
    }
  | { readonly ok: false; readonly error: string };

export interface DecodeOptions {
  /** An object of this message that was decoded before; the parts of it that come back are not decoded again. */
  readonly known?: JsonObject | undefined;
  /** Numbers as they are written (`1.0`); such integers are refused where an integer belongs. */
  readonly literals?: Literals | undefined;
  /** Whether errors are worded as upstream's conversion from maps words them, not as its JSON decoder does. */
  readonly isConversion?: boolean;
  /** Paths that stand twice in the text. Those in what is not known, or kept as it is, are not told. */
  readonly duplicateFields?: readonly string[];
}

export function decodeObject(message: MessageSchema, json: JsonValue, options: DecodeOptions = {}): Decoded {
  return decodeWith(new DecodeWalk(false, options), message, json);
}

/**
 * Decodes only what the JSON says: nothing that is always there is added, zero values stay. For applied
 * configurations, where saying nothing and saying zero differ.
 */
export function decodeSparse(message: MessageSchema, json: JsonValue, options: DecodeOptions = {}): Decoded {
  return decodeWith(new DecodeWalk(true, options), message, json);
}

function decodeWith(walk: DecodeWalk, message: MessageSchema, json: JsonValue): Decoded {
  if (!isObject(json)) return { ok: false, error: goValueMismatch(json, goTypeOfMessage(message)) };
  const value = compile(message).decode(json, walk, true);
  if (walk.error !== undefined) return { ok: false, error: walk.error };
  const { unknownFields, strictErrors } = walk;
  return walk.hasDuplicates
    ? { ok: true, value, unknownFields, strictErrors }
    : { ok: true, value, unknownFields };
}

type Decoder = (input: JsonValue, walk: DecodeWalk) => JsonValue | undefined;

interface CompiledField {
  readonly name: string;
  readonly slot: number;
  readonly decode: Decoder;
  /** Any text is as it should be, which is what most fields are: not worth a call. */
  readonly isText: boolean;
  /** Whether a zero value stays in the object. */
  readonly keepsZero: boolean;
  /** What stands in the object when the field is absent. */
  readonly whenAbsent: JsonValue | undefined;
}

interface CompiledMessage {
  decode(input: JsonObject, walk: DecodeWalk, isRoot: boolean): JsonObject;
  /** What an absent struct reads as. */
  readonly zero: JsonObject;
}

const compiled = new WeakMap<MessageSchema, CompiledMessage>();

function compile(message: MessageSchema): CompiledMessage {
  const known = compiled.get(message);
  if (known !== undefined) return known;
  const result = new MessageDecoder(message);
  compiled.set(message, result);
  return result;
}

const NO_SLOTS: readonly JsonValue[] = [];
const TYPE_META: readonly string[] = ['kind', 'apiVersion'];

class MessageDecoder implements CompiledMessage {
  readonly #message: MessageSchema;
  #fields: readonly CompiledField[] = [];
  #byName: ReadonlyMap<string, CompiledField> | undefined;
  /** Copied rather than grown. */
  #emptySlots: readonly (JsonValue | undefined)[] = [];
  /** How many fields stand in every object. */
  #alwaysThere = 0;
  #zero: JsonObject | undefined;

  constructor(message: MessageSchema) {
    this.#message = message;
  }

  get zero(): JsonObject {
    return (this.#zero ??= this.#fill(NO_SLOTS, false));
  }

  /** The very same object when it is in this form already, which what clients send mostly is. */
  decode(input: JsonObject, walk: DecodeWalk, isRoot: boolean): JsonObject {
    const byName = this.#byName ?? this.#compileFields();
    const { owner, steps, depth, known } = walk;
    walk.owner = this.#message.shortName;
    walk.depth = depth + 1;
    // From the first field on that is out of place or comes out changed.
    let slots: (JsonValue | undefined)[] | undefined;
    let extra: string[] | undefined;
    let lastSlot = -1;
    let alwaysThere = 0;
    for (const name in input) {
      const value = input[name];
      const field = byName.get(name);
      if (field === undefined || (field.slot < 2 && !isRoot && !this.#message.isKind)) {
        steps[depth] = name;
        slots ??= this.#slotsBefore(name, input);
        if (this.#message.preserveUnknown === true) (extra ??= []).push(name);
        else walk.unknown();
        continue;
      }
      const isSound = field.isText && typeof value === 'string' && value !== '';
      if (!isSound || walk.hasDuplicates) steps[depth] = name;
      if (walk.hasDuplicates) walk.visit();
      const decoded = isSound ? value : this.#decodeField(field, value, known, walk);
      if (slots === undefined) {
        if (decoded !== undefined && Object.is(decoded, value) && field.slot > lastSlot) {
          lastSlot = field.slot;
          if (field.whenAbsent !== undefined) alwaysThere++;
          continue;
        }
        slots = this.#slotsBefore(name, input);
      }
      if (decoded !== undefined) slots[field.slot] = decoded;
    }
    walk.depth = depth;
    walk.owner = owner;
    walk.known = known;
    if (slots === undefined && (walk.isSparse || alwaysThere === this.#alwaysThere)) return input;
    const result = this.#fill(slots ?? this.#slotsBefore(undefined, input), walk.isSparse);
    if (extra !== undefined) for (const name of extra) define(result, name, input[name]);
    return result;
  }

  /** Undefined: nothing of it stays. */
  #decodeField(
    field: CompiledField,
    value: JsonValue | undefined,
    known: JsonObject | undefined,
    walk: DecodeWalk,
  ): JsonValue | undefined {
    if (value === null || value === undefined) return undefined;
    const before = known?.[field.name];
    if (value === before) return value;
    walk.known = before !== undefined && isObject(before) ? before : undefined;
    const decoded = field.decode(value, walk);
    if (decoded === undefined) return undefined;
    return field.keepsZero || walk.isSparse || !isZero(decoded) ? decoded : undefined;
  }

  /** What stands in the input up to there, which was all as it should be. */
  #slotsBefore(end: string | undefined, input: JsonObject): (JsonValue | undefined)[] {
    const slots = this.#emptySlots.slice();
    for (const name in input) {
      if (name === end) break;
      const slot = this.#byName?.get(name)?.slot;
      if (slot !== undefined) slots[slot] = input[name];
    }
    return slots;
  }

  #fill(slots: readonly (JsonValue | undefined)[], isSparse: boolean): JsonObject {
    if (this.#byName === undefined) this.#compileFields();
    const result: { [key: string]: JsonValue } = {};
    for (const field of this.#fields) {
      const value = slots[field.slot] ?? (isSparse ? undefined : field.whenAbsent);
      if (value !== undefined) result[field.name] = value;
    }
    return result;
  }

  #compileFields(): ReadonlyMap<string, CompiledField> {
    const fields: CompiledField[] = TYPE_META.map((name, slot) => {
      const decode = SCALAR_DECODERS.string;
      return { name, slot, decode, isText: true, keepsZero: false, whenAbsent: undefined };
    });
    const byName = new Map<string, CompiledField>();
    this.#byName = byName;
    for (const field of this.#message.byName.values()) {
      // A message may declare them itself (TypeMeta, GroupVersionKind).
      const slot = fields.length;
      fields.push(compileField(field, slot, this.#message));
    }
    for (const field of fields) byName.set(field.name, field);
    this.#fields = fields.filter((field) => byName.get(field.name) === field);
    this.#emptySlots = fields.map(() => undefined);
    this.#alwaysThere = this.#fields.filter((field) => field.whenAbsent !== undefined).length;
    return byName;
  }
}

function compileField(field: Field, slot: number, owner: MessageSchema): CompiledField {
  const always = isAlwaysThere(field);
  return {
    name: field.name,
    slot,
    decode: decoderOf(field.type, owner),
    isText: field.type.form === 'scalar' && field.type.scalar === 'string',
    keepsZero: field.pointer || always || isKeptWhenEmpty(field.type),
    whenAbsent: always && !field.pointer ? zeroOf(field.type) : undefined,
  };
}

/** Every `metadata` is a struct upstream, printed as `{}` at least. */
export function isAlwaysThere(field: Field): boolean {
  return field.always || (field.name === 'metadata' && field.number === 1 && field.type.form === 'message');
}

/** A raw value is anything but absent; a quantity `0` and an IntOrString `""` have been said. */
function isKeptWhenEmpty(type: FieldType): boolean {
  if (type.form !== 'scalar') return false;
  const { scalar } = type;
  return (
    scalar === 'rawExtension' || scalar === 'json' || scalar === 'quantity' || scalar.startsWith('schemaOr')
  );
}

function isZero(value: JsonValue): boolean {
  if (typeof value !== 'object' || value === null) {
    return value === '' || value === 0 || value === false;
  }
  if (Array.isArray(value)) return value.length === 0;
  const object = value as JsonObject;
  for (const _ in object) return false;
  return true;
}

const EMPTY_LIST: readonly JsonValue[] = [];

function zeroOf(type: FieldType): JsonValue {
  switch (type.form) {
    case 'scalar':
      return zeroOfScalar(type.scalar);
    case 'list':
      return EMPTY_LIST;
    case 'map':
      return EMPTY_OBJECT;
    case 'message':
      return type.message.wraps === undefined ? compile(type.message).zero : zeroOf(type.message.wraps);
  }
}

function decoderOf(type: FieldType, owner: MessageSchema): Decoder {
  switch (type.form) {
    case 'message':
      return type.message.wraps === undefined
        ? messageDecoder(type.message)
        : decoderOf(type.message.wraps, owner);
    case 'list':
      return listDecoder(type.items, owner);
    case 'map':
      return mapDecoder(type.values, owner);
    case 'scalar':
      switch (type.scalar) {
        case 'schemaOrBool':
        case 'schemaOrArray':
        case 'schemaOrStringArray':
          return schemaOrDecoder(type.scalar, owner);
        default:
          return SCALAR_DECODERS[type.scalar];
      }
  }
}

function messageDecoder(message: MessageSchema): Decoder {
  const decoder = compile(message);
  return (input, walk) => {
    if (!isObject(input)) return walk.mismatch(input, goTypeOfMessage(message));
    return decoder.decode(input, walk, false);
  };
}

function listDecoder(items: FieldType, owner: MessageSchema): Decoder {
  const decode = decoderOf(items, owner);
  const goType = `[]${goTypeOf(items)}`;
  return (input, walk) => {
    if (!Array.isArray(input)) return walk.mismatch(input, goType);
    const list = input as readonly JsonValue[];
    walk.known = undefined;
    const depth = walk.depth++;
    let copy: JsonValue[] | undefined;
    for (let i = 0; i < list.length; i++) {
      const item = list[i] ?? null;
      walk.steps[depth] = i;
      const decoded = item === null ? zeroOf(items) : (decode(item, walk) ?? null);
      if (decoded !== item && copy === undefined) copy = list.slice(0, i);
      copy?.push(decoded);
    }
    walk.depth = depth;
    return copy ?? list;
  };
}

function mapDecoder(values: FieldType, owner: MessageSchema): Decoder {
  const decode = decoderOf(values, owner);
  const goType = `map[string]${goTypeOf(values)}`;
  return (input, walk) => {
    if (!isObject(input)) return walk.mismatch(input, goType);
    walk.known = undefined;
    const depth = walk.depth++;
    const step = { key: '' };
    walk.steps[depth] = step;
    let entries: [string, JsonValue][] | undefined;
    let previous: string | undefined;
    for (const key in input) {
      const value = input[key] ?? null;
      step.key = key;
      if (walk.hasDuplicates) walk.visit();
      const decoded = value === null ? zeroOf(values) : (decode(value, walk) ?? null);
      if (decoded !== value || (previous !== undefined && previous >= key)) {
        entries ??= entriesBefore(key, input);
      }
      previous = key;
      entries?.push([key, decoded]);
    }
    walk.depth = depth;
    if (entries === undefined) return input;
    const result: JsonObject = {};
    for (const [key, value] of entries.toSorted(([a], [b]) => (a < b ? -1 : 1))) define(result, key, value);
    return result;
  };
}

function entriesBefore(end: string, input: JsonObject): [string, JsonValue][] {
  const entries: [string, JsonValue][] = [];
  for (const key in input) {
    if (key === end) break;
    entries.push([key, input[key] ?? null]);
  }
  return entries;
}

/** apiextensions' JSONSchemaPropsOrBool, …OrArray and …OrStringArray. Upstream tells nothing of what they do not know. */
function schemaOrDecoder(
  scalar: 'schemaOrBool' | 'schemaOrArray' | 'schemaOrStringArray',
  owner: MessageSchema,
): Decoder {
  const message = present(owner.groupVersion.messages.get('JSONSchemaProps'), 'message JSONSchemaProps');
  const schema = messageDecoder(message);
  const items: FieldType =
    scalar === 'schemaOrArray' ? { form: 'message', message } : { form: 'scalar', scalar: 'string' };
  let list: Decoder | undefined;
  return (input, walk) => {
    if (scalar === 'schemaOrBool' && typeof input === 'boolean') return input;
    if (isObject(input)) return walk.silently(() => schema(input, walk));
    if (scalar !== 'schemaOrBool' && Array.isArray(input)) {
      const decode = (list ??= listDecoder(items, owner));
      return walk.silently(() => decode(input, walk));
    }
    return walk.fail(
      scalar === 'schemaOrBool'
        ? 'boolean or JSON schema expected'
        : goValueMismatch(input, 'v1.JSONSchemaProps'),
    );
  };
}

function isObject(value: JsonValue): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Sets a key that may be `__proto__`, which a plain assignment would take for the prototype. */
function define(object: JsonObject, key: string, value: JsonValue | undefined): void {
  if (key === '__proto__')
    Object.defineProperty(object, key, { value, enumerable: true, writable: true, configurable: true });
  else (object as { [key: string]: JsonValue | undefined })[key] = value;
}
