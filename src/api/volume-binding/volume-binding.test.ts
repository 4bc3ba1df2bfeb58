import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nodes } from '../groups/core/node/node.ts';
import { persistentVolumeClaims } from '../groups/core/persistent-volume-claim/persistent-volume-claim.ts';
import { persistentVolumes } from '../groups/core/persistent-volume/persistent-volume.ts';
import { storageClasses } from '../groups/storage/storage-class/storage-class.ts';
import { judge } from '../groups/judge.fixture.ts';
import type {
  PersistentVolume,
  PersistentVolumeClaim,
  PersistentVolumeClaimSpec,
  PersistentVolumeSpec,
} from '../types.gen.ts';
import type { Draft } from '../meta/object.ts';
import { BIND_COMPLETED, BOUND_BY_CONTROLLER } from './annotations.ts';
import { boundClaim, boundVolume, unboundVolume } from './binding.ts';
import { findMatchingVolume, fitsNode, isFullyBound, mismatchOf } from './matching.ts';
import { defaultClassOf, storageClassOf } from './storage-class.ts';

const judgedVolume = judge(persistentVolumes);
const judgedClaim = judge(persistentVolumeClaims);
const OLD_CLASS = 'volume.beta.kubernetes.io/storage-class';

function volume(name: string, size: string, spec: Draft<PersistentVolumeSpec> = {}): PersistentVolume {
  const labels = { name };
  return judgedVolume.created({
    metadata: { name, labels },
    spec: {
      capacity: { storage: size },
      accessModes: ['ReadWriteOnce'],
      hostPath: { path: `/data/${name}` },
      ...spec,
    },
    status: { phase: 'Available' },
  });
}

function claim(size: string, spec: Draft<PersistentVolumeClaimSpec> = {}): PersistentVolumeClaim {
  const made = judgedClaim.created({
    metadata: { namespace: 'default', name: 'data' },
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: size } }, ...spec },
  });
  return { ...made, metadata: { ...made.metadata, uid: 'u1', resourceVersion: '7' } };
}

const found = (...call: Parameters<typeof findMatchingVolume>): string | undefined =>
  findMatchingVolume(...call)?.metadata.name;

const OURS = { namespace: 'default', name: 'data' };

test('the smallest that fits', () => {
  const volumes = [volume('small', '1Gi'), volume('large', '10Gi'), volume('middle', '5Gi')];
  assert.equal(found(claim('2Gi'), volumes), 'middle');
  assert.equal(found(claim('2Gi'), volumes, { excluded: new Set(['middle']) }), 'large');
  assert.equal(found(claim('11Gi'), volumes), undefined);
  assert.equal(found(claim('2Gi'), volumes, { delayBinding: true }), undefined);
});

test('equal volumes: the first by name, whatever the order', () => {
  const [a, b] = [volume('a', '1Gi'), volume('b', '1Gi')];
  assert.equal(found(claim('1Gi'), [a, b]), 'a');
  assert.equal(found(claim('1Gi'), [b, a]), 'a');
});

test('a volume reserved for the claim wins; one of another claim is never taken', () => {
  const reserved = volume('reserved', '9Gi', { claimRef: OURS });
  const taken = volume('taken', '2Gi', { claimRef: { namespace: 'default', name: 'other' } });
  const formerly = volume('formerly', '1Gi', { claimRef: { ...OURS, uid: 'u0' } });
  const volumes = [taken, formerly, volume('free', '1Gi'), reserved];
  assert.equal(found(claim('1Gi'), volumes), 'reserved');
  assert.equal(found(claim('1Gi'), volumes, { delayBinding: true }), 'reserved');
  assert.equal(found(claim('1Gi'), [taken, formerly]), undefined);
  const begun = volume('z', '9Gi', { claimRef: { ...OURS, uid: 'u1' } });
  assert.equal(found(claim('1Gi'), [reserved, begun]), 'z');
  assert.equal(found(claim('1Gi'), [begun, reserved]), 'z');
});

test('what else has to agree', () => {
  const cases: readonly (readonly [
    Draft<PersistentVolumeClaimSpec>,
    Draft<PersistentVolumeSpec>,
    boolean,
  ])[] = [
    [{ storageClassName: 'fast' }, { storageClassName: 'fast' }, true],
    [{ storageClassName: 'fast' }, {}, false],
    [{}, { storageClassName: 'fast' }, false],
    [{ selector: { matchLabels: { name: 'v' } } }, {}, true],
    [{ selector: { matchLabels: { name: 'w' } } }, {}, false],
    [{ accessModes: ['ReadWriteMany'] }, {}, false],
    [{ accessModes: ['ReadWriteMany'] }, { accessModes: ['ReadWriteOnce', 'ReadWriteMany'] }, true],
    [{ volumeMode: 'Block' }, {}, false],
    [{ volumeMode: 'Block' }, { volumeMode: 'Block' }, true],
    [{ volumeAttributesClassName: 'gold' }, {}, false],
    [{ volumeAttributesClassName: 'gold' }, { volumeAttributesClassName: 'gold' }, true],
  ];
  for (const [wanted, offered, fits] of cases) {
    const name = JSON.stringify([wanted, offered]);
    assert.equal(found(claim('1Gi', wanted), [volume('v', '1Gi', offered)]), fits ? 'v' : undefined, name);
  }
});

