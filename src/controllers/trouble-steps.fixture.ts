/** For property tests: steps of trouble that any controller has to survive, for generated sequences. */

import fc from 'fast-check';
import type { TestCluster } from './cluster.fixture.ts';

const HOUR_MS = 3_600_000;

const TROUBLE = {
  advance: fc.record({ type: fc.constant('advance' as const), ms: fc.constantFrom(50, 400, 3_000) }),
  crash: fc.record({ type: fc.constant('crash' as const), writes: fc.nat(3) }),
  kill: fc.record({
    type: fc.constant('kill' as const),
    calls: fc.integer({ min: 1, max: 5 }),
    lands: fc.boolean(),
  }),
  refuse: fc.record({ type: fc.constant('refuse' as const), writes: fc.integer({ min: 1, max: 3 }) }),
  break: fc.record({ type: fc.constant('break' as const), isHistoryGone: fc.boolean() }),
  jump: fc.record({
    type: fc.constant('jump' as const),
    ms: fc.constantFrom(-HOUR_MS, -10_000, 10_000, HOUR_MS),
  }),
};

/** About as likely together as one or two steps of the test's own. */
export const troubleStep = fc.oneof(
  { weight: 4, arbitrary: TROUBLE.advance },
  { weight: 1, arbitrary: TROUBLE.crash },
  { weight: 2, arbitrary: TROUBLE.kill },
  { weight: 1, arbitrary: TROUBLE.refuse },
  { weight: 2, arbitrary: TROUBLE.break },
  { weight: 1, arbitrary: TROUBLE.jump },
);

/** What comes without a warning, and is over at once: for tests that say themselves how late all is heard. */
export const suddenStep = fc.oneof(
  TROUBLE.kill,
  fc.record({ type: fc.constant('break' as const), isHistoryGone: fc.constant(true) }),
);
export type SuddenStep = typeof suddenStep extends fc.Arbitrary<infer S> ? S : never;

export type TroubleStep = typeof troubleStep extends fc.Arbitrary<infer S> ? S : never;

export async function makeTrouble(cluster: TestCluster, step: TroubleStep): Promise<void> {
  switch (step.type) {
    case 'advance':
      return cluster.host.clock.advance(step.ms);
    case 'crash':
      cluster.crash(step.writes);
      await cluster.host.clock.advance(500);
      return cluster.restart();
    case 'kill':
      return cluster.kill(step.calls, step.lands);
    case 'refuse':
      return cluster.refuse(step.writes);
    case 'break':
      return cluster.breakStreams(step.isHistoryGone);
    case 'jump':
      return cluster.host.clock.jumpWallTime(step.ms);
  }
}

/** No more trouble from here on, and a clock that is right: past all that was written with a wrong one. */
export async function endTrouble(cluster: TestCluster): Promise<void> {
  cluster.refuse(0);
  cluster.crash(Infinity);
  cluster.host.clock.jumpWallTime(48 * HOUR_MS);
  await cluster.settle();
}

/** What a generated sequence happens to, and what has to be true of it. */
export interface TestedWorld<S> {
  begin?(): Promise<void>;
  perform(step: S): Promise<unknown>;
  /** After every step. */
  check(): void;
  /** When trouble is over. */
  checkEnd(): Promise<void>;
  stop(): void;
}

/** Takes the world through the steps, looking after each, and stops the cluster in any case. */
export async function liveThrough<S>(
  cluster: TestCluster,
  world: TestedWorld<S>,
  steps: readonly S[],
): Promise<void> {
  try {
    await world.begin?.();
    for (const step of steps) {
      await world.perform(step);
      await cluster.host.clock.advance(10);
      world.check();
    }
    await world.checkEnd();
  } finally {
    world.stop();
    await cluster.stop();
  }
}
