import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { games } from '../../base/games.fixture.ts';
import { QueueSet, Ticket, type Work } from './fair-queuing.ts';
import { ONE_SEAT } from './seats.ts';

interface Harness {
  readonly set: QueueSet;
  readonly order: string[];
  readonly send: (name: string, queue: number, nowMs: number, work?: Work) => Ticket;
}

function harness(seats: number, queues: number, queueLengthLimit = 50): Harness {
  const set = new QueueSet({ queues, queueLengthLimit, seats }, 0);
  const order: string[] = [];
  const send: Harness['send'] = (name, queue, nowMs, work = ONE_SEAT) => {
    const ticket = new Ticket(work, () => order.push(name));
    if (set.start(ticket, [queue], nowMs) === 'executing') order.push(name);
    return ticket;
  };
  return { set, order, send };
}

test('the worked example: one flow waits for one request of the other, not for all', () => {
  const { set, order, send } = harness(1, 2);
  const a = ['a1', 'a2', 'a3', 'a4'].map((name) => send(name, 0, 0));
  const b1 = send('b1', 1, 1);
  assert.deepEqual(order, ['a1']);
  assert.equal(set.finish(a[0] ?? b1, 3), 0);
  assert.deepEqual(order, ['a1', 'b1']);
  set.finish(b1, 6);
  set.finish(a[1] ?? b1, 9);
  assert.deepEqual(order, ['a1', 'b1', 'a2', 'a3']);
});

test('a queue that is full refuses while all seats are taken', () => {
  const { set, send } = harness(1, 2, 2);
  const states = [0, 0, 0, 0, 1].map((queue, i) => send(`r${i}`, queue, 0).state);
  assert.deepEqual(states, ['executing', 'waiting', 'waiting', 'new', 'waiting']);
  assert.equal(set.counts.rejected, 1);
});

test('without queues what does not fit is refused; unlimited takes everything', () => {
  const none = harness(2, 0);
  assert.deepEqual(
    [1, 2, 3].map((i) => none.send(`r${i}`, 0, 0).state),
    ['executing', 'executing', 'new'],
  );
  const all = new QueueSet({ queues: 'unlimited', queueLengthLimit: 0, seats: 0 }, 0);
  assert.equal(all.start(new Ticket(ONE_SEAT, () => {}), [], 0), 'executing');
});

test('a wide request waits for its seats, and nothing overtakes it in the meantime', () => {
  const { set, order, send } = harness(4, 2);
  const first = [1, 2, 3].map((i) => send(`n${i}`, 0, 0));
  send('wide', 1, 0, { initialSeats: 4, finalSeats: 0, additionalMs: 0 });
  assert.deepEqual(order, ['n1', 'n2', 'n3']);
  for (const ticket of first) set.finish(ticket, 2);
  assert.equal(order.at(-1), 'wide');
  assert.equal(set.seatsInUse, 4);
});

test('one that is wider than all seats runs alone', () => {
  const { set, order, send } = harness(2, 2);
  const narrow = send('narrow', 0, 0);
  const wide = send('wide', 1, 0, { initialSeats: 5, finalSeats: 0, additionalMs: 0 });
  assert.deepEqual(order, ['narrow']);
  set.finish(narrow, 1);
  assert.deepEqual(order, ['narrow', 'wide']);
  send('later', 0, 1);
  set.finish(wide, 2);
  assert.deepEqual(order, ['narrow', 'wide', 'later']);
});

test('final seats stay taken after the end', () => {
  const { set, order, send } = harness(2, 1);
  const write = send('write', 0, 0, { initialSeats: 1, finalSeats: 2, additionalMs: 5 });
  send('read', 0, 0);
  assert.equal(set.finish(write, 3), 5);
  assert.deepEqual(order, ['write']);
  set.vacate(write, 8);
  assert.deepEqual(order, ['write', 'read']);
});

