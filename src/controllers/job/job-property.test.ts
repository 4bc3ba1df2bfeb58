/**
 * Jobs under trouble: pods that succeed, fail and are deleted, changed and suspended Jobs, caches that lag,
 * lost races, controllers that die between two writes. What must hold is looked at after every single write.
 */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { games } from '../../base/games.fixture.ts';
import { countIndexes } from '../../api/groups/batch/job/index-list.ts';
import { isFinished } from '../../api/groups/batch/job/job-conditions.ts';
import { pods } from '../../api/groups/core/pod/pod.ts';
import type { JobStatus, Pod } from '../../api/types.gen.ts';
import { startTestCluster, unlessGone, type TestCluster } from '../cluster.fixture.ts';
import { hasIndex, readIndexes } from './indexes.ts';
import { activePods, createJob, endPod, getJob, listPods, patchJob, removePod } from './job.fixture.ts';
import { completionIndex, isTracked } from './job-pods.ts';
import { jobController } from './job.ts';
import { makeTrouble, suddenStep } from '../trouble-steps.fixture.ts';

const PARALLELISM_MAX = 4;

const step = fc.oneof(
  fc.record({ type: fc.constant('end' as const), which: fc.nat(5), code: fc.constantFrom(0, 0, 1, 3) }),
  fc.record({ type: fc.constant('delete' as const), which: fc.nat(5) }),
  fc.record({ type: fc.constant('remove' as const), which: fc.nat(5) }),
  fc.record({ type: fc.constant('suspend' as const), suspend: fc.boolean() }),
  fc.record({ type: fc.constant('parallelism' as const), to: fc.integer({ min: 0, max: PARALLELISM_MAX }) }),
  fc.record({ type: fc.constant('advance' as const), ms: fc.constantFrom(100, 700, 1_500, 12_000) }),
  fc.record({ type: fc.constant('crash' as const), writes: fc.nat(4) }),
  fc.record({ type: fc.constant('refuse' as const), writes: fc.integer({ min: 1, max: 3 }) }),
  suddenStep,
);
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

const scenario = fc.record({
  isIndexed: fc.boolean(),
  completions: fc.integer({ min: 1, max: 6 }),
  parallelism: fc.integer({ min: 1, max: PARALLELISM_MAX }),
  backoffLimit: fc.constantFrom(1, 4, 100),
  podReplacementPolicy: fc.constantFrom('Failed' as const, 'TerminatingOrFailed' as const),
  hasPolicy: fc.boolean(),
  lagMs: fc.constantFrom(0, 300),
  steps: fc.array(step, { minLength: 4, maxLength: 25 }),
});
type Scenario = typeof scenario extends fc.Arbitrary<infer S> ? S : never;

/** What the test knows of the pods, whoever counts them. */
class Ledger {
  /** Ended well while the Job was still to count them. */
  readonly succeeded = new Map<string, number | undefined>();
  /** Ended well at all. */
  readonly everSucceeded = new Set<string>();
  bound = PARALLELISM_MAX;
  #last: JobStatus | undefined;

  note(pod: Pod): void {
    const { uid = '', deletionTimestamp } = pod.metadata;
    this.everSucceeded.add(uid);
    if (isTracked(pod) && deletionTimestamp === undefined) this.succeeded.set(uid, completionIndex(pod));
  }

  async check(cluster: TestCluster): Promise<void> {
    const { status, spec } = await getJob(cluster);
    const active = await activePods(cluster);
    assert.ok(active.length <= this.bound, `${active.length} active pods`);
    const indexes = active.map(completionIndex).filter((index) => index !== undefined);
    assert.equal(new Set(indexes).size, indexes.length, 'two pods work on one index');
    const { uncountedTerminatedPods: open, succeeded = 0, failed = 0 } = status;
    const openCount = (open?.succeeded ?? []).length;
    assert.ok(succeeded + openCount <= this.everSucceeded.size, 'a success was counted twice');
    const last = this.#last;
    this.#last = status;
    if (last === undefined) return;
    assert.ok(succeeded >= (last.succeeded ?? 0) && failed >= (last.failed ?? 0), 'a counter shrank');
    if (isFinished(last.conditions)) assert.deepEqual(status, last, 'a finished Job was written');
    if (spec.completionMode !== 'Indexed') return;
    const done = readIndexes(status.completedIndexes, spec.completions ?? 0);
    assert.equal(countIndexes(done), succeeded);
    for (const { first } of readIndexes(last.completedIndexes, spec.completions ?? 0)) {
      assert.ok(hasIndex(done, first), 'a completed index was forgotten');
    }
  }

