import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { games } from '../../base/games.fixture.ts';
import { allocate, currentSeats, nominalSeats, SeatDemand } from './borrowing.ts';
import { DEFAULT_PRIORITY_LEVELS } from './default-objects.ts';
import { Levels } from './levels.ts';
import { RetryAfter } from './retry-after.ts';
import { listWork, mutatingWork, ONE_SEAT, seatsMax } from './seats.ts';
import { dealHand, hashFlow } from './shuffle.ts';
import { WatchCount } from './watch-count.ts';

test('shuffle sharding: the worked example, and hands of distinct cards', () => {
  assert.deepEqual(dealHand(13n, 5, 2), [3, 2]);
  fc.assert(
    fc.property(fc.string(), fc.string(), fc.integer({ min: 1, max: 128 }), (schema, flow, deck) => {
      const size = Math.min(deck, 6);
      const hand = dealHand(hashFlow(schema, flow), deck, size);
      assert.equal(new Set(hand).size, size);
      assert.ok(hand.every((card) => card >= 0 && card < deck));
    }),
    games(),
  );
});

test('a flow is hashed as upstream hashes it', () => {
  // The first eight bytes of `printf 'a\\0b' | sha256sum`, the last one first.
  assert.equal(hashFlow('a', 'b'), 0xd3b1bc1bae71b259n);
});

const LISTS: readonly (readonly [Partial<Parameters<typeof listWork>[0]>, max: number, seats: number])[] = [
  [{ stored: 0 }, 10, 1],
  [{ stored: 100 }, 10, 1],
  [{ stored: 101 }, 10, 2],
  [{ stored: 100_000 }, 10, 10],
  [{ stored: 100_000 }, 3, 3],
  [{ stored: 100_000, limit: 500 }, 10, 5],
  [{ stored: 900, limit: 100, hasSelector: true }, 10, 9],
  [{ stored: 100_000, isSingle: true, hasSelector: true }, 10, 1],
];

test('seats of lists, writes, and the most of a level', () => {
  for (const [shape, max, seats] of LISTS) {
    const whole = { stored: 0, limit: 0, hasSelector: false, isSingle: false, ...shape };
    assert.equal(listWork(whole, max).initialSeats, seats, JSON.stringify(shape));
  }
  assert.equal(mutatingWork(9, 10), ONE_SEAT);
  assert.deepEqual(mutatingWork(95, 10), { initialSeats: 1, finalSeats: 10, additionalMs: 5 });
  assert.deepEqual(mutatingWork(400, 10), { initialSeats: 1, finalSeats: 10, additionalMs: 20 });
  assert.deepEqual([seatsMax(245, 6), seatsMax(30, 6), seatsMax(3, 6), seatsMax(13, 0)], [10, 5, 1, 10]);
});

test('the default levels divide 600 seats as upstream divides them', () => {
  const levels = new Levels(600);
  levels.replace(
    DEFAULT_PRIORITY_LEVELS.map((level) => ({ ...level, uid: '' })),
    0,
  );
  const nominal = levels.all().map(({ name, bounds }) => [name, bounds.nominal, bounds.min]);
  assert.deepEqual(nominal, [
    ['catch-all', 13, 13],
    ['exempt', 0, 0],
    ['global-default', 49, 24],
    ['leader-election', 25, 25],
    ['node-high', 98, 73],
    ['system', 74, 50],
    ['workload-high', 98, 49],
    ['workload-low', 245, 24],
  ]);
});

test('a level that was deleted stays while it is used', () => {
  const levels = new Levels(10);
  const input = DEFAULT_PRIORITY_LEVELS.filter(({ name }) => name === 'system').map((l) => ({
    ...l,
    uid: 'u',
  }));
  levels.replace(input, 0);
  levels.replace([], 1);
  assert.deepEqual(
    levels.all().map(({ name }) => name),
    ['catch-all', 'exempt'],
  );
});

