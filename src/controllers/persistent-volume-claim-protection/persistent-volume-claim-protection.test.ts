import assert from 'node:assert/strict';
import { test } from 'node:test';
import { persistentVolumeClaims } from '../../api/groups/core/persistent-volume-claim/persistent-volume-claim.ts';
import { persistentVolumes } from '../../api/groups/core/persistent-volume/persistent-volume.ts';
import { pods } from '../../api/groups/core/pod/pod.ts';
import type { Draft } from '../../api/meta/object.ts';
import type { PodSpec } from '../../api/types.gen.ts';
import { startTestCluster, type TestCluster, type TestClusterOptions } from '../cluster.fixture.ts';
import {
  claimRef,
  claimState,
  createClaim,
  createVolume,
} from '../persistent-volume-binder/binder.fixture.ts';
import { persistentVolumeBinder } from '../persistent-volume-binder/persistent-volume-binder.ts';
import { persistentVolumeProtection } from '../persistent-volume-protection/persistent-volume-protection.ts';
import { persistentVolumeClaimProtection } from './persistent-volume-claim-protection.ts';

async function withProtection(
  run: (cluster: TestCluster) => Promise<void>,
  options: TestClusterOptions = {},
): Promise<void> {
  const controllers = [persistentVolumeBinder, persistentVolumeClaimProtection, persistentVolumeProtection];
  const cluster = await startTestCluster(controllers, options);
  try {
    await run(cluster);
  } finally {
    await cluster.stop();
  }
}

async function createPod({ client }: TestCluster, name: string, spec: Draft<PodSpec>): Promise<void> {
  const volumes = [{ name: 'd', persistentVolumeClaim: { claimName: 'data' } }];
  const containers = [{ name: 'c', image: 'i' }];
  await client.create(pods, { metadata: claimRef(name), spec: { containers, volumes, ...spec } });
}

const removePod = ({ client }: TestCluster, name: string): Promise<void> =>
  client.delete(pods, claimRef(name), { gracePeriodSeconds: 0 });

const removeClaim = ({ client }: TestCluster): Promise<void> =>
  client.delete(persistentVolumeClaims, claimRef('data'));

async function isThere({ client }: TestCluster): Promise<boolean> {
  const { items } = await client.list(persistentVolumeClaims);
  return items.some(({ metadata }) => metadata.name === 'data');
}

test('a claim stays until its last pod is gone', () =>
  withProtection(async (cluster) => {
    await createClaim(cluster, 'data');
    await createPod(cluster, 'one', { nodeName: 'n1' });
    await createPod(cluster, 'two', { nodeName: 'n1' });
    await cluster.settle();
    await removeClaim(cluster);
    await cluster.settle();
    assert.equal(await isThere(cluster), true);
    await removePod(cluster, 'one');
    await cluster.settle();
    assert.equal(await isThere(cluster), true);
    await removePod(cluster, 'two');
    await cluster.settle();
    assert.equal(await isThere(cluster), false);
  }));

test('pods without a node hold nothing', () =>
  withProtection(async (cluster) => {
    await createClaim(cluster, 'data');
    await createPod(cluster, 'one', {});
    await cluster.settle();
    await removeClaim(cluster);
    await cluster.settle();
    assert.equal(await isThere(cluster), false);
  }));

test('a pod that the cache does not show yet holds its claim', () =>
  withProtection(
    async (cluster) => {
      await createClaim(cluster, 'data');
      await cluster.settle();
      await createPod(cluster, 'one', { nodeName: 'n1' });
      await removeClaim(cluster);
      await cluster.advance(1_000);
      assert.equal(await isThere(cluster), true);
      await cluster.advance('10m');
      await removePod(cluster, 'one');
      await cluster.advance('10m');
      assert.equal(await isThere(cluster), false);
    },
    { lagMs: { pods: 5_000 } },
  ));

test('a pod of the same name without the claim sets it free', () =>
  withProtection(async (cluster) => {
    await createClaim(cluster, 'data');
    await createPod(cluster, 'one', { nodeName: 'n1' });
    await cluster.settle();
    await removeClaim(cluster);
    await removePod(cluster, 'one');
    await createPod(cluster, 'one', { nodeName: 'n1', volumes: [] });
    await cluster.settle();
    assert.equal(await isThere(cluster), false);
  }));

test('a bound volume stays until its claim is gone', () =>
  withProtection(async (cluster) => {
    await createVolume(cluster, 'v');
    await createClaim(cluster, 'data');
    await cluster.settle();
    await cluster.client.delete(persistentVolumes, { name: 'v' });
    await cluster.settle();
    assert.equal(await claimState(cluster, 'data'), 'Bound v');
    const { metadata } = await cluster.client.get(persistentVolumes, { name: 'v' });
    assert.deepEqual(metadata.finalizers, ['kubernetes.io/pv-protection']);
    await removeClaim(cluster);
    await cluster.settle();
    assert.deepEqual((await cluster.client.list(persistentVolumes)).items, []);
  }));
