import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { games } from '../../base/games.fixture.ts';
import { deepEqual } from '../meta/equal.ts';
import type { JsonObject, JsonValue } from '../schema/schema.ts';
import { applyMergePatch } from './merge-patch.ts';
import { isObject } from './patch.ts';

function apply(document: JsonValue, patch: JsonValue): JsonValue {
  const result = applyMergePatch(document, patch);
  return result.ok ? result.value : `${result.error.code}: ${result.error.message}`;
}

test('the examples of RFC 7386', () => {
  const cases: readonly (readonly [JsonValue, JsonValue, JsonValue])[] = [
    [{ a: 'b' }, { a: 'c' }, { a: 'c' }],
    [{ a: 'b' }, { b: 'c' }, { a: 'b', b: 'c' }],
    [{ a: 'b', b: 'c' }, { a: null }, { b: 'c' }],
    [{ a: ['b'] }, { a: 'c' }, { a: 'c' }],
    [{ a: { b: 'c' } }, { a: { b: 'd', c: null } }, { a: { b: 'd' } }],
    [{ a: [{ b: 'c' }] }, { a: [1] }, { a: [1] }],
    [{ e: null }, { a: 1 }, { e: null, a: 1 }],
    [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
    [{ a: 1 }, ['c'], '400: Invalid JSON Patch'],
  ];
  for (const [document, patch, expected] of cases) assert.deepEqual(apply(document, patch), expected);
});

const VALUE: fc.Arbitrary<JsonValue> = fc.letrec<{ value: JsonValue }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.integer({ min: 0, max: 3 }),
    fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 2 }),
    fc.dictionary(fc.constantFrom('a', 'b', '__proto__'), tie('value'), { maxKeys: 3 }),
  ),
})).value;
const OBJECT = fc
  .dictionary(fc.constantFrom('a', 'b', 'c', '__proto__'), VALUE)
  .map((object) => JSON.parse(JSON.stringify(object)) as JsonObject);

function difference(from: JsonObject, to: JsonObject): JsonObject {
  const patch: [string, JsonValue][] = [];
  for (const key of new Set([...Object.keys(from), ...Object.keys(to)])) {
    const a = Object.hasOwn(from, key) ? from[key] : undefined;
    const b = Object.hasOwn(to, key) ? to[key] : undefined;
    if (b === undefined) patch.push([key, null]);
    else if (isObject(a) && isObject(b)) patch.push([key, difference(a, b)]);
    else if (!deepEqual(a, b)) patch.push([key, b]);
  }
  return Object.fromEntries(patch);
}

test('the difference of two objects, applied to the one, gives the other, and changes neither', () => {
  fc.assert(
    fc.property(OBJECT, OBJECT, (from, to) => {
      const before = JSON.stringify(from);
      assert.deepEqual(apply(from, difference(from, to)), to);
      assert.equal(JSON.stringify(from), before);
      assert.equal(apply(from, {}), from);
    }),
    games(),
  );
});
