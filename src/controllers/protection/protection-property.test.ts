/**
 * Protected storage under trouble: claims, volumes and attributes classes are deleted while pods use them,
 * while they are being bound, and made again under their names; caches that lag, streams that break,
 * processes that die at any call. Nothing goes that is in use; what nobody uses any more does go.
 */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { games } from '../../base/games.fixture.ts';
import { persistentVolumeClaims } from '../../api/groups/core/persistent-volume-claim/persistent-volume-claim.ts';
import { persistentVolumes } from '../../api/groups/core/persistent-volume/persistent-volume.ts';
import { pods } from '../../api/groups/core/pod/pod.ts';
import { volumeAttributesClasses } from '../../api/groups/storage/volume-attributes-class/volume-attributes-class.ts';
import { isApiError } from '../../api/meta/api-error.ts';
import type { KubernetesObject } from '../../api/meta/object.ts';
import type { PersistentVolume, PersistentVolumeClaim, Pod } from '../../api/types.gen.ts';
import { ChangeLog, type Change } from '../change-log.fixture.ts';
import { startTestCluster, unlessGone, type TestCluster } from '../cluster.fixture.ts';
import { claimRef, createClaim, createVolume } from '../persistent-volume-binder/binder.fixture.ts';
import { persistentVolumeBinder } from '../persistent-volume-binder/persistent-volume-binder.ts';
import { usesClaim } from '../persistent-volume-claim-protection/claim-use.ts';
import { persistentVolumeClaimProtection } from '../persistent-volume-claim-protection/persistent-volume-claim-protection.ts';
import { persistentVolumeProtection } from '../persistent-volume-protection/persistent-volume-protection.ts';
import { endTrouble, liveThrough, makeTrouble, troubleStep } from '../trouble-steps.fixture.ts';
import { volumeAttributesClassProtection } from '../volume-attributes-class-protection/volume-attributes-class-protection.ts';

const CONTROLLERS = [
  persistentVolumeBinder,
  persistentVolumeClaimProtection,
  persistentVolumeProtection,
  volumeAttributesClassProtection,
];
const CLASS = 'gold';
const DRIVER = 'example.com';

const claim = fc.constantFrom('c0', 'c1');
const volume = fc.constantFrom('v0', 'v1');
const pod = fc.constantFrom('p0', 'p1', 'p2');
const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ type: fc.constant('make-claim' as const), claim }) },
  { weight: 4, arbitrary: fc.record({ type: fc.constant('make-volume' as const), volume }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('make-class' as const) }) },
  {
    weight: 4,
    arbitrary: fc.record({ type: fc.constant('make-pod' as const), pod, claim, isBound: fc.boolean() }),
  },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('bind-pod' as const), pod }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('end-pod' as const), pod }) },
  { weight: 3, arbitrary: fc.record({ type: fc.constant('remove-pod' as const), pod }) },
  { weight: 3, arbitrary: fc.record({ type: fc.constant('drop-claim' as const), claim }) },
  { weight: 3, arbitrary: fc.record({ type: fc.constant('drop-volume' as const), volume }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('drop-class' as const) }) },
  { weight: 8, arbitrary: troubleStep },
);
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

const scenario = fc.record({
  lagMs: fc.constantFrom<0 | 300 | { [plural: string]: number }>(
    0,
    300,
    { pods: 300 },
    { persistentvolumes: 300 },
  ),
  steps: fc.array(step, { minLength: 6, maxLength: 30, size: 'max' }),
});

class World {
  readonly #cluster: TestCluster;
  readonly #log: ChangeLog;
  readonly #present = new Map<string, KubernetesObject>();
  /** By a claim's uid, those of the pods that used it when it was deleted. */
  readonly #users = new Map<string, readonly string[]>();

