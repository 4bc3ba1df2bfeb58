import assert from 'node:assert/strict';
import { test } from 'node:test';
import { remembered } from './remembered.ts';

test('computes once, until too much is known', () => {
  const computed: string[] = [];
  const shout = remembered(2, (text: string) => {
    computed.push(text);
    return text.toUpperCase();
  });
  for (const text of ['a', 'b', 'a', 'b']) assert.equal(shout(text), text.toUpperCase());
  assert.deepEqual(computed, ['a', 'b']);
  assert.equal(shout('c'), 'C');
  assert.equal(shout('a'), 'A');
  assert.deepEqual(computed, ['a', 'b', 'c', 'a']);
});
