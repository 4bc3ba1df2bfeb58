import assert from 'node:assert/strict';
import { test } from 'node:test';
import { persistentVolumeClaims } from '../../api/groups/core/persistent-volume-claim/persistent-volume-claim.ts';
import { pods } from '../../api/groups/core/pod/pod.ts';
import type { Pod } from '../../api/types.gen.ts';
import { startTestCluster, type TestCluster } from '../cluster.fixture.ts';
import { claimRef, createClaim, getClaim } from '../persistent-volume-binder/binder.fixture.ts';
import { ephemeralVolumeController } from './ephemeral-volume.ts';

async function withEphemeral(run: (cluster: TestCluster) => Promise<void>): Promise<void> {
  const cluster = await startTestCluster([ephemeralVolumeController]);
  try {
    await run(cluster);
  } finally {
    await cluster.stop();
  }
}

function createPod({ client }: TestCluster): Promise<Pod> {
  const volumeClaimTemplate = {
    metadata: { labels: { app: 'web' } },
    spec: { accessModes: ['ReadWriteOnce' as const], resources: { requests: { storage: '1Gi' } } },
  };
  const volumes = [{ name: 'scratch', ephemeral: { volumeClaimTemplate } }];
  const spec = { containers: [{ name: 'c', image: 'i' }], volumes };
  return client.create(pods, { metadata: claimRef('web'), spec });
}

test('a claim for the volume, owned by the pod, made again when it is gone', () =>
  withEphemeral(async (cluster) => {
    const { metadata } = await createPod(cluster);
    await cluster.settle();
    const claim = await getClaim(cluster, 'web-scratch');
    const owner = { apiVersion: 'v1', kind: 'Pod', name: 'web', uid: metadata.uid };
    const flags = { controller: true, blockOwnerDeletion: true };
    assert.deepEqual(claim.metadata.ownerReferences, [{ ...owner, ...flags }]);
    assert.deepEqual(claim.metadata.labels, { app: 'web' });
    assert.deepEqual(claim.spec.resources, { requests: { storage: '1Gi' } });
    await cluster.client.delete(persistentVolumeClaims, claimRef('web-scratch'));
    await cluster.settle();
    assert.notEqual((await getClaim(cluster, 'web-scratch')).metadata.uid, claim.metadata.uid);
    assert.deepEqual(cluster.events, []);
  }));

test('a claim of somebody else is not taken; when it goes, the pod gets its own', () =>
  withEphemeral(async (cluster) => {
    await createClaim(cluster, 'web-scratch');
    await createPod(cluster);
    await cluster.settle();
    assert.equal(
      cluster.events[0],
      'FailedBinding: ephemeral volume scratch: PVC default/web-scratch was not created for pod default/web (pod is not owner)',
    );
    await cluster.client.delete(persistentVolumeClaims, claimRef('web-scratch'));
    await cluster.settle();
    assert.equal((await getClaim(cluster, 'web-scratch')).metadata.ownerReferences?.length, 1);
  }));

test('a claim that is deleted before the cache ever showed it comes back, too', async () => {
  const lagMs = { persistentvolumeclaims: 300 };
  const cluster = await startTestCluster([ephemeralVolumeController], { lagMs });
  await createPod(cluster);
  await cluster.host.clock.advance(50);
  await cluster.client.delete(persistentVolumeClaims, claimRef('web-scratch'));
  cluster.breakStreams(true);
  await cluster.advance('5s');
  assert.equal((await getClaim(cluster, 'web-scratch')).metadata.ownerReferences?.length, 1);
  await cluster.stop();
});
