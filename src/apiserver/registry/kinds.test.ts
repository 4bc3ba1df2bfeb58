import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deployments } from '../../api/groups/apps/deployment/deployment.ts';
import { replicaSets } from '../../api/groups/apps/replica-set/replica-set.ts';
import { endpoints } from '../../api/groups/core/endpoints/endpoints.ts';
import { events } from '../../api/groups/core/event/event.ts';
import { nodes } from '../../api/groups/core/node/node.ts';
import { services } from '../../api/groups/core/service/service.ts';
import { endpointSlices } from '../../api/groups/discovery/endpoint-slice/endpoint-slice.ts';
import { podDisruptionBudgets } from '../../api/groups/policy/pod-disruption-budget/pod-disruption-budget.ts';
import type { Draft, KubernetesObject } from '../../api/meta/object.ts';
import type { ResourceDefinition } from '../../api/meta/resource-definition.ts';
import { createTestPipeline } from '../pipeline.fixture.ts';

const at = (name: string) => ({ namespace: 'default', name });
const template = {
  metadata: { labels: { app: 'a' } },
  spec: { containers: [{ name: 'c', image: 'web:1' }] },
};
const selector = { matchLabels: { app: 'a' } };

/** Creates the object and renders its row, the age left out. */
async function row<T extends KubernetesObject>(
  type: ResourceDefinition<T>,
  object: Draft<T>,
): Promise<unknown[]> {
  const { client, host } = createTestPipeline();
  const made = await client.create(type, object);
  return type.columns
    .filter(({ name }) => name !== 'Age')
    .map((column) => column.value(made, host.clock.now()));
}

test('rows of the kinds', async () => {
  assert.deepEqual(await row(deployments, { metadata: at('d'), spec: { selector, template } }), [
    ...['d', '0/1', 0, 0, 'c', 'web:1', 'app=a'],
  ]);
  assert.deepEqual(await row(replicaSets, { metadata: at('r'), spec: { replicas: 3, selector, template } }), [
    ...['r', 3, 0, 0, 'c', 'web:1', 'app=a'],
  ]);
  const ports = [
    { name: 'x', port: 80 },
    { name: 'y', port: 53, protocol: 'UDP' as const, nodePort: 30053 },
  ];
  const service = {
    metadata: at('s'),
    spec: { type: 'NodePort' as const, ports, selector: { b: '2', a: '1' } },
  };
  assert.deepEqual(await row(services, service), [
    ...['s', 'NodePort', '<none>', '<none>', '80/TCP,53:30053/UDP', 'a=1,b=2'],
  ]);
  const nodeInfo = {
    kubeletVersion: 'v1.36.0',
    osImage: 'Linux',
    kernelVersion: '6',
    containerRuntimeVersion: 'x://1',
  };
  const labels = { 'node-role.kubernetes.io/control-plane': '', 'node-role.kubernetes.io/worker': '' };
  const addresses = [{ type: 'InternalIP', address: '10.0.0.1' }];
  const status = { nodeInfo, addresses, conditions: [{ type: 'Ready' as const, status: 'True' as const }] };
  const node = { metadata: { name: 'n', labels }, spec: { unschedulable: true }, status };
  assert.deepEqual(await row(nodes, node as Draft<typeof nodes.objectType & object>), [
    ...['n', 'Ready,SchedulingDisabled', 'control-plane,worker', 'v1.36.0', '10.0.0.1', '<none>'],
    ...['Linux', '6', 'x://1'],
  ]);
  const slice = {
    metadata: at('e'),
    addressType: 'IPv4',
    ports: [{ name: 'x', port: 80 }],
    endpoints: ['1', '2', '3', '4'].map((n) => ({ addresses: [`10.0.0.${n}`] })),
  };
  assert.deepEqual(await row(endpointSlices, slice), [
    ...['e', 'IPv4', '80', '10.0.0.1,10.0.0.2,10.0.0.3 + 1 more...'],
  ]);
  const subsets = [{ addresses: [{ ip: '10.0.0.1' }], ports: [{ port: 80 }] }];
  assert.deepEqual(await row(endpoints, { metadata: at('p'), subsets }), ['p', '10.0.0.1:80']);
  const budget = { metadata: at('b'), spec: { minAvailable: '50%', selector } };
  assert.deepEqual(await row(podDisruptionBudgets, budget), ['b', '50%', 'N/A', 0]);
  const event = {
    metadata: at('v'),
    involvedObject: { kind: 'Pod', name: 'web', namespace: 'default' },
    reason: 'Started',
    message: 'Started container\n',
    type: 'Normal',
    source: { component: 'kubelet', host: 'n' },
    lastTimestamp: '2025-12-31T23:59:00Z',
    count: 2,
  };
  assert.deepEqual(await row(events, event), [
    ...['60s', 'Normal', 'Started', 'pod/web', '', 'kubelet, n', 'Started container', '<unknown>', 2, 'v'],
  ]);
});

test('what is refused, in the words of upstream', async () => {
  const { client } = createTestPipeline();
  const both = { maxUnavailable: 0, maxSurge: 0 };
  const stuck = { metadata: at('d'), spec: { selector, template, strategy: { rollingUpdate: both } } };
  await assert.rejects(client.create(deployments, stuck), {
    message:
      'Deployment.apps "d" is invalid: spec.strategy.rollingUpdate.maxUnavailable: Invalid value: 0: may not be 0 when `maxSurge` is 0',
  });
  await client.create(deployments, { metadata: at('d'), spec: { selector, template } });
  const other = { type: 'merge', body: { spec: { selector: { matchLabels: { app: 'b' } } } } } as const;
  await assert.rejects(
    client.patch(deployments, at('d'), other),
    /spec\.selector: Invalid value: .*field is immutable/,
  );
  await assert.rejects(client.create(services, { metadata: at('s'), spec: { selector: { a: 'b' } } }), {
    message: 'Service "s" is invalid: spec.ports: Required value',
  });
  const named = { metadata: at('s'), spec: { ports: [{ port: 80 }, { port: 81 }] } };
  await assert.rejects(client.create(services, named), /spec\.ports\[0\]\.name: Required value/);
  const loop = { metadata: at('e'), addressType: 'IPv4', endpoints: [{ addresses: ['127.0.0.1'] }] };
  await assert.rejects(client.create(endpointSlices, loop), /may not be in the loopback range/);
});

test('a new annotation of a deployment is a new generation', async () => {
  const { client } = createTestPipeline();
  await client.create(deployments, { metadata: at('d'), spec: { selector, template } });
  const note = { type: 'merge', body: { metadata: { annotations: { a: 'b' } } } } as const;
  assert.equal((await client.patch(deployments, at('d'), note)).metadata.generation, 2);
  const label = { type: 'merge', body: { metadata: { labels: { a: 'b' } } } } as const;
  assert.equal((await client.patch(deployments, at('d'), label)).metadata.generation, 2);
});
