import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { games } from '../../base/games.fixture.ts';
import { withPartsOf } from './shared-parts.ts';

test('what is equal is shared, and nothing else changes', () => {
  const model = { metadata: { name: 'a', labels: { app: 'web' } }, spec: { containers: [{ image: 'x' }] } };
  const value = { metadata: { name: 'b', labels: { app: 'web' } }, spec: { containers: [{ image: 'x' }] } };
  const shared = withPartsOf(value, model);
  assert.deepEqual(shared, value);
  assert.equal(shared.spec, model.spec);
  assert.equal(shared.metadata.labels, model.metadata.labels);
  assert.equal(value.spec === model.spec, false, 'the input stays as it was');
});

test('a list shares its equal items', () => {
  const model = { list: [{ a: 1 }, { b: 2 }, { c: 3 }] };
  const longer = withPartsOf({ list: [{ a: 1 }, { b: 0 }, { c: 3 }, { d: 4 }] }, model);
  assert.deepEqual(longer, { list: [{ a: 1 }, { b: 0 }, { c: 3 }, { d: 4 }] });
  assert.equal(longer.list[0], model.list[0]);
  assert.equal(longer.list[2], model.list[2]);
});

test('a list that is shorter or longer shares the items at its end, too', () => {
  const model = { list: [{ a: 1 }, { b: 2 }] };
  const shorter = withPartsOf({ list: [{ b: 2 }] }, model);
  assert.equal(shorter.list[0], model.list[1]);
  const longer = withPartsOf({ list: [{ x: 0 }, { a: 1 }, { b: 2 }] }, model);
  assert.equal(longer.list[1], model.list[0]);
  assert.equal(longer.list[2], model.list[1]);
  assert.deepEqual(longer, { list: [{ x: 0 }, { a: 1 }, { b: 2 }] });
});

test('the order of keys stays that of the value', () => {
  const shared = withPartsOf({ data: { b: '1', a: '2' } }, { data: { a: '2', b: '1' } });
  assert.equal(JSON.stringify(shared), '{"data":{"b":"1","a":"2"}}');
});

test('keys that prototypes know are keys like any other', () => {
  const value = JSON.parse('{"__proto__":{"a":1},"constructor":{"b":1}}') as object;
  const same = JSON.parse('{"__proto__":{"a":1},"constructor":{"b":1}}') as object;
  for (const model of [{}, same, { constructor: { b: 1 } }])
    assert.equal(JSON.stringify(withPartsOf(value, model)), JSON.stringify(value));
});

test('any value reads the same with the parts of any other', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.jsonValue(), (value, model) => {
      const text = JSON.stringify(value);
      assert.equal(JSON.stringify(withPartsOf(value, model)), text);
      assert.equal(JSON.stringify(value), text);
      const copy = JSON.parse(text) as unknown;
      // Not `assert.equal`, to which the two zeros differ.
      assert.ok(withPartsOf(value, copy) === copy, 'of an equal value nothing is left');
    }),
    games(),
  );
});
