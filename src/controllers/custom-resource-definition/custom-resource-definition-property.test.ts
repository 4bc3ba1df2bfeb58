/**
 * Definitions under trouble: names that several want in a group, changed, given up and taken again;
 * definitions deleted with objects that go at once or are held; caches that lag, streams that break,
 * processes that die at any call.
 */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { games } from '../../base/games.fixture.ts';
import {
  CLEANUP_FINALIZER,
  customResourceDefinitions,
} from '../../api/groups/apiextensions/custom-resource-definition/custom-resource-definition.ts';
import { isApiError } from '../../api/meta/api-error.ts';
import type { KubernetesObject, ResourceType } from '../../api/meta/object.ts';
import type {
  CustomResourceDefinition as Definition,
  CustomResourceDefinitionNames as Names,
  CustomResourceDefinitionSpec,
} from '../../api/types.gen.ts';
import { CustomResources } from '../../apiserver/custom-resources/custom-resources.ts';
import type { TestContext } from '../../apiserver/pipeline.fixture.ts';
import { present } from '../../base/assert.ts';
import { silentLogger } from '../../base/log.ts';
import { prefixRange } from '../../store/store.ts';
import { ChangeLog, type Change } from '../change-log.fixture.ts';
import { startTestCluster, unlessGone, type TestCluster } from '../cluster.fixture.ts';
import { endTrouble, liveThrough, makeTrouble, troubleStep } from '../trouble-steps.fixture.ts';
import { customResourceDefinitionController } from './custom-resource-definition.ts';
import { checkChange, checkNames, checkSettled, isTrue } from './definition-rules.fixture.ts';

const PIN = 'example.com/pin';
const HOLD = 'example.com/hold';

/** By the name of the definition: few enough that they meet. */
const PLACES = [
  { group: 'a.example.com', plural: 'ones' },
  { group: 'a.example.com', plural: 'twos' },
  { group: 'a.example.com', plural: 'threes' },
  { group: 'b.example.com', plural: 'ones' },
];
const nameOf = ({ group, plural }: (typeof PLACES)[number]): string => `${plural}.${group}`;

const place = fc.constantFrom(...PLACES);
const names = fc
  .record({
    singular: fc.constantFrom('one', 'x', 'y', 'twos'),
    shortNames: fc.uniqueArray(fc.constantFrom('one', 'x', 'y', 'threes'), { maxLength: 2 }),
    kind: fc.constantFrom('One', 'X', 'Y'),
    listKind: fc.constantFrom('OneList', 'X', 'Y'),
    categories: fc.constantFrom(['all'], []),
  })
  .filter(({ kind, listKind }) => kind !== listKind);
const isPinned = fc.boolean();
const isServed = fc.constantFrom(true, true, true, false);
const put = fc.record({ place, names, isPinned, isServed });
const step = fc.oneof(
  // What is written together is seen by nobody in between.
  {
    weight: 6,
    arbitrary: fc.record({
      type: fc.constant('put' as const),
      put: fc.array(put, { minLength: 1, maxLength: 3 }),
    }),
  },
  { weight: 4, arbitrary: fc.record({ type: fc.constant('delete' as const), place }) },
  { weight: 4, arbitrary: fc.record({ type: fc.constant('object' as const), place, isHeld: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('release' as const) }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('unpin' as const), place }) },
  { weight: 6, arbitrary: troubleStep },
);
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

const scenario = fc.record({
  lagMs: fc.constantFrom(0, 300),
  steps: fc.array(step, { minLength: 5, maxLength: 25, size: 'max' }),
});

const SCHEMA = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };
const versionsOf = (served: boolean) => [
  { name: 'v1', served, storage: true, schema: { openAPIV3Schema: SCHEMA } },
];

class World {
  readonly #cluster: TestCluster;
  readonly #context: TestContext;
  readonly #served: CustomResources;
  readonly #log: ChangeLog;
  readonly #now = new Map<string, Definition>();
  #objects = 0;

