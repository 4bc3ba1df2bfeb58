import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonObject } from '../../api/schema/schema.ts';
import { deployments } from '../../api/groups/apps/deployment/deployment.ts';
import { replicaSets } from '../../api/groups/apps/replica-set/replica-set.ts';
import { pods } from '../../api/groups/core/pod/pod.ts';
import type { DeploymentStrategy } from '../../api/types.gen.ts';
import { runAllPods, startTestCluster, type TestCluster } from '../cluster.fixture.ts';
import { replicaSetController } from '../replica-set/replica-set.ts';
import { deploymentController } from './deployment.ts';
import { REVISION } from './replica-annotations.ts';

const REF = { namespace: 'default', name: 'web' };

async function withCluster(run: (cluster: TestCluster) => Promise<void>): Promise<void> {
  const cluster = await startTestCluster([deploymentController, replicaSetController]);
  try {
    await run(cluster);
  } finally {
    await cluster.stop();
  }
}

async function create({ client, settle }: TestCluster, replicas: number, strategy: DeploymentStrategy = {}) {
  await client.create(deployments, {
    metadata: REF,
    spec: {
      replicas,
      strategy,
      revisionHistoryLimit: 2,
      selector: { matchLabels: { app: 'web' } },
      template: template('nginx:1'),
    },
  });
  await settle();
}

const template = (image: string) => ({
  metadata: { labels: { app: 'web' } },
  spec: { containers: [{ name: 'c', image }] },
});

async function change({ client, settle }: TestCluster, spec: JsonObject): Promise<void> {
  await client.patch(deployments, REF, { type: 'merge', body: { spec } });
  await settle();
}

const get = ({ client }: TestCluster) => client.get(deployments, REF);

async function condition(cluster: TestCluster, type: string): Promise<string> {
  const found = (await get(cluster)).status.conditions?.find((c) => c.type === type);
  return `${found?.status ?? ''} ${found?.reason ?? ''}`;
}

/** Image and replicas of the sets that have any. */
async function sets({ client }: TestCluster): Promise<readonly string[]> {
  const { items } = await client.list(replicaSets);
  return items
    .filter(({ spec }) => (spec.replicas ?? 0) > 0)
    .map(({ spec }) => `${spec.template.spec.containers[0]?.image ?? ''}=${spec.replicas ?? 0}`)
    .toSorted();
}

async function finish(cluster: TestCluster): Promise<void> {
  for (let step = 0; step < 20; step++) {
    await runAllPods(cluster);
    await cluster.settle();
  }
}

test('creates a ReplicaSet named by the hash of the template and reports progress', () =>
  withCluster(async (cluster) => {
    await create(cluster, 3);
    const { items } = await cluster.client.list(replicaSets);
    const [set] = items;
    assert.equal(items.length, 1);
    const name = set?.metadata.name ?? '';
    assert.match(name, /^web-[bcdfghjklmnpqrstvwxz2456789]{5,10}$/);
    assert.equal(set?.spec.selector.matchLabels?.['pod-template-hash'], name.slice(4));
    assert.equal(set?.metadata.annotations?.['deployment.kubernetes.io/desired-replicas'], '3');
    assert.equal(set?.metadata.annotations?.['deployment.kubernetes.io/max-replicas'], '4');
    assert.ok(cluster.events.includes(`ScalingReplicaSet: Scaled up replica set ${name} from 0 to 3`));
    assert.equal(await condition(cluster, 'Available'), 'False MinimumReplicasUnavailable');
    assert.equal(await condition(cluster, 'Progressing'), 'True ReplicaSetUpdated');
    await finish(cluster);
    const { status, metadata } = await get(cluster);
    assert.equal(status.readyReplicas, 3);
    assert.equal(status.unavailableReplicas ?? 0, 0);
    assert.equal(status.observedGeneration, metadata.generation);
    assert.equal(metadata.annotations?.[REVISION], '1');
    assert.equal(await condition(cluster, 'Available'), 'True MinimumReplicasAvailable');
    assert.equal(await condition(cluster, 'Progressing'), 'True NewReplicaSetAvailable');
  }));

test('rolls a new template out step by step, and back', () =>
  withCluster(async (cluster) => {
    await create(cluster, 4, { rollingUpdate: { maxSurge: 1, maxUnavailable: 1 } });
    await finish(cluster);
    await change(cluster, { template: template('nginx:2') });
    assert.deepEqual(await sets(cluster), ['nginx:1=3', 'nginx:2=2']);
    await finish(cluster);
    assert.deepEqual(await sets(cluster), ['nginx:2=4']);
    assert.equal((await get(cluster)).metadata.annotations?.[REVISION], '2');
    await change(cluster, { template: template('nginx:1') });
    await finish(cluster);
    assert.deepEqual(await sets(cluster), ['nginx:1=4']);
    const { items } = await cluster.client.list(replicaSets);
    assert.equal(items.length, 2);
    const back = items.find(({ spec }) => (spec.replicas ?? 0) > 0);
    assert.equal(back?.metadata.annotations?.[REVISION], '3');
    assert.equal(back?.metadata.annotations?.['deployment.kubernetes.io/revision-history'], '1');
  }));

