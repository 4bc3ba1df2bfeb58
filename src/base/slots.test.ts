import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Slots } from './slots.ts';
import { megabytesLeft } from './young.fixture.ts';

test('items are there from when they come until they go', () => {
  const slots = new Slots<{ name: string }>();
  const names = (): string[] => [...slots].map(({ name }) => name).toSorted();
  const [a, b, c] = ['a', 'b', 'c'].map((name) => slots.add({ name })) as [number, number, number];
  assert.deepEqual([names(), slots.size], [['a', 'b', 'c'], 3]);
  slots.remove(b);
  slots.remove(b);
  assert.deepEqual([names(), slots.size], [['a', 'c'], 2]);
  const d = slots.add({ name: 'd' });
  const e = slots.add({ name: 'e' });
  assert.equal(new Set([a, c, d, e]).size, 4);
  assert.deepEqual([names(), slots.size], [['a', 'c', 'd', 'e'], 4]);
  for (const slot of [a, c, d, e]) slots.remove(slot);
  assert.deepEqual([names(), slots.size], [[], 0]);
});

test('as many slots as were taken at the same time are enough', () => {
  const slots = new Slots();
  const taken = new Set<number>();
  for (let i = 0; i < 1000; i++) {
    const both = [slots.add({}), slots.add({})];
    for (const slot of both) taken.add(slot);
    for (const slot of both) slots.remove(slot);
  }
  assert.deepEqual([...taken].toSorted(), [0, 1]);
});

test('nothing stays of what has gone, where a `Set` keeps half of it', async () => {
  const [slots, set] = await Promise.all([megabytesLeft('slots'), megabytesLeft('set')]);
  assert.ok(slots < 40 && set > 120, `${slots} and ${set} MB`);
});
