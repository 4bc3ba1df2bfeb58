/**
 * APIServices of what this server serves, under trouble: definitions whose versions come and go; people who
 * make, change, label and delete APIServices of the same names; caches that lag, streams that break,
 * processes that die at any call.
 */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { games } from '../../base/games.fixture.ts';
import { customResourceDefinitions } from '../../api/groups/apiextensions/custom-resource-definition/custom-resource-definition.ts';
import { apiServices } from '../../api/groups/apiregistration/api-service/api-service.ts';
import { isApiError } from '../../api/meta/api-error.ts';
import type { APIService } from '../../api/types.gen.ts';
import { AttributedLog } from '../attributed-log.fixture.ts';
import { startTestCluster, unlessGone, type TestCluster } from '../cluster.fixture.ts';
import { endTrouble, liveThrough, makeTrouble, troubleStep } from '../trouble-steps.fixture.ts';
import { apiServiceRegistrationController } from './api-service-registration.ts';

const LABEL = 'kube-aggregator.kubernetes.io/automanaged';
const BUILT_IN = [
  { group: '', version: 'v1' },
  { group: 'events.k8s.io', version: 'v1' },
  { group: 'metrics.k8s.io', version: 'v1beta1' },
  // It serves APIServices, and has none.
  { group: 'apiregistration.k8s.io', version: 'v1' },
];
/** Another server may serve it in place of this one. */
const REPLACEABLE = 'v1beta1.metrics.k8s.io';
const FIXED: { readonly [name: string]: APIService['spec'] } = {
  'v1.': { version: 'v1', groupPriorityMinimum: 18_000, versionPriority: 1 },
  'v1.events.k8s.io': {
    group: 'events.k8s.io',
    version: 'v1',
    groupPriorityMinimum: 17_750,
    versionPriority: 15,
  },
  [REPLACEABLE]: {
    group: 'metrics.k8s.io',
    version: 'v1beta1',
    groupPriorityMinimum: 100,
    versionPriority: 100,
  },
};
/** Two definitions of one group, and one whose versions meet those of this server. */
const DEFINITIONS = { cats: 'example.com', dogs: 'example.com', birds: 'events.k8s.io' } as const;
type Plural = keyof typeof DEFINITIONS;
const NAMES = [
  ...Object.keys(FIXED),
  ...[
    'v1.example.com',
    'v2.example.com',
    'v1alpha1.example.com',
    'v2.events.k8s.io',
    'v1.nobody.example.com',
  ],
];

const plural = fc.constantFrom('cats', 'dogs', 'birds' as const);
const versions = fc.uniqueArray(
  fc.record({ name: fc.constantFrom('v1', 'v2', 'v1alpha1'), served: fc.boolean() }),
  { minLength: 1, maxLength: 2, selector: ({ name: own }) => own },
);
type Version = typeof versions extends fc.Arbitrary<(infer V)[]> ? V : never;
const name = fc.constantFrom(...NAMES);
/** What people write into the label; undefined takes it away. */
const label = fc.constantFrom('true', 'onstart', 'True', 'false', undefined);
const isRemote = fc.boolean();
const priority = fc.constantFrom(1, 1_000, 20_000);

const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ type: fc.constant('define' as const), plural, versions }) },
  {
    weight: 2,
    arbitrary: fc.record({ type: fc.constant('undefine' as const), plural, isCleaned: fc.boolean() }),
  },
  { weight: 5, arbitrary: fc.record({ type: fc.constant('put' as const), name, label, isRemote, priority }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('label' as const), name, label }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('delete' as const), name }) },
  {
    weight: 2,
    arbitrary: fc.record({ type: fc.constant('replace' as const), name, label, isRemote, priority }),
  },
  { weight: 5, arbitrary: troubleStep },
);
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;
type Put = Pick<Extract<Step, { type: 'put' }>, 'name' | 'label' | 'isRemote' | 'priority'>;

const scenario = fc.record({
  lagMs: fc.constantFrom(0, 300, { apiservices: 500 }, { customresourcedefinitions: 500 }),
  steps: fc.array(step, { minLength: 5, maxLength: 25, size: 'max' }),
});

