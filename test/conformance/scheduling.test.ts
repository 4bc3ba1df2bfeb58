/** Official tests of [sig-scheduling] predicates and preemption, and of [sig-architecture]. */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  condition,
  each,
  includes,
  nameOf,
  refusal,
  startApi,
  type Api,
  type Fields,
} from './api.fixture.ts';

let api: Api;
before(async () => {
  api = await startApi();
});
after(() => api.cluster.stop());

const podsOf = async (name: string): Promise<string> =>
  `/api/v1/namespaces/${await api.namespace(name)}/pods`;
const podOf = (name: string, spec: object = {}, container: object = {}): object => ({
  metadata: { name },
  spec: {
    terminationGracePeriodSeconds: 1,
    containers: [{ name: 'pause', image: 'pause', ...container }],
    ...spec,
  },
});
const running = (url: string, node?: string): Promise<Fields> =>
  api.eventually(async () => {
    const pod = await api.get(url);
    assert.equal(pod.status?.phase, 'Running');
    if (node !== undefined) assert.equal(pod.spec?.nodeName, node);
    return pod;
  });
const unschedulable = (url: string, message: RegExp): Promise<void> =>
  api.eventually(async () => {
    const pod = await api.get(url);
    const scheduled = condition(pod, 'PodScheduled');
    includes(scheduled, { status: 'False', reason: 'Unschedulable' });
    assert.match(String(scheduled?.message), message);
  });

test('Conformance Tests should have at least two untainted nodes', async () => {
  const nodes = await api.list('/api/v1/nodes');
  const free = nodes.filter(
    (node) => each(node.spec?.taints).length === 0 && String(condition(node, 'Ready')?.status) === 'True',
  );
  assert.ok(free.length >= 2);
});

test('SchedulerPredicates validates resource limits of pods that are allowed to run', async () => {
  const pods = await podsOf('limits');
  const resources = (cpu: string): object => ({ resources: { requests: { cpu }, limits: { cpu } } });
  // Both nodes have four processors.
  for (const node of ['node-1', 'node-2']) {
    await api.post(
      pods,
      podOf(`filler-${node}`, { nodeSelector: { 'kubernetes.io/hostname': node } }, resources('3')),
    );
    await running(`${pods}/filler-${node}`, node);
  }
  await api.post(pods, podOf('additional-pod', {}, resources('2')));
  await unschedulable(`${pods}/additional-pod`, /^0\/2 nodes are available: 2 Insufficient cpu\./);
  const events = await api.eventually(async () => {
    const found = (await api.list('/apis/events.k8s.io/v1/namespaces/limits/events')).filter(
      ({ regarding, reason }) =>
        String(regarding?.name) === 'additional-pod' && String(reason) === 'FailedScheduling',
    );
    assert.ok(found.length > 0);
    return found;
  });
  assert.equal(events[0]?.type, 'Warning');
  await api.delete(pods);
});

test('SchedulerPredicates validates that NodeSelector is respected if matching', async () => {
  const pods = await podsOf('matching');
  await api.patch('/api/v1/nodes/node-2', { metadata: { labels: { 'kubernetes.io/e2e-x': '42' } } });
  await api.post(pods, podOf('with-labels', { nodeSelector: { 'kubernetes.io/e2e-x': '42' } }));
  await running(`${pods}/with-labels`, 'node-2');
  await api.patch('/api/v1/nodes/node-2', { metadata: { labels: { 'kubernetes.io/e2e-x': null } } });
});

test('SchedulerPredicates validates that NodeSelector is respected if not matching', async () => {
  const pods = await podsOf('not-matching');
  await api.post(pods, podOf('restricted-pod', { nodeSelector: { label: 'nonempty' } }));
  await unschedulable(
    `${pods}/restricted-pod`,
    /^0\/2 nodes are available: 2 node\(s\) didn't match Pod's node affinity\/selector\./,
  );
});

