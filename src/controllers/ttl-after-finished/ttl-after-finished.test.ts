import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BUILT_IN_KINDS } from '../../api/catalog.ts';
import { isApiError } from '../../api/meta/api-error.ts';
import { startTestCluster } from '../cluster.fixture.ts';
import { garbageCollector } from '../garbage-collector/garbage-collector.ts';
import { activePods, createJob, endPod, getJob, listPods, patchJob } from '../job/job.fixture.ts';
import { jobController } from '../job/job.ts';
import { ttlAfterFinishedController } from './ttl-after-finished.ts';

test('a finished Job goes with its pods when its time is over, which may be changed until then', async () => {
  const collector = garbageCollector(() => BUILT_IN_KINDS);
  const cluster = await startTestCluster([jobController, ttlAfterFinishedController, collector]);
  await createJob(cluster, { ttlSecondsAfterFinished: 60 });
  await cluster.advance('2m');
  assert.equal((await activePods(cluster)).length, 1, 'time counts from the end');
  for (const pod of await activePods(cluster)) await endPod(cluster, pod, 0);
  await cluster.advance('50s');
  assert.equal((await getJob(cluster)).status.succeeded, 1);
  await patchJob(cluster, { ttlSecondsAfterFinished: 600 });
  await cluster.advance('5m');
  assert.equal((await listPods(cluster)).length, 1);
  await cluster.advance('5m');
  await assert.rejects(getJob(cluster), (error) => isApiError(error, 'NotFound'));
  assert.deepEqual(await listPods(cluster), []);
  await cluster.stop();
});

test('a clock that was turned back for a while does not keep a Job for long', async () => {
  const cluster = await startTestCluster([jobController, ttlAfterFinishedController]);
  await createJob(cluster, { ttlSecondsAfterFinished: 60 });
  await cluster.settle();
  for (const pod of await activePods(cluster)) await endPod(cluster, pod, 0);
  await cluster.advance('1s');
  cluster.host.clock.jumpWallTime(-3_600_000);
  await cluster.advance('65s');
  cluster.host.clock.jumpWallTime(3_600_000);
  await cluster.advance('2m');
  assert.notEqual((await getJob(cluster)).metadata.deletionTimestamp, undefined);
  await cluster.stop();
});
