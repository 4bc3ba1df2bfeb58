/**
 * Ephemeral volumes under trouble: pods that come back under the same name, claims that people make, take and
 * delete; caches that lag, streams that break, processes that die at any call.
 */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { games } from '../../base/games.fixture.ts';
import { persistentVolumeClaims } from '../../api/groups/core/persistent-volume-claim/persistent-volume-claim.ts';
import { pods } from '../../api/groups/core/pod/pod.ts';
import { isApiError } from '../../api/meta/api-error.ts';
import { startTestCluster, unlessGone, type TestCluster } from '../cluster.fixture.ts';
import { garbageCollector } from '../garbage-collector/garbage-collector.ts';
import { controllerOf } from '../ownership/ownership.ts';
import { claimRef, createClaim } from '../persistent-volume-binder/binder.fixture.ts';
import { endTrouble, makeTrouble, troubleStep } from '../trouble-steps.fixture.ts';
import { ephemeralVolumeController } from './ephemeral-volume.ts';

const name = fc.constantFrom('a', 'b');
const step = fc.oneof(
  { weight: 5, arbitrary: fc.record({ type: fc.constant('add' as const), name }) },
  { weight: 3, arbitrary: fc.record({ type: fc.constant('remove' as const), name }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('take' as const), name }) },
  { weight: 3, arbitrary: fc.record({ type: fc.constant('lose' as const), name }) },
  { weight: 6, arbitrary: troubleStep },
);
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

const scenario = fc.record({
  lagMs: fc.constantFrom(0, 300),
  steps: fc.array(step, { minLength: 4, maxLength: 25, size: 'max' }),
});

const volumeClaimTemplate = {
  spec: { accessModes: ['ReadWriteOnce' as const], resources: { requests: { storage: '1Gi' } } },
};
const claimOf = (pod: string): string => `${pod}-scratch`;

async function unlessThere(work: Promise<unknown>): Promise<void> {
  try {
    await work;
  } catch (error) {
    if (!isApiError(error, 'AlreadyExists')) throw error;
  }
}

async function perform(cluster: TestCluster, what: Step): Promise<void> {
  const { client } = cluster;
  switch (what.type) {
    case 'add': {
      const volumes = [{ name: 'scratch', ephemeral: { volumeClaimTemplate } }];
      const spec = { containers: [{ name: 'c', image: 'i' }], volumes };
      return unlessThere(client.create(pods, { metadata: claimRef(what.name), spec }));
    }
    case 'remove':
      return unlessGone(client.delete(pods, claimRef(what.name)));
    case 'take':
      return unlessThere(createClaim(cluster, claimOf(what.name)));
    case 'lose':
      return unlessGone(client.delete(persistentVolumeClaims, claimRef(claimOf(what.name))));
    default:
      return makeTrouble(cluster, what);
  }
}

/** Every pod has its claim, or somebody else has it; what belongs to a pod that is gone, is gone. */
async function checkEnd(cluster: TestCluster): Promise<void> {
  await endTrouble(cluster);
  await cluster.advance('3m');
  const { items: claims } = await cluster.client.list(persistentVolumeClaims);
  const { items: present } = await cluster.client.list(pods);
  for (const { metadata } of present) {
    const claim = claims.find((each) => each.metadata.name === claimOf(metadata.name ?? ''));
    assert.ok(claim !== undefined, `${metadata.name ?? ''} waits for its claim for ever`);
    assert.ok([undefined, metadata.uid].includes(controllerOf(claim)?.uid), 'the claim of another pod');
  }
  const uids = present.map(({ metadata }) => metadata.uid);
  for (const claim of claims) {
    const owner = controllerOf(claim);
    assert.ok(owner === undefined || uids.includes(owner.uid), `${claim.metadata.name ?? ''} is left over`);
  }
}

test('every pod gets its own claim, whatever happens, and nobody takes one of somebody else', async () => {
  await fc.assert(
    fc.asyncProperty(scenario, async ({ lagMs, steps }) => {
      const collector = garbageCollector(() => [pods, persistentVolumeClaims]);
      const cluster = await startTestCluster([ephemeralVolumeController, collector], { lagMs });
      try {
        for (const each of steps) {
          await perform(cluster, each);
          await cluster.host.clock.advance(10);
        }
        await checkEnd(cluster);
      } finally {
        await cluster.stop();
      }
    }),
    games(30),
  );
});