test('SchedulerPredicates validates that there exists conflict between pods with same hostPort and protocol but one using 0.0.0.0 hostIP', async () => {
  const pods = await podsOf('ports');
  const nodeSelector = { 'kubernetes.io/hostname': 'node-1' };
  const port = (hostIP?: string): object => ({
    ports: [
      { hostPort: 54322, containerPort: 8080, protocol: 'TCP', ...(hostIP === undefined ? {} : { hostIP }) },
    ],
  });
  await api.post(pods, podOf('pod4', { nodeSelector }, port()));
  await running(`${pods}/pod4`, 'node-1');
  await api.post(pods, podOf('pod5', { nodeSelector }, port('127.0.0.1')));
  await unschedulable(`${pods}/pod5`, /didn't have free ports for the requested pod ports/);
});

const CLASSES = '/apis/scheduling.k8s.io/v1/priorityclasses';
const classOf = (name: string, value: number): Promise<Fields> =>
  api.post(CLASSES, { metadata: { name }, value });
const EXTENDED = 'scheduling.k8s.io/foo';
const extended = (amount: string): object => ({
  resources: { requests: { [EXTENDED]: amount }, limits: { [EXTENDED]: amount } },
});

/** Both nodes get five of an extended resource, and a pod each that takes two thirds of it. */
async function crowd(name: string, finalizers: readonly string[] = []): Promise<string> {
  const pods = await podsOf(name);
  for (const node of ['node-1', 'node-2']) {
    const path = `/status/capacity/${EXTENDED.replace('/', '~1')}`;
    await api.patch(`/api/v1/nodes/${node}/status`, [{ op: 'add', path, value: '5' }], 'json');
    await api.patch(
      `/api/v1/nodes/${node}/status`,
      [{ op: 'add', path: path.replace('capacity', 'allocatable'), value: '5' }],
      'json',
    );
  }
  for (const [i, priorityClassName] of [`${name}-low`, `${name}-medium`].entries()) {
    const pod = podOf(`pod${i}`, { priorityClassName }, extended('3')) as { metadata: object };
    await api.post(pods, { ...pod, metadata: { ...pod.metadata, finalizers } });
    await running(`${pods}/pod${i}`);
  }
  return pods;
}

async function classes(name: string): Promise<void> {
  for (const [level, value] of [
    ['low', 1],
    ['medium', 100],
    ['high', 1000],
  ] as const)
    await classOf(`${name}-${level}`, value);
}

test('SchedulerPreemption validates basic preemption works', async () => {
  await classes('basic');
  const pods = await crowd('basic');
  await api.post(pods, podOf('preemptor', { priorityClassName: 'basic-high' }, extended('3')));
  await running(`${pods}/preemptor`);
  await api.gone(`${pods}/pod0`);
  await running(`${pods}/pod1`);
  await api.delete(pods, { gracePeriodSeconds: 0 });
});

test('SchedulerPreemption validates lower priority pod preemption by critical pod', async () => {
  await classes('critical');
  const pods = await crowd('critical');
  const system = '/api/v1/namespaces/kube-system/pods';
  await api.post(
    system,
    podOf('critical-pod', { priorityClassName: 'system-cluster-critical' }, extended('3')),
  );
  await running(`${system}/critical-pod`);
  await api.gone(`${pods}/pod0`);
  await running(`${pods}/pod1`);
  await api.delete(`${system}/critical-pod`, { gracePeriodSeconds: 0 });
  await api.delete(pods, { gracePeriodSeconds: 0 });
});

test('SchedulerPreemption validates pod disruption condition is added to the preempted pod', async () => {
  await classes('condition');
  const pods = await crowd('condition', ['example.com/test-finalizer']);
  await api.post(pods, podOf('preemptor', { priorityClassName: 'condition-high' }, extended('3')));
  await running(`${pods}/preemptor`);
  const victim = await api.get(`${pods}/pod0`);
  assert.ok(victim.metadata?.deletionTimestamp !== undefined);
  includes(condition(victim, 'DisruptionTarget'), { status: 'True', reason: 'PreemptionByScheduler' });
  for (const name of ['pod0', 'pod1']) await api.patch(`${pods}/${name}`, { metadata: { finalizers: null } });
  await api.delete(pods, { gracePeriodSeconds: 0 });
});

test('SchedulerPreemption PreemptionExecutionPath runs ReplicaSets to verify preemption running path', async () => {
  const pods = await podsOf('path');
  const sets = '/apis/apps/v1/namespaces/path/replicasets';
  const fake = 'example.com/fakecpu';
  for (const kind of ['capacity', 'allocatable']) {
    const path = `/status/${kind}/${fake.replace('/', '~1')}`;
    await api.patch('/api/v1/nodes/node-1/status', [{ op: 'add', path, value: '1000' }], 'json');
  }
  for (const i of [1, 2, 3, 4]) await classOf(`p${i}`, i);
  const add = async (i: number, replicas: number, amount: string): Promise<void> => {
    const labels = { name: `pod${i}` };
    const spec = podOf(
      '',
      { priorityClassName: `p${i}`, nodeSelector: { 'kubernetes.io/hostname': 'node-1' } },
      { resources: { requests: { [fake]: amount }, limits: { [fake]: amount } } },
    ) as { spec: object };
    await api.post(sets, {
      metadata: { name: `rs-pod${i}` },
      spec: {
        replicas,
        selector: { matchLabels: labels },
        template: { metadata: { labels }, spec: spec.spec },
      },
    });
  };
  const counts = async (): Promise<readonly number[]> => {
    const list = await api.list(pods);
    return [1, 2, 3, 4].map(
      (i) =>
        list.filter(
          ({ metadata, status }) =>
            String(metadata?.labels?.name) === `pod${i}` && String(status?.phase) === 'Running',
        ).length,
    );
  };
  for (const i of [1, 2, 3]) {
    await add(i, i === 3 ? 1 : i === 2 ? 2 : 3, '200');
    const expected = [
      [3, 0, 0, 0],
      [3, 2, 0, 0],
      [2, 2, 1, 0],
    ][i - 1];
    await api.eventually(async () => assert.deepEqual(await counts(), expected));
  }
  // Needs all that the two lower ones have left.
  await add(4, 1, '600');
  await api.eventually(async () => assert.deepEqual(await counts(), [0, 1, 1, 1]));
});

test('SchedulerPreemption PriorityClass endpoints verify PriorityClass endpoints can be operated with different HTTP methods', async () => {
  for (const [name, value] of [
    ['endpoint-p1', 1],
    ['endpoint-p2', 2],
  ] as const) {
    const made = await classOf(name, value);
    const url = `${CLASSES}/${name}`;
    const patched = await refusal(api.patch(url, { value: value * 10 }, 'merge'));
    assert.deepEqual([patched.code, patched.reason], [422, 'Invalid']);
    assert.match(patched.message, /value: Forbidden: may not be changed in an update\./);
    await api.patch(url, { description: 'updated description' }, 'strategic');
    assert.equal((await api.get(url)).description, 'updated description');
    const current = await api.get(url);
    assert.equal((await refusal(api.put(url, { ...current, value: value * 10 }))).code, 422);
    const updated = await api.put(url, { ...current, description: 'again' });
    includes(updated, { description: 'again', value: made.value });
  }
  assert.ok((await api.list(CLASSES)).map(nameOf).includes('endpoint-p1'));
  await api.delete(`${CLASSES}?fieldSelector=metadata.name%3Dendpoint-p1`);
  assert.equal((await refusal(api.get(`${CLASSES}/endpoint-p1`))).code, 404);
  await api.delete(`${CLASSES}/endpoint-p2`);
});
