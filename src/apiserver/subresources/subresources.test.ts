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
  const text = { type: 'strategic', body: { spec: { replicas: 'many' } } } as const;
  await assert.rejects(client.patch(deployments, PLACE, text, { subresource: 'scale' }), {
    message: ' "" is invalid: patch: Invalid value: "map[spec:map[replicas:many]]": unrecognized type: int32',
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
  const target = pod.status.conditions?.find(({ type }) => type === 'DisruptionTarget');
  assert.deepEqual(
    [target?.status, target?.reason, target?.message],
    ['True', 'EvictionByEvictionAPI', 'Eviction API: evicting'],
  );
});

type BudgetStatus = PodDisruptionBudget['status'];

const BUDGET_KEY = '/registry/policy/poddisruptionbudgets/default/b';

async function putBudget(
  { store }: TestPipeline,
  status: Partial<BudgetStatus>,
  spec: PodDisruptionBudget['spec'] = {},
  key = BUDGET_KEY,
): Promise<void> {
  const budget: PodDisruptionBudget = {
    ...{ kind: 'PodDisruptionBudget', apiVersion: 'policy/v1' },
    metadata: { name: key.slice(key.lastIndexOf('/') + 1), namespace: 'default', generation: 1 },
    spec: { selector: { matchLabels: { app: 'web' } }, ...spec },
    status: {
      ...{
        disruptionsAllowed: 0,
        currentHealthy: 1,
        desiredHealthy: 1,
        expectedPods: 1,
        observedGeneration: 1,
      },
      ...status,
    },
  };
  await store.commit([{ type: 'put', key, value: budget }], []);
}

function evict({ client }: TestPipeline): Promise<unknown> {
  return client.createSubresource(pods, PLACE, 'eviction', eviction);
}

const TOO_MANY = "Cannot evict pod as it would violate the pod's disruption budget.";

test('an eviction takes a disruption from the budget, and is refused when none is left', async () => {
  const server = start();
  await runningPod(server);
  await putBudget(server, {});
  const refused = (message: string, retry: object) => ({
    ...{ code: 429, message: TOO_MANY },
    details: { causes: [{ reason: 'DisruptionBudget', message }], ...retry },
  });
  const why = 'The disruption budget b needs 1 healthy pods and has 1 currently';
  await assert.rejects(evict(server), refused(why, {}));
  await putBudget(server, { disruptionsAllowed: 1, observedGeneration: 0 });
  const busy = 'The disruption budget b is still being processed by the server.';
  await assert.rejects(evict(server), refused(busy, { retryAfterSeconds: 10 }));
  await putBudget(server, { disruptionsAllowed: 1 });
  await evict(server);
  const left = server.store.get(BUDGET_KEY)?.value as PodDisruptionBudget | undefined;
  assert.equal(left?.status.disruptionsAllowed, 0);
  assert.ok('web' in (left.status.disruptedPods ?? {}));
  assert.deepEqual(
    left.status.conditions?.map(({ type, status, reason }) => [type, status, reason]),
    [['DisruptionAllowed', 'False', 'InsufficientPods']],
  );
});

test('a pod of two budgets is never evicted', async () => {
  const server = start();
  await runningPod(server);
  for (const name of ['b', 'c']) {
    await putBudget(server, { disruptionsAllowed: 1 }, {}, BUDGET_KEY.replace(/b$/, name));
  }
  await assert.rejects(evict(server), {
    ...{ code: 500, reason: '' },
    message:
      'This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.',
  });
});

test('pods that serve nobody go: those that wait, and those not ready as the budget says', async () => {
  const notReady = {
    type: 'merge',
    body: { status: { conditions: [{ type: 'Ready', status: 'False' }] } },
  } as const;
  for (const [policy, currentHealthy, isAllowed] of [
    [undefined, 1, true],
    [undefined, 0, false],
    ['IfHealthyBudget', 0, false],
    ['AlwaysAllow', 0, true],
  ] as const) {
    const server = start();
    await runningPod(server);
    await server.client.patch(pods, PLACE, notReady, { subresource: 'status' });
    const spec = policy === undefined ? {} : { unhealthyPodEvictionPolicy: policy };
    await putBudget(server, { currentHealthy }, spec);
    if (isAllowed) await evict(server);
    else await assert.rejects(evict(server), { code: 429 });
    const left = server.store.get(BUDGET_KEY)?.value as PodDisruptionBudget | undefined;
    assert.equal(left?.status.disruptedPods, undefined, 'nothing is taken from the budget');
  }
  const server = start();
  await server.client.create(pods, POD);
  await putBudget(server, {});
  await evict(server);
  await assert.rejects(server.client.get(pods, PLACE), (error) => isApiError(error, 'NotFound'));
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
