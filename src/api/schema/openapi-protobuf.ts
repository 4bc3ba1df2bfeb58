/**
 * A version 2 OpenAPI document in protobuf (`openapi.v2.Document` of gnostic), which client-go asks for.
 *
 * Input: the document as JSON. Output: its bytes. Of each message only the fields are listed that our
 * documents use; what is in no list and begins with `x-` goes out as a vendor extension, whose value is
 * YAML, and so may be JSON.
 */

import { assert } from '../../base/assert.ts';
import { ReverseWriter } from './protobuf-writer.ts';
import type { JsonObject, JsonValue } from './schema.ts';

type FieldKind =
  | 'string'
  | 'bool'
  | 'int64'
  | 'double'
  /** `Any`, as YAML. */
  | 'any'
  | 'strings'
  | 'anys'
  /** A message of its own shape, written by a function. */
  | ((value: JsonValue, out: ReverseWriter) => void);

interface MessageTable {
  readonly fields: Readonly<Record<string, readonly [number: number, kind: FieldKind]>>;
  /** The number of the vendor extensions; undefined: there are none. */
  readonly extensions?: number;
}

export const OPENAPI_PROTOBUF = 'application/com.github.proto-openapi.spec.v2.v1.0+protobuf';
/** As clients in Go ask for it; no media type by the book, so answers name the one above. */
export const OPENAPI_PROTOBUF_ASKED = 'application/com.github.proto-openapi.spec.v2@v1.0+protobuf';

export function encodeOpenApiV2(document: JsonObject): Uint8Array {
  const out = new ReverseWriter(4 * 1024 * 1024);
  writeMessage(DOCUMENT, document, out);
  return out.finish();
}

/** Fields from the last to the first, since the writer goes backwards. */
function writeMessage(table: MessageTable, value: JsonObject, out: ReverseWriter): void {
  const known: { readonly number: number; readonly kind: FieldKind; readonly value: JsonValue }[] = [];
  const extensions: [string, JsonValue][] = [];
  for (const [name, content] of Object.entries(value)) {
    if (content === undefined || content === null) continue;
    const field = table.fields[name];
    if (field !== undefined) known.push({ number: field[0], kind: field[1], value: content });
    else if (name.startsWith('x-')) extensions.push([name, content]);
    else assert(UNSAID.has(name), `the field ${name} of an OpenAPI document has no protobuf form here`);
  }
  if (table.extensions !== undefined) {
    for (const [name, content] of extensions.toReversed()) {
      nested(out, table.extensions, () => writeNamed(name, () => writeAny(content, out), out));
    }
  }
  for (const { number, kind, value: content } of known.toSorted((a, b) => b.number - a.number)) {
    writeField(number, kind, content, out);
  }
}

/** Words of version 3 schemas that version 2 has no place for. */
const UNSAID: ReadonlySet<string> = new Set(['nullable', 'oneOf', 'anyOf', 'not', 'id', '$schema']);

function writeField(number: number, kind: FieldKind, value: JsonValue, out: ReverseWriter): void {
  switch (kind) {
    case 'string':
      return nested(out, number, () => out.text(String(value)));
    case 'bool':
      if (value !== true) return;
      out.unsigned(1);
      return out.tag(number, 0);
    case 'int64':
      out.signed(Number(value));
      return out.tag(number, 0);
    case 'double':
      out.double(Number(value));
      return out.tag(number, 1);
    case 'any':
      return nested(out, number, () => writeAny(value, out));
    case 'strings':
      for (const text of listOf(value).toReversed()) nested(out, number, () => out.text(String(text)));
      return;
    case 'anys':
      for (const item of listOf(value).toReversed()) nested(out, number, () => writeAny(item, out));
      return;
    default:
      return nested(out, number, () => kind(value, out));
  }
}

function nested(out: ReverseWriter, number: number, write: () => void): void {
  const before = out.position;
  write();
  out.lengthAndTag(number, before);
}

