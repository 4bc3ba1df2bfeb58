import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Turnstile } from './turnstile.ts';

const never = (): boolean => false;
const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('a connection with one request waits for one turn, however many another one brings', async () => {
  const turnstile = new Turnstile(() => 0, never);
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
  const turnstile = new Turnstile(() => 0, never);
  let started = 0;
  for (let turn = 1; turn <= 20; turn++) {
    turnstile.enter({}, () => void started++);
    assert.equal(started, turn);
    await nextTurn();
  }
});

/** A flood, beside others, with a clock of its own. */
class Flooded {
  #nowMs = 0;
  writesWait = false;
  readonly #turnstile = new Turnstile(
    () => this.#nowMs,
    () => this.writesWait,
  );
  readonly #flood = {};

  /**
   * How many of a flood's requests are let in with one turn, in the last of many rounds. Each takes `costMs`, and
   * everything else in a turn `othersMs`.
   */
  async perTurn(
    rounds: number,
    costMs: number,
    othersMs: number,
    others: readonly object[],
  ): Promise<number> {
    let last = 0;
    for (let i = 0; i < rounds; i++) last = await this.#round(costMs, othersMs, others);
    return last;
  }

  async #round(costMs: number, othersMs: number, others: readonly object[]): Promise<number> {
    const waiting = 40 + others.length;
    let started = 0;
    let most = 0;
    const start = (): void => {
      started++;
      this.#nowMs += costMs;
    };
    for (let i = 0; i < 40; i++) this.#turnstile.enter(this.#flood, start);
    for (const other of others) this.#turnstile.enter(other, start);
    while (started < waiting) {
      const before = started;
      await nextTurn();
      most = Math.max(most, started - before);
      this.#nowMs += othersMs;
    }
    await nextTurn();
    return most;
  }
}

test('beside a flood, what takes long is let in by few, what is short by many; among equals always by many', async () => {
  const flooded = new Flooded();
  const light = {};
  assert.equal(await flooded.perTurn(1, 0.01, 0, [light]), 16);
  assert.equal(await flooded.perTurn(60, 0.04, 0, [light]), 7);
  assert.equal(await flooded.perTurn(60, 2, 0, [light]), 2);
  assert.equal(await flooded.perTurn(200, 0.01, 0, [light]), 16);
  const equal = Array.from({ length: 40 }, () => light);
  assert.equal(await flooded.perTurn(60, 2, 0, equal), 16);
  assert.equal(await flooded.perTurn(60, 2, 0, []), 16, 'alone');
  assert.equal(await flooded.perTurn(60, 2, 0, [light]), 2);
});

test('where everything else makes turns long, a flood may take more of them, but not without end', async () => {
  const flooded = new Flooded();
  const light = {};
  assert.equal(await flooded.perTurn(60, 0.32, 0, [light]), 2);
  assert.equal(await flooded.perTurn(60, 0.32, 4, [light]), 6);
  assert.equal(await flooded.perTurn(60, 0.32, 20, [light]), 9);
});

test('where writes from within wait for turns as well, whoever waits has as much of a turn as all else', async () => {
  const flooded = new Flooded();
  const equal = Array.from({ length: 40 }, () => flooded);
  assert.equal(await flooded.perTurn(60, 0.3, 9.1, [{}]), 10);
  flooded.writesWait = true;
  assert.equal(await flooded.perTurn(60, 0.3, 9.1, [{}]), 30);
  assert.equal(await flooded.perTurn(60, 0.3, 40, [{}]), 33);
  assert.equal(await flooded.perTurn(60, 0.3, 3, equal), 16);
  assert.equal(await flooded.perTurn(60, 0.3, 9.1, equal), 30);
});

test('beside a flood that waits, who is none is let in at once', async () => {
  let nowMs = 0;
  const turnstile = new Turnstile(() => nowMs, never);
  const [flood, light] = [{}, {}];
  const started: string[] = [];
  const flooding = (count: number): void => {
    for (let i = 0; i < count; i++) turnstile.enter(flood, () => void started.push('flood'));
  };
  turnstile.enter(light, () => void started.push('light'));
  flooding(60);
  nowMs += 20;
  for (let turn = 0; turn < 5; turn++) await nextTurn();
  started.length = 0;
  flooding(20);
  assert.equal(started.length, 0, 'the flood waits, though nobody is before it');
  turnstile.enter(light, () => void started.push('light'));
  assert.deepEqual(started, ['light']);
  while (started.length < 21) await nextTurn();
});
