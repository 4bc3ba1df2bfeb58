/** The CEL types of the API's own kinds, from the schema model. Built as fields are looked up. */

import type { FieldType, ListKind, MessageSchema, ScalarType } from '../../schema/schema.ts';
import { escapeName, unescapeName } from '../values/escape.ts';
import {
  BOOL,
  BYTES,
  type CelType,
  DOUBLE,
  DYN,
  type FieldDeclaration,
  INT,
  type ListType,
  mapOf,
  type ObjectType,
  STRING,
  TIMESTAMP,
} from './type.ts';

export function celTypeOf(type: FieldType, list?: ListKind): CelType {
  switch (type.form) {
    case 'scalar':
      return scalarType(type.scalar);
    case 'message':
      return type.message.wraps === undefined ? objectType(type.message) : celTypeOf(type.message.wraps);
    case 'list':
      return listType(celTypeOf(type.items), list);
    case 'map':
      return mapOf(STRING, celTypeOf(type.values));
  }
}

/** The type with these fields, whether it had some of the name or not. */
export function withFields(type: ObjectType, fields: { readonly [name: string]: CelType }): ObjectType {
  const added = new Map(Object.entries(fields).map(([name, field]) => [name, { name, type: field }]));
  return {
    ...type,
    field: (name) => added.get(name) ?? type.field(name),
    jsonField: (name) => added.get(name) ?? type.jsonField(name),
  };
}

function listType(items: CelType, list: ListKind | undefined): ListType {
  if (list === undefined || list.kind === 'atomic') return { kind: 'list', items };
  return { kind: 'list', items, semantics: list.kind === 'set' ? 'set' : { keys: list.keys } };
}

function scalarType(scalar: ScalarType): CelType {
  switch (scalar) {
    case 'bool':
      return BOOL;
    case 'int32':
    case 'int64':
      return INT;
    case 'double':
      return DOUBLE;
    case 'bytes':
      return BYTES;
    case 'time':
    case 'microTime':
      return TIMESTAMP;
    case 'string':
    case 'duration':
    case 'quantity':
      // OpenAPI calls durations and quantities strings without a format.
      return STRING;
    default:
      return DYN;
  }
}

function objectType(message: MessageSchema): ObjectType {
  const known = new Map<string, FieldDeclaration | undefined>();
  const jsonField = (name: string): FieldDeclaration | undefined => {
    if (!known.has(name)) known.set(name, declaration(message, name));
    return known.get(name);
  };
  const field = (escapedName: string): FieldDeclaration | undefined => {
    const name = unescapeName(escapedName);
    return name === undefined ? undefined : jsonField(name);
  };
  return { kind: 'object', name: message.name, field, jsonField };
}

function declaration(message: MessageSchema, name: string): FieldDeclaration | undefined {
  const field = message.byName.get(name);
  if (field === undefined || escapeName(name) === undefined) return undefined;
  return { name, type: celTypeOf(field.type, field.list) };
}
