import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nextTurn, someWait, turnsWaiting, type WorkKind } from './turn.ts';

test('every kind goes on in each turn of the loop, so many of it, in their order', async () => {
  const resumed: string[] = [];
  const wait = async (kind: WorkKind, name: string): Promise<void> => {
    await nextTurn(kind);
    resumed.push(name);
  };
  const controllers = Array.from({ length: 9 }, (_, i) => wait('controller', `c${i}`));
  const others = [wait('request', 'r0'), wait('request', 'r1'), wait('scheduler', 's')];
  assert.equal(turnsWaiting(), 12);
  assert.ok(someWait('request') && !someWait('write'));
  await new Promise(setImmediate);
  assert.deepEqual(resumed, ['c0', 'c1', 'c2', 'c3', 'c4', 'c5', 'c6', 'c7', 'r0', 's']);
  assert.equal(turnsWaiting(), 2);
  await new Promise(setImmediate);
  assert.deepEqual(resumed.slice(10), ['c8', 'r1']);
  await Promise.all([...controllers, ...others]);
  assert.equal(turnsWaiting(), 0);
  assert.ok(!someWait('request'));
});

test('who comes back at once does not pass over others, of its kind or another', async () => {
  const resumed: string[] = [];
  const keepOn = async (kind: WorkKind, name: string): Promise<void> => {
    for (let i = 0; i < 3; i++) {
      await nextTurn(kind);
      resumed.push(name);
    }
  };
  await Promise.all([keepOn('request', 'a'), keepOn('request', 'b'), keepOn('scheduler', 's')]);
  assert.deepEqual(resumed, ['a', 's', 'b', 's', 'a', 's', 'b', 'a', 'b']);
});
