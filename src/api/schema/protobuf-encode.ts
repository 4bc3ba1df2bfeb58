/**
 * Encoding of objects as protobuf, byte for byte as upstream's generated code does: fields in the order of
 * their numbers; scalars and structs that are no pointers always, even when zero; maps in the order of
 * their keys.
 */

import { unreachable } from '../../base/assert.ts';
import { parseDuration, timeMs } from '../time/time.ts';
import { ReverseWriter } from './protobuf-writer.ts';
import type { Field, FieldType, JsonObject, JsonValue, MessageSchema, ScalarType } from './schema.ts';

/** The message alone, without the envelope. */
export function encodeMessage(message: MessageSchema, object: JsonObject): Uint8Array {
  const writer = new ReverseWriter();
  encoderOf(message)(object, writer);
  return writer.finish();
}

/** How a list gives its items: with a tag and a length of their own. The numbers are those of every list kind. */
export function listItemEncoder(
  list: MessageSchema,
): ((item: JsonObject, out: ReverseWriter) => void) | undefined {
  const items = list.fields.find(({ name }) => name === 'items');
  const rest = list.fields.filter((field) => field !== items);
  if (items?.type.form !== 'list' || rest.some(({ number }) => number > items.number)) return undefined;
  return typeEncoder(items.type.items, items.number, list);
}

type MessageEncoder = (object: JsonObject, out: ReverseWriter) => void;
/** Writes a field with its tag, or nothing. */
type FieldEncoder = (value: JsonValue | undefined, out: ReverseWriter) => void;

const encoders = new WeakMap<MessageSchema, MessageEncoder>();
const EMPTY: JsonObject = {};

function encoderOf(message: MessageSchema): MessageEncoder {
  const known = encoders.get(message);
  if (known !== undefined) return known;
  let fields: readonly { readonly name: string | undefined; readonly encode: FieldEncoder }[] | undefined;
  const encode: MessageEncoder = (object, out) => {
    fields ??= message.fields
      .toSorted((a, b) => b.number - a.number)
      .map((field) => ({
        name: field.inline ? undefined : field.name,
        encode: fieldEncoder(field, message),
      }));
    for (const field of fields) field.encode(field.name === undefined ? object : object[field.name], out);
  };
  encoders.set(message, encode);
  return encode;
}

function fieldEncoder(field: Field, owner: MessageSchema): FieldEncoder {
  const encode = typeEncoder(field.type, field.number, owner);
  if (field.type.form === 'list' || field.type.form === 'map') return encode;
  if (field.type.form === 'message' && field.type.message.wraps !== undefined) return encode;
  const isOptional = field.pointer || (field.type.form === 'scalar' && field.type.scalar === 'bytes');
  if (!isOptional) return encode;
  return (value, out) => {
    if (value !== undefined && value !== null && (field.pointer || value !== '')) encode(value, out);
  };
}

function typeEncoder(type: FieldType, number: number, owner: MessageSchema): FieldEncoder {
  switch (type.form) {
    case 'message':
      return messageField(type.message, number, owner);
    case 'list': {
      const item = typeEncoder(type.items, number, owner);
      return (value, out) => {
        const list = (value ?? []) as readonly JsonValue[];
        for (let i = list.length - 1; i >= 0; i--) item(list[i], out);
      };
    }
    case 'map':
      return mapField(typeEncoder(type.values, 2, owner), number);
    case 'scalar':
      return scalarField(type.scalar, number, owner);
    default:
      return unreachable(type);
  }
}

function messageField(message: MessageSchema, number: number, owner: MessageSchema): FieldEncoder {
  if (message.wraps !== undefined) {
    const items = typeEncoder(message.wraps, 1, owner);
    return (value, out) => {
      if (value === undefined || value === null) return;
      const before = out.position;
      items(value, out);
      out.lengthAndTag(number, before);
    };
  }
  const encode = encoderOf(message);
  return (value, out) => {
    const before = out.position;
    encode((value ?? EMPTY) as JsonObject, out);
    out.lengthAndTag(number, before);
  };
}

