import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonObject, JsonValue } from '../../api/schema/schema.ts';
import { mergeV2, partBelow } from './merge-v2.ts';

const refers = (name: string): JsonObject => ({ get: { schema: { $ref: `#/definitions/${name}` } } });
const kinds = (...names: readonly string[]): JsonObject => ({
  'x-kubernetes-group-version-kind': names.map((kind) => ({ group: 'g', version: 'v1', kind })),
});
const OPTIONS: JsonObject = { type: 'object', properties: { dryRun: { type: 'string' } } };
const OWN: JsonObject = {
  swagger: '2.0',
  info: { title: 'Kubernetes' },
  paths: { '/api/v1/a': refers('A') },
  definitions: { A: { type: 'object' }, Options: { ...OPTIONS, ...kinds('B') } },
};

const definitions = (document: JsonObject): JsonObject => document['definitions'] as JsonObject;
const paths = (document: JsonObject): JsonObject => document['paths'] as JsonObject;

test('of a document only what belongs to its group-version is taken', () => {
  const document: JsonObject = {
    paths: { '/apis/w/v1/x': refers('X'), '/apis/w/v2/y': refers('Y'), '/healthz': {} },
    definitions: {
      X: { properties: { inner: { $ref: '#/definitions/Inner' } } },
      Y: { properties: { inner: { $ref: '#/definitions/OfY' } } },
      Inner: {},
      OfY: {},
      Unused: {},
    },
  };
  const part = partBelow(document, '/apis/w/v1/');
  assert.deepEqual(Object.keys(paths(part)), ['/apis/w/v1/x']);
  assert.deepEqual(Object.keys(definitions(part)), ['X', 'Inner', 'Unused']);
});

test('documents stand side by side', () => {
  const merged = mergeV2(OWN, [{ paths: { '/apis/w/v1/x': refers('X') }, definitions: { X: {} } }]);
  assert.deepEqual(Object.keys(paths(merged)), ['/api/v1/a', '/apis/w/v1/x']);
  assert.deepEqual(Object.keys(definitions(merged)), ['A', 'Options', 'X']);
  assert.deepEqual(merged['info'], OWN['info']);
  assert.deepEqual(Object.keys(paths(OWN)), ['/api/v1/a'], 'nothing given is changed');
});

test('what says the same but for its kinds is one, for all of them', () => {
  const other: JsonObject = {
    paths: { '/apis/w/v1/x': refers('Options') },
    definitions: { Options: { ...OPTIONS, ...kinds('C', 'A', 'B') } },
  };
  const merged = mergeV2(OWN, [other]);
  assert.deepEqual(definitions(merged)['Options'], { ...OPTIONS, ...kinds('A', 'B', 'C') });
});

test('what says something else under a taken name is renamed, with all that refers to it', () => {
  const other = (text: string, path: string): JsonObject => ({
    paths: { [path]: refers('A'), '/api/v1/a': refers('Gone') },
    definitions: {
      A: { description: text, properties: { $ref: { type: 'string' }, self: { $ref: '#/definitions/A' } } },
      Gone: {},
    },
  });
  const merged = mergeV2(OWN, [
    other('one', '/apis/w/v1/x'),
    other('two', '/apis/w/v2/x'),
    other('two', '/apis/w/v3/x'),
  ]);
  const all = definitions(merged);
  assert.deepEqual(Object.keys(all).toSorted(), ['A', 'A_v2', 'A_v3', 'A_v4', 'Options']);
  assert.deepEqual(all['A'], { type: 'object' });
  assert.deepEqual(paths(merged)['/apis/w/v1/x'], refers('A_v2'));
  assert.deepEqual((all['A_v2'] as { properties: JsonValue }).properties, {
    $ref: { type: 'string' },
    self: { $ref: '#/definitions/A_v2' },
  });
  assert.deepEqual(paths(merged)['/api/v1/a'], refers('A'), 'our paths stand');
});

test('an alike definition under a name that it once got is used again', () => {
  const other = (path: string): JsonObject => ({
    paths: { [path]: refers('A') },
    definitions: { A: { description: 'other' } },
  });
  const merged = mergeV2(OWN, [other('/apis/w/v1/x'), other('/apis/w/v2/x')]);
  assert.deepEqual(Object.keys(definitions(merged)), ['A', 'Options', 'A_v2']);
  assert.deepEqual(paths(merged)['/apis/w/v2/x'], refers('A_v2'));
});

test('parameters are renamed as definitions are', () => {
  const own: JsonObject = { ...OWN, parameters: { name: { in: 'path' } } };
  const other: JsonObject = {
    paths: { '/apis/w/v1/x': { parameters: [{ $ref: '#/parameters/name' }, { $ref: '#/parameters/q' }] } },
    parameters: { name: { in: 'query' }, q: {} },
  };
  const merged = mergeV2(own, [other]);
  assert.deepEqual(merged['parameters'], { name: { in: 'path' }, name_v2: { in: 'query' }, q: {} });
  assert.deepEqual(paths(merged)['/apis/w/v1/x'], {
    parameters: [{ $ref: '#/parameters/name_v2' }, { $ref: '#/parameters/q' }],
  });
});