function writeAny(value: JsonValue, out: ReverseWriter): void {
  nested(out, 2, () => out.text(`${JSON.stringify(value)}\n`));
}

function writeNamed(name: string, write: () => void, out: ReverseWriter): void {
  nested(out, 2, write);
  nested(out, 1, () => out.text(name));
}

/** A map, as entries of name and value under one number. */
function mapOf(number: number, write: (value: JsonValue, out: ReverseWriter) => void): FieldKind {
  return (value, out) => {
    for (const [name, content] of Object.entries(objectOf(value)).toReversed()) {
      nested(out, number, () => writeNamed(name, () => write(content ?? null, out), out));
    }
  };
}

function listOf(value: JsonValue): readonly JsonValue[] {
  return Array.isArray(value) ? (value as readonly JsonValue[]) : [value];
}

function objectOf(value: JsonValue): JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : {};
}

const writeSchema = (value: JsonValue, out: ReverseWriter): void =>
  writeMessage(SCHEMA, objectOf(value), out);
const message =
  (table: MessageTable): FieldKind =>
  (value, out) =>
    writeMessage(table, objectOf(value), out);

const SCHEMA: MessageTable = {
  extensions: 31,
  fields: {
    '$ref': [1, 'string'], 'format': [2, 'string'], 'title': [3, 'string'], 'description': [4, 'string'],
    'default': [5, 'any'], 'multipleOf': [6, 'double'], 'maximum': [7, 'double'], 'exclusiveMaximum': [8, 'bool'],
    'minimum': [9, 'double'], 'exclusiveMinimum': [10, 'bool'], 'maxLength': [11, 'int64'], 'minLength': [12, 'int64'],
    'pattern': [13, 'string'], 'maxItems': [14, 'int64'], 'minItems': [15, 'int64'], 'uniqueItems': [16, 'bool'],
    'maxProperties': [17, 'int64'], 'minProperties': [18, 'int64'], 'required': [19, 'strings'], 'enum': [20, 'anys'],
    'additionalProperties': [21, (value, out) => {
      if (typeof value !== 'boolean') return nested(out, 1, () => writeSchema(value, out));
      out.unsigned(value ? 1 : 0);
      out.tag(2, 0);
    }],
    'type': [22, (value, out) => writeField(1, 'strings', value, out)],
    'items': [23, (value, out) => {
      for (const item of listOf(value).toReversed()) nested(out, 1, () => writeSchema(item, out));
    }],
    'allOf': [24, writeSchema],
    'properties': [25, mapOf(1, writeSchema)],
    'externalDocs': [29, (value, out) => writeMessage(EXTERNAL_DOCS, objectOf(value), out)],
    'example': [30, 'any'],
  },
}; // prettier-ignore

const EXTERNAL_DOCS: MessageTable = {
  extensions: 3,
  fields: { description: [1, 'string'], url: [2, 'string'] },
};

const BODY_PARAMETER: MessageTable = {
  extensions: 6,
  fields: {
    description: [1, 'string'], name: [2, 'string'], in: [3, 'string'], required: [4, 'bool'],
    schema: [5, writeSchema],
  },
}; // prettier-ignore

const QUERY_PARAMETER: MessageTable = {
  extensions: 23,
  fields: {
    required: [1, 'bool'], in: [2, 'string'], description: [3, 'string'], name: [4, 'string'], type: [6, 'string'],
    format: [7, 'string'], uniqueItems: [20, 'bool'],
  },
}; // prettier-ignore

const PATH_PARAMETER: MessageTable = {
  extensions: 22,
  fields: {
    required: [1, 'bool'], in: [2, 'string'], description: [3, 'string'], name: [4, 'string'], type: [5, 'string'],
    format: [6, 'string'], uniqueItems: [19, 'bool'],
  },
}; // prettier-ignore

