import assert from 'node:assert/strict';
import { test } from 'node:test';
import { claim, node, pod, storageClass, storageOf, volume } from '../../volumes/storage.fixture.ts';

const ZONE = 'topology.kubernetes.io/zone';
const OLD_ZONE = 'failure-domain.beta.kubernetes.io/zone';
const REGION = 'topology.kubernetes.io/region';

test('a volume with a zone is for nodes of that zone', () => {
  const nodes = [node('a', { [ZONE]: '1', [REGION]: 'r' }), node('b', { [ZONE]: '2' })];
  const cases: readonly (readonly [{ readonly [key: string]: string }, string])[] = [
    [{ [ZONE]: '2' }, 'b'],
    [{ [OLD_ZONE]: '2' }, 'b'],
    [{ [ZONE]: '1', [REGION]: 'r' }, 'a'],
    [{ [ZONE]: '0__2' }, 'b'],
    [{ [ZONE]: '3' }, '2 node(s) had no available volume zone.'],
    [{ [ZONE]: '2', [REGION]: 'r' }, '2 node(s) had no available volume zone.'],
  ];
  for (const [labels, expected] of cases) {
    const one = storageOf(...nodes, volume('v', { labels }), claim('c', { volume: 'v' }));
    assert.equal(one.place(pod('p', 'c')), expected, JSON.stringify(labels));
  }
});

test('nodes without any such label are in the one place that there is', () => {
  const one = storageOf(node('a'), volume('v', { labels: { [ZONE]: '1' } }), claim('c', { volume: 'v' }));
  assert.equal(one.place(pod('p', 'c')), 'a');
});

test('what wakes a refused pod', () => {
  const { profile } = storageOf();
  const wakes = profile.byName.get('VolumeZone')?.wakesOn;
  assert.ok(wakes);
  const refused = pod('p', 'c');
  const changed = (kind: string, next: unknown, old: unknown) =>
    wakes({ resource: 'Other', kind, next, old } as never, refused);
  const [here, there] = [volume('v', { labels: { [ZONE]: '1' } }), volume('v', { labels: { [ZONE]: '2' } })];
  assert.equal(changed('PersistentVolume', here, there), true);
  assert.equal(changed('PersistentVolume', here, here), false);
  assert.equal(changed('PersistentVolume', here, undefined), true);
  assert.equal(changed('StorageClass', storageClass('s', 'd'), undefined), true);
  assert.equal(
    changed('StorageClass', storageClass('s', 'd', { volumeBindingMode: 'Immediate' }), undefined),
    false,
  );
  assert.equal(changed('PersistentVolumeClaim', claim('c', { volume: 'v' }), claim('c')), true);
  assert.equal(changed('PersistentVolumeClaim', claim('k'), claim('k')), false);
  assert.equal(wakes({ resource: 'Node', next: node('n', { [ZONE]: '1' }), old: node('n') }, refused), true);
  assert.equal(wakes({ resource: 'Node', next: node('n'), old: node('n') }, refused), false);
});
