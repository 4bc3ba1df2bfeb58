/** Jobs and what belongs to them, on simulated nodes: containers do what their command lines say. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cronJobs } from '../api/groups/batch/cron-job/cron-job.ts';
import { jobs } from '../api/groups/batch/job/job.ts';
import { events } from '../api/groups/core/event/event.ts';
import { namespaces } from '../api/groups/core/namespace/namespace.ts';
import { pods } from '../api/groups/core/pod/pod.ts';
import type { Draft } from '../api/meta/object.ts';
import type { JobSpec } from '../api/types.gen.ts';
import { startCluster } from './start-cluster.ts';

const NAMESPACE = 'default';

function jobSpec(script: string, spec: Omit<Draft<JobSpec>, 'template'> = {}): Draft<JobSpec> {
  const containers = [{ name: 'main', image: 'tool:1', command: ['sh', '-c', script] }];
  return { ...spec, template: { spec: { restartPolicy: 'Never', containers } } };
}

test('jobs succeed and fail on simulated nodes', async () => {
  const cluster = await startCluster({ nodes: 2 });
  const { client } = cluster;
  const create = (name: string, spec: Draft<JobSpec>) =>
    client.create(jobs, { metadata: { name, namespace: NAMESPACE }, spec });
  await create('good', jobSpec('sleep 5', { completions: 4, parallelism: 2 }));
  await create('bad', jobSpec('sleep 1; exit 3', { backoffLimit: 1 }));
  await create('slow', jobSpec('sleep 1h', { activeDeadlineSeconds: 20 }));
  await cluster.clock.advance('2m');
  const ends = async (name: string) => {
    const { status } = await client.get(jobs, { namespace: NAMESPACE, name });
    const [interim, end] = status.conditions ?? [];
    return [interim?.type, end?.type, end?.reason, status.succeeded ?? 0, status.failed ?? 0];
  };
  assert.deepEqual(await ends('good'), ['SuccessCriteriaMet', 'Complete', 'CompletionsReached', 4, 0]);
  assert.deepEqual(await ends('bad'), ['FailureTarget', 'Failed', 'BackoffLimitExceeded', 0, 2]);
  assert.deepEqual(await ends('slow'), ['FailureTarget', 'Failed', 'DeadlineExceeded', 0, 1]);
  const held = (await client.list(pods)).items.filter(({ metadata }) => metadata.finalizers !== undefined);
  assert.deepEqual(held, []);
  await client.delete(jobs, { namespace: NAMESPACE, name: 'good' }, { propagationPolicy: 'Background' });
  await cluster.clock.advance('1m');
  const left = await client.list(pods, { labelSelector: 'job-name=good' });
  assert.equal(left.items.length, 0);
  await cluster.stop();
});

test('a cron job runs on time, and its finished jobs go with their time to live', async () => {
  const cluster = await startCluster();
  const { client } = cluster;
  const jobTemplate = { spec: jobSpec('sleep 20', { ttlSecondsAfterFinished: 90 }) };
  const metadata = { name: 'tidy', namespace: NAMESPACE };
  await client.create(cronJobs, { metadata, spec: { schedule: '*/5 * * * *', jobTemplate } });
  await cluster.clock.advance('16m');
  const { status } = await client.get(cronJobs, { namespace: NAMESPACE, name: 'tidy' });
  assert.equal(Date.parse(status.lastScheduleTime ?? '') % 300_000, 0);
  assert.ok((status.lastSuccessfulTime ?? '') > (status.lastScheduleTime ?? ''));
  await cluster.clock.advance('3m');
  assert.deepEqual((await client.list(jobs)).items, []);
  const made = (await client.list(events)).items.filter(({ reason }) => reason === 'SuccessfulCreate');
  const byCron = made.filter(({ involvedObject }) => involvedObject.kind === 'CronJob');
  assert.equal(byCron.length, 3);
  await cluster.stop();
});

test('a deleted job takes its pods along or leaves them, and holds nothing back', async () => {
  const cluster = await startCluster();
  const { client } = cluster;
  const metadata = { name: 'long', namespace: NAMESPACE };
  for (const propagationPolicy of ['Background', 'Foreground', 'Orphan'] as const) {
    await client.create(jobs, { metadata, spec: jobSpec('sleep 1h', { parallelism: 2, completions: 2 }) });
    await cluster.clock.advance('10s');
    await client.delete(jobs, { namespace: NAMESPACE, name: 'long' }, { propagationPolicy });
    await cluster.clock.advance('1m');
    assert.deepEqual((await client.list(jobs)).items, [], propagationPolicy);
    const left = (await client.list(pods, { labelSelector: 'job-name=long' })).items;
    assert.equal(left.length, propagationPolicy === 'Orphan' ? 2 : 0, propagationPolicy);
    assert.ok(left.every((pod) => pod.metadata.finalizers === undefined && pod.status.phase === 'Running'));
  }
  await cluster.stop();
});

test('a namespace with running jobs goes, and so do jobs whose pods found no node', async () => {
  const cluster = await startCluster();
  const { client } = cluster;
  await client.create(namespaces, { metadata: { name: 'team' } });
  await cluster.settle();
  const create = (name: string, nodeSelector: { [key: string]: string }, spec: Draft<JobSpec>) => {
    const template = { spec: { ...spec.template?.spec, nodeSelector } };
    return client.create(jobs, { metadata: { name, namespace: 'team' }, spec: { ...spec, template } });
  };
  const nowhere = { disk: 'none' };
  await create('runs', {}, jobSpec('sleep 1h'));
  await create('waits', nowhere, jobSpec('sleep 1', { activeDeadlineSeconds: 30 }));
  await create('careful', nowhere, jobSpec('sleep 1', { podReplacementPolicy: 'Failed' }));
  await cluster.clock.advance('1m');
  const { status } = await client.get(jobs, { namespace: 'team', name: 'waits' });
  assert.deepEqual(
    status.conditions?.map(({ type, reason }) => [type, reason]),
    [
      ['FailureTarget', 'DeadlineExceeded'],
      ['Failed', 'DeadlineExceeded'],
    ],
  );
  const selection = { namespace: 'team', labelSelector: 'job-name=careful' };
  const [pod] = (await client.list(pods, selection)).items;
  await client.delete(pods, { namespace: 'team', name: pod?.metadata.name ?? '' });
  await cluster.clock.advance('2m');
  const after = (await client.list(pods, selection)).items;
  assert.equal(after.length, 1);
  assert.notEqual(after[0]?.metadata.uid, pod?.metadata.uid, 'replaced once it counted as failed');
  await client.delete(namespaces, { name: 'team' });
  await cluster.clock.advance('2m');
  await assert.rejects(client.get(namespaces, { name: 'team' }), { code: 404 });
  await cluster.stop();
});
