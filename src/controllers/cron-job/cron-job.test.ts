import assert from 'node:assert/strict';
import { test } from 'node:test';
import { jobs } from '../../api/groups/batch/job/job.ts';
import { isFinished } from '../../api/groups/batch/job/job-conditions.ts';
import { startTestCluster, type TestCluster } from '../cluster.fixture.ts';
import { cronJobController } from './cron-job.ts';
import {
  createCronJob,
  endJob,
  getCronJob,
  listJobs,
  patchCronJob,
  scheduledAt,
} from './cron-job.fixture.ts';

async function withCluster(run: (cluster: TestCluster) => Promise<void>): Promise<void> {
  const cluster = await startTestCluster([cronJobController]);
  try {
    await run(cluster);
  } finally {
    await cluster.stop();
  }
}

/** To the full hour, so that schedules are easy to follow. */
async function toFullHour(cluster: TestCluster): Promise<void> {
  const hour = 3_600_000;
  await cluster.advance(hour - (cluster.host.clock.now() % hour));
}

test('a Job for every time, named by it; only the latest are kept', () =>
  withCluster(async (cluster) => {
    const { client } = cluster;
    await toFullHour(cluster);
    const cronJob = await createCronJob(cluster, { schedule: '*/10 * * * *' });
    await cluster.advance('10m');
    const [job, ...more] = await listJobs(cluster);
    assert.ok(job && more.length === 0);
    const timeMs = Date.parse(scheduledAt(job));
    assert.equal(timeMs % 600_000, 0);
    assert.equal(job.metadata.name, `tidy-${timeMs / 60_000}`);
    assert.deepEqual(
      job.metadata.ownerReferences?.map(({ kind, uid }) => [kind, uid]),
      [['CronJob', cronJob.metadata.uid]],
    );
    const started = (await getCronJob(cluster)).status;
    assert.deepEqual(
      started.active?.map(({ uid }) => uid),
      [job.metadata.uid],
    );
    assert.equal(started.lastScheduleTime, scheduledAt(job));
    await endJob(cluster, job, true);
    await cluster.settle();
    const ended = (await getCronJob(cluster)).status;
    assert.deepEqual([ended.active, ended.lastSuccessfulTime !== undefined], [undefined, true]);
    for (let round = 0; round < 6; round++) {
      await cluster.advance('10m');
      for (const each of await listJobs(cluster)) {
        if (!isFinished(each.status.conditions)) await endJob(cluster, each, round % 2 === 0);
      }
    }
    await cluster.settle();
    const left = await listJobs(cluster);
    const count = (type: string): number =>
      left.filter(({ status }) => status.conditions?.some((each) => each.type === type)).length;
    assert.deepEqual([count('Complete'), count('Failed')], [3, 1]);
    assert.ok(cluster.events.includes(`SuccessfulCreate: Created job ${job.metadata.name}`));
    assert.ok(
      cluster.events.includes(
        `SawCompletedJob: Saw completed job: ${job.metadata.name}, condition: Complete`,
      ),
    );
    assert.ok(cluster.events.includes(`SuccessfulDelete: Deleted job ${job.metadata.name}`));
    await client.delete(jobs, { namespace: 'default', name: left[0]?.metadata.name ?? '' });
  }));

test('Forbid waits for the one that runs, Replace takes its place, Allow runs beside it', async () => {
  for (const [concurrencyPolicy, expected] of [
    ['Allow', 3],
    ['Forbid', 1],
    ['Replace', 1],
  ] as const) {
    await withCluster(async (cluster) => {
      await toFullHour(cluster);
      await createCronJob(cluster, { schedule: '*/10 * * * *', concurrencyPolicy });
      await cluster.advance('35m');
      const running = await listJobs(cluster);
      assert.equal(running.length, expected, concurrencyPolicy);
      const minutes = running.map((job) => new Date(scheduledAt(job)).getUTCMinutes());
      assert.deepEqual(minutes.at(-1), concurrencyPolicy === 'Forbid' ? 10 : 30);
      const why = 'Not starting job because prior execution is running and concurrency policy is Forbid';
      const isSaid = cluster.events.includes(`JobAlreadyActive: ${why}`);
      assert.equal(isSaid, concurrencyPolicy === 'Forbid');
      const [job] = running;
      if (concurrencyPolicy !== 'Forbid' || job === undefined) return;
      await endJob(cluster, job, true);
      await cluster.settle();
      assert.equal((await listJobs(cluster)).length, 2, 'the run that was held back');
    });
  }
});

