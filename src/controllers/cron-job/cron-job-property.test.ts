/**
 * CronJobs under trouble: changed schedules, suspension, Jobs that end or vanish, caches that lag, lost
 * races, controllers that die between two writes. What must hold is looked at after every single write.
 */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { games } from '../../base/games.fixture.ts';
import { isFinished } from '../../api/groups/batch/job/job-conditions.ts';
import { jobs } from '../../api/groups/batch/job/job.ts';
import { timeMs } from '../../api/time/time.ts';
import type { CronJob, Job } from '../../api/types.gen.ts';
import { startTestCluster, type TestCluster } from '../cluster.fixture.ts';
import { makeTrouble, suddenStep } from '../trouble-steps.fixture.ts';
import { cronJobController } from './cron-job.ts';
import {
  createCronJob,
  endJob,
  getCronJob,
  listJobs,
  patchCronJob,
  scheduledAt,
} from './cron-job.fixture.ts';

const MINUTE = 60_000;

const schedule = fc.constantFrom('*/5 * * * *', '*/7 * * * *', '@every 3m', '@hourly');
const policy = fc.constantFrom('Allow' as const, 'Forbid' as const, 'Replace' as const);

const step = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ type: fc.constant('advance' as const), minutes: fc.constantFrom(1, 4, 6, 31) }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ type: fc.constant('end' as const), which: fc.nat(3), isGood: fc.boolean() }),
  },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('delete' as const), which: fc.nat(3) }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('suspend' as const), suspend: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('schedule' as const), schedule }) },
  {
    weight: 2,
    arbitrary: fc.record({ type: fc.constant('crash' as const), writes: fc.nat(3), minutes: fc.nat(12) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ type: fc.constant('refuse' as const), writes: fc.integer({ min: 1, max: 3 }) }),
  },
  { weight: 2, arbitrary: suddenStep },
);
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

const scenario = fc.record({
  schedule,
  concurrencyPolicy: policy,
  deadlineSeconds: fc.constantFrom(undefined, 90),
  successfulJobsHistoryLimit: fc.constantFrom(0, 3),
  lagMs: fc.constantFrom(0, 300),
  steps: fc.array(step, { minLength: 4, maxLength: 25 }),
});
type Scenario = typeof scenario extends fc.Arbitrary<infer S> ? S : never;

/** Which time was run by which Job, ever. */
class Ledger {
  readonly #runs = new Map<string, string>();

  async check(cluster: TestCluster): Promise<void> {
    const [cronJob, all] = [await getCronJob(cluster), await listJobs(cluster)];
    for (const job of all) this.#checkRun(cronJob, job);
    const unfinished = all.filter(({ status }) => !isFinished(status.conditions));
    if (cronJob.spec.concurrencyPolicy === 'Allow') return;
    assert.ok(unfinished.length <= 1, `${unfinished.length} Jobs at the same time`);
  }

  #checkRun({ metadata, spec }: CronJob, job: Job): void {
    const { uid = '', name = '', creationTimestamp = '' } = job.metadata;
    const time = scheduledAt(job);
    const other = this.#runs.get(time);
    assert.ok(other === undefined || other === uid, `${time} was run twice`);
    this.#runs.set(time, uid);
    assert.equal(name, `tidy-${Math.floor(timeMs(time) / MINUTE)}`);
    const lateMs = timeMs(creationTimestamp) - timeMs(time);
    assert.ok(lateMs >= 0 && timeMs(time) > timeMs(metadata.creationTimestamp ?? ''), 'ahead of its time');
    const { startingDeadlineSeconds } = spec;
    // Times of creation have whole seconds.
    if (startingDeadlineSeconds !== undefined)
      assert.ok(lateMs < (startingDeadlineSeconds + 2) * 1000, 'late');
  }

  get runs(): number {
    return this.#runs.size;
  }
}

async function perform(cluster: TestCluster, what: Step): Promise<void> {
  const pick = async (which: number, isChosen: (job: Job) => boolean): Promise<Job | undefined> => {
    const chosen = (await listJobs(cluster)).filter(isChosen);
    return chosen[which % Math.max(1, chosen.length)];
  };
  switch (what.type) {
    case 'advance':
      return cluster.host.clock.advance(what.minutes * MINUTE);
    case 'end': {
      const job = await pick(what.which, ({ status }) => !isFinished(status.conditions));
      return job === undefined ? undefined : endJob(cluster, job, what.isGood);
    }
    case 'delete': {
      // A run that nothing speaks of any more, neither status nor Job, cannot be known.
      const { lastScheduleTime = '' } = (await getCronJob(cluster)).status;
      const job = await pick(what.which, (each) => scheduledAt(each) <= lastScheduleTime);
      if (job === undefined) return;
      const ref = { namespace: 'default', name: job.metadata.name ?? '' };
      return cluster.client.delete(jobs, ref, { propagationPolicy: 'Background' });
    }
    case 'suspend':
      return patchCronJob(cluster, { suspend: what.suspend });
    case 'schedule':
      return patchCronJob(cluster, { schedule: what.schedule });
    case 'crash':
      cluster.crash(what.writes);
      await cluster.host.clock.advance(what.minutes * MINUTE);
      return cluster.restart();
    case 'refuse':
      return cluster.refuse(what.writes);
    case 'kill':
    case 'break':
      return makeTrouble(cluster, what);
  }
}

async function run({ lagMs, steps, deadlineSeconds, ...spec }: Scenario): Promise<void> {
  const ledger = new Ledger();
  let cluster: TestCluster | undefined;
  const afterWrite = async (): Promise<void> => {
    if (cluster !== undefined) await ledger.check(cluster);
  };
  cluster = await startTestCluster([cronJobController], { lagMs, afterWrite });
  try {
    await createCronJob(cluster, {
      ...spec,
      ...(deadlineSeconds === undefined ? {} : { startingDeadlineSeconds: deadlineSeconds }),
    });
    for (const each of steps) {
      await perform(cluster, each);
      await cluster.host.clock.advance(10);
      await ledger.check(cluster);
    }
    // Everything is well from now on: so something runs every hour.
    await patchCronJob(cluster, { suspend: false });
    await cluster.settle();
    const before = ledger.runs;
    for (let round = 0; round < 3; round++) {
      for (const job of await listJobs(cluster)) {
        if (!isFinished(job.status.conditions)) await endJob(cluster, job, true);
      }
      await cluster.advance(61 * MINUTE);
      await ledger.check(cluster);
    }
    assert.ok(ledger.runs >= before + 2, 'it runs no more');
  } finally {
    await cluster.stop();
  }
}

test('whatever happens, no time is run twice, none too late, and none beside another that forbids it', async () => {
  await fc.assert(fc.asyncProperty(scenario, run), games(25));
});
