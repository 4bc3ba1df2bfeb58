/**
 * Finished Jobs under trouble: times to live that are changed at the last moment, Jobs that come back under
 * the same name; caches that lag, streams that break, processes that die at any call.
 */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { games } from '../../base/games.fixture.ts';
import { jobs } from '../../api/groups/batch/job/job.ts';
import { isApiError } from '../../api/meta/api-error.ts';
import type { Job } from '../../api/types.gen.ts';
import { startTestCluster, unlessGone, type TestCluster } from '../cluster.fixture.ts';
import { jobController } from '../job/job.ts';
import { activePods, createJob, endPod, PI } from '../job/job.fixture.ts';
import { Lifetimes } from '../lifetimes.fixture.ts';
import { endTrouble, liveThrough, makeTrouble, troubleStep } from '../trouble-steps.fixture.ts';
import { timeToLiveMs, ttlAfterFinishedController } from './ttl-after-finished.ts';

const ttl = fc.constantFrom<number>(0, 5, 7, 60, 2_147_483_647);
const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ type: fc.constant('create' as const), ttl }) },
  { weight: 4, arbitrary: fc.record({ type: fc.constant('finish' as const) }) },
  { weight: 3, arbitrary: fc.record({ type: fc.constant('prolong' as const), ttl: fc.option(ttl) }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('delete' as const) }) },
  {
    weight: 4,
    arbitrary: fc.record({ type: fc.constant('wait' as const), by: fc.constantFrom('4s', '20s', '70s') }),
  },
  { weight: 6, arbitrary: troubleStep },
);
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

const scenario = fc.record({
  lagMs: fc.constantFrom(0, 300),
  steps: fc.array(step, { minLength: 4, maxLength: 25, size: 'max' }),
});

class World {
  readonly #cluster: TestCluster;
  readonly #jobs: Lifetimes<Job>;

  constructor(cluster: TestCluster) {
    this.#cluster = cluster;
    this.#jobs = new Lifetimes(cluster, jobs, (job, nowMs) => timeToLiveMs(job, nowMs) === 0);
  }

  check(): void {
    this.#jobs.check();
  }

  async perform(what: Step): Promise<void> {
    const { client } = this.#cluster;
    switch (what.type) {
      case 'create':
        return unlessRefused(createJob(this.#cluster, { ttlSecondsAfterFinished: what.ttl }));
      case 'finish':
        for (const pod of await activePods(this.#cluster)) await endPod(this.#cluster, pod, 0);
        return;
      case 'prolong': {
        const body = { spec: { ttlSecondsAfterFinished: what.ttl } };
        return unlessGone(client.patch(jobs, PI, { type: 'merge', body }));
      }
      case 'delete':
        await this.#jobs.excuse(PI.name);
        return unlessGone(client.delete(jobs, PI, { propagationPolicy: 'Background' }));
      case 'wait':
        return this.#cluster.advance(what.by);
      default:
        return makeTrouble(this.#cluster, what);
    }
  }

  stop(): void {
    this.#jobs.stop();
  }

  async checkEnd(): Promise<void> {
    await endTrouble(this.#cluster);
    await this.perform({ type: 'create', ttl: 5 });
    await this.#cluster.advance('10s');
    await this.perform({ type: 'finish' });
    await this.#cluster.advance('1s');
    await this.perform({ type: 'prolong', ttl: 7 });
    await this.#cluster.advance('5m');
    this.check();
    for (const job of this.#jobs.living) {
      const leftMs = timeToLiveMs(job, this.#cluster.host.clock.now());
      assert.ok(leftMs === undefined || leftMs > 0, 'a Job stays past its time');
    }
  }
}

async function unlessRefused(work: Promise<unknown>): Promise<void> {
  try {
    await work;
  } catch (error) {
    if (!isApiError(error, 'AlreadyExists')) throw error;
  }
}

test('a finished Job goes when its time is over, and not before', async () => {
  await fc.assert(
    fc.asyncProperty(scenario, async ({ lagMs, steps }) => {
      const cluster = await startTestCluster([jobController, ttlAfterFinishedController], { lagMs });
      await liveThrough(cluster, new World(cluster), steps);
    }),
    games(25),
  );
});
