import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Turnstile } from './turnstile.ts';

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('a connection with one request waits for one turn, however many another one brings', async () => {
  const turnstile = new Turnstile(() => 0);
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
  const turnstile = new Turnstile(() => 0);
  let started = 0;
  for (let turn = 1; turn <= 20; turn++) {
    turnstile.enter({}, () => void started++);
    assert.equal(started, turn);
    await nextTurn();
  }
});

test('beside a flood, what takes long is let in by few, what is short by many; among equals always by many', async () => {
  let nowMs = 0;
  const turnstile = new Turnstile(() => nowMs);
  const [flood, light] = [{}, {}];
  /** How many of the flood's requests the first turn lets in. */
  const round = async (costMs: number, others: readonly object[]): Promise<number> => {
    let started = 0;
    const start = (): void => {
      started++;
      nowMs += costMs;
    };
    for (let i = 0; i < 20; i++) turnstile.enter(flood, start);
    const first = started;
    for (const other of others) turnstile.enter(other, start);
    while (started < 20 + others.length) await nextTurn();
    await nextTurn();
    return first;
  };
  const rounds = async (count: number, costMs: number, others: readonly object[]): Promise<number> => {
    let last = 0;
    for (let i = 0; i < count; i++) last = await round(costMs, others);
    return last;
  };
  const one = [light];
  assert.equal(await rounds(1, 0.01, one), 16);
  assert.equal(await rounds(60, 0.1, one), 5);
  assert.equal(await rounds(40, 2, one), 2);
  assert.equal(await rounds(1000, 0.01, one), 16);
  const equal = Array.from({ length: 20 }, () => light);
  assert.equal(await rounds(60, 2, equal), 16);
  assert.equal(await rounds(60, 2, []), 16, 'alone');
  assert.equal(await rounds(60, 2, one), 2);
});
