import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nodes } from '../../../api/groups/core/node/node.ts';
import { pods } from '../../../api/groups/core/pod/pod.ts';
import { persistentVolumeClaims } from '../../../api/groups/core/persistent-volume-claim/persistent-volume-claim.ts';
import { persistentVolumes } from '../../../api/groups/core/persistent-volume/persistent-volume.ts';
import { storageClasses } from '../../../api/groups/storage/storage-class/storage-class.ts';
import type { PersistentVolumeClaim, Pod } from '../../../api/types.gen.ts';
import { boundClaim } from '../../../api/volume-binding/binding.ts';
import { startTestScheduler, type TestScheduler } from '../../scheduler.fixture.ts';

const SELECTED_NODE = 'volume.kubernetes.io/selected-node';

async function startWithNodes(...names: readonly string[]): Promise<TestScheduler> {
  const cluster = await startTestScheduler();
  for (const name of names) {
    await cluster.client.create(nodes, {
      metadata: { name, labels: { 'kubernetes.io/hostname': name } },
      status: { allocatable: { cpu: '8', memory: '8Gi', pods: '10' } },
    });
  }
  for (const [name, provisioner] of [
    ['local', 'kubernetes.io/no-provisioner'],
    ['made', 'disks.example.com'],
  ] as const)
    await cluster.client.create(storageClasses, {
      metadata: { name },
      provisioner,
      volumeBindingMode: 'WaitForFirstConsumer',
    });
  return cluster;
}

/** A disk of one node. */
async function addLocalVolume(
  { client }: TestScheduler,
  name: string,
  node: string,
  size = '1Gi',
): Promise<void> {
  const here = { key: 'kubernetes.io/hostname', operator: 'In' as const, values: [node] };
  const volume = await client.create(persistentVolumes, {
    metadata: { name },
    spec: {
      capacity: { storage: size },
      accessModes: ['ReadWriteOnce'],
      storageClassName: 'local',
      local: { path: `/disks/${name}` },
      nodeAffinity: { required: { nodeSelectorTerms: [{ matchExpressions: [here] }] } },
    },
  });
  await client.update(
    persistentVolumes,
    { ...volume, status: { phase: 'Available' } },
    { subresource: 'status' },
  );
}

async function addPod(
  { client }: TestScheduler,
  name: string,
  className: string,
  size = '1Gi',
): Promise<void> {
  const [namespace, claimName] = ['default', `data-${name}`];
  await client.create(persistentVolumeClaims, {
    metadata: { namespace, name: claimName },
    spec: {
      accessModes: ['ReadWriteOnce'],
      storageClassName: className,
      resources: { requests: { storage: size } },
    },
  });
  await client.create(pods, {
    metadata: { namespace, name },
    spec: {
      schedulerName: 'default-scheduler',
      containers: [{ name: 'c', image: 'i' }],
      volumes: [{ name: 'data', persistentVolumeClaim: { claimName } }],
    },
  });
}

/** What the controller does that binds claims: every volume that has a claim is told to the claim. */
async function bindClaims({ client }: TestScheduler): Promise<void> {
  for (const volume of (await client.list(persistentVolumes)).items) {
    const { namespace, name = '' } = volume.spec.claimRef ?? {};
    if (name === '') continue;
    const claim = await client.get(persistentVolumeClaims, { namespace, name });
    const bound = boundClaim(claim, volume);
    if (bound !== claim) await client.update(persistentVolumeClaims, bound);
  }
}

const podOf = ({ client }: TestScheduler, name: string): Promise<Pod> =>
  client.get(pods, { namespace: 'default', name });
const claimOf = ({ client }: TestScheduler, name: string): Promise<PersistentVolumeClaim> =>
  client.get(persistentVolumeClaims, { namespace: 'default', name: `data-${name}` });
const ownerOf = async ({ client }: TestScheduler, name: string): Promise<string | undefined> =>
  (await client.get(persistentVolumes, { name })).spec.claimRef?.name;

test('a pod goes where a free volume is, and is bound when its claim is', async () => {
  const cluster = await startWithNodes('a', 'b');
  await addLocalVolume(cluster, 'disk', 'b');
  await addPod(cluster, 'p', 'local');
  await cluster.advance(100);
  assert.equal(await ownerOf(cluster, 'disk'), 'data-p');
  assert.equal((await podOf(cluster, 'p')).spec.nodeName, undefined, 'not before its volume is there');
  await bindClaims(cluster);
  await cluster.advance(100);
  assert.equal((await podOf(cluster, 'p')).spec.nodeName, 'b');
  await cluster.stop();
});

