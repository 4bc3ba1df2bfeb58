import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Volume } from '../../../api/types.gen.ts';
import { claim, node, pod, storageClass, storageOf, volume } from '../../volumes/storage.fixture.ts';
import { conflict } from './disk-conflicts.ts';

const IN_USE =
  '2 node has pod using PersistentVolumeClaim with the same name and ReadWriteOncePod access mode.';

test('a claim for one pod at a time is in use in the whole cluster', () => {
  const one = storageOf(
    node('a'),
    node('b'),
    storageClass('late', 'd'),
    volume('v'),
    claim('c', { volume: 'v', modes: ['ReadWriteOncePod'] }),
  );
  const first = pod('first', 'c');
  one.put(first, 'a');
  assert.equal(one.place(pod('second', 'c')), IN_USE);
  one.cache.removePod('uid-first');
  assert.match(one.place(pod('second', 'c')), /^[ab]$/);
  // A namespace away it is another claim.
  const elsewhere = { ...pod('third', 'c'), metadata: { namespace: 'other', name: 'third', uid: 'third' } };
  assert.equal(one.place(elsewhere), 'persistentvolumeclaim "c" not found.');
});

test('a what-if without the other pod frees the claim', () => {
  const one = storageOf(node('a'), volume('v'), claim('c', { volume: 'v', modes: ['ReadWriteOncePod'] }));
  const first = pod('first', 'c');
  one.put(first, 'a');
  const info = one.cache.node('a');
  assert.ok(info);
  one.cache.whatIf((change) => {
    change.remove(info, first);
    assert.equal(one.cache.usersOfClaim('default/c'), 0);
  });
  assert.equal(one.cache.usersOfClaim('default/c'), 1);
});

test('disks that pods name themselves', () => {
  const gce = (readOnly: boolean): Volume => ({ name: 'v', gcePersistentDisk: { pdName: 'd', readOnly } });
  const aws: Volume = { name: 'v', awsElasticBlockStore: { volumeID: 'd' } };
  const iscsi = (readOnly: boolean, iqn = 'q'): Volume => ({
    name: 'v',
    iscsi: { targetPortal: 'p', iqn, lun: 0, readOnly },
  });
  const rbd = (monitors: readonly string[], image = 'i', readOnly = false): Volume => ({
    name: 'v',
    rbd: { monitors, image, pool: 'p', readOnly },
  });
  const cases: readonly (readonly [Volume, Volume, boolean])[] = [
    [gce(false), gce(true), true],
    [gce(true), gce(true), false],
    [aws, aws, true],
    [aws, gce(false), false],
    [iscsi(true), iscsi(false), true],
    [iscsi(true), iscsi(true), false],
    [iscsi(false), iscsi(false, 'other'), false],
    [rbd(['m', 'n']), rbd(['n']), true],
    [rbd(['m']), rbd(['n']), false],
    [rbd(['m']), rbd(['m'], 'other'), false],
    [rbd(['m'], 'i', true), rbd(['m'], 'i', true), false],
  ];
  for (const [a, b, expected] of cases) {
    assert.equal(conflict(a, b), expected, JSON.stringify([a, b]));
    assert.equal(conflict(b, a), expected, JSON.stringify([b, a]));
  }
  const one = storageOf(node('a'), node('b'));
  one.put(pod('first', aws), 'a');
  assert.equal(one.place(pod('second', aws)), 'b');
  assert.equal(one.place(pod('third', aws)), '2 node(s) had no available disk.');
});

test('what wakes a refused pod', () => {
  const { profile } = storageOf();
  const wakes = profile.byName.get('VolumeRestrictions')?.wakesOn;
  assert.ok(wakes);
  const refused = pod('p', 'c');
  const added = (name: string) =>
    ({ resource: 'Other', kind: 'PersistentVolumeClaim', next: claim(name) }) as const;
  assert.equal(wakes({ ...added('c'), old: undefined }, refused), true);
  assert.equal(wakes({ ...added('other'), old: undefined }, refused), false);
  assert.equal(wakes({ ...added('c'), old: claim('c') }, refused), false);
  assert.equal(wakes({ resource: 'Pod/Gone', old: pod('q', 'c') }, refused), true);
  assert.equal(wakes({ resource: 'Pod/Gone', old: pod('q', 'other') }, refused), false);
  assert.equal(wakes({ resource: 'Node', next: node('n'), old: undefined }, refused), true);
  assert.equal(wakes({ resource: 'Node', next: node('n'), old: node('n') }, refused), false);
});
