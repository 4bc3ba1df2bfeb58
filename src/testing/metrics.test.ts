/** The metrics API in a whole cluster: simulated nodes and fleets, and a server elsewhere in its place. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { apiServices } from '../api/groups/apiregistration/api-service/api-service.ts';
import { pods } from '../api/groups/core/pod/pod.ts';
import { nodeMetrics } from '../api/groups/metrics/node-metrics/node-metrics.ts';
import { podMetrics } from '../api/groups/metrics/pod-metrics/pod-metrics.ts';
import { isApiError } from '../api/meta/api-error.ts';
import { startCluster } from './start-cluster.ts';

const METRICS = 'v1beta1.metrics.k8s.io';

test('pods and their nodes have metrics as annotations and requests say', async () => {
  const cluster = await startCluster({ nodes: 2 });
  const { client } = cluster;
  await cluster.settle();
  const create = (name: string, annotations: Record<string, string>, requests: Record<string, string>) =>
    client.create(pods, {
      metadata: { name, namespace: 'default', labels: { app: name }, annotations },
      spec: {
        nodeName: 'node-1',
        containers: ['a', 'b'].map((container) => ({
          name: container,
          image: 'i:1',
          resources: { requests },
        })),
      },
    });
  await create('said', { 'kwok.x-k8s.io/usage-cpu': '250m', 'kwok.x-k8s.io/usage-memory': '10Mi' }, {});
  await create('asked', {}, { cpu: '500m', memory: '100Mi' });
  await create('none', {}, {});
  const areRunning = async (): Promise<boolean> =>
    (await client.list(pods)).items.every(({ status }) => status.phase === 'Running');
  for (let i = 0; i < 60 && !(await areRunning()); i++) await cluster.clock.advance('1s');
  const { items } = await client.list(podMetrics, { namespace: 'default' });
  const shown = items.map(({ metadata, containers }) => [
    metadata.name,
    ...containers.map(({ name, usage }) => `${name} ${usage['cpu'] ?? ''} ${usage['memory'] ?? ''}`),
  ]);
  assert.deepEqual(shown, [
    ['asked', 'a 50m 10Mi', 'b 50m 10Mi'],
    ['none', 'a 1m 8Mi', 'b 1m 8Mi'],
    ['said', 'a 250m 10Mi', 'b 250m 10Mi'],
  ]);
  assert.equal(items[0]?.window, '15s');
  assert.deepEqual(items[0].metadata.labels, { app: 'asked' });
  const selected = await client.list(podMetrics, { labelSelector: 'app=said' });
  assert.deepEqual(
    selected.items.map(({ metadata }) => metadata.name),
    ['said'],
  );
  const one = await client.get(nodeMetrics, { name: 'node-1' });
  assert.deepEqual(one.usage, { cpu: '602m', memory: '56Mi' });
  assert.deepEqual((await client.get(nodeMetrics, { name: 'node-2' })).usage, { cpu: '0', memory: '0' });
  assert.equal((await client.list(nodeMetrics)).items.length, 2);
  await assert.rejects(client.get(podMetrics, { namespace: 'default', name: 'gone' }), {
    message: 'pods.metrics.k8s.io "gone" not found',
  });
  await assert.rejects(client.delete(nodeMetrics, { name: 'node-1' }), (error) =>
    isApiError(error, 'MethodNotAllowed'),
  );
  await cluster.stop();
});

test('a server elsewhere may take the place, and what is left behind is filled again', async () => {
  const cluster = await startCluster({ nodes: 1 });
  const { client } = cluster;
  await cluster.settle();
  const own = await client.get(apiServices, { name: METRICS });
  assert.equal(own.spec.service, undefined);
  assert.equal(own.status.conditions?.[0]?.reason, 'Local');
  const service = { namespace: 'kube-system', name: 'metrics-server', port: 443 };
  const body = { spec: { service, insecureSkipTLSVerify: true } };
  await client.patch(apiServices, { name: METRICS }, { type: 'merge', body });
  await cluster.settle();
  const replaced = await client.get(apiServices, { name: METRICS });
  assert.deepEqual(replaced.spec.service, service);
  assert.equal(replaced.status.conditions?.[0]?.reason, 'ServiceNotFound');
  await client.delete(apiServices, { name: METRICS });
  await cluster.settle();
  assert.equal((await client.get(apiServices, { name: METRICS })).spec.service, undefined);
  await cluster.stop();
});
