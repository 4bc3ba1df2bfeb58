import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { KubernetesObject } from '../../../api/meta/object.ts';
import type { Pod } from '../../../api/types.gen.ts';
import {
  capacity,
  claim,
  csiDriver,
  node,
  pod,
  storageClass,
  storageOf,
  volume,
} from '../../volumes/storage.fixture.ts';

const LOCAL = storageClass('late', 'kubernetes.io/no-provisioner');
const MADE = storageClass('late', 'd');
const NOT_FOUND = "node(s) didn't find available persistent volumes to bind.";
const NODES = [node('a', { zone: '1' }), node('b', { zone: '2' })];

function placed(wanted: Pod, ...objects: readonly KubernetesObject[]): string {
  return storageOf(...NODES, ...objects).place(wanted);
}

test('what keeps a pod off every node', () => {
  const lost = { ...claim('c', { volume: 'v' }), status: { phase: 'Lost' as const } };
  const leaving = claim('c', {
    metadata: { namespace: 'default', name: 'c', deletionTimestamp: '2026-01-01T00:00:00Z' },
  });
  const scratch = { ephemeral: { volumeClaimTemplate: { spec: {} } } };
  const cases: readonly (readonly [Pod, readonly KubernetesObject[], string])[] = [
    [pod('p', 'c'), [], 'persistentvolumeclaim "c" not found.'],
    [pod('p', 'c'), [leaving], 'persistentvolumeclaim "c" is being deleted.'],
    [pod('p', 'c'), [lost], 'persistentvolumeclaim "c" bound to non-existent persistentvolume "v".'],
    [
      pod('p', scratch),
      [],
      'waiting for ephemeral volume controller to create the persistentvolumeclaim "p-v0".',
    ],
    [
      pod('p', scratch),
      [claim('p-v0')],
      'PVC default/p-v0 was not created for pod default/p (pod is not owner).',
    ],
    [
      pod('p', 'c'),
      [claim('c', { className: 'early' }), storageClass('early', 'd', { volumeBindingMode: 'Immediate' })],
      'pod has unbound immediate PersistentVolumeClaims.',
    ],
    [pod('p', 'c'), [claim('c', { className: 'none' })], 'pod has unbound immediate PersistentVolumeClaims.'],
    [
      pod('p', 'c'),
      [claim('c', { volume: 'v' })],
      // VolumeZone speaks first.
      'persistentvolume "v" not found.',
    ],
  ];
  for (const [wanted, objects, expected] of cases) assert.equal(placed(wanted, ...objects), expected);
});

test('an ephemeral volume of the pod itself', () => {
  const scratch = { ephemeral: { volumeClaimTemplate: { spec: {} } } };
  const owner = { apiVersion: 'v1', kind: 'Pod', name: 'p', uid: 'uid-p', controller: true };
  const metadata = { namespace: 'default', name: 'p-v0', ownerReferences: [owner] };
  assert.match(placed(pod('p', scratch), claim('p-v0', { metadata }), MADE), /^[ab]$/);
  const bound = {
    ...metadata,
    annotations: { 'pv.kubernetes.io/bind-completed': 'yes' },
  };
  assert.equal(
    placed(pod('p', scratch), claim('p-v0', { volume: 'gone', metadata: bound })),
    '2 node(s) unavailable due to one or more pvc(s) bound to non-existent pv(s).',
  );
});

test('bound volumes draw the pod to their node', () => {
  const there = [volume('v', { on: 'b' }), claim('c', { volume: 'v' })];
  assert.equal(placed(pod('p', 'c'), ...there), 'b');
  const apart = [...there, volume('w', { on: 'a' }), claim('k', { volume: 'w' })];
  assert.equal(
    placed(pod('p', 'c', 'k'), ...apart),
    "2 node(s) didn't match PersistentVolume's node affinity.",
  );
});

test('a waiting claim gets a volume of the node, or one that is made', () => {
  assert.equal(placed(pod('p', 'c'), claim('c'), LOCAL, volume('v', { on: 'b' })), 'b');
  assert.equal(placed(pod('p', 'c'), claim('c'), LOCAL, volume('v', { on: 'x' })), `2 ${NOT_FOUND}`);
  assert.equal(placed(pod('p', 'c'), claim('c', { size: '2Gi' }), LOCAL, volume('v')), `2 ${NOT_FOUND}`);
  assert.match(placed(pod('p', 'c'), claim('c'), MADE), /^[ab]$/);
});

