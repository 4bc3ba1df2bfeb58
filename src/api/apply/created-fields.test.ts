import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { games } from '../../base/games.fixture.ts';
import { present } from '../../base/assert.ts';
import { objectSchemaOf } from '../object-schema.ts';
import { loadBuiltInSchemas } from '../schema/built-in.ts';
import type { Field, FieldType, JsonObject, JsonValue, MessageSchema } from '../schema/schema.ts';
import type { JsonSchema } from '../structural/structural.ts';
import { ownedTypeOfResource } from '../structural/owned-type.ts';
import { createdFields } from './created-fields.ts';
import { ownedTypeOf } from './field-type.ts';
import { isEmptySet, setOf, writeFieldsV1 } from './field-set.ts';
import { UNOWNED } from './ownership.ts';
import { trackChange } from './track-update.ts';

const schemas = loadBuiltInSchemas();
const STATUS = setOf([['f:status']]);

/** Objects of a kind with random parts of its schema filled in. */
function objectsOf(message: MessageSchema, depth: number): fc.Arbitrary<JsonObject> {
  const parts: { [name: string]: fc.Arbitrary<JsonValue> } = {};
  for (const [name, field] of message.byName) parts[name] = valuesOf(field, field.type, depth);
  return fc.record(parts, { requiredKeys: [] }) as fc.Arbitrary<JsonObject>;
}

function valuesOf(field: Field, type: FieldType, depth: number): fc.Arbitrary<JsonValue> {
  switch (type.form) {
    case 'message':
      if (type.message.wraps !== undefined) return valuesOf(field, type.message.wraps, depth);
      return depth === 0 ? fc.constant({}) : objectsOf(type.message, depth - 1);
    case 'list':
      return fc.array(valuesOf(field, type.items, depth), { maxLength: 2 });
    case 'map':
      return fc.dictionary(fc.constantFrom('a', 'b', 'c/d'), valuesOf(field, type.values, depth), {
        maxKeys: 2,
      });
    case 'scalar':
      return scalarsOf(type.scalar);
  }
}

function scalarsOf(scalar: string): fc.Arbitrary<JsonValue> {
  switch (scalar) {
    case 'bool':
      return fc.boolean();
    case 'int32':
    case 'int64':
    case 'double':
      return fc.constantFrom(0, 1, 80);
    case 'quantity':
      return fc.constantFrom('1', '500m');
    case 'time':
    case 'microTime':
      return fc.constant('2026-01-01T00:00:00Z');
    case 'duration':
      return fc.constant('1h0m0s');
    case 'bytes':
      return fc.constantFrom('', 'YQ==');
    case 'string':
    case 'intOrString':
      return fc.constantFrom('', 'x', 'y');
    default:
      return fc.constantFrom({}, { a: 1 });
  }
}

const KINDS = [
  ['core/v1', 'Pod'],
  ['core/v1', 'Service'],
  ['core/v1', 'ConfigMap'],
  ['apps/v1', 'Deployment'],
  ['rbac/v1', 'ClusterRole'],
] as const;

for (const [groupVersion, kind] of KINDS) {
  test(`a created ${kind} is owned as a comparison with nothing says`, () => {
    const message = present(schemas.get(groupVersion)?.messages.get(kind), kind);
    const schema = objectSchemaOf(message);
    const { zero } = schema;
    fc.assert(
      fc.property(objectsOf(message, 4), (json) => {
        const decoded = schema.decode({ ...json, kind, apiVersion: 'v1' });
        fc.pre(decoded.ok);
        const object = schema.applyDefaults(decoded.value);
        const write = { schema, apiVersion: 'v1', subresource: '', time: '', resetFields: STATUS };
        const [own] = trackChange(write, zero, object, new Map(), 'me').values();
        const expected = own === undefined || isEmptySet(own.fields) ? undefined : writeFieldsV1(own.fields);
        const fields = createdFields(schema.owned, zero, object, STATUS, UNOWNED);
        assert.equal(JSON.stringify(fields), JSON.stringify(expected));
      }),
      games(60),
    );
  });
}

test('one specification is owned by each kind in its own way', () => {
  const spec: JsonObject = { size: { wanted: 2 } };
  const metadata = ownedTypeOf(present(schemas.get('meta/v1')?.messages.get('ObjectMeta'), 'ObjectMeta'));
  const fieldsOf = (size: JsonSchema): JsonObject | undefined => {
    const properties = { spec: { type: 'object', properties: { size } } } as const;
    const type = ownedTypeOfResource({ type: 'object', properties }, metadata);
    return createdFields(type, NOTHING, { spec }, STATUS, UNOWNED);
  };
  const wanted = { type: 'object', properties: { wanted: { type: 'integer' } } } as const;
  assert.deepEqual(fieldsOf(wanted), {
    'f:spec': { '.': {}, 'f:size': { '.': {}, 'f:wanted': {} } },
  });
  assert.deepEqual(fieldsOf({ ...wanted, 'x-kubernetes-map-type': 'atomic' }), {
    'f:spec': { '.': {}, 'f:size': {} },
  });
});

const NOTHING: JsonObject = {};
