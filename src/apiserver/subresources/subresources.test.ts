import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deployments } from '../../api/groups/apps/deployment/deployment.ts';
import { namespaces } from '../../api/groups/core/namespace/namespace.ts';
import { pods } from '../../api/groups/core/pod/pod.ts';
import { isApiError } from '../../api/meta/api-error.ts';
import type { KubernetesObject, ResourceType } from '../../api/meta/object.ts';
import { loadBuiltInSchemas } from '../../api/schema/built-in.ts';
import type { PodDisruptionBudget, Scale } from '../../api/types.gen.ts';
import { createTestPipeline, type TestPipeline } from '../pipeline.fixture.ts';
import { namespaceFinalizeHandler } from './namespace-finalize.ts';
import { podBindingHandler } from './pod-binding.ts';
import { podEphemeralContainersHandler } from './pod-ephemeral-containers.ts';
import { podEvictionHandler } from './pod-eviction.ts';
import { podResizeHandler } from './pod-resize.ts';
import { scaleHandler } from './scale.ts';

const schemas = loadBuiltInSchemas();
const PLACE = { namespace: 'default', name: 'web' };
const POD = {
  metadata: { ...PLACE, labels: { app: 'web' } },
  spec: { containers: [{ name: 'c', image: 'web:1' }] },
};

function start(): TestPipeline {
  return createTestPipeline(() => ({
    subresources: [
      podBindingHandler(schemas),
      podEvictionHandler(schemas),
      scaleHandler(schemas),
      podEphemeralContainersHandler,
      podResizeHandler,
      namespaceFinalizeHandler,
    ],
  }));
}

const binding = (node: string) => ({
  apiVersion: 'v1',
  kind: 'Binding',
  metadata: { name: 'web' },
  target: { kind: 'Node', name: node },
});

test('a binding gives the pod its node once', async () => {
  const { client } = start();
  await client.create(pods, POD);
  await client.createSubresource(pods, PLACE, 'binding', binding('one'));
  const pod = await client.get(pods, PLACE);
  assert.equal(pod.spec.nodeName, 'one');
  assert.equal(pod.status.phase, 'Pending');
  assert.deepEqual(
    pod.status.conditions?.map(({ type, status }) => [type, status]),
    [['PodScheduled', 'True']],
  );
  assert.equal(pod.metadata.generation, 1);
  await assert.rejects(client.createSubresource(pods, PLACE, 'binding', binding('two')), {
    code: 409,
    message: 'Operation cannot be fulfilled on pods/binding "web": pod web is already assigned to node "one"',
  });
});

test('a binding for another incarnation of the pod is refused', async () => {
  const { client } = start();
  await client.create(pods, POD);
  const body = { ...binding('one'), metadata: { name: 'web', uid: 'someone-else' } };
  await assert.rejects(client.createSubresource(pods, PLACE, 'binding', body), (error) =>
    isApiError(error, 'Conflict'),
  );
});

const DEPLOYMENT = {
  metadata: PLACE,
  spec: {
    replicas: 2,
    selector: { matchLabels: { app: 'web' } },
    template: { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'c', image: 'web:1' }] } },
  },
};

test('scale reads and writes replicas, and counts as a new generation', async () => {
  const { client } = start();
  await client.create(deployments, DEPLOYMENT);
  const patch = { type: 'merge', body: { spec: { replicas: 5 } } } as const;
  const scale = await client.patch(deployments, PLACE, patch, { subresource: 'scale' });
  assert.deepEqual((scale as unknown as Scale).spec, { replicas: 5 });
  assert.deepEqual((scale as unknown as Scale).status, { replicas: 0, selector: 'app=web' });
  const after = await client.get(deployments, PLACE);
  assert.equal(after.spec.replicas, 5);
  assert.equal(after.metadata.generation, 2);
  const stale = { ...scale, metadata: { ...scale.metadata, resourceVersion: '1' } };
  await assert.rejects(client.update(deployments, stale, { subresource: 'scale' }), { code: 409 });
  const negative = { type: 'merge', body: { spec: { replicas: -1 } } } as const;
  await assert.rejects(client.patch(deployments, PLACE, negative, { subresource: 'scale' }), {
    message:
      'Scale.autoscaling "web" is invalid: spec.replicas: Invalid value: -1: must be greater than or equal to 0',
  });
});

const eviction = {
  apiVersion: 'policy/v1',
  kind: 'Eviction',
  metadata: { name: 'web', namespace: 'default' },
};

