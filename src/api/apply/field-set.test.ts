import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { games } from '../../base/games.fixture.ts';
import type { JsonObject } from '../schema/schema.ts';
import {
  difference,
  differenceBelow,
  equalSets,
  hasPath,
  intersection,
  parseFieldsV1,
  pathTexts,
  setOf,
  union,
  writeFieldsV1,
  type FieldSet,
} from './field-set.ts';

test('the wire form is read, ordered and written', () => {
  const fields: JsonObject = {
    'f:spec': { 'f:ports': { 'k:{"protocol":"TCP","port":443}': {}, '.': {}, 'k:{"port":80,"protocol":"TCP"}': { '.': {}, 'f:name': {} } } },
    'f:metadata': { 'f:finalizers': { 'v:"x"': {} }, 'f:labels': { '.': {}, 'f:a': {} } },
  }; // prettier-ignore
  const set = parseFieldsV1(fields);
  assert.ok(set !== undefined);
  assert.deepEqual(pathTexts(set), [
    '.metadata.labels',
    '.metadata.finalizers[="x"]',
    '.metadata.labels.a',
    '.spec.ports',
    '.spec.ports[port=80,protocol="TCP"]',
    '.spec.ports[port=443,protocol="TCP"]',
    '.spec.ports[port=80,protocol="TCP"].name',
  ]);
  assert.equal(
    JSON.stringify(writeFieldsV1(union(set, setOf([['f:spec', 'f:a']])))),
    '{"f:metadata":{"f:finalizers":{"v:\\"x\\"":{}},"f:labels":{".":{},"f:a":{}}},"f:spec":{"f:a":{},"f:ports":{".":{},' +
      '"k:{\\"port\\":80,\\"protocol\\":\\"TCP\\"}":{".":{},"f:name":{}},"k:{\\"port\\":443,\\"protocol\\":\\"TCP\\"}":{}}}}',
  );
  assert.equal(parseFieldsV1({ 'x:a': {} }), undefined);
  assert.equal(parseFieldsV1({ 'f:a': 1 }), undefined);
  assert.equal(parseFieldsV1({ 'k:{': {} }), undefined);
});

test('items whose fields have the same names share what is written of them', () => {
  const addresses = (address: string): JsonObject => {
    const key = `k:${JSON.stringify({ ip: address })}`;
    const item = setOf([[key], [key, 'f:ip']]);
    return writeFieldsV1(item)[key] as JsonObject;
  };
  assert.deepEqual(addresses('10.0.0.1'), { '.': {}, 'f:ip': {} });
  assert.equal(addresses('10.0.0.2'), addresses('10.0.0.1'));
  // What the step's own text would let look alike.
  const odd = setOf([['f:a\nf:b'], ['f:c']]);
  assert.deepEqual(writeFieldsV1(odd), { 'f:a\nf:b': {}, 'f:c': {} });
  assert.deepEqual(writeFieldsV1(setOf([['f:a'], ['f:b\nf:c']])), { 'f:a': {}, 'f:b\nf:c': {} });
});

const PATH = fc.array(fc.constantFrom('f:a', 'f:b', 'k:{"n":1}'), { minLength: 1, maxLength: 3 });
const PATHS = fc.array(PATH, { maxLength: 8 });

test('operations are those of sets of paths', () => {
  const key = (path: readonly string[]): string => path.join('/');
  fc.assert(
    fc.property(PATHS, PATHS, PATHS, (left, right, probes) => {
      const a = setOf(left);
      const b = setOf(right);
      const inA = new Set(left.map(key));
      const inB = new Set(right.map(key));
      const same = (set: FieldSet, has: (path: readonly string[]) => boolean): void => {
        for (const path of [...left, ...right, ...probes])
          assert.equal(hasPath(set, path), has(path), key(path));
      };
      same(union(a, b), (path) => inA.has(key(path)) || inB.has(key(path)));
      same(difference(a, b), (path) => inA.has(key(path)) && !inB.has(key(path)));
      same(intersection(a, b), (path) => inA.has(key(path)) && inB.has(key(path)));
      same(
        differenceBelow(a, b),
        (path) => inA.has(key(path)) && !path.some((_, i) => inB.has(key(path.slice(0, i + 1)))),
      );
      assert.ok(equalSets(parseFieldsV1(JSON.parse(JSON.stringify(writeFieldsV1(a))) as JsonObject) ?? b, a));
      assert.ok(equalSets(union(difference(a, b), intersection(a, b)), a));
    }),
    games(),
  );
});
