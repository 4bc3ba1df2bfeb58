/** Autoscaling in a whole cluster: a fleet's pods with scripted load, real controllers, metrics and scheduler. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { customResourceDefinitions } from '../api/groups/apiextensions/custom-resource-definition/custom-resource-definition.ts';
import { deployments } from '../api/groups/apps/deployment/deployment.ts';
import { horizontalPodAutoscalers } from '../api/groups/autoscaling/horizontal-pod-autoscaler/horizontal-pod-autoscaler.ts';
import { pods } from '../api/groups/core/pod/pod.ts';
import { nodeFleetDefinition } from '../fleet/definition.ts';
import { nodeFleets } from '../fleet/node-fleet.ts';
import { startCluster, type TestCluster } from './start-cluster.ts';

const WEB = { namespace: 'default', name: 'web' };
const CPU = 'kwok.x-k8s.io/usage-cpu';

async function autoscaled(metricsPeriodMs?: number): Promise<TestCluster> {
  const cluster = await startCluster({ nodes: 0, metricsPeriodMs });
  const { client } = cluster;
  await cluster.settle();
  await client.create(customResourceDefinitions, nodeFleetDefinition());
  await cluster.settle();
  await client.create(nodeFleets, { metadata: { name: 'fleet' }, spec: { replicas: 4 } });
  const labels = { app: 'web' };
  const container = { name: 'web', image: 'web:1', resources: { requests: { cpu: '200m' } } };
  await client.create(deployments, {
    metadata: WEB,
    spec: {
      replicas: 2,
      selector: { matchLabels: labels },
      template: { metadata: { labels, annotations: { [CPU]: '100m' } }, spec: { containers: [container] } },
    },
  });
  await cluster.clock.advance('30s');
  await client.create(horizontalPodAutoscalers, {
    metadata: WEB,
    spec: {
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' },
      minReplicas: 2,
      maxReplicas: 20,
      metrics: [
        {
          type: 'Resource',
          resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 50 } },
        },
      ],
    },
  });
  await cluster.clock.advance('10m');
  return cluster;
}

/** Every pod that is there works so much from now on. */
async function load({ client }: TestCluster, cpu: string): Promise<void> {
  const patch = { type: 'merge', body: { metadata: { annotations: { [CPU]: cpu } } } } as const;
  for (const { metadata } of (await client.list(pods, { namespace: 'default' })).items) {
    await client.patch(pods, { namespace: 'default', name: metadata.name ?? '' }, patch);
  }
}

const running = async ({ client }: TestCluster): Promise<number> =>
  (await client.list(pods, { namespace: 'default' })).items.filter(({ status }) => status.phase === 'Running')
    .length;

const wanted = async ({ client }: TestCluster): Promise<number | undefined> =>
  (await client.get(deployments, WEB)).spec.replicas;

test('load brings pods within half a minute, and they go five minutes after it', async () => {
  const cluster = await autoscaled();
  assert.equal(await running(cluster), 2);
  await load(cluster, '200m');
  await cluster.clock.advance('20s');
  assert.equal(await wanted(cluster), 4);
  assert.equal(await running(cluster), 4);
  await load(cluster, '10m');
  await cluster.clock.advance('4m');
  assert.equal(await wanted(cluster), 4);
  await cluster.clock.advance('2m');
  assert.equal(await wanted(cluster), 2);
  const { status } = await cluster.client.get(horizontalPodAutoscalers, WEB);
  assert.deepEqual(
    (status.conditions ?? []).map(({ type, status: value }) => [type, value]),
    [
      ['AbleToScale', 'True'],
      ['ScalingActive', 'True'],
      ['ScalingLimited', 'True'],
    ],
  );
  await cluster.stop();
});

test('with metrics every two seconds, new pods run within five', async () => {
  const cluster = await autoscaled(2_000);
  await load(cluster, '200m');
  await cluster.clock.advance('5s');
  // The old pods work on as much as before, so a second look may already want more.
  assert.ok(((await wanted(cluster)) ?? 0) >= 4);
  assert.ok((await running(cluster)) >= 4);
  await cluster.stop();
});
