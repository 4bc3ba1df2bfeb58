import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createSimulatedHost } from '../../host/simulated/simulated.ts';
import type { AdmissionPlugin } from '../admission/admission.ts';
import { allowedMs, Deadlines } from './deadlines.ts';
import { createTestFront } from './front.fixture.ts';

test('how long a request may take: what it asks for, up to a minute', () => {
  const table: readonly (readonly [string | null, number])[] = [
    [null, 60_000],
    ['', 60_000],
    ['0s', 60_000],
    ['-5s', 60_000],
    ['30s', 30_000],
    ['1.5s', 1_500],
    ['250ms', 250],
    ['60s', 60_000],
    ['1h', 60_000],
  ];
  for (const [text, ms] of table) assert.equal(allowedMs(text), ms, String(text));
  for (const text of ['30', 'soon', '5 s'])
    assert.throws(() => allowedMs(text), {
      code: 400,
      message: /^invalid timeout specified in the request URL - time: /,
    });
});

test('what has ended hears nothing of the time', async () => {
  const { clock } = createSimulatedHost(1);
  const deadlines = new Deadlines(clock);
  const heard: string[] = [];
  for (const name of ['a', 'b', 'c']) {
    const deadline = name === 'c' ? deadlines.after(100) : deadlines.usual();
    deadline.onExpire(() => heard.push(name));
    if (name === 'a') deadline.cancel();
  }
  await clock.advance('62s');
  assert.deepEqual(heard, ['c', 'b']);
});

/** A server whose writes never get through admission. */
function stuck(): ReturnType<typeof createTestFront> {
  const mutate = (): Promise<never> => new Promise(() => {});
  return createTestFront(() => ({ admission: [{ name: 'Stuck', mutate }] }));
}
const NAMESPACE = { method: 'POST', body: JSON.stringify({ metadata: { name: 'a' } }) };

test('a request whose time is over is answered 504', async () => {
  for (const [query, within] of [
    ['', 61_000],
    ['?timeout=2s', 2_000],
    ['?timeout=5m', 61_000],
  ] as const) {
    const { ask, test: made } = stuck();
    const answer = ask(`/api/v1/namespaces${query}`, NAMESPACE);
    let isAnswered = false;
    void answer.then(() => (isAnswered = true));
    await made.host.clock.advance(within - 1_001);
    assert.equal(isAnswered, false, query);
    await made.host.clock.advance(1_001);
    const { status, body } = await answer;
    const { code, reason, message } = JSON.parse(body.toString());
    assert.deepEqual([status, code, reason], [504, 504, 'Timeout'], query);
    assert.equal(message, 'Timeout: request did not complete within the allotted timeout');
  }
});

function executing({ flow }: ReturnType<typeof createTestFront>): number {
  return flow.levels.all().reduce((sum, { queueSet }) => sum + queueSet.executingTickets.size, 0);
}

test('a request that was answered 504 gives its seat back, and commits nothing later', async () => {
  let goOn = (): void => {};
  const waits = new Promise<void>((resolve) => (goOn = resolve));
  const signals: AbortSignal[] = [];
  const mutate: AdmissionPlugin['mutate'] = async ({ object, context }) => {
    signals.push(context.signal);
    await waits;
    return object;
  };
  const front = createTestFront(() => ({ admission: [{ name: 'Slow', mutate }] }));
  const { ask, test: made } = front;
  const answer = ask('/api/v1/namespaces?timeout=2s', NAMESPACE);
  await made.host.clock.advance(1_000);
  assert.equal(executing(front), 1);
  await made.host.clock.advance(1_001);
  assert.equal((await answer).status, 504);
  await made.host.clock.advance(1);
  assert.equal(executing(front), 0);
  assert.deepEqual(
    signals.map(({ aborted }) => aborted),
    [true],
  );
  goOn();
  await made.host.clock.advance(1_000);
  const { body } = await ask('/api/v1/namespaces');
  assert.deepEqual(JSON.parse(body.toString()).items, []);
});

test('a body that does not come has the time of its request', async () => {
  const front = createTestFront();
  const answer = front.ask('/api/v1/namespaces', { ...NAMESPACE, isStalled: true });
  await front.test.host.clock.advance(61_000);
  assert.equal((await answer).status, 504);
  await front.test.host.clock.advance(1);
  assert.equal(executing(front), 0);
});

test('a watch without a time of its own ends after half an hour to an hour', async () => {
  const { ask, test: made } = createTestFront();
  const watch = ask('/api/v1/namespaces?watch=1');
  let isOver = false;
  void watch.then(() => (isOver = true));
  // The least there is: the fixture's random numbers are 0.
  await made.host.clock.advance(1_799_000);
  assert.equal(isOver, false);
  await made.host.clock.advance(1_001);
  assert.equal((await watch).status, 200);
});

test('a timeout that is no duration is refused, but a watch has its own', async () => {
  const { ask, test: made } = stuck();
  const refused = await ask('/api/v1/namespaces?timeout=soon');
  assert.equal(refused.status, 400);
  assert.match(
    refused.body.toString(),
    /invalid timeout specified in the request URL - time: invalid duration/,
  );
  const watch = ask('/api/v1/namespaces?watch=1&timeoutSeconds=90');
  let isOver = false;
  void watch.then(() => (isOver = true));
  await made.host.clock.advance(89_000);
  assert.equal(isOver, false);
  await made.host.clock.advance(1_000);
  assert.equal((await watch).status, 200);
});
