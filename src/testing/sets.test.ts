import assert from 'node:assert/strict';
import { test } from 'node:test';
import { daemonSets } from '../api/groups/apps/daemon-set/daemon-set.ts';
import { statefulSets } from '../api/groups/apps/stateful-set/stateful-set.ts';
import { pods } from '../api/groups/core/pod/pod.ts';
import { startCluster } from './start-cluster.ts';

type Cluster = Awaited<ReturnType<typeof startCluster>>;

const spec = (app: string, image: string) => ({
  selector: { matchLabels: { app } },
  template: { metadata: { labels: { app } }, spec: { containers: [{ name: 'main', image }] } },
});
const place = (name: string) => ({ name, namespace: 'default' });

/** `name node image` of the running pods of an app. */
async function running({ client }: Cluster, app: string): Promise<readonly string[]> {
  const { items } = await client.list(pods, { labelSelector: `app=${app}` });
  return items
    .filter(({ status }) => status.phase === 'Running')
    .map(({ metadata, spec: { nodeName, containers } }) =>
      [metadata.name, nodeName, containers[0]?.image].join(' '),
    )
    .toSorted();
}

test('a StatefulSet runs in order on simulated nodes, and rolls out backwards', async () => {
  const cluster = await startCluster({ nodes: 2 });
  await cluster.settle();
  const { client } = cluster;
  await client.create(statefulSets, {
    metadata: place('db'),
    spec: { ...spec('db', 'db:1'), replicas: 3, serviceName: 'db' },
  });
  await cluster.clock.advance('2m');
  assert.deepEqual(
    (await running(cluster, 'db')).map((line) => line.split(' ')[0]),
    ['db-0', 'db-1', 'db-2'],
  );
  const { items } = await client.list(pods, { labelSelector: 'app=db' });
  const started = items.toSorted((a, b) =>
    (a.status.startTime ?? '') < (b.status.startTime ?? '') ? -1 : 1,
  );
  assert.deepEqual(
    started.map(({ metadata }) => metadata.name),
    ['db-0', 'db-1', 'db-2'],
  );
  const body = { spec: spec('db', 'db:2') };
  await client.patch(statefulSets, place('db'), { type: 'merge', body });
  await cluster.clock.advance('5m');
  assert.ok((await running(cluster, 'db')).every((line) => line.endsWith('db:2')));
  const { status } = await client.get(statefulSets, place('db'));
  assert.equal(status.updatedReplicas, 3);
  assert.equal(status.currentRevision, status.updateRevision);
  await cluster.stop();
});

test('a DaemonSet runs on every simulated node, stays on one that falls silent, and rolls out', async () => {
  const cluster = await startCluster({ nodes: 3 });
  await cluster.settle();
  const { client } = cluster;
  await client.create(daemonSets, { metadata: place('agent'), spec: spec('agent', 'agent:1') });
  await cluster.clock.advance('1m');
  const on = (lines: readonly string[]): readonly (string | undefined)[] =>
    lines.map((line) => line.split(' ')[1]).toSorted();
  assert.deepEqual(on(await running(cluster, 'agent')), ['node-1', 'node-2', 'node-3']);
  const body = { spec: spec('agent', 'agent:2') };
  await client.patch(daemonSets, place('agent'), { type: 'merge', body });
  await cluster.clock.advance('5m');
  const after = await running(cluster, 'agent');
  assert.deepEqual(on(after), ['node-1', 'node-2', 'node-3']);
  assert.ok(after.every((line) => line.endsWith('agent:2')));
  cluster.stopNode('node-1');
  await cluster.clock.advance('10m');
  const { items } = await client.list(pods, { labelSelector: 'app=agent' });
  assert.deepEqual(
    items
      .filter(({ metadata }) => metadata.deletionTimestamp === undefined)
      .map(({ spec: pod }) => pod.nodeName)
      .toSorted(),
    ['node-1', 'node-2', 'node-3'],
    'daemons are not evicted',
  );
  const { status } = await client.get(daemonSets, place('agent'));
  // New ones would not be put there: the node's NoSchedule taint is not tolerated.
  assert.deepEqual([status.desiredNumberScheduled, status.numberReady, status.numberMisscheduled], [2, 2, 1]);
  await cluster.stop();
});
