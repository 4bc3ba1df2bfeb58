/**
 * Pods with devices, shared devices and extended resources come and go while writes fail: no device is given
 * twice, no shared one beyond what it has, whoever is bound has its devices, and nothing stays promised.
 */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { games } from '../../../base/games.fixture.ts';
import { pods } from '../../../api/groups/core/pod/pod.ts';
import { deviceClasses } from '../../../api/groups/resource/device-class/device-class.ts';
import { resourceClaims } from '../../../api/groups/resource/resource-claim/resource-claim.ts';
import type { Device, Pod, ResourceV1ResourceClaim } from '../../../api/types.gen.ts';
import type { TestScheduler } from '../../scheduler.fixture.ts';
import { addClaim, addPod, namespace, plainDevices, podOf, start } from './dynamic-resources.fixture.ts';

const GPU = 'example.com/gpu';
const ROOM = 100;
const SHARED: Device = {
  name: 'shared',
  allowMultipleAllocations: true,
  capacity: { bandwidth: { value: String(ROOM) } },
};
const PLAIN = 3;

const kind = fc.constantFrom('plain', 'shared', 'extended');
const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant('add' as const), kind }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('remove' as const), which: fc.nat({ max: 20 }) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('refuse' as const),
      plural: fc.constantFrom('resourceclaims', 'pods', 'pods/binding'),
      isOn: fc.boolean(),
    }),
  },
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

async function startCluster(): Promise<TestScheduler> {
  const cluster = await start({ a: plainDevices(2), b: [...plainDevices(1), SHARED] });
  const selectors = (expression: string) => [{ cel: { expression } }];
  const plain = { selectors: selectors('!device.allowMultipleAllocations') };
  const shared = { selectors: selectors('device.allowMultipleAllocations') };
  await cluster.client.create(deviceClasses, { metadata: { name: 'plain' }, spec: plain });
  await cluster.client.create(deviceClasses, { metadata: { name: 'shared' }, spec: shared });
  const spec = { ...plain, extendedResourceName: GPU };
  await cluster.client.create(deviceClasses, { metadata: { name: 'extended' }, spec });
  return cluster;
}

async function add(cluster: TestScheduler, name: string, ofKind: string): Promise<void> {
  if (ofKind === 'extended') {
    const resources = { requests: { [GPU]: '1' }, limits: { [GPU]: '1' } };
    const spec = { resourceClaims: [], containers: [{ name: 'c', image: 'i', resources }] };
    return addPod(cluster, name, '', spec);
  }
  const capacity = ofKind === 'shared' ? { capacity: { requests: { bandwidth: '40' } } } : {};
  await addClaim(cluster, name, { deviceClassName: ofKind, ...capacity });
  await addPod(cluster, name, name);
}

const allClaims = async ({ client }: TestScheduler): Promise<readonly ResourceV1ResourceClaim[]> =>
  (await client.list(resourceClaims)).items;

/** As the controllers do it. */
async function remove(cluster: TestScheduler, name: string): Promise<void> {
  const { client } = cluster;
  const { uid = '' } = (await podOf(cluster, name)).metadata;
  await client.delete(pods, { namespace, name }, { gracePeriodSeconds: 0 });
  await cluster.advance(100);
  for (const claim of await allClaims(cluster)) {
    const isOwned = claim.metadata.ownerReferences?.some((one) => one.uid === uid) === true;
    if (claim.metadata.name !== name && !isOwned) continue;
    const idle = await client.update(resourceClaims, { ...claim, status: {} }, { subresource: 'status' });
    await client.update(resourceClaims, { ...idle, metadata: { ...idle.metadata, finalizers: [] } });
    await client.delete(resourceClaims, { namespace, name: claim.metadata.name ?? '' });
  }
}

async function check(cluster: TestScheduler): Promise<void> {
  const claims = await allClaims(cluster);
  const alone = new Set<string>();
  let consumed = 0;
  for (const { status } of claims)
    for (const { pool, device, shareID, consumedCapacity } of status.allocation?.devices.results ?? []) {
      if (shareID !== undefined) {
        consumed += Number(consumedCapacity?.['bandwidth'] ?? 0);
        continue;
      }
      const id = `${pool}/${device}`;
      assert.ok(!alone.has(id), `${id} is given twice`);
      alone.add(id);
    }
  assert.ok(consumed <= ROOM, `${consumed} of a shared device`);
  for (const pod of (await cluster.client.list(pods)).items) {
    if (pod.spec.nodeName === undefined) continue;
    const name = pod.metadata.name ?? '';
    assert.ok(
      claims.some((claim) => isHeldBy(pod, claim)),
      `${name} is bound without its devices`,
    );
  }
}

function isHeldBy({ metadata, status }: Pod, claim: ResourceV1ResourceClaim): boolean {
  const name = status.extendedResourceClaimStatus?.resourceClaimName ?? metadata.name;
  const { reservedFor = [], allocation } = claim.status;
  return (
    claim.metadata.name === name &&
    allocation !== undefined &&
    reservedFor.some(({ uid }) => uid === metadata.uid)
  );
}

async function play(steps: readonly Step[]): Promise<void> {
  const cluster = await startCluster();
  const names: string[] = [];
  for (const [i, one] of steps.entries()) {
    if (one.do === 'add') {
      names.push(`p${i}`);
      await add(cluster, `p${i}`, one.kind);
    } else if (one.do === 'remove') {
      const [name] = names.splice(one.which % Math.max(names.length, 1), 1);
      if (name !== undefined) await remove(cluster, name);
    } else cluster.refuse(one.plural, one.isOn ? new Error('not now') : undefined);
    await cluster.advance(i % 2 === 0 ? '2s' : 50);
    await check(cluster);
  }
  for (const plural of ['resourceclaims', 'pods', 'pods/binding']) cluster.refuse(plural, undefined);
  for (const name of names) await remove(cluster, name);
  await cluster.advance('30s');
  assert.deepEqual(await allClaims(cluster), []);
  // Everything is free again.
  for (let i = 0; i < PLAIN; i++) await add(cluster, `last-${i}`, i === 0 ? 'extended' : 'plain');
  for (let i = 0; i < 2; i++) await add(cluster, `share-${i}`, 'shared');
  await cluster.advance('5s');
  const { items } = await cluster.client.list(pods);
  assert.deepEqual(
    items.filter(({ spec }) => spec.nodeName === undefined).map(({ metadata }) => metadata.name),
    [],
  );
  await check(cluster);
  await cluster.stop();
}

test('whatever comes, goes and fails: devices are given once, and none is lost', async () => {
  await fc.assert(fc.asyncProperty(fc.array(step, { maxLength: 14 }), play), games(40));
});
