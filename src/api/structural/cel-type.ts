/**
 * The CEL types of schemas, and how large values of them can get: rules are typed with the one, their cost is
 * estimated with the other.
 *
 * A schema that CEL cannot see (no type, only unknown fields) has no type, and neither has what is made of
 * it. Types are built as fields are looked up. Sizes follow upstream's, since they decide which rules a
 * CustomResourceDefinition may carry (apiserver/pkg/cel/common/schemas.go).
 */

import { escapeName, unescapeName } from '../cel/values/escape.ts';
import {
  BOOL, type CelType, DOUBLE, DYN, type FieldDeclaration, INT, type ListType, type ObjectType, STRING,
} from '../cel/types/type.ts'; // prettier-ignore
import {
  additionalOf,
  isEmbedded,
  isIntOrString,
  itemsOf,
  propertyOf,
  type JsonSchema,
} from './structural.ts';

/** A request has no more bytes, and no value in it either. */
export const REQUEST_MAX_BYTES = 3 * 1024 * 1024;
const TEXT_MAX = REQUEST_MAX_BYTES - 2;
const SIZE_OF_DATE = 12;
const DATE_TIME_SIZE = { min: 21, max: 32 };
const DURATION_SIZE = { min: 3, max: 32 };
const BYTES_PER_CODE_POINT_MAX = 4;

/** `name` tells object types apart: the path to them is enough. */
export function celTypeOfSchema(schema: JsonSchema, isResource: boolean, name = 'self'): CelType | undefined {
  if (isIntOrString(schema)) return { ...DYN, maxElements: textMax(schema, true) };
  const known = isResource ? withResourceFields(schema) : schema;
  switch (known.type) {
    case 'array':
      return listType(known, name);
    case 'object':
      return mapOrObjectType(known, name);
    case 'string':
      return textType(known);
    case 'boolean':
      return BOOL;
    case 'number':
      return DOUBLE;
    case 'integer':
      return INT;
    default:
      return undefined;
  }
}

function listType(schema: JsonSchema, name: string): CelType | undefined {
  const item = itemsOf(schema);
  if (item === undefined) return undefined;
  const items = celTypeOfSchema(item, isEmbedded(item), `${name}.@idx`);
  if (items === undefined) return undefined;
  const maxElements = notNegative(
    schema.maxItems ?? Math.floor((REQUEST_MAX_BYTES - 2) / (minSize(item, isEmbedded(item)) + 1)),
  );
  const kind = schema['x-kubernetes-list-type'];
  const type: ListType = { kind: 'list', items, maxElements };
  if (kind === 'set') return { ...type, semantics: 'set' };
  if (kind !== 'map') return type;
  return { ...type, semantics: { keys: schema['x-kubernetes-list-map-keys'] ?? [] } };
}

/** Beside the two quotes: a key, a colon, a comma. */
const ENTRY_MIN_BYTES = 6;

function mapOrObjectType(schema: JsonSchema, name: string): CelType | undefined {
  const value = additionalOf(schema);
  if (value === undefined || value === true) return objectType(schema, name);
  const values = celTypeOfSchema(value, isEmbedded(value), `${name}.@elem`);
  if (values === undefined) return undefined;
  const entryMin = minSize(value, isEmbedded(value)) + ENTRY_MIN_BYTES;
  const maxElements = notNegative(schema.maxProperties ?? Math.floor((REQUEST_MAX_BYTES - 2) / entryMin));
  // Upstream declares no size for keys, which counts as none.
  return { kind: 'map', keys: { ...STRING, maxElements: 0 }, values, maxElements };
}

