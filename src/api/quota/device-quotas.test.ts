/** What claims for devices count for under the names by which pods can ask for devices, too. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DeviceClass, Pod, ResourceQuota, ResourceV1ResourceClaim } from '../types.gen.ts';
import { toList } from './amounts.ts';
import { evaluatorOf } from './evaluator.ts';
import { surroundingsOf, type Surroundings } from './surroundings.ts';
import { totalStatus } from './total.ts';

const NAMESPACE = 'default';
const CLAIMS = { group: 'resource.k8s.io', plural: 'resourceclaims' };
const PODS = { group: '', plural: 'pods' };
const COUNT = 'count/resourceclaims.resource.k8s.io';
const DEVICES = 'gpu.deviceclass.resource.k8s.io/devices';
const BY_CLASS = 'requests.deviceclass.resource.kubernetes.io/gpu';
const BY_RESOURCE = 'requests.example.com/gpu';
const NEVER = 0;

function classOf(name: string, extendedResourceName?: string): DeviceClass {
  const spec = extendedResourceName === undefined ? {} : { extendedResourceName };
  return { apiVersion: 'resource.k8s.io/v1', kind: 'DeviceClass', metadata: { name }, spec };
}

const GPU = classOf('gpu', 'example.com/gpu');

interface ClaimWishes {
  readonly name?: string;
  readonly count?: number;
  readonly className?: string;
  /** Of the pod for whose extended resources it says it was made. */
  readonly podUid?: string;
  readonly second?: number;
}

function claimOf({ name = 'c', count = 2, className = 'gpu', podUid, second = 0 }: ClaimWishes) {
  const made = {
    annotations: { 'resource.kubernetes.io/extended-resource-claim': 'true' },
    ownerReferences: [{ apiVersion: 'v1', kind: 'Pod', name: 'p', uid: podUid, controller: true }],
  };
  return {
    metadata: {
      namespace: NAMESPACE,
      name,
      creationTimestamp: `2026-01-01T00:00:0${second}Z`,
      ...(podUid === undefined ? {} : made),
    },
    spec: { devices: { requests: [{ name: 'r', exactly: { deviceClassName: className, count } }] } },
    status: {},
  } as unknown as ResourceV1ResourceClaim;
}

function podOf(requests: object, status: object = {}): Pod {
  return {
    metadata: { namespace: NAMESPACE, name: 'p', uid: 'u' },
    spec: { containers: [{ name: 'c', resources: { requests } }] },
    status,
  } as unknown as Pod;
}

const usage = (claim: ResourceV1ResourceClaim, around: Surroundings) =>
  toList(evaluatorOf(CLAIMS, around).usage(claim, NEVER));

test('devices count under the name of their class, and under that of the resource it stands for', () => {
  const around = surroundingsOf([GPU, classOf('plain')], [], []);
  assert.deepEqual(usage(claimOf({}), around), {
    [COUNT]: '1',
    [DEVICES]: '2',
    [BY_CLASS]: '2',
    [BY_RESOURCE]: '2',
  });
  assert.deepEqual(usage(claimOf({ className: 'plain', count: 1 }), around), {
    [COUNT]: '1',
    'plain.deviceclass.resource.k8s.io/devices': '1',
    'requests.deviceclass.resource.kubernetes.io/plain': '1',
  });
  const counts = (name: string) => evaluatorOf(CLAIMS, around).counts(name);
  for (const name of [BY_CLASS, BY_RESOURCE, 'requests.deviceclass.resource.kubernetes.io/plain'])
    assert.ok(counts(name), name);
  for (const name of ['requests.example.com/fpga', 'requests.cpu', 'example.com/gpu', `${BY_CLASS}s`])
    assert.ok(!counts(name), name);
});

test('the largest of several alternatives counts, all devices as the most that there can be', () => {
  const requests = [
    {
      name: 'a',
      firstAvailable: [
        { deviceClassName: 'gpu', count: 3 },
        { deviceClassName: 'other', count: 5 },
        { deviceClassName: 'gpu', count: 1 },
      ],
    },
    { name: 'b', exactly: { deviceClassName: 'other', allocationMode: 'All' } },
  ];
  const claim = { ...claimOf({}), spec: { devices: { requests } } } as unknown as ResourceV1ResourceClaim;
  // Two classes stand for one resource: either is what a pod would ask for by its name.
  const around = surroundingsOf([GPU, classOf('other', 'example.com/gpu')], [], []);
  assert.deepEqual(usage(claim, around), {
    [COUNT]: '1',
    [DEVICES]: '3',
    'other.deviceclass.resource.k8s.io/devices': '37',
    [BY_CLASS]: '3',
    'requests.deviceclass.resource.kubernetes.io/other': '37',
    [BY_RESOURCE]: '40',
  });
});

