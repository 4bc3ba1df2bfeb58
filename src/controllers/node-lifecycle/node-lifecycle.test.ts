import assert from 'node:assert/strict';
import { test } from 'node:test';
import { leases } from '../../api/groups/coordination/lease/lease.ts';
import { nodes } from '../../api/groups/core/node/node.ts';
import { pods } from '../../api/groups/core/pod/pod.ts';
import { formatMicroTime, formatTime } from '../../api/time/time.ts';
import type { Node, Toleration } from '../../api/types.gen.ts';
import { setPodReady, startTestCluster, type TestCluster } from '../cluster.fixture.ts';
import { taintEvictionController } from '../taint-eviction/taint-eviction.ts';
import { nodeCondition } from './health.ts';
import { nodeLifecycleController } from './node-lifecycle.ts';

const LEASE = 'kube-node-lease';

async function withNodes(
  names: readonly string[],
  run: (cluster: TestCluster) => Promise<void>,
): Promise<void> {
  const cluster = await startTestCluster([nodeLifecycleController, taintEvictionController]);
  try {
    for (const name of names) await createNode(cluster, name);
    await cluster.settle();
    await run(cluster);
  } finally {
    await cluster.stop();
  }
}

async function createNode({ client, host }: TestCluster, name: string): Promise<void> {
  const now = formatTime(host.clock.now());
  const ready = { type: 'Ready', status: 'True', lastHeartbeatTime: now, lastTransitionTime: now };
  await client.create(nodes, { metadata: { name }, status: { conditions: [ready] } });
  await client.create(leases, { metadata: { namespace: LEASE, name }, spec: { holderIdentity: name } });
}

/** Time goes on while these nodes renew their leases. */
async function live(cluster: TestCluster, alive: readonly string[], seconds: number): Promise<void> {
  for (let passed = 0; passed < seconds; passed += 10) {
    const renewTime = formatMicroTime(cluster.host.clock.now());
    for (const name of alive) {
      const patch = { type: 'merge', body: { spec: { renewTime } } } as const;
      await cluster.client.patch(leases, { namespace: LEASE, name }, patch);
    }
    await cluster.advance('10s');
  }
}

async function createPod(
  { client, host }: TestCluster,
  name: string,
  tolerations: readonly Toleration[] = [],
) {
  const spec = { nodeName: 'a', tolerations, containers: [{ name: 'c', image: 'nginx:1' }] };
  const pod = await client.create(pods, { metadata: { namespace: 'default', name }, spec });
  await setPodReady(client, pod, true, host.clock.now());
}

const getNode = ({ client }: TestCluster, name: string) => client.get(nodes, { name });
const taintsOf = ({ spec: { taints = [] } }: Node) =>
  taints.map(({ key, effect }) => `${key.replace('node.kubernetes.io/', '')}:${effect}`).toSorted();
const deleting = async ({ client }: TestCluster) =>
  (await client.list(pods)).items
    .filter(({ metadata }) => metadata.deletionTimestamp !== undefined)
    .map(({ metadata }) => metadata.name);

test('a silent node is Unknown after 50 seconds; its pods are not ready, then driven away', () =>
  withNodes(['a', 'b'], async (cluster) => {
    await createPod(cluster, 'patient', [
      {
        key: 'node.kubernetes.io/unreachable',
        operator: 'Exists',
        effect: 'NoExecute',
        tolerationSeconds: 300,
      },
    ]);
    await createPod(cluster, 'loyal', [{ operator: 'Exists' }]);
    await createPod(cluster, 'plain');
    await live(cluster, ['a', 'b'], 120);
    assert.equal(nodeCondition(await getNode(cluster, 'a'), 'Ready')?.status, 'True');
    await live(cluster, ['b'], 60);
    const lost = await getNode(cluster, 'a');
    assert.equal(nodeCondition(lost, 'Ready')?.reason, 'NodeStatusUnknown');
    assert.equal(nodeCondition(lost, 'MemoryPressure')?.reason, 'NodeStatusNeverUpdated');
    assert.deepEqual(taintsOf(lost), ['unreachable:NoExecute', 'unreachable:NoSchedule']);
    assert.ok(cluster.events.includes('NodeNotReady: Node a status is now: NodeNotReady'));
    const patient = await cluster.client.get(pods, { namespace: 'default', name: 'patient' });
    assert.equal(patient.status.conditions?.find(({ type }) => type === 'Ready')?.status, 'False');
    assert.deepEqual(await deleting(cluster), ['plain']);
    assert.ok(cluster.events.includes('TaintManagerEviction: Marking for deletion Pod default/plain'));
    await live(cluster, ['b'], 310);
    assert.deepEqual((await deleting(cluster)).toSorted(), ['patient', 'plain']);
    const evicted = await cluster.client.get(pods, { namespace: 'default', name: 'patient' });
    const reason = evicted.status.conditions?.find(({ type }) => type === 'DisruptionTarget')?.reason;
    assert.equal(reason, 'DeletionByTaintManager');
    assert.deepEqual(taintsOf(await getNode(cluster, 'b')), []);
  }));

