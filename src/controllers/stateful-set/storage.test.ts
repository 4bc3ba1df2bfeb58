import assert from 'node:assert/strict';
import { test } from 'node:test';
import { statefulSets } from '../../api/groups/apps/stateful-set/stateful-set.ts';
import { persistentVolumeClaims } from '../../api/groups/core/persistent-volume-claim/persistent-volume-claim.ts';
import {
  withCluster,
  create,
  patch,
  runUntilQuiet,
  names,
  getSet,
  getClaim,
  claimNames,
  REF,
  CLAIM,
} from './stateful-set.fixture.ts';
/** whenDeleted, whenScaled, claims left after scaling from 3 to 2, and after the set is deleted. */
const RETENTION = [
  ['Retain', 'Retain', 3, 3],
  ['Retain', 'Delete', 2, 2],
  ['Delete', 'Retain', 3, 0],
  ['Delete', 'Delete', 2, 0],
] as const;

test('claims go with scaling down and with the set as the policy says', () =>
  withCluster(async (cluster) => {
    for (const [whenDeleted, whenScaled, scaled, deleted] of RETENTION) {
      const policy = { whenDeleted, whenScaled };
      const why = JSON.stringify(policy);
      await create(cluster, 3, {
        persistentVolumeClaimRetentionPolicy: policy,
        volumeClaimTemplates: [CLAIM],
      });
      await runUntilQuiet(cluster);
      await patch(cluster, { replicas: 2 });
      await runUntilQuiet(cluster);
      assert.equal((await claimNames(cluster)).length, scaled, why);
      await cluster.client.delete(statefulSets, REF);
      await cluster.settle();
      assert.deepEqual(await names(cluster), []);
      assert.equal((await claimNames(cluster)).length, deleted, why);
      await cluster.client.deleteCollection(persistentVolumeClaims, { namespace: 'default' });
      await cluster.settle();
    }
  }));

test('a changed policy changes the owners of the claims that are there', () =>
  withCluster(async (cluster) => {
    await create(cluster, 1, { volumeClaimTemplates: [CLAIM] });
    await runUntilQuiet(cluster);
    const set = await getSet(cluster);
    await patch(cluster, {
      persistentVolumeClaimRetentionPolicy: { whenDeleted: 'Delete', whenScaled: 'Retain' },
    });
    const owned = await getClaim(cluster, 'data-db-0');
    assert.deepEqual(owned.metadata.ownerReferences, [
      {
        apiVersion: 'apps/v1',
        kind: 'StatefulSet',
        name: 'db',
        uid: set.metadata.uid,
        controller: true,
        blockOwnerDeletion: true,
      },
    ]);
    await patch(cluster, {
      persistentVolumeClaimRetentionPolicy: { whenDeleted: 'Retain', whenScaled: 'Retain' },
    });
    const free = await getClaim(cluster, 'data-db-0');
    assert.equal(free.metadata.ownerReferences, undefined);
  }));

test('what the server refuses is told, and tried again', () =>
  withCluster(async (cluster) => {
    await cluster.client.create(persistentVolumeClaims, {
      metadata: { ...REF, name: 'data-db-0', finalizers: ['example.com/hold'] },
      spec: CLAIM.spec,
    });
    await cluster.client.delete(persistentVolumeClaims, { ...REF, name: 'data-db-0' });
    await create(cluster, 1, { volumeClaimTemplates: [CLAIM] });
    const failure =
      'FailedCreate: create Pod db-0 in StatefulSet db failed error: pvc data-db-0 is being deleted';
    assert.ok(cluster.events.includes(failure));
    const body = { metadata: { finalizers: null } };
    await cluster.client.patch(
      persistentVolumeClaims,
      { ...REF, name: 'data-db-0' },
      { type: 'merge', body },
    );
    await cluster.settle();
    assert.deepEqual(await names(cluster), ['db-0']);
  }));