test('two pods race for one volume: the loser is told why, and gets the next one', async () => {
  const cluster = await startWithNodes('a', 'b');
  await addLocalVolume(cluster, 'first', 'a');
  await addPod(cluster, 'p', 'local');
  await addPod(cluster, 'q', 'local');
  await cluster.advance(100);
  const winner = (await ownerOf(cluster, 'first')) === 'data-p' ? 'p' : 'q';
  const loser = winner === 'p' ? 'q' : 'p';
  assert.match(
    (await podOf(cluster, loser)).status.conditions?.[0]?.message ?? '',
    /2 node\(s\) didn't find available persistent volumes to bind/,
  );
  await addLocalVolume(cluster, 'second', 'b');
  await bindClaims(cluster);
  await cluster.advance('2s');
  await bindClaims(cluster);
  await cluster.advance('2s');
  assert.equal((await podOf(cluster, winner)).spec.nodeName, 'a');
  assert.equal((await podOf(cluster, loser)).spec.nodeName, 'b');
  await cluster.stop();
});

test('a volume that could not be written is free again, and the one who waited gets it', async () => {
  const cluster = await startWithNodes('a');
  await addLocalVolume(cluster, 'disk', 'a');
  cluster.refuse('persistentvolumes', new Error('no writes today'));
  await addPod(cluster, 'p', 'local');
  await cluster.advance(100);
  assert.equal(await ownerOf(cluster, 'disk'), undefined);
  assert.ok(
    cluster.events.includes('FailedScheduling: running PreBind plugin "VolumeBinding": no writes today'),
    cluster.events.join('\n'),
  );
  await cluster.client.delete(pods, { namespace: 'default', name: 'p' }, { gracePeriodSeconds: 0 });
  cluster.refuse('persistentvolumes', undefined);
  await addPod(cluster, 'q', 'local');
  await cluster.advance('2s');
  await bindClaims(cluster);
  await cluster.advance(100);
  assert.equal((await podOf(cluster, 'q')).spec.nodeName, 'a');
  await cluster.stop();
});

test('a volume that is to be made: the claim says for which node', async () => {
  const cluster = await startWithNodes('a');
  await addPod(cluster, 'p', 'made');
  await cluster.advance(100);
  const claim = await claimOf(cluster, 'p');
  assert.equal(claim.metadata.annotations?.[SELECTED_NODE], 'a');
  assert.equal((await podOf(cluster, 'p')).spec.nodeName, undefined);
  const { items } = await cluster.client.list(persistentVolumes);
  assert.deepEqual(items, []);
  const volume = await cluster.client.create(persistentVolumes, {
    metadata: { name: 'new' },
    spec: {
      capacity: { storage: '1Gi' },
      accessModes: ['ReadWriteOnce'],
      storageClassName: 'made',
      csi: { driver: 'disks.example.com', volumeHandle: 'h' },
      claimRef: { namespace: 'default', name: 'data-p', uid: claim.metadata.uid },
    },
  });
  await cluster.client.update(persistentVolumeClaims, boundClaim(claim, volume));
  await cluster.advance(100);
  assert.equal((await podOf(cluster, 'p')).spec.nodeName, 'a');
  await cluster.stop();
});

test('who makes volumes gives up: the pod is tried again', async () => {
  const cluster = await startWithNodes('a', 'b');
  await addPod(cluster, 'p', 'made');
  await cluster.advance(100);
  const claim = await claimOf(cluster, 'p');
  const first = claim.metadata.annotations?.[SELECTED_NODE];
  const { [SELECTED_NODE]: _gone, ...annotations } = claim.metadata.annotations ?? {};
  await cluster.client.update(persistentVolumeClaims, {
    ...claim,
    metadata: { ...claim.metadata, annotations },
  });
  await cluster.client.delete(nodes, { name: first ?? '' });
  await cluster.advance('2s');
  const failure = 'binding volumes: provisioning failed for PVC "data-p"';
  assert.ok(
    cluster.events.some((event) => event.endsWith(failure)),
    cluster.events.join('\n'),
  );
  const second = (await claimOf(cluster, 'p')).metadata.annotations?.[SELECTED_NODE];
  assert.notEqual(second, first);
  await cluster.stop();
});

test('nobody waits longer than ten minutes, and a deleted pod not at all', async () => {
  const cluster = await startWithNodes('a');
  await addPod(cluster, 'p', 'made');
  await addPod(cluster, 'q', 'made');
  await cluster.advance(100);
  await cluster.client.delete(pods, { namespace: 'default', name: 'q' }, { gracePeriodSeconds: 0 });
  await cluster.advance(100);
  assert.ok(cluster.events.some((event) => event.includes('pod does not exist any more')));
  await cluster.advance('599s');
  assert.ok(!cluster.events.some((event) => event.includes('deadline')));
  await cluster.advance('2s');
  assert.ok(cluster.events.some((event) => event.endsWith('binding volumes: context deadline exceeded')));
  await cluster.stop();
});

test('pods that wait for volumes hold up nobody else', async () => {
  const cluster = await startWithNodes('a');
  for (let i = 0; i < 4; i++) await addPod(cluster, `p${i}`, 'made');
  await cluster.advance(100);
  assert.ok(cluster.scheduler.idle);
  await cluster.client.create(pods, {
    metadata: { namespace: 'default', name: 'plain' },
    spec: { schedulerName: 'default-scheduler', containers: [{ name: 'c', image: 'i' }] },
  });
  await cluster.advance(100);
  assert.equal((await podOf(cluster, 'plain')).spec.nodeName, 'a');
  await cluster.stop();
});
