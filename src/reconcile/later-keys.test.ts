import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { Clock } from '../host/host.ts';
import { createSimulatedHost } from '../host/simulated/simulated.ts';
import { LaterKeys } from './later-keys.ts';

function waiting(): {
  readonly later: LaterKeys;
  readonly came: string[];
  readonly armed: { count: number };
  readonly advance: (ms: number) => Promise<void>;
} {
  const { clock } = createSimulatedHost(1);
  const armed = { count: 0 };
  const counting: Clock = {
    now: () => clock.now(),
    monotonicMs: () => clock.monotonicMs(),
    sleep: (ms, signal) => clock.sleep(ms, signal),
    after: (ms, run) => {
      armed.count++;
      let isOpen = true;
      const close = (): void => {
        if (isOpen) armed.count--;
        isOpen = false;
      };
      const timer = clock.after(ms, () => {
        close();
        run();
      });
      return {
        cancel: () => {
          close();
          timer.cancel();
        },
      };
    },
  };
  const start = clock.monotonicMs();
  const came: string[] = [];
  const later = new LaterKeys(counting, (key) => came.push(`${key}@${clock.monotonicMs() - start}`));
  return { later, came, armed, advance: (ms) => clock.advance(ms) };
}

test('each key comes at its time, and the earliest time wins', async () => {
  const { later, came, advance } = waiting();
  later.add('b', 200);
  later.add('a', 100);
  later.add('b', 50);
  later.add('b', 300);
  await advance(1000);
  assert.deepEqual(came, ['b@50', 'a@100']);
});

test('what was cancelled does not come, and can be planned anew', async () => {
  const { later, came, advance } = waiting();
  later.add('a', 100);
  later.add('b', 100);
  later.cancel('a');
  later.cancel('unknown');
  await advance(150);
  later.add('a', 100);
  await advance(1000);
  assert.deepEqual(came, ['b@100', 'a@250']);
});

test('one timer waits for all, and none when nothing is left', async () => {
  const { later, armed, came, advance } = waiting();
  for (let i = 0; i < 1000; i++) later.add(`key-${i}`, 1000 - i / 3);
  assert.equal(armed.count, 1);
  await advance(2000);
  assert.equal(came.length, 1000);
  assert.equal(armed.count, 0);
  later.add('a', 100);
  later.clear();
  assert.equal(armed.count, 0);
});

test('plans that are given up again and again take no room', async () => {
  const { later, came, advance } = waiting();
  for (let i = 0; i < 100_000; i++) {
    later.add('a', 1_000_000 - i);
    later.cancel('a');
  }
  later.add('a', 10);
  await advance(20);
  assert.deepEqual(came, ['a@10']);
});
