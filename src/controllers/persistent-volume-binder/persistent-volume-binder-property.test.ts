/**
 * Generated lives of claims and volumes, with caches that lag, races that are lost and crashes between any
 * two writes. After every write of the binder: no volume serves two claims, no claim has two volumes. At the
 * end everything has come together as far as it can.
 */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { games } from '../../base/games.fixture.ts';
import { persistentVolumeClaims } from '../../api/groups/core/persistent-volume-claim/persistent-volume-claim.ts';
import { persistentVolumes } from '../../api/groups/core/persistent-volume/persistent-volume.ts';
import type { PersistentVolume, PersistentVolumeClaim } from '../../api/types.gen.ts';
import { findMatchingVolume, isFullyBound } from '../../api/volume-binding/matching.ts';
import { startTestCluster, unlessGone, type TestCluster } from '../cluster.fixture.ts';
import { makeTrouble, suddenStep, type SuddenStep } from '../trouble-steps.fixture.ts';
import { claimRef, createClaim, createVolume } from './binder.fixture.ts';
import { persistentVolumeBinder } from './persistent-volume-binder.ts';

type Op =
  | { readonly type: 'claim'; readonly claim: number; readonly gibibytes: number; readonly named?: number }
  | {
      readonly type: 'volume';
      readonly volume: number;
      readonly gibibytes: number;
      readonly reserved?: number;
    }
  | { readonly type: 'drop-claim'; readonly claim: number }
  | { readonly type: 'drop-volume' | 'recover'; readonly volume: number }
  | { readonly type: 'crash' | 'refuse'; readonly writes: number }
  | { readonly type: 'restart' }
  | SuddenStep;

const index = fc.nat(3);
const gibibytes = fc.integer({ min: 1, max: 3 });
const sometimes = fc.option(index, { nil: undefined, freq: 3 });
const op: fc.Arbitrary<Op> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc
      .record({ type: fc.constant('claim' as const), claim: index, gibibytes, named: sometimes })
      .map(({ named, ...rest }) => (named === undefined ? rest : { ...rest, named })),
  },
  {
    weight: 4,
    arbitrary: fc
      .record({ type: fc.constant('volume' as const), volume: index, gibibytes, reserved: sometimes })
      .map(({ reserved, ...rest }) => (reserved === undefined ? rest : { ...rest, reserved })),
  },
  fc.record({ type: fc.constant('drop-claim' as const), claim: index }),
  fc.record({ type: fc.constantFrom('drop-volume' as const, 'recover' as const), volume: index }),
  fc.record({ type: fc.constantFrom('crash' as const, 'refuse' as const), writes: fc.nat(4) }),
  fc.constant({ type: 'restart' as const }),
  suddenStep,
);
const life = fc.record({
  lagMs: fc.constantFrom(0, 0, 100, 300),
  steps: fc.array(fc.record({ op, waitMs: fc.constantFrom(0, 20, 400) }), { minLength: 5, maxLength: 30 }),
});

interface Everything {
  readonly claims: readonly PersistentVolumeClaim[];
  readonly volumes: readonly PersistentVolume[];
}

async function everything({ client }: Pick<TestCluster, 'client'>): Promise<Everything> {
  const [claims, volumes] = await Promise.all([
    client.list(persistentVolumeClaims),
    client.list(persistentVolumes),
  ]);
  return { claims: claims.items, volumes: volumes.items };
}

/** A half-done binding shows in the volume, so volumes that a machine gave to the claim count as well. */
function checkExclusive({ claims, volumes }: Everything): void {
  for (const { metadata, status } of volumes) {
    const owners = claims.filter((claim) => isFullyBound(claim) && claim.spec.volumeName === metadata.name);
    const serving = owners.filter((claim) => claim.status.phase === 'Bound');
    assert.ok(
      serving.length <= 1,
      `${metadata.name ?? ''} (${status.phase ?? ''}) serves ${serving.length} claims`,
    );
  }
  for (const { metadata } of claims) {
    const own = volumes.filter(({ spec }) => spec.claimRef?.uid === metadata.uid);
    const names = own.map(({ metadata: { name = '' } }) => name);
    assert.ok(own.length <= 1, `${metadata.name ?? ''} has ${names.join(' and ')}`);
  }
}