test('only free and lasting volumes', () => {
  const v = volume('v', '1Gi');
  assert.equal(found(claim('1Gi'), [{ ...v, status: { phase: 'Released' } }]), undefined);
  const leaving = { ...v, metadata: { ...v.metadata, deletionTimestamp: '2026-01-01T00:00:00Z' } };
  assert.equal(found(claim('1Gi'), [leaving]), undefined);
});

test('a volume of a node', () => {
  const one = judge(nodes).created({ metadata: { name: 'one', labels: { zone: 'a' } } });
  const two = judge(nodes).created({ metadata: { name: 'two', labels: { zone: 'b' } } });
  const values = ['a'];
  const nodeAffinity = {
    required: {
      nodeSelectorTerms: [{ matchExpressions: [{ key: 'zone', operator: 'In', values } as const] }],
    },
  };
  const near = volume('near', '1Gi', { nodeAffinity });
  assert.equal(fitsNode(near, one), true);
  assert.equal(fitsNode(near, two), false);
  assert.equal(fitsNode(volume('anywhere', '1Gi'), two), true);
  assert.equal(found(claim('1Gi'), [near], { node: two }), undefined);
  assert.equal(found(claim('1Gi'), [near], { node: one, delayBinding: true }), 'near');
  // Promised to the claim and out of reach: no other one will do.
  const promised = volume('promised', '1Gi', { nodeAffinity, claimRef: OURS });
  assert.equal(found(claim('1Gi'), [promised, volume('free', '1Gi')], { node: two }), undefined);
});

test('why a named volume will not do', () => {
  const small = volume('v', '1Gi');
  assert.equal(mismatchOf(small, claim('1Gi')), undefined);
  assert.equal(mismatchOf(small, claim('2Gi')), 'requested PV is too small');
  assert.equal(mismatchOf(small, claim('1Gi', { storageClassName: 'x' })), 'storageClassName does not match');
  assert.equal(mismatchOf(small, claim('1Gi', { volumeMode: 'Block' })), 'incompatible volumeMode');
  const many = claim('1Gi', { accessModes: ['ReadWriteMany'] });
  assert.equal(mismatchOf(small, many), 'incompatible accessMode');
});

test('a binding, and its end', () => {
  const [free, wish] = [volume('v', '1Gi'), claim('1Gi')];
  const bound = boundVolume(free, wish);
  assert.deepEqual(bound.spec.claimRef, {
    kind: 'PersistentVolumeClaim',
    apiVersion: 'v1',
    ...OURS,
    uid: 'u1',
    resourceVersion: '7',
  });
  assert.equal(bound.metadata.annotations?.[BOUND_BY_CONTROLLER], 'yes');
  assert.equal(boundVolume(bound, wish), bound);
  const complete = boundClaim(wish, bound);
  assert.equal(complete.spec.volumeName, 'v');
  assert.deepEqual(Object.keys(complete.metadata.annotations ?? {}), [BOUND_BY_CONTROLLER, BIND_COMPLETED]);
  assert.equal(isFullyBound(complete), true);
  assert.equal(boundClaim(complete, bound), complete);
  const again = unboundVolume(bound);
  assert.equal(again.spec.claimRef, undefined);
  assert.deepEqual(again.metadata.annotations, {});
});

test('what people reserved stays reserved', () => {
  const reserved = boundVolume(volume('v', '1Gi', { claimRef: OURS }), claim('1Gi'));
  assert.equal(reserved.spec.claimRef?.uid, 'u1');
  assert.equal(reserved.metadata.annotations?.[BOUND_BY_CONTROLLER], undefined);
  assert.equal(unboundVolume(reserved).spec.claimRef?.name, 'data');
  assert.equal(unboundVolume(reserved).spec.claimRef?.uid, undefined);
  const named = boundClaim(claim('1Gi', { volumeName: 'v' }), reserved);
  assert.deepEqual(Object.keys(named.metadata.annotations ?? {}), [BIND_COMPLETED]);
});

test('classes', () => {
  const old = claim('1Gi', { storageClassName: 'new' });
  const metadata = { ...old.metadata, annotations: { [OLD_CLASS]: 'old' } };
  assert.equal(storageClassOf({ ...old, metadata }), 'old');
  const made = (name: string, time: string, isDefault = 'true') => {
    const annotations = { 'storageclass.kubernetes.io/is-default-class': isDefault };
    const result = judge(storageClasses).created({ metadata: { name, annotations }, provisioner: 'x/y' });
    return { ...result, metadata: { ...result.metadata, creationTimestamp: time } };
  };
  const [early, late] = ['2026-01-01T00:00:00Z', '2026-01-02T00:00:00Z'];
  assert.equal(defaultClassOf([made('a', early), made('b', late)])?.metadata.name, 'b');
  assert.equal(defaultClassOf([made('b', late), made('a', late)])?.metadata.name, 'a');
  assert.equal(defaultClassOf([made('a', late, 'false')]), undefined);
});
