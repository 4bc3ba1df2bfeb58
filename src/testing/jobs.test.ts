/** Jobs and what belongs to them, on simulated nodes: containers do what their command lines say. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { jobs } from '../api/groups/batch/job/job.ts';
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