function objectType(schema: JsonSchema, name: string): ObjectType {
  const fields = new Map<string, FieldDeclaration | undefined>();
  const declare = (field: string): FieldDeclaration | undefined => {
    const property = propertyOf(schema, field);
    if (property === undefined || escapeName(field) === undefined) return undefined;
    const type = celTypeOfSchema(property, isEmbedded(property), `${name}.${field}`);
    return type === undefined ? undefined : { name: field, type };
  };
  const jsonField = (field: string): FieldDeclaration | undefined => {
    if (!fields.has(field)) fields.set(field, declare(field));
    return fields.get(field);
  };
  const field = (escaped: string): FieldDeclaration | undefined => {
    const plain = unescapeName(escaped);
    return plain === undefined ? undefined : jsonField(plain);
  };
  return { kind: 'object', name, field, jsonField };
}

function textType(schema: JsonSchema): CelType {
  switch (schema.format) {
    case 'byte':
      return { kind: 'bytes', maxElements: notNegative(schema.maxLength ?? TEXT_MAX) };
    case 'duration':
      return { kind: 'duration', maxElements: DURATION_SIZE.max };
    case 'date':
      return { kind: 'timestamp', maxElements: SIZE_OF_DATE };
    case 'date-time':
      return { kind: 'timestamp', maxElements: DATE_TIME_SIZE.max };
    default:
      return { kind: 'string', maxElements: textMax(schema, false) };
  }
}

/** In bytes; `maxLength` counts code points. */
function textMax(schema: JsonSchema, isOpen: boolean): number {
  if (schema.maxLength !== undefined) return notNegative(schema.maxLength) * BYTES_PER_CODE_POINT_MAX;
  const choices = schema.enum ?? [];
  if (isOpen || choices.length === 0) return TEXT_MAX;
  return Math.max(0, ...choices.map((one) => (typeof one === 'string' ? Buffer.byteLength(one) : 0)));
}

function notNegative(size: number): number {
  return Math.max(0, size);
}

/** The fewest bytes that a value takes in JSON, of what CEL sees of it. */
export function minSize(schema: JsonSchema, isResource: boolean): number {
  if (isIntOrString(schema)) return 1;
  switch (schema.type) {
    case 'array':
    case 'string':
      return schema.type === 'string' ? textMinSize(schema) : 2;
    case 'object': {
      const additional = additionalOf(schema);
      return additional === undefined || additional === true ? objectMinSize(schema, isResource) : 2;
    }
    case 'boolean':
      return 4;
    default:
      return 1;
  }
}

function textMinSize({ format }: JsonSchema): number {
  switch (format) {
    case 'duration':
      return DURATION_SIZE.min;
    case 'date':
      return SIZE_OF_DATE;
    case 'date-time':
      return DATE_TIME_SIZE.min;
    default:
      return 2;
  }
}

/** Quotes, colon and comma around a required field. */
const FIELD_BYTES = 4;

function objectMinSize(schema: JsonSchema, isResource: boolean): number {
  const known = isResource ? withResourceFields(schema) : schema;
  let size = 2;
  for (const name of new Set(known.required)) {
    const property = propertyOf(known, name);
    if (property === undefined || property.default !== undefined || !isVisible(property)) continue;
    size += Buffer.byteLength(name) + minSize(property, isEmbedded(property)) + FIELD_BYTES;
  }
  return size;
}

function isVisible(schema: JsonSchema): boolean {
  return celTypeOfSchema(schema, isEmbedded(schema)) !== undefined;
}

const TEXT: JsonSchema = { type: 'string' };
const METADATA: JsonSchema = { type: 'object', properties: { name: TEXT, generateName: TEXT } };

/** Rules see what every resource has, whether its schema says so or not, and of its metadata just the name. */
export function withResourceFields(schema: JsonSchema): JsonSchema {
  const { apiVersion, kind, metadata } = schema.properties ?? {};
  const named = metadata?.type === 'object' ? metadata.properties : undefined;
  const isComplete =
    kind?.type === 'string' &&
    apiVersion?.type === 'string' &&
    named?.['name']?.type === 'string' &&
    named['generateName']?.type === 'string';
  if (isComplete) return schema;
  return {
    ...schema,
    properties: { ...schema.properties, apiVersion: TEXT, kind: TEXT, metadata: METADATA },
  };
}