function mapField(encodeValue: FieldEncoder, number: number): FieldEncoder {
  return (value, out) => {
    const map = (value ?? EMPTY) as JsonObject;
    for (const key of Object.keys(map).toSorted().toReversed()) {
      const before = out.position;
      encodeValue(map[key], out);
      writeText(key, 1, out);
      out.lengthAndTag(number, before);
    }
  };
}

function writeText(text: string, number: number, out: ReverseWriter): void {
  const before = out.position;
  out.text(text);
  out.lengthAndTag(number, before);
}

function writeInteger(value: number, number: number, out: ReverseWriter): void {
  out.signed(value);
  out.tag(number, 0);
}

/** A message around what `write` writes. */
function wrapped(number: number, write: FieldEncoder): FieldEncoder {
  return (value, out) => {
    const before = out.position;
    write(value, out);
    out.lengthAndTag(number, before);
  };
}

function scalarField(scalar: ScalarType, number: number, owner: MessageSchema): FieldEncoder {
  switch (scalar) {
    case 'string':
      return (value, out) => writeText((value ?? '') as string, number, out);
    case 'bool':
      return (value, out) => writeInteger(value === true ? 1 : 0, number, out);
    case 'int32':
    case 'int64':
      return (value, out) => writeInteger((value ?? 0) as number, number, out);
    case 'double':
      return (value, out) => {
        out.double((value ?? 0) as number);
        out.tag(number, 1);
      };
    case 'bytes':
      return (value, out) => {
        const before = out.position;
        out.bytes(Buffer.from((value ?? '') as string, 'base64'));
        out.lengthAndTag(number, before);
      };
    case 'time':
    case 'microTime':
      return wrapped(number, writeTime);
    case 'duration':
      return wrapped(number, writeDuration);
    case 'quantity':
      return wrapped(number, (value, out) => writeText((value ?? '0') as string, 1, out));
    case 'intOrString':
      return wrapped(number, writeIntOrString);
    case 'rawExtension':
    case 'fieldsV1':
    case 'json':
      return wrapped(number, (value, out) => {
        if (value !== undefined && (value !== null || scalar === 'json'))
          writeText(JSON.stringify(value), 1, out);
      });
    case 'schemaOrBool':
    case 'schemaOrArray':
    case 'schemaOrStringArray':
      return wrapped(number, schemaOr(scalar, owner));
    default:
      return unreachable(scalar);
  }
}

/** Nothing for the zero time; else seconds and nanoseconds, which `metav1.Time` has none of. */
function writeTime(value: JsonValue | undefined, out: ReverseWriter): void {
  if (typeof value !== 'string' || value === '') return;
  const fraction = /\.(\d+)/.exec(value)?.[1] ?? '';
  writeInteger(Number(fraction.padEnd(9, '0')), 2, out);
  writeInteger(Math.floor(timeMs(value) / 1000), 1, out);
}

function writeDuration(value: JsonValue | undefined, out: ReverseWriter): void {
  const nanos = typeof value === 'string' ? parseDuration(value) : 0n;
  out.big(typeof nanos === 'bigint' ? nanos : 0n);
  out.tag(1, 0);
}

function writeIntOrString(value: JsonValue | undefined, out: ReverseWriter): void {
  const isText = typeof value === 'string';
  writeText(isText ? value : '', 3, out);
  writeInteger(isText ? 0 : ((value ?? 0) as number), 2, out);
  writeInteger(isText ? 1 : 0, 1, out);
}

function schemaOr(
  scalar: 'schemaOrBool' | 'schemaOrArray' | 'schemaOrStringArray',
  owner: MessageSchema,
): FieldEncoder {
  const message = owner.groupVersion.messages.get('JSONSchemaProps') ?? owner;
  const schemaNumber = scalar === 'schemaOrBool' ? 2 : 1;
  const schema = messageField(message, schemaNumber, owner);
  const items: FieldType =
    scalar === 'schemaOrArray' ? { form: 'message', message } : { form: 'scalar', scalar: 'string' };
  const list = typeEncoder({ form: 'list', items }, 2, owner);
  return (value, out) => {
    const isSchema = typeof value === 'object' && value !== null && !Array.isArray(value);
    if (Array.isArray(value)) list(value as JsonValue, out);
    if (isSchema) schema(value, out);
    if (scalar === 'schemaOrBool') writeInteger(value === true || isSchema ? 1 : 0, 1, out);
  };
}
