/**
 * Namespaces under trouble: they are made, filled, deleted and made again; pods take their time, strangers'
 * finalizers hold things, what every namespace has is spoiled; caches lag, streams break, processes die at
 * any call. Every change is looked at in the order in which it happened.
 */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { games } from '../../base/games.fixture.ts';
import { namespaceLifecycle } from '../../apiserver/admission/namespace-lifecycle/namespace-lifecycle.ts';
import { BUILT_IN_KINDS } from '../../api/catalog.ts';
import { isApiError } from '../../api/meta/api-error.ts';
import { configMaps } from '../../api/groups/core/config-map/config-map.ts';
import { namespaces } from '../../api/groups/core/namespace/namespace.ts';
import { pods } from '../../api/groups/core/pod/pod.ts';
import { serviceAccounts } from '../../api/groups/core/service-account/service-account.ts';
import type { KubernetesObject, ResourceType } from '../../api/meta/object.ts';
import { ChangeLog } from '../change-log.fixture.ts';
import { startTestCluster, unlessGone, type TestCluster } from '../cluster.fixture.ts';
import { rootCaController } from '../root-ca/root-ca.ts';
import { serviceAccountController } from '../service-account/service-account.ts';
import { endTrouble, liveThrough, makeTrouble, troubleStep } from '../trouble-steps.fixture.ts';
import { namespaceController } from './namespace.ts';

const NAMES = ['a', 'b'];
const HOLD = 'example.com/hold';
const ROOT_CA = 'kube-root-ca.crt';
const CONTENT: readonly ResourceType[] = [configMaps, pods, serviceAccounts];

const name = fc.constantFrom(...NAMES);
const step = fc.oneof(
  { weight: 3, arbitrary: fc.record({ type: fc.constant('make' as const), name }) },
  { weight: 3, arbitrary: fc.record({ type: fc.constant('delete' as const), name }) },
  {
    weight: 6,
    arbitrary: fc.record({
      type: fc.constant('fill' as const),
      name,
      isPod: fc.boolean(),
      isHeld: fc.nat(3),
    }),
  },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('free' as const) }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('stop-pods' as const) }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('spoil' as const), name }) },
  { weight: 6, arbitrary: troubleStep },
);
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

const scenario = fc.record({
  lagMs: fc.constantFrom(0, 300),
  steps: fc.array(step, { minLength: 6, maxLength: 30, size: 'max' }),
});

class World {
  readonly #cluster: TestCluster;
  readonly #log: ChangeLog;
  readonly #present = new Map<string, KubernetesObject>();
  /** What the test deletes itself, by uid. */
  readonly #spoiled = new Set<string>();
  #sequence = 0;

  constructor(cluster: TestCluster) {
    this.#cluster = cluster;
    this.#log = new ChangeLog(cluster, [...CONTENT, namespaces]);
  }

  #inside(namespace: string): readonly KubernetesObject[] {
    return [...this.#present.values()].filter(({ metadata }) => metadata.namespace === namespace);
  }

  check(): void {
    for (const { type, object } of this.#log.take()) {
      const { uid = '', namespace = '', name: own = '' } = object.metadata;
      const before = this.#present.get(uid);
      const isOver = type === 'DELETED';
      const wasLeaving = before?.metadata.deletionTimestamp !== undefined;
      const leaves = (isOver || object.metadata.deletionTimestamp !== undefined) && !wasLeaving;
      if (isOver) this.#present.delete(uid);
      else this.#present.set(uid, object);
      if (object.kind === 'Namespace') {
        const left = isOver ? this.#inside(own).map(({ metadata }) => metadata.name) : [];
        assert.deepEqual(left, [], `namespace ${own} went before its content`);
      } else if (leaves && before !== undefined && !this.#spoiled.has(uid))
        this.#checkLeaving(before, namespace);
    }
  }

  #checkLeaving(object: KubernetesObject, namespace: string): void {
    const place = [...this.#present.values()].find(
      ({ kind, metadata }) => kind === 'Namespace' && metadata.name === namespace,
    );
    const what = `${object.kind} ${object.metadata.name ?? ''}`;
    assert.ok(
      place?.metadata.deletionTimestamp !== undefined,
      `${what} was deleted in a namespace that stays`,
    );
    if (object.kind === 'Pod') return;
    const left = this.#inside(namespace).filter(({ kind }) => kind === 'Pod');
    assert.equal(left.length, 0, `${what} was deleted while there are pods`);
  }

