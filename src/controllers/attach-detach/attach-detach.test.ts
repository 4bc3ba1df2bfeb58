import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { nodes } from '../../api/groups/core/node/node.ts';
import { pods } from '../../api/groups/core/pod/pod.ts';
import { csiDrivers } from '../../api/groups/storage/csi-driver/csi-driver.ts';
import { volumeAttachments } from '../../api/groups/storage/volume-attachment/volume-attachment.ts';
import type { Draft } from '../../api/meta/object.ts';
import type { JsonObject } from '../../api/schema/schema.ts';
import type { CSIDriverSpec, PersistentVolumeSpec, VolumeAttachment } from '../../api/types.gen.ts';
import { startTestCluster, type TestCluster, type TestClusterOptions } from '../cluster.fixture.ts';
import { claimRef, createClaim, createVolume } from '../persistent-volume-binder/binder.fixture.ts';
import { persistentVolumeBinder } from '../persistent-volume-binder/persistent-volume-binder.ts';
import { attachDetachController } from './attach-detach.ts';

const CSI = { driver: 'example.com', volumeHandle: 'h1' };
const IN_USE = 'kubernetes.io/csi/example.com^h1';

interface Storage {
  readonly volume?: Draft<PersistentVolumeSpec>;
  readonly driver?: CSIDriverSpec;
}

/** Two nodes, and a claim `data` that is bound to a volume `v` of a CSI driver. */
async function withVolume(
  run: (cluster: TestCluster) => Promise<void>,
  { volume = {}, driver }: Storage = {},
  options: TestClusterOptions = {},
): Promise<void> {
  const cluster = await startTestCluster([persistentVolumeBinder, attachDetachController], options);
  try {
    for (const name of ['n1', 'n2']) await cluster.client.create(nodes, { metadata: { name } });
    if (driver !== undefined)
      await cluster.client.create(csiDrivers, { metadata: { name: CSI.driver }, spec: driver });
    await createVolume(cluster, 'v', { csi: CSI, ...volume });
    await createClaim(cluster, 'data', { accessModes: volume.accessModes ?? ['ReadWriteOnce'] });
    await cluster.settle();
    await run(cluster);
  } finally {
    await cluster.stop();
  }
}

async function createPod({ client }: TestCluster, name: string, nodeName: string): Promise<void> {
  const volumes = [{ name: 'd', persistentVolumeClaim: { claimName: 'data' } }];
  const spec = { nodeName, containers: [{ name: 'c', image: 'i' }], volumes };
  await client.create(pods, { metadata: claimRef(name), spec });
}

const removePod = ({ client }: TestCluster, name: string): Promise<void> =>
  client.delete(pods, claimRef(name), { gracePeriodSeconds: 0 });

async function attachments({ client }: TestCluster): Promise<readonly VolumeAttachment[]> {
  return (await client.list(volumeAttachments)).items;
}

const places = async (cluster: TestCluster): Promise<readonly string[]> =>
  (await attachments(cluster)).map(({ spec }) => spec.nodeName);

/** As the driver's own controller answers. */
async function answer(cluster: TestCluster, status: JsonObject): Promise<void> {
  for (const { metadata } of await attachments(cluster)) {
    const ref = { name: metadata.name ?? '' };
    await cluster.client.patch(
      volumeAttachments,
      ref,
      { type: 'merge', body: { status } },
      { subresource: 'status' },
    );
  }
  await cluster.settle();
}

async function setStatus(cluster: TestCluster, name: string, status: JsonObject): Promise<void> {
  await cluster.client.patch(nodes, { name }, { type: 'merge', body: { status } }, { subresource: 'status' });
  await cluster.settle();
}

test('attached for the first pod, detached after the last', () =>
  withVolume(async (cluster) => {
    await createPod(cluster, 'a', 'n1');
    await createPod(cluster, 'b', 'n1');
    await cluster.settle();
    const [one, ...others] = await attachments(cluster);
    assert.deepEqual(others, []);
    const hash = createHash('sha256').update('h1example.comn1').digest('hex');
    assert.equal(one?.metadata.name, `csi-${hash}`);
    const source = { persistentVolumeName: 'v' };
    assert.deepEqual(one?.spec, { attacher: 'example.com', nodeName: 'n1', source });
    await answer(cluster, { attached: true });
    const { status } = await cluster.client.get(nodes, { name: 'n1' });
    assert.deepEqual(status.volumesAttached, [{ name: IN_USE, devicePath: '' }]);
    const said = 'SuccessfulAttachVolume: AttachVolume.Attach succeeded for volume "v" ';
    assert.deepEqual(cluster.events, [said, said]);
    await removePod(cluster, 'a');
    await cluster.settle();
    assert.deepEqual(await places(cluster), ['n1']);
    await removePod(cluster, 'b');
    await cluster.settle();
    assert.deepEqual(await places(cluster), []);
    const after = await cluster.client.get(nodes, { name: 'n1' });
    assert.deepEqual(after.status.volumesAttached ?? [], []);
  }));

test('what needs no attaching, and what people attached', () =>
  withVolume(
    async (cluster) => {
      await createPod(cluster, 'a', 'n1');
      await cluster.client.create(volumeAttachments, {
        metadata: { name: 'mine' },
        spec: { attacher: 'example.com', nodeName: 'n2', source: { persistentVolumeName: 'v' } },
      });
      await cluster.settle();
      assert.deepEqual(
        (await attachments(cluster)).map(({ metadata }) => metadata.name),
        ['mine'],
      );
    },
    { driver: { attachRequired: false } },
  ));