test('borrowing: the worked example, and what demand is', () => {
  const bounds = { nominal: 100, min: 50, max: 200, isExempt: false };
  const seats = currentSeats([
    { ...bounds, demand: { watermark: 10, smoothed: 10 } },
    { ...bounds, demand: { watermark: 400, smoothed: 400 } },
  ]);
  assert.deepEqual(seats, [50, 150]);
  const demand = new SeatDemand(0);
  demand.set(10, 0);
  demand.set(0, 5_000);
  assert.deepEqual(demand.close(10_000), { watermark: 10, smoothed: 10 });
  assert.ok(Math.abs(demand.close(20_000).smoothed - 9.77) < 1e-9);
});

test('what the exempt took is not there for others, down to their minimum', () => {
  const level = { nominal: 50, min: 20, max: 100, isExempt: false, demand: { watermark: 50, smoothed: 50 } };
  const exempt = (watermark: number) => ({
    ...{ nominal: 0, min: 0, max: 0, isExempt: true },
    demand: { watermark, smoothed: watermark },
  });
  assert.deepEqual(currentSeats([level, level, exempt(90)]), [20, 20, 90]);
  assert.deepEqual(currentSeats([level, level, exempt(30)]), [35, 35, 30]);
});

test('allocations lie within their bounds and sum up where the bounds allow it', () => {
  const claim = fc
    .tuple(fc.integer({ min: 0, max: 50 }), fc.integer({ min: 0, max: 50 }), fc.integer({ min: 0, max: 50 }))
    .map(([lower, more, target]) => ({ lower, upper: lower + more, target: Math.max(lower, target, 0.001) }));
  fc.assert(
    fc.property(
      fc.array(claim, { minLength: 1, maxLength: 8 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (claims, at) => {
        const low = claims.reduce((sum, { lower }) => sum + lower, 0);
        const high = claims.reduce((sum, { upper }) => sum + upper, 0);
        const sum = low + at * (high - low);
        const made = allocate(sum, claims);
        assert.ok(Math.abs(made.reduce((all, seats) => all + seats, 0) - sum) < 1e-6);
        for (const [i, { lower, upper }] of claims.entries()) {
          const seats = made[i] ?? Number.NaN;
          assert.ok(seats >= lower - 1e-9 && seats <= upper + 1e-9);
        }
      },
    ),
    games(),
  );
});

test('nominal seats: rounded up, and none without shares', () => {
  const level = (shares: number) => ({ shares, lendablePercent: 50, borrowingLimitPercent: 10 });
  assert.deepEqual(nominalSeats([level(1), level(2)], 10), [
    { nominal: 4, min: 2, max: 4 },
    { nominal: 7, min: 3, max: 8 },
  ]);
  assert.deepEqual(nominalSeats([level(0)], 10), [{ nominal: 0, min: 0, max: 0 }]);
});

test('Retry-After grows while many are refused, and shrinks with few', () => {
  const retry = new RetryAfter();
  const refuse = (second: number, times: number): number => {
    for (let i = 0; i < times; i++) retry.refused(1_000_000 + second * 1000);
    return retry.seconds;
  };
  assert.deepEqual([refuse(0, 3), refuse(1, 3), refuse(2, 3), refuse(3, 3)], [1, 2, 2, 4]);
  assert.deepEqual([refuse(20, 1), refuse(40, 1), refuse(60, 1), refuse(80, 1)], [3, 2, 1, 1]);
  for (let second = 100; second < 400; second++) refuse(second, 200);
  assert.equal(retry.seconds, 32);
});

test('a write is heard by watches of its collection, namespace and object', () => {
  const watches = new WatchCount();
  const target = { group: '', version: 'v1', resource: 'pods', namespace: 'a', name: 'p', subresource: '' };
  const forget = [
    watches.add({ ...target, namespace: '', name: '' }, ''),
    watches.add({ ...target, name: '' }, ''),
    watches.add({ ...target, name: '' }, 'p'),
  ];
  watches.add({ ...target, name: '' }, 'q');
  assert.equal(watches.interested(target), 3);
  for (const end of forget) end();
  assert.equal(watches.interested(target), 0);
});
