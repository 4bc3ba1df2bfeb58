import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nextTurn, turnsWaiting, type WorkKind } from './turn.ts';

test('one in each turn of the loop, kinds in turn, each in its order', async () => {
  const resumed: string[] = [];
  const wait = async (kind: WorkKind, name: string): Promise<void> => {
    await nextTurn(kind);
    resumed.push(name);
  };
  const all = Promise.all([
    wait('controller', 'a'),
    wait('controller', 'b'),
    wait('controller', 'c'),
    wait('scheduler', 's'),
    wait('request', 'r'),
  ]);
  assert.equal(turnsWaiting(), 5);
  for (let turns = 1; turns <= 5; turns++) {
    await new Promise(setImmediate);
    assert.equal(resumed.length, turns);
  }
  await all;
  assert.deepEqual(resumed, ['a', 's', 'r', 'b', 'c']);
  assert.equal(turnsWaiting(), 0);
});

test('who comes back at once does not pass over other kinds', async () => {
  const resumed: string[] = [];
  const keepOn = async (kind: WorkKind, times: number): Promise<void> => {
    for (let i = 0; i < times; i++) {
      await nextTurn(kind);
      resumed.push(kind);
    }
  };
  await Promise.all([keepOn('controller', 2), keepOn('controller', 2), keepOn('scheduler', 3)]);
  assert.deepEqual(resumed.slice(0, 6), [
    'controller',
    'scheduler',
    'controller',
    'scheduler',
    'controller',
    'scheduler',
  ]);
});
