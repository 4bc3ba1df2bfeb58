import assert from 'node:assert/strict';
import { test } from 'node:test';
import { flat } from './flat-text.ts';

test('a text stays the text it was', () => {
  const part = String(process.pid);
  for (const text of ['', part, `${part}/of many pieces, in a row ${part}`, `ä${part}…`]) {
    assert.equal(flat(text), text);
  }
});
