import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { OwnerReference, PersistentVolumeClaim, StatefulSet } from '../../api/types.gen.ts';
import { blocksNewPod, hasOtherController, wantedOwners } from './retention.ts';

const POD = { metadata: { name: 'db-1', uid: 'pod' } };

const set = (whenDeleted: string, whenScaled: string): StatefulSet => ({
  apiVersion: 'apps/v1',
  kind: 'StatefulSet',
  metadata: { name: 'db', uid: 'set' },
  spec: {
    selector: {},
    serviceName: '',
    template: { metadata: {}, spec: { containers: [] } },
    updateStrategy: {},
    persistentVolumeClaimRetentionPolicy: { whenDeleted, whenScaled },
  },
  status: { replicas: 0, availableReplicas: 0 },
});

const owned = (...ownerReferences: readonly OwnerReference[]): PersistentVolumeClaim => ({
  apiVersion: 'v1',
  kind: 'PersistentVolumeClaim',
  metadata: { name: 'data-db-1', ownerReferences },
  spec: { resources: {} },
  status: {},
});

const reference = (
  kind: 'StatefulSet' | 'Pod' | 'Backup',
  uid: string,
  controller = true,
): OwnerReference => ({
  apiVersion: kind === 'Pod' ? 'v1' : kind === 'Backup' ? 'example.com/v1' : 'apps/v1',
  kind,
  name: kind === 'Pod' ? 'db-1' : 'db',
  uid,
  controller,
  blockOwnerDeletion: true,
});

const BY_SET = reference('StatefulSet', 'set');
const BY_POD = reference('Pod', 'pod');
const BY_BACKUP = reference('Backup', 'backup');
const SHARED = { ...BY_BACKUP, controller: false };

/** whenDeleted, whenScaled, whether the pod is out of range, present owners, and those that are wanted. */
const CASES: readonly (readonly [string, string, boolean, OwnerReference[], OwnerReference[] | undefined])[] =
  [
    ['Retain', 'Retain', false, [], undefined],
    ['Retain', 'Retain', true, [BY_SET, SHARED], [SHARED]],
    ['Delete', 'Retain', false, [], [BY_SET]],
    ['Delete', 'Retain', true, [BY_SET], undefined],
    ['Delete', 'Retain', false, [{ ...BY_SET, controller: false }], [BY_SET]],
    ['Retain', 'Delete', false, [BY_POD], []],
    ['Retain', 'Delete', true, [SHARED], [SHARED, BY_POD]],
    ['Delete', 'Delete', false, [BY_POD], [BY_SET]],
    ['Delete', 'Delete', true, [BY_SET], [BY_POD]],
    // Of a former set or pod of the same name: left to the garbage collector.
    ['Delete', 'Delete', false, [reference('StatefulSet', 'former')], undefined],
    ['Delete', 'Delete', true, [reference('Pod', 'former')], undefined],
    // Managed by somebody else: only our own references go.
    ['Delete', 'Delete', false, [BY_BACKUP], undefined],
    ['Delete', 'Delete', false, [BY_BACKUP, BY_SET], [BY_BACKUP]],
  ];

test('who owns a claim', () => {
  for (const [whenDeleted, whenScaled, isScaledDown, present, wanted] of CASES) {
    const claim = owned(...present);
    const actual = wantedOwners(claim, set(whenDeleted, whenScaled), POD, isScaledDown);
    assert.deepEqual(actual, wanted, JSON.stringify([whenDeleted, whenScaled, isScaledDown, present]));
    if (wanted === undefined) continue;
    const again = owned(...wanted);
    assert.equal(wantedOwners(again, set(whenDeleted, whenScaled), POD, isScaledDown), undefined);
  }
});

test('a claim of another controller, and one that goes with a former pod', () => {
  assert.ok(hasOtherController(owned(BY_BACKUP), set('Delete', 'Retain'), POD));
  assert.ok(!hasOtherController(owned(BY_BACKUP), set('Retain', 'Retain'), POD));
  assert.ok(!hasOtherController(owned(BY_SET, BY_POD), set('Delete', 'Delete'), POD));
  const former = owned(reference('Pod', 'former'));
  assert.ok(blocksNewPod(former, set('Retain', 'Delete'), POD));
  assert.ok(!blocksNewPod(former, set('Retain', 'Retain'), POD));
  assert.ok(!blocksNewPod(owned(BY_POD), set('Retain', 'Delete'), POD));
});