test('a mounted volume stays until the node lets go', () =>
  withVolume(async (cluster) => {
    await createPod(cluster, 'a', 'n1');
    await cluster.settle();
    await answer(cluster, { attached: true });
    const ready = [{ type: 'Ready', status: 'True' }];
    await setStatus(cluster, 'n1', { volumesInUse: [IN_USE], conditions: ready });
    await removePod(cluster, 'a');
    await cluster.advance('1h');
    assert.deepEqual(await places(cluster), ['n1']);
    await setStatus(cluster, 'n1', { volumesInUse: [] });
    assert.deepEqual(await places(cluster), []);
  }));

test('what a node mounted a moment ago is not taken from it', () =>
  withVolume(
    async (cluster) => {
      await cluster.advance('1m');
      await createPod(cluster, 'a', 'n1');
      await cluster.advance('1m');
      await answer(cluster, { attached: true });
      await cluster.advance('1m');
      const ready = [{ type: 'Ready', status: 'True' }];
      const body = { status: { volumesInUse: [IN_USE], conditions: ready } };
      await cluster.client.patch(nodes, { name: 'n1' }, { type: 'merge', body }, { subresource: 'status' });
      await removePod(cluster, 'a');
      // The cache shows the pod gone, and the node not yet.
      await cluster.host.clock.advance('2s');
      assert.deepEqual(await places(cluster), ['n1']);
      await cluster.advance('1m');
      assert.deepEqual(await places(cluster), ['n1']);
      const { status } = await cluster.client.get(nodes, { name: 'n1' });
      assert.deepEqual(status.volumesAttached, [{ name: IN_USE, devicePath: '' }]);
      await setStatus(cluster, 'n1', { volumesInUse: [] });
      await cluster.advance('1m');
      assert.deepEqual(await places(cluster), []);
    },
    {},
    { lagMs: { nodes: 5_000 } },
  ));

test('a node that is not healthy is believed for six minutes, one out of service not at all', async () => {
  for (const isOut of [false, true])
    await withVolume(async (cluster) => {
      await createPod(cluster, 'a', 'n1');
      await cluster.settle();
      await answer(cluster, { attached: true });
      const lost = [{ type: 'Ready', status: 'Unknown' }];
      await setStatus(cluster, 'n1', { volumesInUse: [IN_USE], conditions: lost });
      const taints = [{ key: 'node.kubernetes.io/out-of-service', effect: 'NoExecute' }];
      if (isOut)
        await cluster.client.patch(nodes, { name: 'n1' }, { type: 'merge', body: { spec: { taints } } });
      await removePod(cluster, 'a');
      await cluster.advance('5m');
      assert.deepEqual(await places(cluster), isOut ? [] : ['n1']);
      await cluster.advance('2m');
      assert.deepEqual(await places(cluster), []);
    });
});

test('an exclusive volume moves only when it is free; a shared one is attached everywhere', async () => {
  for (const lagMs of [0, 300])
    await withVolume(
      async (cluster) => {
        await cluster.advance('10s');
        await createPod(cluster, 'a', 'n1');
        await createPod(cluster, 'b', 'n2');
        await cluster.advance('10s');
        assert.deepEqual(await places(cluster), ['n1']);
        assert.deepEqual(cluster.events, [
          'FailedAttachVolume: Multi-Attach error for volume "v" Volume is already used by pod(s) a',
        ]);
        await removePod(cluster, 'a');
        await cluster.advance('10s');
        assert.deepEqual(await places(cluster), ['n2']);
      },
      {},
      { lagMs },
    );
  await withVolume(
    async (cluster) => {
      await createPod(cluster, 'a', 'n1');
      await createPod(cluster, 'b', 'n2');
      await cluster.settle();
      assert.deepEqual((await places(cluster)).toSorted(), ['n1', 'n2']);
    },
    { volume: { accessModes: ['ReadWriteMany'] } },
  );
});

test('a failure is told', () =>
  withVolume(async (cluster) => {
    await createPod(cluster, 'a', 'n1');
    await cluster.settle();
    await answer(cluster, { attached: false, attachError: { message: 'no such disk' } });
    assert.deepEqual(cluster.events, [
      'FailedAttachVolume: AttachVolume.Attach failed for volume "v" : no such disk',
    ]);
  }));

test('a node that is gone, and a finished pod, hold nothing', () =>
  withVolume(async (cluster) => {
    await createPod(cluster, 'a', 'n1');
    await cluster.settle();
    const body = { status: { phase: 'Succeeded' } };
    await cluster.client.patch(pods, claimRef('a'), { type: 'merge', body }, { subresource: 'status' });
    await cluster.settle();
    assert.deepEqual(await places(cluster), []);
    await createPod(cluster, 'b', 'n2');
    await cluster.settle();
    assert.deepEqual(await places(cluster), ['n2']);
    await setStatus(cluster, 'n2', { volumesInUse: [IN_USE] });
    await removePod(cluster, 'b');
    await cluster.client.delete(nodes, { name: 'n2' });
    await cluster.settle();
    assert.deepEqual(await places(cluster), []);
  }));
