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

test('what takes long is let in by few, what is short by many again', async () => {
  let nowMs = 0;
  const turnstile = new Turnstile(() => nowMs);
  const startedInTurn = async (costMs: number): Promise<number> => {
    let started = 0;
    const start = (): void => {
      started++;
      nowMs += costMs;
    };
    for (let i = 0; i < 20; i++) turnstile.enter({}, start);
    const first = started;
    while (started < 20) await nextTurn();
    await nextTurn();
    return first;
  };
  const turns = async (count: number, costMs: number): Promise<number> => {
    let last = 0;
    for (let i = 0; i < count; i++) last = await startedInTurn(costMs);
    return last;
  };
  assert.equal(await turns(1, 0.01), 16);
  assert.equal(await turns(40, 0.1), 5);
  assert.equal(await turns(40, 10), 2);
  assert.equal(await turns(80, 0.01), 16);
});