  constructor(cluster: TestCluster, context: TestContext) {
    this.#cluster = cluster;
    this.#context = context;
    this.#log = new ChangeLog(cluster, [customResourceDefinitions]);
    const { host, store, resources } = context;
    this.#served = new CustomResources({
      store,
      resources,
      random: host.random,
      logger: silentLogger,
      callWebhook: () => Promise.reject(new Error('nothing is converted')),
    });
    this.#served.start();
  }

  check(): void {
    this.#follow();
    for (const each of PLACES) {
      if (!this.#now.has(nameOf(each))) assert.deepEqual(this.#stored(each), [], `left of ${nameOf(each)}`);
    }
  }

  #follow(): readonly Change[] {
    const changes = this.#log.take();
    for (const { type, object } of changes) {
      const { name = '', uid } = object.metadata;
      const old = this.#now.get(name);
      const next = object as Definition;
      if (type === 'DELETED') {
        assert.ok((old?.metadata.finalizers ?? []).length <= 1, `${name} went though it was held`);
        this.#now.delete(name);
      } else {
        checkChange(old?.metadata.uid === uid ? old : undefined, next);
        this.#now.set(name, next);
        checkNames([...this.#now.values()]);
      }
    }
    return changes;
  }

  #stored({ group, plural }: (typeof PLACES)[number]): readonly KubernetesObject[] {
    const page = this.#context.store.list(prefixRange(`/registry/${group}/${plural}/`));
    return page.ok ? page.result.entries.map(({ value }) => value) : assert.fail('no list');
  }

  async perform(what: Step): Promise<unknown> {
    const { client } = this.#cluster;
    switch (what.type) {
      case 'put':
        for (const one of what.put) await untilItFits(() => this.#put(one));
        return;
      case 'delete':
        return unlessGone(client.delete(customResourceDefinitions, { name: nameOf(what.place) }));
      case 'object':
        return this.#makeObject(what.place, what.isHeld);
      case 'release':
        for (const each of PLACES) await this.#release(each);
        return;
      case 'unpin':
        return untilItFits(() => this.#unpin(nameOf(what.place)));
      default:
        return makeTrouble(this.#cluster, what);
    }
  }

  async #put({ place: { group, plural }, names: wanted, isPinned, isServed }: Put): Promise<void> {
    const { client } = this.#cluster;
    const name = `${plural}.${group}`;
    const { items } = await client.list(customResourceDefinitions);
    const old = items.find(({ metadata }) => metadata.name === name);
    const all: Names = { ...wanted, plural };
    const versions = versionsOf(isServed);
    if (old === undefined) {
      const spec: CustomResourceDefinitionSpec = {
        group,
        scope: 'Namespaced',
        names: all,
        versions,
      };
      const metadata = { name, ...(isPinned ? { finalizers: [PIN] } : {}) };
      await client.create(customResourceDefinitions, { metadata, spec });
      return;
    }
    // Objects keep the kind that they were made with.
    const kind = isTrue(old, 'Established') ? old.spec.names.kind : all.kind;
    const listKind = all.listKind === kind ? `${kind}List` : (all.listKind ?? '');
    const spec = { ...old.spec, versions, names: { ...all, kind, listKind } };
    await client.update(customResourceDefinitions, { ...old, spec });
  }

  async #unpin(name: string): Promise<void> {
    const { client } = this.#cluster;
    const { items } = await client.list(customResourceDefinitions);
    const old = items.find(({ metadata }) => metadata.name === name);
    const { finalizers = [] } = old?.metadata ?? {};
    if (old === undefined || !finalizers.includes(PIN)) return;
    const metadata = { ...old.metadata, finalizers: finalizers.filter((one) => one !== PIN) };
    await client.update(customResourceDefinitions, { ...old, metadata });
  }

  async #typeOf({ group, plural }: (typeof PLACES)[number]): Promise<ResourceType> {
    const { items } = await this.#cluster.client.list(customResourceDefinitions);
    const own = items.find(({ metadata }) => metadata.name === `${plural}.${group}`);
    return { group, version: 'v1', plural, kind: own?.status.acceptedNames.kind ?? '', namespaced: true };
  }

  async #makeObject(of: (typeof PLACES)[number], isHeld: boolean): Promise<void> {
    const finalizers = isHeld ? { finalizers: [HOLD] } : {};
    const metadata = { name: `o-${++this.#objects}`, namespace: 'default', ...finalizers };
    try {
      await this.#cluster.client.create(await this.#typeOf(of), { metadata });
    } catch (error) {
      if (!isApiError(error, 'NotFound') && !isApiError(error, 'Forbidden')) throw error;
    }
  }

  async #release(of: (typeof PLACES)[number]): Promise<void> {
    const { client } = this.#cluster;
    const type = await this.#typeOf(of);
    for (const { metadata } of this.#stored(of)) {
      const { name = '' } = metadata;
      const body = { metadata: { finalizers: null } };
      await unlessGone(client.patch(type, { namespace: 'default', name }, { type: 'merge', body }));
    }
  }

  stop(): void {
    this.#served.stop();
    this.#log.stop();
  }

  async checkEnd(): Promise<void> {
    await endTrouble(this.#cluster);
    await this.#cluster.advance('1m');
    this.check();
    const all = [...this.#now.values()];
    for (const own of all) {
      if (own.metadata.deletionTimestamp === undefined) checkSettled(own, all);
      else this.#checkTerminating(own);
    }
    await this.#cluster.advance('1m');
    assert.deepEqual(this.#follow(), [], 'written without a reason');
    for (const each of PLACES) await untilItFits(() => this.#unpin(nameOf(each)));
    await this.#cluster.settle();
    // Nothing is heard of this.
    for (const each of PLACES) await this.#release(each);
    await this.#cluster.advance('1m');
    this.check();
    const going = [...this.#now.values()].filter(({ metadata }) => metadata.deletionTimestamp !== undefined);
    assert.deepEqual(going, [], 'nothing holds them any more');
  }

  /** It waits for what others hold, and only for that. */
  #checkTerminating({ metadata, spec, status }: Definition): void {
    const { name = '', finalizers = [] } = metadata;
    const left = this.#stored({ group: spec.group, plural: spec.names.plural });
    const terminating = status.conditions.find(({ type }) => type === 'Terminating');
    for (const object of left) assert.ok(object.metadata.deletionTimestamp !== undefined, `left of ${name}`);
    assert.equal(finalizers.includes(CLEANUP_FINALIZER), left.length > 0, `${name} is let go`);
    assert.equal(terminating?.status, left.length > 0 ? 'True' : 'False', name);
    if (left.length === 0) assert.ok(finalizers.includes(PIN), `nothing holds ${name}`);
  }
}

/** Users, too, try again with what is there now. */
async function untilItFits(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    // Changed, or gone, since it was read.
    if (!isApiError(error, 'Conflict') && !isApiError(error, 'NotFound')) throw error;
    await untilItFits(work);
  }
}

type Put = typeof put extends fc.Arbitrary<infer P> ? P : never;

async function start(lagMs: number): Promise<[TestCluster, World]> {
  let context: TestContext | undefined;
  const cluster = await startTestCluster([customResourceDefinitionController], {
    lagMs,
    admission: (parts) => ((context = parts), []),
  });
  return [cluster, new World(cluster, present(context, 'the server'))];
}

test('names belong to one definition of a group, and a deleted one goes when its objects are gone', async () => {
  await fc.assert(
    fc.asyncProperty(scenario, async ({ lagMs, steps }) => {
      const [cluster, world] = await start(lagMs);
      await liveThrough(cluster, world, steps);
    }),
    games(50),
  );
});