function checkConverged({ claims, volumes }: Everything): void {
  for (const claim of claims) {
    const { name = '', uid } = claim.metadata;
    const volume = volumes.find(({ metadata }) => metadata.name === claim.spec.volumeName);
    if (isFullyBound(claim)) {
      const isOwn = volume?.spec.claimRef?.uid === uid;
      assert.equal(claim.status.phase, isOwn ? 'Bound' : 'Lost', name);
      if (isOwn) assert.equal(volume?.status.phase, 'Bound', name);
    } else {
      assert.equal(claim.status.phase, 'Pending', name);
      if (claim.spec.volumeName === undefined)
        assert.equal(findMatchingVolume(claim, volumes), undefined, `${name} could have a volume`);
    }
  }
  for (const { metadata, spec, status } of volumes) {
    const { uid } = spec.claimRef ?? {};
    const isHeld = claims.some((claim) => claim.metadata.uid === uid);
    const expected = uid === undefined ? 'Available' : isHeld ? 'Bound' : 'Released';
    assert.equal(status.phase, expected, metadata.name ?? '');
  }
}

async function act(cluster: TestCluster, op: Op): Promise<void> {
  const { client } = cluster;
  switch (op.type) {
    case 'claim': {
      const requests = { storage: `${op.gibibytes}Gi` };
      const named = op.named === undefined ? {} : { volumeName: `v${op.named}` };
      return unlessThere(createClaim(cluster, `c${op.claim}`, { resources: { requests }, ...named }));
    }
    case 'volume': {
      const capacity = { storage: `${op.gibibytes}Gi` };
      const reserved = op.reserved === undefined ? {} : { claimRef: claimRef(`c${op.reserved}`) };
      return unlessThere(createVolume(cluster, `v${op.volume}`, { capacity, ...reserved }));
    }
    case 'drop-claim':
      return unlessGone(client.delete(persistentVolumeClaims, claimRef(`c${op.claim}`)));
    case 'drop-volume':
      return unlessGone(client.delete(persistentVolumes, { name: `v${op.volume}` }));
    case 'recover':
      return recover(cluster, `v${op.volume}`);
    case 'crash':
      return cluster.crash(op.writes);
    case 'refuse':
      return cluster.refuse(op.writes);
    case 'restart':
      return cluster.restart();
    case 'kill':
    case 'break':
      return makeTrouble(cluster, op);
  }
}

/** As people do with a released volume whose data they have looked through. */
async function recover({ client }: TestCluster, name: string): Promise<void> {
  const [volume] = (await client.list(persistentVolumes)).items.filter(
    ({ metadata }) => metadata.name === name,
  );
  if (volume?.status.phase !== 'Released') return;
  await client.patch(persistentVolumes, { name }, { type: 'merge', body: { spec: { claimRef: null } } });
}

async function unlessThere(work: Promise<unknown>): Promise<void> {
  try {
    await work;
  } catch (error) {
    if (!/already exists/.test(String(error))) throw error;
  }
}

test('no volume of two claims, no claim of two volumes, and everything comes together', async () => {
  await fc.assert(
    fc.asyncProperty(life, async ({ lagMs, steps }) => {
      const afterWrite = async (): Promise<void> => checkExclusive(await everything(cluster));
      const cluster = await startTestCluster([persistentVolumeBinder], { lagMs, afterWrite });
      try {
        for (const { op, waitMs } of steps) {
          await act(cluster, op);
          if (waitMs > 0) await cluster.host.clock.advance(waitMs);
          checkExclusive(await everything(cluster));
        }
        cluster.refuse(0);
        await cluster.restart();
        await cluster.settle();
        checkConverged(await everything(cluster));
      } finally {
        await cluster.stop();
      }
    }),
    games(60),
  );
});
