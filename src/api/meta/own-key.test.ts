import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ownValue, setKey } from './own-key.ts';

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
