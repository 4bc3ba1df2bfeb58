/**
 * Claims that grow, under trouble: before and after they are bound, of volumes that a driver took over and of
 * others; caches that lag, streams that break, processes that die at any call. In the end everybody who is to
 * make a volume larger knows of it.
 */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { games } from '../../base/games.fixture.ts';
import { persistentVolumeClaims } from '../../api/groups/core/persistent-volume-claim/persistent-volume-claim.ts';
import { persistentVolumes } from '../../api/groups/core/persistent-volume/persistent-volume.ts';
import { isApiError } from '../../api/meta/api-error.ts';
import { MIGRATED_TO, STORAGE_RESIZER } from '../../api/volume-binding/annotations.ts';
import { startTestCluster, unlessGone, type TestCluster } from '../cluster.fixture.ts';
import { claimRef, createClaim, createVolume } from '../persistent-volume-binder/binder.fixture.ts';
import { persistentVolumeBinder } from '../persistent-volume-binder/persistent-volume-binder.ts';
import { endTrouble, liveThrough, makeTrouble, troubleStep } from '../trouble-steps.fixture.ts';
import { isExpansionWanted } from './plan.ts';
import { volumeExpansionController } from './volume-expansion.ts';

const DRIVER = 'example.com';

const claim = fc.constantFrom('c0', 'c1');
const volume = fc.constantFrom('v0', 'v1', 'v2');
const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ type: fc.constant('make-claim' as const), claim }) },
  {
    weight: 4,
    arbitrary: fc.record({ type: fc.constant('make-volume' as const), volume, isMigrated: fc.boolean() }),
  },
  {
    weight: 6,
    arbitrary: fc.record({ type: fc.constant('grow' as const), claim, gibibytes: fc.constantFrom(2, 3) }),
  },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('drop-claim' as const), claim }) },
  { weight: 8, arbitrary: troubleStep },
);
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

const scenario = fc.record({
  lagMs: fc.constantFrom<0 | 300 | { [plural: string]: number }>(
    0,
    300,
    { persistentvolumes: 600 },
    { persistentvolumeclaims: 600 },
  ),
  steps: fc.array(step, { minLength: 5, maxLength: 20, size: 'max' }),
});

class World {
  readonly #cluster: TestCluster;

  constructor(cluster: TestCluster) {
    this.#cluster = cluster;
  }

  /** What must hold at every step is the binder's. */
  check(): void {
    const strange = this.#cluster.events.filter(
      (event) => event.startsWith('ExternalExpanding') && !/expand (this PVC|the pvc)$/.test(event),
    );
    assert.deepEqual(strange, []);
  }

  async perform(what: Step): Promise<unknown> {
    const { client } = this.#cluster;
    switch (what.type) {
      case 'make-claim':
        return unlessThere(createClaim(this.#cluster, what.claim));
      case 'make-volume': {
        const annotations = what.isMigrated ? { [MIGRATED_TO]: DRIVER } : {};
        return unlessThere(createVolume(this.#cluster, what.volume, {}, annotations));
      }
      case 'grow':
        return this.#grow(what.claim, what.gibibytes);
      case 'drop-claim':
        return unlessGone(client.delete(persistentVolumeClaims, claimRef(what.claim)));
      default:
        return makeTrouble(this.#cluster, what);
    }
  }

  /** Only what is bound may grow, and nothing shrinks. */
  async #grow(name: string, gibibytes: number): Promise<void> {
    const body = { spec: { resources: { requests: { storage: `${gibibytes}Gi` } } } };
    try {
      await this.#cluster.client.patch(persistentVolumeClaims, claimRef(name), { type: 'merge', body });
    } catch (error) {
      if (!isApiError(error, 'Invalid') && !isApiError(error, 'NotFound')) throw error;
    }
  }

  stop(): void {}

  async checkEnd(): Promise<void> {
    const { client } = this.#cluster;
    await endTrouble(this.#cluster);
    await this.#cluster.advance('1m');
    const volumes = (await client.list(persistentVolumes)).items;
    for (const { metadata, spec, status } of (await client.list(persistentVolumeClaims)).items) {
      const own = volumes.find(({ spec: { claimRef: ref } }) => ref?.uid === metadata.uid);
      const isMigrated = own?.metadata.annotations?.[MIGRATED_TO] !== undefined;
      const wants = isExpansionWanted({
        apiVersion: 'v1',
        kind: 'PersistentVolumeClaim',
        metadata,
        spec,
        status,
      });
      const told = metadata.annotations?.[STORAGE_RESIZER];
      assert.equal(told, wants && isMigrated ? DRIVER : undefined);
      const said = this.#cluster.events.some((event) => event.startsWith('ExternalExpanding'));
      if (wants) assert.ok(said, `nobody said that ${metadata.name ?? ''} waits`);
    }
  }
}

async function unlessThere(work: Promise<unknown>): Promise<void> {
  try {
    await work;
  } catch (error) {
    if (!isApiError(error, 'AlreadyExists')) throw error;
  }
}

test('whoever is to make a volume larger is told, however late its parts are heard of', async () => {
  await fc.assert(
    fc.asyncProperty(scenario, async ({ lagMs, steps }) => {
      const cluster = await startTestCluster([persistentVolumeBinder, volumeExpansionController], { lagMs });
      await liveThrough(cluster, new World(cluster), steps);
    }),
    games(25),
  );
});