  /** Once everything has come to rest. */
  async checkEnd(cluster: TestCluster): Promise<void> {
    const { status, spec } = await getJob(cluster);
    assert.ok(isFinished(status.conditions), 'the Job never ends');
    assert.deepEqual((await listPods(cluster)).filter(isTracked), [], 'a pod is never released');
    if (status.conditions?.some(({ type }) => type === 'Failed') === true) return;
    if (spec.completionMode !== 'Indexed') {
      assert.ok((status.succeeded ?? 0) >= this.succeeded.size, 'a success was lost');
      return;
    }
    const done = readIndexes(status.completedIndexes, spec.completions ?? 0);
    for (const index of this.succeeded.values()) assert.ok(hasIndex(done, index ?? -1), 'an index was lost');
  }
}

async function pick(
  cluster: TestCluster,
  which: number,
  isChosen: (pod: Pod) => boolean,
): Promise<Pod | undefined> {
  const chosen = (await listPods(cluster)).filter(isChosen);
  return chosen[which % Math.max(1, chosen.length)];
}

const isRunning = ({ status }: Pod): boolean => status.phase !== 'Succeeded' && status.phase !== 'Failed';
const isLeaving = ({ metadata }: Pod): boolean => metadata.deletionTimestamp !== undefined;

async function perform(cluster: TestCluster, ledger: Ledger, what: Step): Promise<void> {
  switch (what.type) {
    case 'end': {
      const pod = await pick(cluster, what.which, isRunning);
      if (pod === undefined) return;
      if (what.code === 0) ledger.note(pod);
      return endPod(cluster, pod, what.code);
    }
    case 'delete': {
      const pod = await pick(cluster, what.which, (each) => isRunning(each) && !isLeaving(each));
      if (pod === undefined) return;
      const { namespace, name = '' } = pod.metadata;
      return cluster.client.delete(pods, { namespace, name });
    }
    case 'remove': {
      const pod = await pick(cluster, what.which, isLeaving);
      return pod === undefined ? undefined : removePod(cluster, pod);
    }
    case 'suspend':
      return patchJob(cluster, { suspend: what.suspend });
    case 'parallelism':
      return patchJob(cluster, { parallelism: what.to });
    case 'advance':
      return cluster.host.clock.advance(what.ms);
    case 'crash':
      cluster.crash(what.writes);
      await cluster.host.clock.advance(1_100);
      return cluster.restart();
    case 'refuse':
      return cluster.refuse(what.writes);
    case 'kill':
    case 'break':
      return makeTrouble(cluster, what);
  }
}

/** Everybody works well from now on: so the Job ends. */
async function driveToEnd(cluster: TestCluster, ledger: Ledger): Promise<void> {
  await patchJob(cluster, { suspend: false, parallelism: PARALLELISM_MAX });
  for (let round = 0; round < 12; round++) {
    for (const pod of await listPods(cluster)) {
      if (!isLeaving(pod) && isRunning(pod)) {
        ledger.note(pod);
        await endPod(cluster, pod, 0);
      } else if (isLeaving(pod) && isRunning(pod)) await unlessGone(endPod(cluster, pod, 143));
    }
    await cluster.advance('700s');
    if (isFinished((await getJob(cluster)).status.conditions)) return;
  }
}

async function run({ lagMs, steps, isIndexed, hasPolicy, ...spec }: Scenario): Promise<void> {
  const ledger = new Ledger();
  const onPodConditions = [{ type: 'DisruptionTarget', status: 'True' }];
  let cluster: TestCluster | undefined;
  const afterWrite = async (): Promise<void> => {
    if (cluster !== undefined) await ledger.check(cluster);
  };
  cluster = await startTestCluster([jobController], { lagMs, afterWrite });
  try {
    await createJob(cluster, {
      ...spec,
      completionMode: isIndexed ? 'Indexed' : 'NonIndexed',
      ...(hasPolicy
        ? {
            podFailurePolicy: { rules: [{ action: 'Ignore', onPodConditions }] },
            podReplacementPolicy: 'Failed' as const,
          }
        : {}),
    });
    for (const each of steps) {
      await perform(cluster, ledger, each);
      await cluster.host.clock.advance(10);
      await ledger.check(cluster);
    }
    await cluster.settle();
    await driveToEnd(cluster, ledger);
    await ledger.checkEnd(cluster);
  } finally {
    await cluster.stop();
  }
}

test('whatever happens, every pod counts once, every index is done once, and the end is final', async () => {
  await fc.assert(fc.asyncProperty(scenario, run), games(40));
});