test('the smallest claims choose first, and no volume is given twice', () => {
  const claims = [claim('large', { size: '5Gi' }), claim('small')];
  const volumes = [volume('v', { on: 'a', size: '5Gi' }), volume('w', { on: 'a', size: '2Gi' })];
  assert.equal(placed(pod('p', 'large', 'small'), LOCAL, ...claims, ...volumes), 'a');
  const [only] = volumes;
  assert.equal(
    placed(pod('p', 'large', 'small'), LOCAL, ...claims, ...(only ? [only] : [])),
    `2 ${NOT_FOUND}`,
  );
});

test('a claim whose volume is being made stays with its node', () => {
  const annotations = { 'volume.kubernetes.io/selected-node': 'b' };
  const metadata = { namespace: 'default', name: 'c', annotations };
  assert.equal(placed(pod('p', 'c'), claim('c', { metadata }), MADE, volume('v', { on: 'a' })), 'b');
});

test('a class says where volumes can be made', () => {
  const terms = (...values: readonly string[]) => [{ matchLabelExpressions: [{ key: 'zone', values }] }];
  const of = (...values: readonly string[]) =>
    storageClass('late', 'd', { allowedTopologies: terms(...values) });
  assert.equal(placed(pod('p', 'c'), claim('c'), of('2', '3')), 'b');
  assert.equal(placed(pod('p', 'c'), claim('c'), of('3')), `2 ${NOT_FOUND}`);
});

test('room for new volumes, where the driver tells', () => {
  const room = (on: string, more: object) => capacity(`of-${on}`, 'late', on, more);
  const wanted = [claim('c', { size: '2Gi' }), MADE];
  const full = '2 node(s) did not have enough free storage.';
  const cases: readonly (readonly [readonly KubernetesObject[], string | RegExp])[] = [
    [[], /^[ab]$/],
    [[csiDriver('d', false)], /^[ab]$/],
    [[csiDriver('d', true)], full],
    [[csiDriver('d', true), room('b', { capacity: '2Gi' })], 'b'],
    [[csiDriver('d', true), room('b', { capacity: '1Gi' })], full],
    [[csiDriver('d', true), room('b', { capacity: '9Gi', maximumVolumeSize: '1Gi' })], full],
    [[csiDriver('d', true), room('b', {})], full],
    [[csiDriver('d', true), room('b', { capacity: '2Gi', nodeTopology: undefined })], full],
  ];
  for (const [objects, expected] of cases) {
    const found = placed(pod('p', 'c'), ...wanted, ...objects);
    if (typeof expected === 'string') assert.equal(found, expected);
    else assert.match(found, expected);
  }
});

test('what wakes a refused pod', () => {
  const { profile } = storageOf(claim('c'), MADE);
  const wakes = profile.byName.get('VolumeBinding')?.wakesOn;
  assert.ok(wakes);
  const refused = pod('p', 'c');
  const changed = (next: KubernetesObject, old?: KubernetesObject) =>
    wakes({ resource: 'Other', kind: next.kind, next, old }, refused);
  const room = (size: string) => capacity('r', 'late', 'a', { capacity: size });
  assert.equal(changed(claim('c')), true);
  assert.equal(changed(claim('k')), false);
  assert.equal(changed(volume('v')), true);
  assert.equal(changed(MADE), true);
  assert.equal(changed(MADE, MADE), false);
  assert.equal(changed({ ...MADE, allowedTopologies: [] } as KubernetesObject, MADE), true);
  assert.equal(changed(csiDriver('d', false), csiDriver('d', true)), true);
  assert.equal(changed(csiDriver('e', false), csiDriver('e', true)), false);
  assert.equal(changed(csiDriver('d', true), csiDriver('d', false)), false);
  assert.equal(changed(room('2Gi'), room('1Gi')), true);
  assert.equal(changed(room('1Gi'), room('2Gi')), false);
  assert.equal(wakes({ resource: 'Node', next: node('n', { zone: '1' }), old: node('n') }, refused), true);
  assert.equal(wakes({ resource: 'Node', next: node('n'), old: node('n') }, refused), false);
});
