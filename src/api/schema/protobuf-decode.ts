/**
 * Decoding of protobuf into JSON values as the wire has them: unknown fields skipped, zero values still
 * there. `decodeObject` then gives them the stored form.
 */

import { unreachable } from '../../base/assert.ts';
import { formatDuration, formatMicroTime, formatTime } from '../time/time.ts';
import { ProtobufError, type ProtobufReader } from './protobuf-reader.ts';
import type { Field, FieldType, JsonObject, JsonValue, MessageSchema, ScalarType } from './schema.ts';

type MutableObject = { [key: string]: JsonValue | undefined };
/** Reads one occurrence of a field: the value after it, given the value before. */
type FieldDecoder = (
  reader: ProtobufReader,
  wireType: number,
  before: JsonValue | undefined,
) => JsonValue | undefined;

const decoders = new WeakMap<MessageSchema, ReadonlyMap<number, CompiledField>>();

interface CompiledField {
  readonly name: string;
  readonly decode: FieldDecoder;
  readonly inline: MessageSchema | undefined;
}

/** Reads fields into `target` up to the end of the message that the reader is in. */
export function readMessage(
  message: MessageSchema,
  reader: ProtobufReader,
  target: MutableObject = {},
): JsonObject {
  const fields = fieldsOf(message);
  for (;;) {
    const tag = reader.tag();
    if (tag === undefined) return target;
    const field = fields.get(tag.number);
    if (field === undefined) reader.skip(tag.wireType);
    else if (field.inline !== undefined) {
      const { inline } = field;
      reader.nested(() => readMessage(inline, reader, target));
    } else {
      const value = field.decode(reader, tag.wireType, target[field.name]);
      if (value !== undefined) target[field.name] = value;
    }
  }
}

function fieldsOf(message: MessageSchema): ReadonlyMap<number, CompiledField> {
  const known = decoders.get(message);
  if (known !== undefined) return known;
  const fields = new Map<number, CompiledField>();
  decoders.set(message, fields);
  for (const field of message.fields) fields.set(field.number, compileField(field, message));
  return fields;
}

function compileField(field: Field, owner: MessageSchema): CompiledField {
  const inline = field.inline && field.type.form === 'message' ? field.type.message : undefined;
  return { name: field.name, decode: typeDecoder(field.type, owner), inline };
}

function typeDecoder(type: FieldType, owner: MessageSchema): FieldDecoder {
  switch (type.form) {
    case 'message': {
      const { message } = type;
      if (message.wraps !== undefined) return wrapsDecoder(message.wraps, owner);
      return (reader, wireType, before) => {
        expect(wireType, 2);
        return reader.nested(() => readMessage(message, reader, { ...(before as JsonObject | undefined) }));
      };
    }
    case 'list':
      return listDecoder(type.items, owner);
    case 'map':
      return mapDecoder(type.values, owner);
    case 'scalar':
      return scalarDecoder(type.scalar, owner);
    default:
      return unreachable(type);
  }
}

function expect(actual: number, wanted: number): void {
  if (actual !== wanted) throw new ProtobufError(`proto: wrong wireType = ${actual}`);
}

function wrapsDecoder(wraps: FieldType, owner: MessageSchema): FieldDecoder {
  const items = typeDecoder(wraps, owner);
  return (reader, wireType) => {
    expect(wireType, 2);
    return reader.nested(() => {
      let list: JsonValue | undefined = [];
      for (let tag = reader.tag(); tag !== undefined; tag = reader.tag()) {
        if (tag.number === 1) list = items(reader, tag.wireType, list);
        else reader.skip(tag.wireType);
      }
      return list;
    });
  };
}

/** Numbers may come packed, though upstream does not write them so. */
function listDecoder(items: FieldType, owner: MessageSchema): FieldDecoder {
  const decode = typeDecoder(items, owner);
  const packable = items.form === 'scalar' ? packedWireType(items.scalar) : undefined;
  return (reader, wireType, before) => {
    const list = (before ?? []) as JsonValue[];
    if (packable === undefined || wireType !== 2) {
      list.push(decode(reader, wireType, undefined) ?? null);
      return list;
    }
    return reader.nested(() => {
      while (!reader.isAtEnd) list.push(decode(reader, packable, undefined) ?? null);
      return list;
    });
  };
}

function packedWireType(scalar: ScalarType): number | undefined {
  if (scalar === 'double') return 1;
  return scalar === 'int32' || scalar === 'int64' || scalar === 'bool' ? 0 : undefined;
}

