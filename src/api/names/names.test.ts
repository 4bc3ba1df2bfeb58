import assert from 'node:assert/strict';
import { test } from 'node:test';
import { suffixOf } from './names.ts';

test('a suffix of a text is always the same, and looks like a random one', () => {
  assert.equal(suffixOf('a', 5), suffixOf('a', 5));
  const suffixes = new Set(Array.from({ length: 100 }, (_, i) => suffixOf(`uid-${i}`, 5)));
  assert.equal(suffixes.size, 100);
  for (const suffix of suffixes) assert.match(suffix, /^[bcdfghjklmnpqrstvwxz2456789]{5}$/);
});