  async perform(what: Step): Promise<void> {
    const { client } = this.#cluster;
    switch (what.type) {
      case 'make':
        return unlessRefused(client.create(namespaces, { metadata: { name: what.name } }));
      case 'delete':
        return unlessRefused(client.delete(namespaces, { name: what.name }));
      case 'fill':
        return this.#fill(what.name, what.isPod, what.isHeld === 0 ? [HOLD] : []);
      case 'free':
        return this.#free();
      case 'stop-pods':
        return this.#stopPods();
      case 'spoil':
        return this.#spoil(what.name);
      default:
        return makeTrouble(this.#cluster, what);
    }
  }

  async #fill(namespace: string, isPod: boolean, finalizers: readonly string[]): Promise<void> {
    const { client } = this.#cluster;
    const metadata = { namespace, name: `o${this.#sequence++}`, finalizers };
    const spec = { nodeName: 'n1', containers: [{ name: 'c', image: 'i' }] };
    await unlessRefused(
      isPod ? client.create(pods, { metadata, spec }) : client.create(configMaps, { metadata }),
    );
  }

  async #free(): Promise<void> {
    const { client } = this.#cluster;
    for (const type of CONTENT) {
      for (const { metadata } of (await client.list(type)).items) {
        if (metadata.finalizers?.includes(HOLD) !== true) continue;
        const { namespace, name: own = '' } = metadata;
        const body = { metadata: { finalizers: null } };
        await unlessGone(client.patch(type, { namespace, name: own }, { type: 'merge', body }));
      }
    }
  }

  async #stopPods(): Promise<void> {
    const { client } = this.#cluster;
    for (const { metadata } of (await client.list(pods)).items) {
      const { namespace, name: own = '', deletionTimestamp } = metadata;
      if (deletionTimestamp === undefined) continue;
      await unlessGone(client.delete(pods, { namespace, name: own }, { gracePeriodSeconds: 0 }));
    }
  }

  async #spoil(namespace: string): Promise<void> {
    const { client } = this.#cluster;
    const account = { namespace, name: 'default' };
    try {
      const { metadata } = await client.get(serviceAccounts, account);
      this.#spoiled.add(metadata.uid ?? '');
      await client.delete(serviceAccounts, account, { preconditions: { uid: metadata.uid ?? '' } });
    } catch (error) {
      if (!isApiError(error, 'NotFound') && !isApiError(error, 'Conflict')) throw error;
    }
    const body = { data: { 'ca.crt': 'wrong' } };
    await unlessGone(client.patch(configMaps, { namespace, name: ROOT_CA }, { type: 'merge', body }));
  }

  stop(): void {
    this.#log.stop();
  }

  async checkEnd(): Promise<void> {
    const { client } = this.#cluster;
    await endTrouble(this.#cluster);
    for (let round = 0; round < 3; round++) {
      await this.#free();
      await this.#stopPods();
      await this.#cluster.advance('1m');
    }
    this.check();
    for (const { metadata } of (await client.list(namespaces)).items) {
      const { name: own = '', deletionTimestamp } = metadata;
      assert.equal(deletionTimestamp, undefined, `namespace ${own} never goes`);
      await client.get(serviceAccounts, { namespace: own, name: 'default' });
      assert.deepEqual((await client.get(configMaps, { namespace: own, name: ROOT_CA })).data, {
        'ca.crt': 'PEM',
      });
    }
  }
}

/** Namespaces that are not there, or are there already, or are on their way out, take nothing. */
async function unlessRefused(work: Promise<unknown>): Promise<void> {
  try {
    await work;
  } catch (error) {
    const isExpected =
      isApiError(error, 'NotFound') ||
      isApiError(error, 'AlreadyExists') ||
      isApiError(error, 'Forbidden') ||
      isApiError(error, 'Conflict');
    if (!isExpected) throw error;
  }
}

test('a namespace goes last, its pods first, and one that stays has all it should have', async () => {
  await fc.assert(
    fc.asyncProperty(scenario, async ({ lagMs, steps }) => {
      const kinds = BUILT_IN_KINDS.filter(({ namespaced }) => namespaced);
      const controllers = [
        namespaceController(() => kinds),
        serviceAccountController,
        rootCaController('PEM'),
      ];
      const cluster = await startTestCluster(controllers, {
        lagMs,
        admission: ({ store }) => [namespaceLifecycle(store)],
      });
      await liveThrough(cluster, new World(cluster), steps);
    }),
    games(25),
  );
});