test('the claim that the scheduler made for a pod counts beyond what the pod asked for only', () => {
  const asks = (amount: string) => podOf({ 'example.com/gpu': amount });
  const left = (claim: ResourceV1ResourceClaim, pods: readonly Pod[], others = [claim]) =>
    usage(claim, surroundingsOf([GPU], pods, others))[BY_RESOURCE];
  const made = claimOf({ podUid: 'u' });
  assert.equal(left(made, [asks('2')]), undefined);
  assert.equal(left(made, [asks('1')]), '1');
  assert.equal(left(claimOf({}), [asks('2')]), '2', 'nobody says that it was made for the pod');
  assert.equal(left(claimOf({ podUid: 'other' }), [asks('2')]), '2', 'for an earlier pod of the name');
  assert.equal(left(made, []), '2', 'the pod is gone');
  assert.equal(
    left(made, [podOf({ 'example.com/gpu': '2' }, { phase: 'Succeeded' })]),
    '2',
    'the pod counts for nothing any more',
  );
  const around = surroundingsOf([GPU], [asks('2')], [made]);
  assert.equal(usage(made, around)[DEVICES], '2', 'devices are never counted for pods');
  assert.equal(usage(made, around)[BY_CLASS], '2', 'the pod asked by another name');
  const byClass = podOf({ 'deviceclass.resource.kubernetes.io/gpu': '2' });
  const names = usage(made, surroundingsOf([GPU], [byClass], [made]));
  assert.deepEqual([names[BY_CLASS], names[BY_RESOURCE]], [undefined, '2']);
});

test('a pod pays for one claim: the one that its status names, or the oldest', () => {
  const [first, second] = [
    claimOf({ name: 'z', podUid: 'u' }),
    claimOf({ name: 'a', podUid: 'u', second: 1 }),
  ];
  const sameTime = claimOf({ name: 'y', podUid: 'u' });
  const all = [first, second, sameTime];
  const unpaid = (status: object) =>
    all
      .filter((claim) => {
        const around = surroundingsOf([GPU], [podOf({ 'example.com/gpu': '2' }, status)], all);
        return usage(claim, around)[BY_RESOURCE] !== undefined;
      })
      .map(({ metadata }) => metadata.name);
  assert.deepEqual(unpaid({}), ['z', 'a']);
  const late = claimOf({ name: 'b', podUid: 'u' });
  const around = surroundingsOf([GPU], [podOf({ 'example.com/gpu': '2' })], [second]);
  assert.equal(usage(late, around)[BY_RESOURCE], '2', 'it is only about to be made');
  assert.deepEqual(unpaid({ extendedResourceClaimStatus: { resourceClaimName: 'a', requestMappings: [] } }), [
    'z',
    'y',
  ]);
});

test('counting anew adds what pods and claims take of one resource', () => {
  const hard = { [BY_RESOURCE]: '9', [BY_CLASS]: '9', [DEVICES]: '9', pods: '9' };
  const quota: ResourceQuota = {
    apiVersion: 'v1',
    kind: 'ResourceQuota',
    metadata: { name: 'q', namespace: NAMESPACE },
    spec: { hard },
    status: {},
  };
  const pod = podOf({ 'example.com/gpu': '2', 'deviceclass.resource.kubernetes.io/gpu': '1' });
  const claims = [claimOf({ podUid: 'u', count: 3 }), claimOf({ name: 'own', count: 4 })];
  const around = surroundingsOf([GPU], [pod], claims);
  const kinds = [
    { evaluator: evaluatorOf(PODS, around), objects: [pod] },
    { evaluator: evaluatorOf(CLAIMS, around), objects: claims },
  ];
  assert.deepEqual(totalStatus(quota, kinds, NEVER)?.used, {
    [BY_RESOURCE]: '7',
    [BY_CLASS]: '7',
    [DEVICES]: '7',
    pods: '1',
  });
  const scoped = { ...quota, spec: { hard, scopes: ['NotTerminating' as const] } };
  assert.equal(totalStatus(scoped, kinds, NEVER)?.used?.[BY_RESOURCE], '2', 'claims are in no scope');
});
