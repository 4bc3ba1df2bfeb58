import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createSimulatedHost } from '../../host/simulated/simulated.ts';
import { OpenWatches } from './open-watches.ts';

test('a watch ends when its time is over: short times exactly, long ones roughly, none too early', async () => {
  const { clock } = createSimulatedHost(1);
  const watches = new OpenWatches(clock);
  await clock.advance(123);
  const times: readonly (readonly [number, number])[] = [
    [500, 0],
    [59_999, 0],
    [60_000, 1_000],
    [90_500, 1_000],
    [1_800_000, 10_000],
    [3_600_000, 10_000],
  ];
  const start = clock.monotonicMs();
  const ended = new Map<number, number>();
  for (const [ms] of times) {
    watches.open(ms).signal.addEventListener('abort', () => ended.set(ms, clock.monotonicMs() - start));
  }
  await clock.advance(4_000_000);
  for (const [ms, late] of times) {
    const at = ended.get(ms) ?? -1;
    assert.ok(at >= ms && at <= ms + late, `${ms} ended after ${at}`);
  }
});

test('what is closed does not end, and the last to close takes the timer along', async () => {
  const { clock } = createSimulatedHost(1);
  const watches = new OpenWatches(clock);
  const [first, second, alone] = [watches.open(70_000), watches.open(70_000), watches.open(30)];
  watches.close(first);
  watches.close(first);
  watches.close(alone);
  await clock.advance(100_000);
  assert.deepEqual(
    [first, second, alone].map(({ signal }) => signal.aborted),
    [false, true, false],
  );
  watches.close(second);
});

test('all end when the server stops', () => {
  const watches = new OpenWatches(createSimulatedHost(1).clock);
  const open = [10, 100_000, 100_000, 3_000_000].map((ms) => watches.open(ms));
  watches.endAll();
  assert.ok(open.every(({ signal }) => signal.aborted));
  for (const watch of open) watches.close(watch);
});