  constructor(cluster: TestCluster) {
    this.#cluster = cluster;
    this.#log = new ChangeLog(cluster, [
      pods,
      persistentVolumeClaims,
      persistentVolumes,
      volumeAttributesClasses,
    ]);
  }

  #all<T extends KubernetesObject>(kind: string): readonly T[] {
    return [...this.#present.values()].filter((object) => object.kind === kind) as unknown as T[];
  }

  #usersOf(claim: PersistentVolumeClaim): readonly Pod[] {
    return this.#all<Pod>('Pod').filter((pod) => usesClaim(pod, claim));
  }

  check(): void {
    for (const change of this.#log.take()) {
      const { uid = '' } = change.object.metadata;
      const before = this.#present.get(uid);
      this.#present.delete(uid);
      if (change.type !== 'DELETED') this.#present.set(uid, change.object);
      // Before it was protected anybody may take it away.
      if (before?.metadata.finalizers !== undefined) this.#follow(change, before);
    }
  }

  #follow({ type, object }: Change, before: KubernetesObject): void {
    const { uid = '', name = '', deletionTimestamp } = object.metadata;
    if (object.kind === 'PersistentVolumeClaim') {
      const asked = deletionTimestamp !== undefined && before.metadata.deletionTimestamp === undefined;
      // Nodes start no pods whose claim is on its way out: later ones do not count.
      if (asked) {
        const users = this.#usersOf(object as PersistentVolumeClaim);
        this.#users.set(
          uid,
          users.map(({ metadata }) => metadata.uid ?? ''),
        );
      }
      if (type !== 'DELETED') return;
      const left = (this.#users.get(uid) ?? []).filter((user) => this.#present.has(user));
      assert.deepEqual(left, [], `claim ${name} went, and pods use it`);
    }
    if (object.kind !== 'PersistentVolume' || type !== 'DELETED') return;
    const { status, spec } = before as PersistentVolume;
    assert.notEqual(status.phase, 'Bound', `volume ${name} went, and it is bound`);
    const bound = this.#all<PersistentVolumeClaim>('PersistentVolumeClaim').filter(
      (one) => one.metadata.uid === spec.claimRef?.uid && one.status.phase === 'Bound',
    );
    assert.deepEqual(bound, [], `volume ${name} went, and a claim is bound to it`);
  }

  async perform(what: Step): Promise<unknown> {
    const { client } = this.#cluster;
    switch (what.type) {
      case 'make-claim':
        return unlessRefused(createClaim(this.#cluster, what.claim, { volumeAttributesClassName: CLASS }));
      case 'make-volume': {
        const csi = { driver: DRIVER, volumeHandle: what.volume };
        const spec = { csi, volumeAttributesClassName: CLASS };
        return unlessRefused(createVolume(this.#cluster, what.volume, spec));
      }
      case 'make-class':
        return unlessRefused(
          client.create(volumeAttributesClasses, {
            metadata: { name: CLASS },
            driverName: DRIVER,
            parameters: { iops: '9' },
          }),
        );
      case 'make-pod':
        return this.#makePod(what.pod, what.claim, what.isBound);
      case 'bind-pod':
        return this.#bindPod(what.pod);
      case 'end-pod': {
        const body = { status: { phase: 'Succeeded' } };
        return unlessGone(
          client.patch(pods, claimRef(what.pod), { type: 'merge', body }, { subresource: 'status' }),
        );
      }
      case 'remove-pod':
        return unlessGone(client.delete(pods, claimRef(what.pod), { gracePeriodSeconds: 0 }));
      case 'drop-claim':
        return unlessGone(client.delete(persistentVolumeClaims, claimRef(what.claim)));
      case 'drop-volume':
        return unlessGone(client.delete(persistentVolumes, { name: what.volume }));
      case 'drop-class':
        return unlessGone(client.delete(volumeAttributesClasses, { name: CLASS }));
      default:
        return makeTrouble(this.#cluster, what);
    }
  }

  #makePod(name: string, claimName: string, isBound: boolean): Promise<void> {
    const volumes = [{ name: 'd', persistentVolumeClaim: { claimName } }];
    const spec = { containers: [{ name: 'c', image: 'i' }], volumes };
    return unlessRefused(
      this.#cluster.client.create(pods, {
        metadata: claimRef(name),
        spec: isBound ? { ...spec, nodeName: 'n' } : spec,
      }),
    );
  }

  #bindPod(name: string): Promise<void> {
    const target = { kind: 'Node', name: 'n' };
    const body = { apiVersion: 'v1', kind: 'Binding', metadata: { name }, target };
    return unlessRefused(this.#cluster.client.createSubresource(pods, claimRef(name), 'binding', body));
  }

  stop(): void {
    this.#log.stop();
  }

  async checkEnd(): Promise<void> {
    await endTrouble(this.#cluster);
    await this.#cluster.advance('5m');
    this.check();
    const claims = this.#all<PersistentVolumeClaim>('PersistentVolumeClaim');
    const volumes = this.#all<PersistentVolume>('PersistentVolume');
    for (const object of this.#present.values()) {
      const { name = '', deletionTimestamp, finalizers = [] } = object.metadata;
      if (object.kind === 'Pod') continue;
      assert.equal(finalizers.length, 1, `${object.kind} ${name} is not protected`);
      if (deletionTimestamp === undefined) continue;
      assert.ok(this.#isUsed(object, claims, volumes), `${object.kind} ${name} never goes`);
    }
    await this.#clearAway();
  }

  /** First what is used, then who uses it: in the end nothing is left. */
  async #clearAway(): Promise<void> {
    await this.perform({ type: 'drop-class' });
    for (const each of ['v0', 'v1'] as const) await this.perform({ type: 'drop-volume', volume: each });
    for (const each of ['c0', 'c1'] as const) await this.perform({ type: 'drop-claim', claim: each });
    await this.#cluster.settle();
    for (const each of ['p0', 'p1', 'p2'] as const) await this.perform({ type: 'remove-pod', pod: each });
    await this.#cluster.advance('5m');
    this.check();
    const left = [...this.#present.values()].map(({ kind, metadata }) => `${kind} ${metadata.name ?? ''}`);
    assert.deepEqual(left, []);
  }

  #isUsed(
    object: KubernetesObject,
    claims: readonly PersistentVolumeClaim[],
    volumes: readonly PersistentVolume[],
  ): boolean {
    if (object.kind === 'PersistentVolumeClaim')
      return this.#usersOf(object as PersistentVolumeClaim).length > 0;
    if (object.kind === 'PersistentVolume') return (object as PersistentVolume).status.phase === 'Bound';
    return claims.length + volumes.length > 0;
  }
}

async function unlessRefused(work: Promise<unknown>): Promise<void> {
  try {
    await work;
  } catch (error) {
    const isExpected = ['AlreadyExists', 'Conflict', 'NotFound'].some((reason) =>
      isApiError(error, reason as 'NotFound'),
    );
    if (!isExpected) throw error;
  }
}

test('nothing goes that is in use, and what nobody uses any more does', async () => {
  await fc.assert(
    fc.asyncProperty(scenario, async ({ lagMs, steps }) => {
      const cluster = await startTestCluster(CONTROLLERS, { lagMs });
      await liveThrough(cluster, new World(cluster), steps);
    }),
    games(15),
  );
});
