import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Turnstile } from './turnstile.ts';

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('a connection with one request waits for one turn, however many another one brings', async () => {
  const turnstile = new Turnstile();
  const started: string[] = [];
  const [flood, light] = [{}, {}];
  for (let i = 0; i < 100; i++) turnstile.enter(flood, () => void started.push(`flood ${i}`));
  assert.equal(started.length, 16);
  turnstile.enter(light, () => void started.push('light'));
  await nextTurn();
  assert.equal(started.length, 32);
  assert.equal(started.indexOf('light'), 17);
  for (let turn = 0; turn < 20; turn++) await nextTurn();
  const order = started.filter((name) => name !== 'light');
  assert.deepEqual(
    order,
    Array.from({ length: 100 }, (_, i) => `flood ${i}`),
  );
});

test('what comes alone runs at once, turn after turn', async () => {
  const turnstile = new Turnstile();
  let started = 0;
  for (let turn = 1; turn <= 20; turn++) {
    turnstile.enter({}, () => void started++);
    assert.equal(started, turn);
    await nextTurn();
  }
});
