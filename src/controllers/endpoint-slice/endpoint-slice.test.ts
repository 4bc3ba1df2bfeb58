import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nodes } from '../../api/groups/core/node/node.ts';
import { pods } from '../../api/groups/core/pod/pod.ts';
import { services } from '../../api/groups/core/service/service.ts';
import { endpointSlices } from '../../api/groups/discovery/endpoint-slice/endpoint-slice.ts';
import type { JsonObject } from '../../api/schema/schema.ts';
import { startTestCluster, type TestCluster, type TestClusterOptions } from '../cluster.fixture.ts';
import { endpointSliceController } from './endpoint-slice.ts';

async function withCluster(
  run: (cluster: TestCluster) => Promise<void>,
  options: TestClusterOptions = {},
): Promise<void> {
  const cluster = await startTestCluster([endpointSliceController], options);
  try {
    await cluster.client.create(nodes, {
      metadata: { name: 'node-1', labels: { 'topology.kubernetes.io/zone': 'north' } },
    });
    await run(cluster);
  } finally {
    await cluster.stop();
  }
}

async function createPod({ client }: TestCluster, name: string, ip: string, ready: boolean): Promise<void> {
  const ref = { namespace: 'default', name };
  await client.create(pods, {
    metadata: { ...ref, labels: { app: 'web' } },
    spec: {
      nodeName: 'node-1',
      hostname: name,
      subdomain: 'web',
      containers: [{ name: 'c', image: 'nginx:1', ports: [{ name: 'web', containerPort: 8080 }] }],
    },
  });
  await setStatus(client, name, { phase: 'Running', podIP: ip, podIPs: [{ ip }], ...readiness(ready) });
}

const readiness = (ready: boolean): JsonObject => ({
  conditions: [
    { type: 'Ready', status: ready ? 'True' : 'False', lastTransitionTime: '2026-01-01T00:00:05Z' },
  ],
});

async function setStatus(client: TestCluster['client'], name: string, status: JsonObject): Promise<void> {
  const patch = { type: 'merge', body: { status } } as const;
  await client.patch(pods, { namespace: 'default', name }, patch, { subresource: 'status' });
}

async function createService(
  { client }: TestCluster,
  clusterIP: string,
  more: JsonObject = {},
): Promise<void> {
  await client.create(services, {
    metadata: { name: 'web', namespace: 'default' },
    spec: {
      clusterIP,
      clusterIPs: [clusterIP],
      ipFamilies: ['IPv4'],
      selector: { app: 'web' },
      ports: [{ name: 'http', port: 80, targetPort: 'web' }],
      ...more,
    },
  });
}

const slices = async ({ client }: TestCluster) => (await client.list(endpointSlices)).items;

test('writes ports, addresses, conditions, node, zone, hostname and the pod behind each endpoint', () =>
  withCluster(async (cluster) => {
    await createService(cluster, '10.43.0.9');
    await createPod(cluster, 'a', '10.42.0.5', true);
    await cluster.settle();
    const [slice, ...others] = await slices(cluster);
    assert.equal(others.length, 0);
    assert.match(slice?.metadata.name ?? '', /^web-[a-z0-9]{5}$/);
    assert.equal(slice?.metadata.ownerReferences?.[0]?.kind, 'Service');
    const trigger = slice?.metadata.annotations?.['endpoints.kubernetes.io/last-change-trigger-time'];
    assert.equal(trigger, '2026-01-01T00:00:05Z');
    assert.deepEqual(slice?.ports, [{ name: 'http', port: 8080, protocol: 'TCP' }]);
    const [endpoint] = slice?.endpoints ?? [];
    assert.deepEqual(
      { ...endpoint, targetRef: endpoint?.targetRef?.name },
      {
        addresses: ['10.42.0.5'],
        conditions: { ready: true, serving: true, terminating: false },
        hostname: 'a',
        targetRef: 'a',
        nodeName: 'node-1',
        zone: 'north',
      },
    );
  }));

test('an endpoint is not ready while its pod is not, terminates with it, and goes', () =>
  withCluster(async (cluster) => {
    const { client } = cluster;
    await createService(cluster, '10.43.0.9');
    await createPod(cluster, 'a', '10.42.0.5', false);
    const conditions = async () => {
      await cluster.settle();
      return (await slices(cluster)).flatMap(({ endpoints }) => endpoints.map((e) => e.conditions));
    };
    assert.deepEqual(await conditions(), [{ ready: false, serving: false, terminating: false }]);
    await setStatus(client, 'a', readiness(true));
    assert.deepEqual(await conditions(), [{ ready: true, serving: true, terminating: false }]);
    await client.delete(pods, { namespace: 'default', name: 'a' });
    assert.deepEqual(await conditions(), [{ ready: false, serving: true, terminating: true }]);
    await client.delete(pods, { namespace: 'default', name: 'a' }, { gracePeriodSeconds: 0 });
    assert.deepEqual(await conditions(), []);
    assert.equal((await slices(cluster)).length, 1);
  }));

test('a headless Service that publishes pods before they are ready', () =>
  withCluster(async (cluster) => {
    await createService(cluster, 'None', { publishNotReadyAddresses: true });
    await createPod(cluster, 'a', '10.42.0.5', false);
    await cluster.settle();
    const [slice] = await slices(cluster);
    assert.equal(slice?.metadata.labels?.['service.kubernetes.io/headless'], '');
    assert.equal(slice?.endpoints[0]?.conditions.ready, true);
    assert.equal(slice?.endpoints[0]?.conditions.serving, false);
  }));

test('a pod whose node is not known yet gets its endpoint when it is', () =>
  withCluster(async (cluster) => {
    const { client } = cluster;
    await client.delete(nodes, { name: 'node-1' });
    await createService(cluster, '10.43.0.9');
    await createPod(cluster, 'a', '10.42.0.5', true);
    await cluster.settle();
    assert.deepEqual((await slices(cluster))[0]?.endpoints ?? [], []);
    await client.create(nodes, { metadata: { name: 'node-1' } });
    await cluster.advance('2s');
    assert.equal((await slices(cluster))[0]?.endpoints.length, 1);
  }));

test('a slice that somebody deletes comes back', () =>
  withCluster(async (cluster) => {
    await createService(cluster, '10.43.0.9');
    await createPod(cluster, 'a', '10.42.0.5', true);
    await cluster.settle();
    const [slice] = await slices(cluster);
    await cluster.client.delete(endpointSlices, { namespace: 'default', name: slice?.metadata.name ?? '' });
    await cluster.settle();
    assert.equal((await slices(cluster))[0]?.endpoints.length, 1);
  }));

test('a Service that comes back at once finds the slices of the one before, seen or not', () =>
  withCluster(
    async (cluster) => {
      const { client, host } = cluster;
      const places = async (): Promise<number> => {
        const { items } = await client.list(endpointSlices);
        return items.flatMap(({ endpoints }) => endpoints).length;
      };
      await createPod(cluster, 'a', '10.42.0.2', true);
      await cluster.settle();
      await createService(cluster, '10.43.0.9');
      await host.clock.advance(50);
      assert.equal(await places(), 1);
      await client.delete(services, { namespace: 'default', name: 'web' });
      await host.clock.advance(50);
      await createService(cluster, '10.43.0.9');
      for (let i = 0; i < 100; i++) {
        await host.clock.advance(50);
        assert.equal(await places(), 1);
      }
    },
    { lagMs: { endpointslices: 1_000 } },
  ));