function mapDecoder(values: FieldType, owner: MessageSchema): FieldDecoder {
  const decode = typeDecoder(values, owner);
  return (reader, wireType, before) => {
    expect(wireType, 2);
    const map = (before ?? {}) as MutableObject;
    let key = '';
    let value: JsonValue | undefined;
    reader.nested(() => {
      for (let tag = reader.tag(); tag !== undefined; tag = reader.tag()) {
        if (tag.number === 1) key = reader.text();
        else if (tag.number === 2) value = decode(reader, tag.wireType, undefined);
        else reader.skip(tag.wireType);
      }
    });
    const kept = value ?? null;
    if (key === '__proto__')
      Object.defineProperty(map, key, { value: kept, enumerable: true, writable: true });
    else map[key] = kept;
    return map;
  };
}

function scalarDecoder(scalar: ScalarType, owner: MessageSchema): FieldDecoder {
  switch (scalar) {
    case 'string':
      return typed(2, (reader) => reader.text());
    case 'bool':
      return typed(0, (reader) => reader.integer() !== 0);
    case 'int32':
    case 'int64':
      return typed(0, (reader) => reader.integer());
    case 'double':
      return typed(1, (reader) => reader.double());
    case 'bytes':
      return typed(2, (reader) => reader.bytes().toString('base64'));
    case 'time':
    case 'microTime':
      return typed(2, (reader) => readTime(reader, scalar));
    case 'duration':
      return typed(2, readDuration);
    case 'quantity':
      return typed(2, (reader) => readFields(reader, { 1: () => reader.text() })[1] ?? '0');
    case 'intOrString':
      return typed(2, readIntOrString);
    case 'rawExtension':
    case 'fieldsV1':
    case 'json':
      return typed(2, readRaw);
    case 'schemaOrBool':
    case 'schemaOrArray':
    case 'schemaOrStringArray':
      return typed(2, (reader) => readSchemaOr(reader, scalar, owner));
    default:
      return unreachable(scalar);
  }
}

function typed(wanted: number, read: (reader: ProtobufReader) => JsonValue | undefined): FieldDecoder {
  return (reader, wireType) => {
    expect(wireType, wanted);
    return read(reader);
  };
}

/** The fields of a small message by number, each read by its own function. */
function readFields<T>(
  reader: ProtobufReader,
  readers: Readonly<Record<number, () => T>>,
): { [number: number]: T } {
  const values: { [number: number]: T } = {};
  reader.nested(() => {
    for (let tag = reader.tag(); tag !== undefined; tag = reader.tag()) {
      const read = readers[tag.number];
      if (read === undefined) reader.skip(tag.wireType);
      else values[tag.number] = read();
    }
  });
  return values;
}

function readTime(reader: ProtobufReader, scalar: 'time' | 'microTime'): string | undefined {
  const integer = (): number => reader.integer();
  const { 1: seconds, 2: nanos = 0 } = readFields(reader, { 1: integer, 2: integer });
  if (seconds === undefined) return undefined;
  if (Math.abs(seconds) > 8_640_000_000_000) throw new ProtobufError(`time ${seconds} is out of range`);
  if (scalar === 'time') return formatTime(seconds * 1000);
  const micros = String(Math.floor(nanos / 1000)).padStart(6, '0');
  return formatMicroTime(seconds * 1000).replace('.000000Z', `.${micros}Z`);
}

function readDuration(reader: ProtobufReader): string {
  return formatDuration(readFields(reader, { 1: () => reader.big() })[1] ?? 0n);
}

function readIntOrString(reader: ProtobufReader): JsonValue {
  const integer = (): JsonValue => reader.integer();
  const {
    1: type,
    2: number = 0,
    3: text = '',
  } = readFields(reader, { 1: integer, 2: integer, 3: () => reader.text() });
  return type === 1 ? text : number;
}

function readRaw(reader: ProtobufReader): JsonValue | undefined {
  const raw = readFields(reader, { 1: () => reader.text() })[1];
  if (raw === undefined || raw === '') return undefined;
  try {
    return JSON.parse(raw) as JsonValue;
  } catch (cause) {
    throw new ProtobufError('a raw value that is not JSON', { cause });
  }
}

function readSchemaOr(
  reader: ProtobufReader,
  scalar: 'schemaOrBool' | 'schemaOrArray' | 'schemaOrStringArray',
  owner: MessageSchema,
): JsonValue | undefined {
  const message = owner.groupVersion.messages.get('JSONSchemaProps') ?? owner;
  const schema = (): JsonValue => reader.nested(() => readMessage(message, reader));
  if (scalar === 'schemaOrBool') {
    const { 1: allows, 2: props } = readFields<JsonValue>(reader, {
      1: () => reader.integer() !== 0,
      2: schema,
    });
    return props ?? allows ?? false;
  }
  const list: JsonValue[] = [];
  const items = { 2: () => list.push(scalar === 'schemaOrArray' ? schema() : reader.text()), 1: schema };
  const { 1: props } = readFields<JsonValue>(reader, items);
  return props ?? list;
}
