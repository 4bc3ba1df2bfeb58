/**
 * Owners and dependents under trouble: several owners, circles, owners that never were, names that come
 * back with another uid, all ways to delete; caches that lag, streams that break, processes that die at any
 * call. Every change is looked at in the order in which it happened.
 */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { games } from '../../base/games.fixture.ts';
import { BUILT_IN_KINDS } from '../../api/catalog.ts';
import { configMaps } from '../../api/groups/core/config-map/config-map.ts';
import { secrets } from '../../api/groups/core/secret/secret.ts';
import { isApiError } from '../../api/meta/api-error.ts';
import type { KubernetesObject, ResourceType } from '../../api/meta/object.ts';
import type { JsonObject } from '../../api/schema/schema.ts';
import type { OwnerReference } from '../../api/types.gen.ts';
import { startTestCluster, unlessGone, type TestCluster } from '../cluster.fixture.ts';
import { ChangeLog } from '../change-log.fixture.ts';
import type { Lag } from '../trouble.fixture.ts';
import { endTrouble, liveThrough, makeTrouble, troubleStep } from '../trouble-steps.fixture.ts';
import { garbageCollector } from './garbage-collector.ts';
import { FOREGROUND } from './graph.ts';

const NAMES = 6;
const HOLD = 'example.com/hold';

const owners = fc.array(
  fc.record({ which: fc.nat(NAMES - 1), blocks: fc.constantFrom(true, true, false), isLie: fc.nat(9) }),
  {
    maxLength: 3,
  },
);
const which = fc.nat(NAMES - 1);

const step = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ type: fc.constant('create' as const), which, owners, isHeld: fc.nat(5) }),
  },
  { weight: 3, arbitrary: fc.record({ type: fc.constant('give' as const), which, owners }) },
  {
    weight: 5,
    arbitrary: fc.record({
      type: fc.constant('delete' as const),
      which,
      propagationPolicy: fc.constantFrom('Foreground' as const, 'Background' as const, 'Orphan' as const),
    }),
  },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('free' as const), which }) },
  { weight: 7, arbitrary: troubleStep },
);
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;
type Owners = typeof owners extends fc.Arbitrary<infer S> ? S : never;

const scenario = fc.record({
  lagMs: fc.constantFrom<Lag>(0, 300, { secrets: 600 }),
  steps: fc.array(step, { minLength: 6, maxLength: 35, size: 'max' }),
});

/** Half of the objects are of one kind, half of another. */
const typeOf = (index: number): ResourceType => (index % 2 === 0 ? configMaps : secrets);
const refOf = (index: number) => ({ namespace: 'default', name: `o${index}` });
const ownersOf = ({ metadata }: KubernetesObject): readonly OwnerReference[] =>
  metadata.ownerReferences ?? [];

class World {
  readonly #cluster: TestCluster;
  readonly #log: ChangeLog;
  readonly #present = new Map<string, KubernetesObject>();
  /** What the test itself deleted. */
  readonly #deleted = new Set<string>();
  /** Deleted in the foreground once, which nobody can take back: their dependents may go. */
  readonly #waiting = new Set<string>();
  /** Dependents that were to survive their owner: `owner child`. */
  readonly #orphaned = new Set<string>();

  constructor(cluster: TestCluster) {
    this.#cluster = cluster;
    this.#log = new ChangeLog(cluster, [configMaps, secrets]);
  }

  /** Goes through everything that happened since the last time. */
  check(): void {
    for (const { type, object } of this.#log.take()) {
      const { uid = '', deletionTimestamp } = object.metadata;
      const before = this.#present.get(uid);
      const wasLeaving = before?.metadata.deletionTimestamp !== undefined;
      const goes = type === 'DELETED' || deletionTimestamp !== undefined;
      if (before !== undefined && goes && !wasLeaving && !this.#deleted.has(uid)) this.#checkGarbage(before);
      if (type === 'DELETED') this.#present.delete(uid);
      else this.#present.set(uid, object);
      if (isWaiting(object)) this.#waiting.add(uid);
    }
  }

  #checkGarbage(object: KubernetesObject): void {
    const { uid = '', name = '' } = object.metadata;
    assert.ok(ownersOf(object).length > 0, `${name} was deleted without ever having an owner`);
    for (const owner of ownersOf(object)) {
      assert.ok(!this.#orphaned.has(`${owner.uid} ${uid}`), `${name} was to survive ${owner.name}`);
      const isLeaving = !this.#present.has(owner.uid) || this.#waiting.has(owner.uid);
      assert.ok(isLeaving, `${name} was deleted although ${owner.name} is there`);
    }
  }

  stop(): void {
    this.#log.stop();
  }

  async #get(index: number): Promise<KubernetesObject | undefined> {
    try {
      return await this.#cluster.client.get(typeOf(index), refOf(index));
    } catch (error) {
      if (isApiError(error, 'NotFound')) return undefined;
      throw error;
    }
  }

