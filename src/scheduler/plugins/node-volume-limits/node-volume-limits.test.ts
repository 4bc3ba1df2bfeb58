import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  attachment,
  claim,
  csiNode,
  csiVolume,
  node,
  pod,
  storageClass,
  storageOf,
  volume,
} from '../../volumes/storage.fixture.ts';

const TOO_MANY = '1 node(s) exceed max volume count.';

test('no more volumes of a driver than the node takes, each counted once', () => {
  const one = storageOf(
    node('a'),
    csiNode('a', { d: 2 }),
    ...['1', '2', '3'].flatMap((i) => [csiVolume(`v${i}`), claim(`c${i}`, { volume: `v${i}` })]),
  );
  assert.equal(one.place(pod('p', 'c1')), 'a');
  assert.equal(one.place(pod('q', 'c1', 'c2')), 'a');
  assert.equal(one.place(pod('r', 'c3')), TOO_MANY);
  assert.equal(one.place(pod('s', 'c2')), 'a', 'a volume that is there already costs nothing');
});

test('what is not limited', () => {
  const objects = [
    csiVolume('v', 'other'),
    claim('c', { volume: 'v' }),
    volume('w'),
    claim('k', { volume: 'w' }),
  ];
  const one = storageOf(node('a'), csiNode('a', { d: 0 }), ...objects);
  assert.equal(one.place(pod('p', 'c')), 'a');
  assert.equal(one.place(pod('q', 'k')), 'a');
  assert.equal(storageOf(node('a'), ...objects).place(pod('p', 'c')), 'a');
});

test('a volume that is to be made counts by its class', () => {
  const one = storageOf(node('a'), csiNode('a', { d: 1 }), storageClass('late', 'd'), claim('c'), claim('k'));
  assert.equal(one.place(pod('p', 'c', 'k')), TOO_MANY);
  assert.equal(one.place(pod('q', 'c')), 'a');
});

test('an attached volume counts though no pod uses it, but not twice', () => {
  const objects = ['v', 'w'].flatMap((name) => [csiVolume(name), claim(`c${name}`, { volume: name })]);
  const one = storageOf(node('a'), csiNode('a', { d: 1 }), attachment('a', 'v'), ...objects);
  assert.equal(one.place(pod('p', 'cw')), TOO_MANY);
  assert.equal(one.place(pod('q', 'cv')), 'a');
});

test('disks of drivers that used to be built in count where a CSI driver does their work', () => {
  const disk = { awsElasticBlockStore: { volumeID: 'aws://zone/vol-1' } };
  const source = { source: { awsElasticBlockStore: { volumeID: 'vol-2' } } };
  const objects = [node('a'), volume('v', source), claim('c', { volume: 'v' })];
  const limits = { 'ebs.csi.aws.com': 1 };
  const migrated = storageOf(...objects, csiNode('a', limits, 'kubernetes.io/aws-ebs,kubernetes.io/gce-pd'));
  assert.equal(migrated.place(pod('p', disk)), 'a');
  assert.equal(migrated.place(pod('q', 'c')), TOO_MANY);
  const before = storageOf(...objects, csiNode('a', limits));
  assert.equal(before.place(pod('p', disk, 'c')), 'a');
});

test('what wakes a refused pod', () => {
  const { profile } = storageOf();
  const wakes = profile.byName.get('NodeVolumeLimits')?.wakesOn;
  assert.ok(wakes);
  const refused = pod('p', 'c');
  const changed = (kind: string, next: unknown, old: unknown) =>
    wakes({ resource: 'Other', kind, next, old } as never, refused);
  assert.equal(changed('CSINode', csiNode('a', { d: 1 }), undefined), true);
  assert.equal(changed('CSINode', csiNode('a', { d: 2 }), csiNode('a', { d: 1 })), true);
  assert.equal(changed('CSINode', csiNode('a', { d: 1 }), csiNode('a', { d: 2 })), false);
  assert.equal(changed('VolumeAttachment', undefined, attachment('a', 'v')), true);
  assert.equal(changed('VolumeAttachment', attachment('a', 'v'), undefined), false);
  assert.equal(changed('PersistentVolumeClaim', claim('c'), undefined), true);
  assert.equal(changed('PersistentVolumeClaim', claim('k'), undefined), false);
  assert.equal(wakes({ resource: 'Pod/Gone', old: pod('q', 'k') }, refused), true);
  assert.equal(wakes({ resource: 'Pod/Gone', old: pod('q') }, refused), false);
});
