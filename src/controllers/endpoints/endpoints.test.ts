import assert from 'node:assert/strict';
import { test } from 'node:test';
import { endpoints } from '../../api/groups/core/endpoints/endpoints.ts';
import { pods } from '../../api/groups/core/pod/pod.ts';
import { services } from '../../api/groups/core/service/service.ts';
import { startTestCluster } from '../cluster.fixture.ts';
import type { Pod, Service } from '../../api/types.gen.ts';
import { endpointsController } from './endpoints.ts';
import { ADDRESSES_MAX, planSubsets } from './plan.ts';

const SERVICE: Service = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'web', namespace: 'default' },
  spec: {
    selector: { app: 'web' },
    ports: [
      { name: 'http', port: 80, targetPort: 'web' },
      { name: 'admin', port: 81, targetPort: 'admin' },
    ],
  },
  status: { loadBalancer: {} },
};

function pod(name: string, ip: string, ready: boolean, ports: readonly string[] = ['web']): Pod {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'default', uid: name },
    spec: {
      containers: [
        {
          name: 'c',
          resources: {},
          ports: ports.map((port, i) => ({ name: port, containerPort: 8080 + i })),
        },
      ],
    },
    status: {
      phase: 'Running',
      podIPs: [{ ip }],
      conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }],
    },
  };
}

test('addresses with the same ports share a subset, ready and not ready apart', () => {
  const behind = [
    pod('b', '10.0.0.2', true),
    pod('a', '10.0.0.1', false),
    pod('c', '10.0.0.3', true, ['web', 'admin']),
    pod('none', '10.0.0.4', true, []),
  ];
  const { subsets, truncated } = planSubsets(SERVICE, behind);
  assert.equal(truncated, false);
  const short = subsets.map(({ addresses = [], notReadyAddresses = [], ports = [] }) => [
    addresses.map(({ ip }) => ip),
    notReadyAddresses.map(({ ip }) => ip),
    ports.map(({ name, port }) => `${name ?? ''}:${port}`),
  ]);
  assert.deepEqual(short, [
    [['10.0.0.3'], [], ['admin:8081', 'http:8080']],
    [['10.0.0.2'], ['10.0.0.1'], ['http:8080']],
  ]);
});

test('at most a thousand addresses, ready ones first', () => {
  const behind = Array.from({ length: ADDRESSES_MAX + 1 }, (_, i) =>
    pod(`p${i}`, `10.0.${i >> 8}.${i & 255}`, i > 0),
  );
  const { subsets, truncated } = planSubsets(SERVICE, behind);
  assert.equal(truncated, true);
  assert.equal(subsets[0]?.addresses?.length, ADDRESSES_MAX);
  assert.equal(subsets[0]?.notReadyAddresses, undefined);
});

test('the object follows pods and Service, and goes with the Service', async () => {
  const cluster = await startTestCluster([endpointsController]);
  const { client } = cluster;
  const ref = { namespace: 'default', name: 'web' };
  const spec = { clusterIP: 'None', clusterIPs: ['None'], selector: { app: 'web' }, ports: [{ port: 80 }] };
  await client.create(services, { metadata: { ...ref, labels: { team: 'a' } }, spec });
  await cluster.settle();
  const empty = await client.get(endpoints, ref);
  assert.deepEqual(empty.subsets ?? [], []);
  assert.deepEqual(empty.metadata.labels, {
    team: 'a',
    'service.kubernetes.io/headless': '',
    'endpoints.kubernetes.io/managed-by': 'endpoint-controller',
  });
  const containers = [{ name: 'c', image: 'nginx:1' }];
  await client.create(pods, { metadata: { ...ref, labels: { app: 'web' } }, spec: { containers } });
  const { status } = pod('web', '10.0.0.1', true);
  const body = { status: { ...status, podIP: '10.0.0.1' } } as never;
  await client.patch(pods, ref, { type: 'merge', body }, { subresource: 'status' });
  await cluster.settle();
  const { subsets = [], metadata } = await client.get(endpoints, ref);
  assert.equal(subsets[0]?.addresses?.[0]?.ip, '10.0.0.1');
  assert.deepEqual(subsets[0]?.ports, [{ port: 80, protocol: 'TCP' }]);
  await client.delete(services, ref);
  await cluster.settle();
  assert.equal((await client.list(endpoints)).items.length, 0);
  assert.ok(metadata.resourceVersion);
  await cluster.stop();
});