/** What stands for a version of this server, by the name of its APIService. */
const specOf = (own: string): APIService['spec'] => {
  const fixed = FIXED[own];
  if (fixed !== undefined) return fixed;
  const [version = ''] = own.split('.', 1);
  const group = own.slice(version.length + 1);
  return { group, version, groupPriorityMinimum: 1_000, versionPriority: 100 };
};
const labelOf = (object: APIService | undefined): string | undefined => object?.metadata.labels?.[LABEL];
const isManaged = (object: APIService): boolean => ['true', 'onstart'].includes(labelOf(object) ?? '');
/** What an update of the spec leaves as it is. */
const saidIn = ({ metadata: { uid, labels, annotations }, status }: APIService): object => ({
  ...{ uid, labels, annotations, status },
});

class World {
  readonly #cluster: TestCluster;
  readonly #log: AttributedLog<APIService>;
  /** Every name that a definition ever served. */
  readonly #everServed = new Set<string>();

  constructor(cluster: TestCluster) {
    this.#cluster = cluster;
    this.#log = new AttributedLog(cluster, apiServices);
  }

  check(): void {
    for (const { name: own, before, after } of this.#log.take()) {
      const isKnown = own in FIXED || this.#everServed.has(own);
      if (before === undefined) {
        assert.ok(after !== undefined && isKnown, `${own} was made`);
        const wanted = own === REPLACEABLE ? undefined : own in FIXED ? 'onstart' : 'true';
        assert.equal(labelOf(after), wanted, own);
        assert.deepEqual(after.spec, specOf(own), own);
        continue;
      }
      assert.ok(isManaged(before) && own !== REPLACEABLE, `${own} is not the controller's`);
      if (after === undefined) assert.ok(!(own in FIXED), `${own} was deleted`);
      else {
        assert.ok(isKnown, `${own} was changed`);
        assert.deepEqual(saidIn(after), saidIn(before), own);
        assert.deepEqual(after.spec, specOf(own), own);
      }
    }
  }