test('runs missed in suspension: the latest is made up for, if that is not too late', async () => {
  for (const startingDeadlineSeconds of [undefined, 60]) {
    await withCluster(async (cluster) => {
      await toFullHour(cluster);
      await createCronJob(cluster, {
        ...{ schedule: '0 * * * *', suspend: true },
        ...(startingDeadlineSeconds === undefined ? {} : { startingDeadlineSeconds }),
      });
      await cluster.advance('150h30m');
      assert.deepEqual(await listJobs(cluster), []);
      await patchCronJob(cluster, { suspend: false });
      await cluster.settle();
      const isMadeUp = startingDeadlineSeconds === undefined;
      assert.equal((await listJobs(cluster)).length, isMadeUp ? 1 : 0);
      assert.equal(
        cluster.events.some((event) => event.startsWith('TooManyMissedTimes: ')),
        isMadeUp,
      );
      await cluster.advance('31m');
      assert.equal((await listJobs(cluster)).length, isMadeUp ? 2 : 1);
    });
  }
});

test('a new schedule counts from its next time on', () =>
  withCluster(async (cluster) => {
    await toFullHour(cluster);
    await createCronJob(cluster, { schedule: '@yearly' });
    await cluster.advance('35m');
    await patchCronJob(cluster, { schedule: '*/10 * * * *' });
    await cluster.advance('1m');
    assert.deepEqual(await listJobs(cluster), []);
    await cluster.advance('5m');
    assert.equal((await listJobs(cluster)).length, 1);
  }));

test('a Job that vanished is missed, one that was made by hand is noticed', () =>
  withCluster(async (cluster) => {
    const { client } = cluster;
    await toFullHour(cluster);
    const cronJob = await createCronJob(cluster, { schedule: '0 * * * *' });
    await cluster.advance('1h');
    const [job] = await listJobs(cluster);
    assert.ok(job);
    await client.delete(
      jobs,
      { namespace: 'default', name: job.metadata.name ?? '' },
      { propagationPolicy: 'Background' },
    );
    await cluster.settle();
    assert.ok(cluster.events.includes(`MissingJob: Active job went missing: ${job.metadata.name}`));
    assert.equal((await getCronJob(cluster)).status.active, undefined);
    const { name = '', uid = '' } = cronJob.metadata;
    const owner = { apiVersion: 'batch/v1', kind: 'CronJob', name, uid, controller: true };
    await client.create(jobs, {
      metadata: { name: 'by-hand', namespace: 'default', ownerReferences: [owner] },
      spec: cronJob.spec.jobTemplate.spec,
    });
    await cluster.settle();
    const message = 'Saw a job that the controller did not create or forgot: by-hand';
    assert.ok(cluster.events.includes(`UnexpectedJob: ${message}`));
  }));

test('400 days of weekly runs in the morning of Berlin, summer and winter', () =>
  withCluster(async (cluster) => {
    await createCronJob(cluster, { schedule: '30 7 * * mon', timeZone: 'Europe/Berlin' });
    const times: string[] = [];
    for (let day = 0; day < 400; day += 5) {
      await cluster.host.clock.advance('5d');
      for (const job of await listJobs(cluster)) {
        if (isFinished(job.status.conditions)) continue;
        times.push(scheduledAt(job));
        await endJob(cluster, job, true);
      }
    }
    assert.equal(new Set(times).size, 57);
    assert.deepEqual([...new Set(times.map((time) => time.slice(11)))].toSorted(), [
      '07:30:00+01:00',
      '07:30:00+02:00',
    ]);
    assert.equal((await listJobs(cluster)).length, 3);
  }));