test('keeps as many old ReplicaSets as the history limit says', () =>
  withCluster(async (cluster) => {
    await create(cluster, 1);
    await finish(cluster);
    for (const version of [2, 3, 4, 5]) {
      await change(cluster, { template: template(`nginx:${version}`) });
      await finish(cluster);
    }
    const { items } = await cluster.client.list(replicaSets);
    const images = items.map(({ spec }) => spec.template.spec.containers[0]?.image).toSorted();
    assert.deepEqual(images, ['nginx:3', 'nginx:4', 'nginx:5']);
  }));

test('Recreate starts the new version when the last old pod is gone', () =>
  withCluster(async (cluster) => {
    await create(cluster, 2, { type: 'Recreate' });
    await finish(cluster);
    const body = { metadata: { finalizers: ['example.com/hold'] } };
    const [held] = (await cluster.client.list(pods)).items;
    const ref = { namespace: 'default', name: held?.metadata.name ?? '' };
    await cluster.client.patch(pods, ref, { type: 'merge', body });
    await change(cluster, { template: template('nginx:2') });
    assert.deepEqual(await sets(cluster), []);
    await cluster.client.patch(pods, ref, { type: 'merge', body: { metadata: { finalizers: null } } });
    await cluster.settle();
    assert.deepEqual(await sets(cluster), ['nginx:2=2']);
  }));

test('a paused Deployment scales but does not roll; a resumed one does', () =>
  withCluster(async (cluster) => {
    await create(cluster, 2);
    await finish(cluster);
    await change(cluster, { paused: true, replicas: 5, template: template('nginx:2') });
    assert.deepEqual(await sets(cluster), ['nginx:1=5']);
    assert.equal(await condition(cluster, 'Progressing'), 'Unknown DeploymentPaused');
    await change(cluster, { paused: false });
    await finish(cluster);
    assert.deepEqual(await sets(cluster), ['nginx:2=5']);
  }));

test('scaling in the middle of a rollout is shared in proportion', () =>
  withCluster(async (cluster) => {
    await create(cluster, 10, { rollingUpdate: { maxSurge: 3, maxUnavailable: 2 } });
    await finish(cluster);
    await change(cluster, { template: template('nginx:2') });
    assert.deepEqual(await sets(cluster), ['nginx:1=8', 'nginx:2=5']);
    await change(cluster, { replicas: 15 });
    assert.deepEqual(await sets(cluster), ['nginx:1=11', 'nginx:2=7']);
  }));

test('a size that the old set has already, by chance, does not end the rollout', () =>
  withCluster(async (cluster) => {
    await create(cluster, 3, { rollingUpdate: { maxSurge: 0, maxUnavailable: 1 } });
    await finish(cluster);
    await cluster.client.patch(deployments, REF, {
      type: 'merge',
      body: { spec: { template: template('nginx:2') } },
    });
    // The old set goes down to 2 and dies before the new one is made larger.
    cluster.crash(2);
    await cluster.settle();
    await change(cluster, { replicas: 2 });
    await cluster.restart();
    await finish(cluster);
    assert.deepEqual(await sets(cluster), ['nginx:2=2']);
  }));

test('Recreate that comes upon a rollout, with another size at once, ends it', () =>
  withCluster(async (cluster) => {
    await create(cluster, 4, { rollingUpdate: { maxSurge: 1, maxUnavailable: 1 } });
    await finish(cluster);
    await change(cluster, { template: template('nginx:2') });
    assert.equal((await sets(cluster)).length, 2);
    await change(cluster, { replicas: 3, strategy: { type: 'Recreate', rollingUpdate: null } });
    await finish(cluster);
    assert.deepEqual(await sets(cluster), ['nginx:2=3']);
  }));

test('says so when the deadline passes without progress', () =>
  withCluster(async (cluster) => {
    await create(cluster, 1);
    await cluster.advance('590s');
    assert.equal(await condition(cluster, 'Progressing'), 'True ReplicaSetUpdated');
    await cluster.advance('15s');
    assert.equal(await condition(cluster, 'Progressing'), 'False ProgressDeadlineExceeded');
    await finish(cluster);
    assert.equal(await condition(cluster, 'Progressing'), 'True NewReplicaSetAvailable');
  }));
