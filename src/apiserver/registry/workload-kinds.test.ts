import assert from 'node:assert/strict';
import { test } from 'node:test';
import { horizontalPodAutoscalersV1 } from '../../api/groups/autoscaling/horizontal-pod-autoscaler/horizontal-pod-autoscaler-v1.ts';
import { horizontalPodAutoscalers } from '../../api/groups/autoscaling/horizontal-pod-autoscaler/horizontal-pod-autoscaler.ts';
import { jobs } from '../../api/groups/batch/job/job.ts';
import { persistentVolumes } from '../../api/groups/core/persistent-volume/persistent-volume.ts';
import { replicationControllers } from '../../api/groups/core/replication-controller/replication-controller.ts';
import type { Scale } from '../../api/types.gen.ts';
import { createTestPipeline } from '../pipeline.fixture.ts';
import { scaleHandler } from '../subresources/scale.ts';
import { loadBuiltInSchemas } from '../../api/schema/built-in.ts';

const at = (name: string) => ({ namespace: 'default', name });
const template = { spec: { containers: [{ name: 'c', image: 'pi:1' }], restartPolicy: 'Never' } } as const;

test('a job gets labels of its own; its pods outlive it unless the deletion says otherwise', async () => {
  const { client } = createTestPipeline();
  const labelled = { ...template, metadata: { labels: { app: 'pi' } } };
  const made = await client.create(jobs, { metadata: at('pi'), spec: { template: labelled } });
  assert.equal(made.metadata.labels?.['app'], 'pi');
  assert.equal(made.metadata.labels?.['job-name'], 'pi');
  assert.equal(made.spec.template.metadata.labels?.['controller-uid'], made.metadata.uid);
  assert.equal(made.metadata.generation, 1);
  const stopped = { type: 'merge', body: { spec: { suspend: true } } } as const;
  assert.equal((await client.patch(jobs, at('pi'), stopped)).metadata.generation, 2);
  await client.delete(jobs, at('pi'));
  assert.deepEqual((await client.get(jobs, at('pi'))).metadata.finalizers, ['orphan']);
  await client.create(jobs, { metadata: at('two'), spec: { template } });
  await client.delete(jobs, at('two'), { propagationPolicy: 'Background' });
  await assert.rejects(client.get(jobs, at('two')), { code: 404 });
});

test('fields of an autoscaler are owned in the version in which they were written', async () => {
  const { client } = createTestPipeline();
  const spec = { scaleTargetRef: { kind: 'Deployment', name: 'web' }, minReplicas: 2, maxReplicas: 5 };
  await client.create(horizontalPodAutoscalers, { metadata: at('web'), spec }, { fieldManager: 'first' });
  const patch = {
    type: 'merge',
    body: { spec: { minReplicas: 3, targetCPUUtilizationPercentage: 50 } },
  } as const;
  await client.patch(horizontalPodAutoscalersV1, at('web'), patch, { fieldManager: 'second' });
  const { metadata } = await client.get(horizontalPodAutoscalers, at('web'));
  assert.deepEqual(
    metadata.managedFields?.map(({ manager, apiVersion, fieldsV1 }) => [
      manager,
      apiVersion,
      Object.keys((fieldsV1?.['f:spec'] ?? {}) as object),
    ]),
    [
      ['first', 'autoscaling/v2', ['f:maxReplicas', 'f:scaleTargetRef']],
      ['second', 'autoscaling/v1', ['f:minReplicas', 'f:targetCPUUtilizationPercentage']],
    ],
  );
});

test('the two versions of an autoscaler are one object', async () => {
  const { client } = createTestPipeline();
  const scaleTargetRef = { kind: 'Deployment', name: 'web' };
  const spec = { scaleTargetRef, maxReplicas: 5, targetCPUUtilizationPercentage: 50 };
  await client.create(horizontalPodAutoscalersV1, { metadata: at('web'), spec });
  const stored = await client.get(horizontalPodAutoscalers, at('web'));
  assert.equal(stored.spec.metrics?.[0]?.resource?.target.averageUtilization, 50);
  const policies = [{ type: 'Pods', value: 1, periodSeconds: 60 }];
  const behavior = { type: 'merge', body: { spec: { behavior: { scaleUp: { policies } } } } } as const;
  await client.patch(horizontalPodAutoscalers, at('web'), behavior);
  const more = { type: 'merge', body: { spec: { maxReplicas: 9 } } } as const;
  await client.patch(horizontalPodAutoscalersV1, at('web'), more);
  const both = await client.get(horizontalPodAutoscalers, at('web'));
  assert.equal(both.spec.maxReplicas, 9);
  assert.deepEqual(both.spec.behavior?.scaleUp?.policies, policies);
  assert.equal(both.metadata.annotations, undefined);
});

test('a volume notes when its phase changed', async () => {
  const { client, host } = createTestPipeline();
  const capacity = { storage: '1Gi' };
  const accessModes = ['ReadWriteOnce'] as const;
  const spec = { capacity, accessModes, hostPath: { path: '/data' } };
  const made = await client.create(persistentVolumes, { metadata: { name: 'v' }, spec });
  await host.clock.advance(60_000);
  const next = { ...made, status: { phase: 'Available' } } as const;
  const changed = await client.update(persistentVolumes, next, { subresource: 'status' });
  const elapsed = (time?: string) =>
    Date.parse(time ?? '') - Date.parse(made.metadata.creationTimestamp ?? '');
  assert.equal(elapsed(changed.status.lastPhaseTransitionTime), 60_000);
});

test('a controller of old can be scaled', async () => {
  const { client } = createTestPipeline(() => ({ subresources: [scaleHandler(loadBuiltInSchemas())] }));
  const labels = { app: 'web' };
  const web = { metadata: { labels }, spec: { containers: [{ name: 'c', image: 'web:1' }] } };
  await client.create(replicationControllers, { metadata: at('web'), spec: { template: web } });
  const more = { type: 'merge', body: { spec: { replicas: 3 } } } as const;
  const patched = await client.patch(replicationControllers, at('web'), more, { subresource: 'scale' });
  const scale = patched as unknown as Scale;
  assert.deepEqual(scale.status, { replicas: 0, selector: 'app=web' });
  assert.equal((await client.get(replicationControllers, at('web'))).spec.replicas, 3);
});