/** ParametersItem, Parameter and NonBodyParameter: choices within choices. */
function writeParameters(number: number, value: JsonValue, out: ReverseWriter): void {
  for (const item of listOf(value).toReversed()) {
    const parameter = objectOf(item);
    const write = (): void => {
      if (parameter['in'] === 'body')
        return nested(out, 1, () => writeMessage(BODY_PARAMETER, parameter, out));
      const [choice, table] =
        parameter['in'] === 'path' ? ([4, PATH_PARAMETER] as const) : ([3, QUERY_PARAMETER] as const);
      nested(out, 2, () => nested(out, choice, () => writeMessage(table, parameter, out)));
    };
    nested(out, number, () => nested(out, 1, write));
  }
}

const RESPONSE: MessageTable = {
  extensions: 5,
  fields: {
    description: [1, 'string'],
    schema: [2, (value, out) => nested(out, 1, () => writeSchema(value, out))],
  },
};

function writeResponse(value: JsonValue, out: ReverseWriter): void {
  nested(out, 1, () => writeMessage(RESPONSE, objectOf(value), out));
}

const OPERATION: MessageTable = {
  extensions: 13,
  fields: {
    tags: [1, 'strings'], summary: [2, 'string'], description: [3, 'string'], operationId: [5, 'string'],
    produces: [6, 'strings'], consumes: [7, 'strings'],
    responses: [9, mapOf(1, writeResponse)],
    schemes: [10, 'strings'], deprecated: [11, 'bool'],
  },
}; // prettier-ignore

const METHODS = { get: 2, put: 3, post: 4, delete: 5, options: 6, head: 7, patch: 8 } as const;

function writeOperation(value: JsonValue, out: ReverseWriter): void {
  const { parameters, ...rest } = objectOf(value);
  // Written backwards: extensions and responses come behind the parameters.
  const behind: { [name: string]: JsonValue | undefined } = {};
  const before: { [name: string]: JsonValue | undefined } = {};
  for (const [name, content] of Object.entries(rest)) {
    const number = OPERATION.fields[name]?.[0] ?? Number.POSITIVE_INFINITY;
    (number > 8 ? behind : before)[name] = content;
  }
  writeMessage(OPERATION, behind, out);
  if (parameters !== undefined) writeParameters(8, parameters, out);
  writeMessage(OPERATION, before, out);
}

function writePathItem(value: JsonValue, out: ReverseWriter): void {
  const { parameters, ...operations } = objectOf(value);
  if (parameters !== undefined) writeParameters(9, parameters, out);
  for (const [method, number] of Object.entries(METHODS).toReversed()) {
    const operation = operations[method];
    if (operation !== undefined) nested(out, number, () => writeOperation(operation, out));
  }
}

const API_KEY: MessageTable = {
  extensions: 5,
  fields: { type: [1, 'string'], name: [2, 'string'], in: [3, 'string'], description: [4, 'string'] },
};

function writeApiKey(value: JsonValue, out: ReverseWriter): void {
  nested(out, 2, () => writeMessage(API_KEY, objectOf(value), out));
}

const DOCUMENT: MessageTable = {
  extensions: 16,
  fields: {
    swagger: [1, 'string'],
    info: [2, message({ fields: { title: [1, 'string'], version: [2, 'string'], description: [3, 'string'] } })],
    paths: [8, mapOf(2, writePathItem)],
    definitions: [9, mapOf(1, writeSchema)],
    security: [12, (value, out) => {
      for (const requirement of listOf(value)) mapMessage(requirement, out);
    }],
    securityDefinitions: [13, mapOf(1, writeApiKey)],
  },
}; // prettier-ignore

/** A SecurityRequirement: names with lists of scopes. */
function mapMessage(requirement: JsonValue, out: ReverseWriter): void {
  for (const [name, scopes] of Object.entries(objectOf(requirement)).toReversed()) {
    nested(out, 1, () => writeNamed(name, () => writeField(1, 'strings', scopes ?? [], out), out));
  }
}
