import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ownValue, packed, setKey } from './own-key.ts';

test('a key that is called as the prototype is a key like any other', () => {
  const object: { [key: string]: unknown } = {};
  assert.equal(ownValue(object, '__proto__'), undefined);
  assert.equal(ownValue(object, 'toString'), undefined);
  assert.equal(ownValue(undefined, 'a'), undefined);
  setKey(object, '__proto__', { a: 1 });
  setKey(object, 'b', 2);
  assert.equal(JSON.stringify(object), '{"__proto__":{"a":1},"b":2}');
  assert.deepEqual(ownValue(object, '__proto__'), { a: 1 });
  assert.equal(Object.getPrototypeOf(object), Object.prototype);
});

test('a packed copy is equal, in the same order, with every key', () => {
  const many = Object.fromEntries(Array.from({ length: 50 }, (_, i) => [`key${50 - i}`, i]));
  const tricky = JSON.parse('{"b":1,"__proto__":{"a":1},"a":null}') as object;
  for (const object of [{}, { a: undefined, b: 1 }, many, tricky]) {
    const copy = packed(object, 2);
    assert.notEqual(copy, object);
    assert.deepEqual(copy, object);
    assert.deepEqual(Object.keys(copy), Object.keys(object));
    assert.equal(Object.getPrototypeOf(copy), Object.prototype);
  }
});