test('a node that comes back loses its taints, and pods that had time left stay', () =>
  withNodes(['a', 'b'], async (cluster) => {
    await createPod(cluster, 'patient', [
      { operator: 'Exists', tolerationSeconds: 300, effect: 'NoExecute' },
    ]);
    await live(cluster, ['b'], 70);
    assert.deepEqual(taintsOf(await getNode(cluster, 'a')), [
      'unreachable:NoExecute',
      'unreachable:NoSchedule',
    ]);
    const now = formatTime(cluster.host.clock.now());
    const ready = { type: 'Ready', status: 'True', lastHeartbeatTime: now, lastTransitionTime: now };
    const patch = { type: 'merge', body: { status: { conditions: [ready] } } } as const;
    await cluster.client.patch(nodes, { name: 'a' }, patch, { subresource: 'status' });
    await live(cluster, ['a', 'b'], 400);
    assert.deepEqual(taintsOf(await getNode(cluster, 'a')), []);
    assert.deepEqual(await deleting(cluster), []);
    assert.ok(cluster.events.includes('TaintManagerEviction: Cancelling deletion of Pod default/patient'));
  }));

test('pods of a lost node are marked although the process dies on the way', () =>
  withNodes(['a', 'b'], async (cluster) => {
    const isReady = async (name: string): Promise<string | undefined> => {
      const { status } = await cluster.client.get(pods, { namespace: 'default', name });
      return status.conditions?.find(({ type }) => type === 'Ready')?.status;
    };
    await createPod(cluster, 'loyal', [{ operator: 'Exists' }]);
    await live(cluster, ['a', 'b'], 20);
    // The next call is the one that writes the conditions of the node.
    cluster.kill(1, true);
    await live(cluster, ['b'], 70);
    assert.equal(await isReady('loyal'), 'False');
  }));

test('when every node is lost, nobody is driven away', () =>
  withNodes(['a', 'b'], async (cluster) => {
    await createPod(cluster, 'plain');
    await live(cluster, [], 300);
    assert.deepEqual(taintsOf(await getNode(cluster, 'a')), ['unreachable:NoSchedule']);
    assert.deepEqual(await deleting(cluster), []);
  }));

test('conditions and cordons become taints that keep new pods away', () =>
  withNodes(['a'], async (cluster) => {
    const patch = { type: 'merge', body: { spec: { unschedulable: true } } } as const;
    await cluster.client.patch(nodes, { name: 'a' }, patch);
    const { status } = await getNode(cluster, 'a');
    const conditions = [...(status.conditions ?? []), { type: 'DiskPressure', status: 'True' }];
    const body = { status: { conditions } } as never;
    await cluster.client.patch(nodes, { name: 'a' }, { type: 'merge', body }, { subresource: 'status' });
    await cluster.settle();
    assert.deepEqual(taintsOf(await getNode(cluster, 'a')), [
      'disk-pressure:NoSchedule',
      'unschedulable:NoSchedule',
    ]);
    const undo = { type: 'merge', body: { spec: { unschedulable: null } } } as const;
    await cluster.client.patch(nodes, { name: 'a' }, undo);
    await cluster.settle();
    assert.deepEqual(taintsOf(await getNode(cluster, 'a')), ['disk-pressure:NoSchedule']);
  }));