async function runningPod({ client }: TestPipeline): Promise<void> {
  await client.create(pods, POD);
  await client.createSubresource(pods, PLACE, 'binding', binding('one'));
  const conditions = [{ type: 'Ready', status: 'True' }];
  const patch = { type: 'merge', body: { status: { phase: 'Running', conditions } } } as const;
  await client.patch(pods, PLACE, patch, { subresource: 'status' });
}

test('an eviction lets the pod stop gracefully', async () => {
  const server = start();
  await runningPod(server);
  await server.client.createSubresource(pods, PLACE, 'eviction', eviction);
  const pod = await server.client.get(pods, PLACE);
  assert.equal(pod.metadata.deletionGracePeriodSeconds, 30);
});

test('an eviction takes a disruption from the budget, and is refused when none is left', async () => {
  const server = start();
  await runningPod(server);
  const budget: PodDisruptionBudget = {
    kind: 'PodDisruptionBudget',
    apiVersion: 'policy/v1',
    metadata: { name: 'b', namespace: 'default' },
    spec: { selector: { matchLabels: { app: 'web' } } },
    status: { disruptionsAllowed: 0, currentHealthy: 1, desiredHealthy: 1, expectedPods: 1 },
  };
  const key = '/registry/policy/poddisruptionbudgets/default/b';
  await server.store.commit([{ type: 'put', key, value: budget }], []);
  await assert.rejects(server.client.createSubresource(pods, PLACE, 'eviction', eviction), {
    code: 429,
    message: "Cannot evict pod as it would violate the pod's disruption budget.",
  });
  const allowing = { ...budget, status: { ...budget.status, disruptionsAllowed: 1 } };
  await server.store.commit([{ type: 'put', key, value: allowing }], []);
  await server.client.createSubresource(pods, PLACE, 'eviction', eviction);
  const left = server.store.get(key)?.value as PodDisruptionBudget | undefined;
  assert.equal(left?.status.disruptionsAllowed, 0);
  assert.ok('web' in (left.status.disruptedPods ?? {}));
});

test('ephemeral containers can be added, not changed', async () => {
  const { client } = start();
  await client.create(pods, POD);
  const add = (image: string) =>
    client.patch(
      pods,
      PLACE,
      { type: 'strategic', body: { spec: { ephemeralContainers: [{ name: 'debug', image }] } } },
      { subresource: 'ephemeralcontainers' },
    );
  const pod = await add('busybox:1');
  assert.equal(pod.spec.ephemeralContainers?.[0]?.imagePullPolicy, 'IfNotPresent');
  assert.equal(pod.metadata.generation, 2);
  await assert.rejects(add('busybox:2'), { code: 422 });
  const plain = { type: 'merge', body: { metadata: { labels: { a: 'b' } } } } as const;
  assert.equal((await client.patch(pods, PLACE, plain)).spec.ephemeralContainers?.length, 1);
});

test('a resize changes resources of containers, and nothing else', async () => {
  const { client } = start();
  const sized = { name: 'c', image: 'web:1', resources: { requests: { cpu: '1' } } };
  await client.create(pods, { ...POD, spec: { containers: [sized] } });
  const resize = (container: object) =>
    client.patch(
      pods,
      PLACE,
      { type: 'strategic', body: { spec: { containers: [{ name: 'c', ...container }] } } },
      { subresource: 'resize' },
    );
  const pod = await resize({ resources: { requests: { cpu: '2' } } });
  assert.equal(pod.spec.containers[0]?.resources.requests?.['cpu'], '2');
  assert.equal(pod.metadata.generation, 2);
  await assert.rejects(resize({ image: 'web:2' }), /only cpu and memory resources are mutable/);
  const whole = { limits: { cpu: '2', memory: '1Gi' }, requests: { cpu: '2', memory: '1Gi' } };
  await assert.rejects(resize({ resources: whole }), /Pod QOS Class may not change/);
});

test('a namespace goes when its content is finalized', async () => {
  const { client } = start();
  const type: ResourceType = namespaces as ResourceType<KubernetesObject>;
  await client.create(type, { metadata: { name: 'old' } });
  await client.delete(type, { name: 'old' });
  const going = await client.get(namespaces, { name: 'old' });
  assert.equal(going.status.phase, 'Terminating');
  await client.update(namespaces, { ...going, spec: {} }, { subresource: 'finalize' });
  await assert.rejects(client.get(type, { name: 'old' }), { code: 404 });
});