  async perform(what: Step): Promise<unknown> {
    switch (what.type) {
      case 'define':
        return this.#define(what.plural, what.versions);
      case 'undefine':
        return unlessGone(this.#undefine(what.plural, what.isCleaned));
      case 'put':
        return unlessGone(this.put(what));
      case 'label':
        return unlessGone(this.#patch(what.name, { metadata: { labels: { [LABEL]: what.label ?? null } } }));
      case 'delete':
        return unlessGone(this.delete(what.name));
      case 'replace':
        // At once: a cache may never see that there was none.
        await unlessGone(this.delete(what.name));
        return unlessGone(this.put(what));
      default:
        return makeTrouble(this.#cluster, what);
    }
  }

  async #define(own: Plural, all: readonly Version[]): Promise<void> {
    const { client } = this.#cluster;
    const group = DEFINITIONS[own];
    for (const { name: version, served } of all) if (served) this.#everServed.add(`${version}.${group}`);
    // What was stored once may not leave the list.
    const hidden = { name: 'v0', served: false };
    const schema = { openAPIV3Schema: { type: 'object' } };
    const list = [hidden, ...all].map((one) => ({ ...one, storage: one === hidden, schema }));
    const annotations = { 'api-approved.kubernetes.io': 'unapproved, for a test' };
    const metadata = { name: `${own}.${group}`, annotations };
    const names = { plural: own, kind: own.toUpperCase() };
    try {
      const spec = { group, scope: 'Cluster', names, versions: list };
      await client.create(customResourceDefinitions, { metadata, spec } as never);
    } catch (error) {
      if (!isApiError(error, 'AlreadyExists')) throw error;
      const patch = { type: 'merge', body: { spec: { versions: list } } } as never;
      await client.patch(customResourceDefinitions, { name: metadata.name }, patch);
    }
  }

  async #undefine(own: Plural, isCleaned: boolean): Promise<void> {
    const { client } = this.#cluster;
    const ref = { name: `${own}.${DEFINITIONS[own]}` };
    await client.delete(customResourceDefinitions, ref);
    // It is served until its objects are gone.
    if (!isCleaned) return;
    const body = { metadata: { finalizers: [] } };
    await client.patch(customResourceDefinitions, ref, { type: 'merge', body });
  }

  async put({ name: own, label: managed, isRemote: elsewhere, priority: rank }: Put): Promise<void> {
    const service = elsewhere ? { namespace: 'default', name: 'api' } : undefined;
    const { group, version } = specOf(own);
    const labels = managed === undefined ? {} : { [LABEL]: managed };
    const spec = {
      ...{ ...(group === undefined ? {} : { group }), version },
      ...(service === undefined ? {} : { service }),
      ...{ groupPriorityMinimum: rank, versionPriority: 7 },
    };
    try {
      const made = this.#cluster.client.create(apiServices, {
        metadata: { name: own, labels },
        spec,
      } as never);
      this.#log.wrote((await made) as APIService);
    } catch (error) {
      if (!isApiError(error, 'AlreadyExists')) throw error;
      const body = { metadata: { labels: { [LABEL]: managed ?? null } }, spec: { service: null, ...spec } };
      await this.#patch(own, body);
    }
  }

  async #patch(own: string, body: object): Promise<void> {
    const patch = { type: 'merge', body } as never;
    this.#log.wrote(await this.#cluster.client.patch(apiServices, { name: own }, patch));
  }

  async delete(own: string): Promise<void> {
    const { client } = this.#cluster;
    const { uid = '' } = (await client.get(apiServices, { name: own })).metadata;
    await client.delete(apiServices, { name: own }, { preconditions: { uid } });
    this.#log.deleted(uid);
  }

  async find(own: string): Promise<APIService | undefined> {
    const { items } = await this.#cluster.client.list(apiServices);
    return items.find(({ metadata }) => metadata.name === own);
  }

  stop(): void {
    this.#log.stop();
  }

  async #served(): Promise<ReadonlySet<string>> {
    const { items } = await this.#cluster.client.list(customResourceDefinitions);
    const all = items.flatMap(({ spec }) =>
      spec.versions.filter(({ served }) => served).map((version) => `${version.name}.${spec.group}`),
    );
    return new Set(all.filter((own) => !(own in FIXED)));
  }

  /** What is always kept; after a start, also what is kept then. */
  async #checkKept(isFresh: boolean): Promise<void> {
    const { items } = await this.#cluster.client.list(apiServices);
    const present = new Map(items.map((object) => [object.metadata.name ?? '', object]));
    const served = await this.#served();
    const kept = isFresh ? ['true', 'onstart'] : ['true'];
    for (const own of served) assert.ok(present.has(own), `${own} is missing`);
    for (const own of isFresh ? Object.keys(FIXED) : [REPLACEABLE])
      assert.ok(present.has(own), `${own} is missing`);
    for (const [own, object] of present) {
      const isOnce = own in FIXED && !isFresh;
      if (isOnce || own === REPLACEABLE || !kept.includes(labelOf(object) ?? '')) continue;
      assert.ok(own in FIXED || served.has(own), `${own} is left over`);
      assert.deepEqual(object.spec, specOf(own), own);
    }
  }

  async checkEnd(): Promise<void> {
    await endTrouble(this.#cluster);
    await this.#cluster.advance('1m');
    this.check();
    await this.#checkKept(false);
    await this.#checkStart();
    this.check();
    await this.#checkKept(true);
  }

  /** What people do after the start to what is kept on start only stays, until the next one. */
  async #checkStart(): Promise<void> {
    await this.#cluster.restart();
    this.check();
    await this.#checkKept(true);
    const own = { label: 'onstart', isRemote: true, priority: 1 } as const;
    await unlessGone(this.delete('v1.'));
    await this.put({ ...own, name: 'v1.events.k8s.io' });
    const nobodys = 'v1.nobody.example.com';
    await unlessGone(this.delete(nobodys));
    await this.#cluster.settle();
    await this.put({ ...own, name: nobodys });
    await this.#cluster.advance('1m');
    this.check();
    assert.equal(await this.find('v1.'), undefined, 'v1. came back before the next start');
    assert.equal((await this.find('v1.events.k8s.io'))?.spec.groupPriorityMinimum, 1);
    assert.notEqual(await this.find(nobodys), undefined, 'what came after the start was deleted');
    await this.#cluster.restart();
    assert.equal(await this.find(nobodys), undefined, 'what nobody serves was not deleted at the start');
  }
}

test('each version that this server serves has its APIService, and those of people are left alone', async () => {
  await fc.assert(
    fc.asyncProperty(scenario, async ({ lagMs, steps }) => {
      let writes = 0;
      const afterWrite = async (): Promise<void> => void writes++;
      const controller = apiServiceRegistrationController(BUILT_IN);
      const cluster = await startTestCluster([controller], { lagMs, afterWrite });
      const world = new World(cluster);
      const checkEnd = async (): Promise<void> => {
        await world.checkEnd();
        const before = writes;
        await cluster.advance('10m');
        assert.equal(writes, before, 'something is written again and again');
      };
      const tested = {
        perform: (what: Step) => world.perform(what),
        check: () => world.check(),
        stop: () => world.stop(),
      };
      await liveThrough(cluster, { ...tested, checkEnd }, steps);
    }),
    games(25),
  );
});
