/** How server-side apply owns the fields of a custom resource: by the list and map types of its schema. */

import { DEDUCED, type NamedField, type OwnedType, type StructType } from '../apply/field-type.ts';
import { fieldStep } from '../apply/field-set.ts';
import type { JsonValue } from '../schema/schema.ts';
import {
  additionalOf,
  isEmbedded,
  itemsOf,
  preservesUnknown,
  propertyOf,
  type JsonSchema,
} from './structural.ts';

const PIECE: OwnedType = { form: 'piece' };

/** The type of whole objects; `metadata` is owned as in every kind. */
export function ownedTypeOfResource(schema: JsonSchema, metadata: OwnedType): StructType {
  const struct = structOf(
    schema,
    new Map([
      ['metadata', metadata],
      ['apiVersion', PIECE],
      ['kind', PIECE],
    ]),
  );
  return struct;
}

function structOf(schema: JsonSchema, own: ReadonlyMap<string, OwnedType>): StructType {
  const types = new Map(own);
  let named: readonly NamedField[] | undefined;
  const struct: StructType = {
    form: 'struct',
    field: (name) => {
      const known = types.get(name);
      if (known !== undefined) return known;
      const property = propertyOf(schema, name);
      if (property === undefined) return undefined;
      const type = ownedTypeOfSchema(property);
      types.set(name, type);
      return type;
    },
    named: () => {
      if (preservesUnknown(schema)) return undefined;
      const names = new Set([...own.keys(), ...Object.keys(schema.properties ?? {})]);
      named ??= [...names].toSorted().map((name) => {
        return { name, step: fieldStep(name), type: struct.field(name) ?? DEDUCED };
      });
      return named;
    },
  };
  return struct;
}

const known = new WeakMap<JsonSchema, OwnedType>();

function ownedTypeOfSchema(schema: JsonSchema): OwnedType {
  let type = known.get(schema);
  if (type === undefined) {
    type = makeType(schema);
    known.set(schema, type);
  }
  return type;
}

function makeType(schema: JsonSchema): OwnedType {
  switch (schema.type) {
    case 'object':
      return objectType(schema);
    case 'array':
      return listType(schema);
    case undefined:
    case '':
      return preservesUnknown(schema) ? DEDUCED : PIECE;
    default:
      return PIECE;
  }
}

function objectType(schema: JsonSchema): OwnedType {
  if (schema['x-kubernetes-map-type'] === 'atomic') return PIECE;
  if (isEmbedded(schema) || schema.properties !== undefined) {
    return structOf(schema, isEmbedded(schema) ? EMBEDDED : new Map());
  }
  const additional = additionalOf(schema);
  if (additional === undefined || additional === true) return DEDUCED;
  return { form: 'map', values: ownedTypeOfSchema(additional) };
}

const EMBEDDED: ReadonlyMap<string, OwnedType> = new Map<string, OwnedType>([
  ['metadata', DEDUCED],
  ['apiVersion', PIECE],
  ['kind', PIECE],
]);

function listType(schema: JsonSchema): OwnedType {
  switch (schema['x-kubernetes-list-type']) {
    case 'set':
      return { form: 'set' };
    case 'map': {
      const items = itemsOf(schema);
      const keys = schema['x-kubernetes-list-map-keys'] ?? [];
      const defaults: { [key: string]: JsonValue } = {};
      for (const key of keys) {
        const fallback = items === undefined ? undefined : propertyOf(items, key)?.default;
        if (fallback !== undefined) defaults[key] = fallback;
      }
      return {
        form: 'keyedList',
        keys,
        defaults,
        items: items === undefined ? DEDUCED : ownedTypeOfSchema(items),
      };
    }
    default:
      return PIECE;
  }
}