  async #references(wanted: Owners): Promise<readonly OwnerReference[]> {
    const references = new Map<string, OwnerReference>();
    for (const { which: index, blocks, isLie } of wanted) {
      const present = await this.#get(index);
      const { name } = refOf(index);
      const uid = isLie === 0 ? `lie-${name}` : (present?.metadata.uid ?? `never-${name}`);
      const { kind } = typeOf(index);
      references.set(uid, { apiVersion: 'v1', kind, name, uid, blockOwnerDeletion: blocks });
    }
    return [...references.values()];
  }

  async perform(what: Step): Promise<void> {
    const { client } = this.#cluster;
    switch (what.type) {
      case 'create': {
        if ((await this.#get(what.which)) !== undefined) return;
        const ownerReferences = await this.#references(what.owners);
        const finalizers = what.isHeld === 0 ? [HOLD] : [];
        await client.create(typeOf(what.which), {
          metadata: { ...refOf(what.which), ownerReferences, finalizers },
        });
        return;
      }
      case 'give':
        return this.#patch(what.which, { ownerReferences: await this.#references(what.owners) });
      case 'delete':
        return this.#delete(what.which, what.propagationPolicy);
      case 'free':
        return this.#free(what.which);
      default:
        return makeTrouble(this.#cluster, what);
    }
  }

  async #patch(index: number, metadata: object): Promise<void> {
    const body = { metadata } as unknown as JsonObject;
    await unlessGone(this.#cluster.client.patch(typeOf(index), refOf(index), { type: 'merge', body }));
  }

  async #delete(index: number, propagationPolicy: 'Foreground' | 'Background' | 'Orphan'): Promise<void> {
    const object = await this.#get(index);
    if (object === undefined) return;
    const { uid = '', deletionTimestamp } = object.metadata;
    this.#deleted.add(uid);
    if (propagationPolicy !== 'Orphan') this.#forgetOrphans(uid);
    else if (deletionTimestamp === undefined) await this.#noteOrphans(uid);
    const preconditions = { uid };
    await unlessGone(
      this.#cluster.client.delete(typeOf(index), refOf(index), { propagationPolicy, preconditions }),
    );
  }

  /** Who deletes once more, and otherwise, has changed his mind: the last wish counts, as upstream. */
  #forgetOrphans(uid: string): void {
    for (const pair of this.#orphaned) if (pair.startsWith(`${uid} `)) this.#orphaned.delete(pair);
  }

  async #noteOrphans(uid: string): Promise<void> {
    for (let index = 0; index < NAMES; index++) {
      const child = await this.#get(index);
      if (child !== undefined && ownersOf(child).some((owner) => owner.uid === uid)) {
        this.#orphaned.add(`${uid} ${child.metadata.uid ?? ''}`);
      }
    }
  }

  async #free(index: number): Promise<void> {
    const { metadata } = (await this.#get(index)) ?? {};
    if (metadata?.finalizers?.includes(HOLD) !== true) return;
    const finalizers = metadata.finalizers.filter((finalizer) => finalizer !== HOLD);
    const { resourceVersion } = metadata;
    try {
      await this.#patch(index, { finalizers, resourceVersion });
    } catch (error) {
      if (!isApiError(error, 'Conflict')) throw error;
    }
  }

  async checkEnd(): Promise<void> {
    await endTrouble(this.#cluster);
    for (let round = 0; round < 4; round++) {
      for (let index = 0; index < NAMES; index++) await this.#free(index);
      await this.#cluster.advance('1m');
    }
    this.check();
    for (const object of this.#present.values()) {
      const { name = '', deletionTimestamp } = object.metadata;
      assert.equal(deletionTimestamp, undefined, `${name} never goes`);
      const absent = ownersOf(object).filter(({ uid }) => !this.#present.has(uid));
      assert.deepEqual(absent, [], `${name} has owners that are gone`);
    }
  }
}

function isWaiting({ metadata: { deletionTimestamp, finalizers } }: KubernetesObject): boolean {
  return deletionTimestamp !== undefined && finalizers?.includes(FOREGROUND) === true;
}

test('what has a living owner stays, what has none goes', async () => {
  await fc.assert(
    fc.asyncProperty(scenario, async ({ lagMs, steps }) => {
      const cluster = await startTestCluster([garbageCollector(() => BUILT_IN_KINDS)], { lagMs });
      await liveThrough(cluster, new World(cluster), steps);
    }),
    games(25),
  );
});