test('more seats let those run that wait; a queue that is spare goes when it is empty', () => {
  const { set, order, send } = harness(1, 2);
  send('a', 0, 0);
  const b = send('b', 1, 0);
  set.configure({ queues: 1, queueLengthLimit: 50, seats: 2 }, 1);
  assert.deepEqual(order, ['a', 'b']);
  assert.equal(set.queues.length, 2);
  set.finish(b, 2);
  assert.equal(set.queues.length, 1);
});

interface Flow {
  readonly queue: number;
  readonly width: number;
  readonly tookMs: number;
  readonly leaves: boolean;
}

const flow: fc.Arbitrary<Flow> = fc.record({
  queue: fc.integer({ min: 0, max: 3 }),
  width: fc.integer({ min: 1, max: 4 }),
  tookMs: fc.integer({ min: 1, max: 20 }),
  leaves: fc.boolean(),
});

/** Runs every request to its end, looking at the invariants after each step. */
function simulate(seats: number, requests: readonly Flow[]): void {
  const set = new QueueSet({ queues: 4, queueLengthLimit: 100, seats }, 0);
  const pending: { ticket: Ticket; request: Flow }[] = [];
  const served = new Map<number, number[]>();
  let now = 0;
  const look = (): void => {
    const alone = set.executingTickets.size === 1;
    assert.ok(set.seatsInUse <= seats || alone, `${set.seatsInUse} seats of ${seats}`);
    assert.ok(set.requestsWaiting === 0 || set.seatsInUse > 0, 'nobody runs while others wait');
    const narrow = [...pending].every(({ ticket }) => ticket.state !== 'waiting' || ticket.seats === 1);
    if (narrow && set.requestsWaiting > 0) assert.ok(set.seatsInUse >= seats, 'a seat is free');
  };
  for (const [i, request] of requests.entries()) {
    const ran = served.get(request.queue) ?? [];
    served.set(request.queue, ran);
    const work = { initialSeats: request.width, finalSeats: 0, additionalMs: 0 };
    const ticket = new Ticket(work, () => ran.push(i));
    const outcome = set.start(ticket, [request.queue], now);
    assert.notEqual(outcome, 'rejected');
    if (outcome === 'executing') ran.push(i);
    pending.push({ ticket, request });
    look();
    if (request.leaves && ticket.state === 'waiting') set.leave(ticket, 'cancelled', now);
    look();
  }
  while (!set.isIdle) {
    const next = pending.find(({ ticket }) => ticket.state === 'executing');
    assert.ok(next, 'somebody runs');
    now = Math.max(now, next.ticket.startedMs + next.request.tookMs);
    set.finish(next.ticket, now);
    look();
  }
  assert.ok(pending.every(({ ticket }) => ticket.state === 'done'));
  assert.deepEqual([set.seatsInUse, set.seatsWaiting], [0, 0]);
  for (const ran of served.values())
    assert.deepEqual(
      ran,
      ran.toSorted((a, b) => a - b),
    );
}

test('seats are never exceeded, none stays free while one waits, all end in their order', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 6 }), fc.array(flow, { maxLength: 60 }), (seats, requests) =>
      simulate(seats, requests),
    ),
    games(),
  );
});

test('no queue starves: while floods go on, a light flow gets at least its share', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 12 }), (floods, tookMs) => {
      const { set, order, send } = harness(1, 4, 1_000);
      const running: { name: string; ticket: Ticket }[] = [];
      for (let i = 0; i < 40; i++) {
        for (let f = 0; f < floods; f++) running.push({ name: `f${f}`, ticket: send(`f${f}`, f, 0) });
      }
      for (let i = 0; i < 40; i++) running.push({ name: 'light', ticket: send('light', 3, 0) });
      for (let step = 1; step <= (floods + 1) * 20; step++) {
        const next = running.find(({ ticket }) => ticket.state === 'executing');
        if (next !== undefined) set.finish(next.ticket, step * tookMs);
      }
      const light = order.filter((name) => name === 'light').length;
      assert.ok(light >= 18 && light <= 23, `${light} of about 20 with ${floods} floods`);
    }),
    games(30),
  );
});
