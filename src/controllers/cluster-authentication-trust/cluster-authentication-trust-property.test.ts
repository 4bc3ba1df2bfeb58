/**
 * What extension servers trust, under trouble: somebody edits the ConfigMap, fills it with rubbish, deletes
 * it, makes it first or makes it immutable; the server's certificates change with a restart; caches that lag,
 * streams that break, processes that die at any call.
 */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { games } from '../../base/games.fixture.ts';
import { configMaps } from '../../api/groups/core/config-map/config-map.ts';
import { namespaces } from '../../api/groups/core/namespace/namespace.ts';
import { isApiError } from '../../api/meta/api-error.ts';
import type { ConfigMap } from '../../api/types.gen.ts';
import { namespaceLifecycle } from '../../apiserver/admission/namespace-lifecycle/namespace-lifecycle.ts';
import type { ControllerDefinition } from '../../reconcile/controller.ts';
import { ChangeLog, type Change } from '../change-log.fixture.ts';
import { startTestCluster, type TestCluster } from '../cluster.fixture.ts';
import { endTrouble, liveThrough, makeTrouble, troubleStep } from '../trouble-steps.fixture.ts';
import { clusterAuthenticationTrustController } from './cluster-authentication-trust.ts';

const OWN = { namespace: 'kube-system', name: 'extension-apiserver-authentication' };
/** Named alike, or beside it: none of the controller's business. */
const OTHERS = [
  { namespace: 'default', name: OWN.name },
  { namespace: OWN.namespace, name: 'other' },
];
const HOLD = 'example.com/hold';

/** What the server of the n-th certificates has to publish. */
function published(era: number): Record<string, string> {
  return {
    'client-ca-file': `clients ${era}`,
    'requestheader-allowed-names': `["proxy-${era}","second"]`,
    'requestheader-client-ca-file': `proxies ${era}`,
    'requestheader-extra-headers-prefix': '["X-Remote-Extra-"]',
    'requestheader-group-headers': '["X-Remote-Group"]',
    'requestheader-uid-headers': '["X-Remote-Uid"]',
    'requestheader-username-headers': '["X-Remote-User"]',
  };
}

const key = fc.constantFrom(...Object.keys(published(0)), 'other');
/** Taken away, empty, no list and no certificate, and what would be right in another era. */
const value = fc.constantFrom(null, '', '{', '["front-proxy-client"]', 'clients 1', 'proxies 0');
const body = fc.oneof(
  { weight: 4, arbitrary: fc.dictionary(key, value, { minKeys: 1 }).map((data) => ({ data })) },
  fc.constant({ data: null }),
  fc.constantFrom({ binaryData: { raw: 'AAAA' } }, { binaryData: null }),
  fc.constantFrom({ metadata: { labels: { a: 'b' } } }, { metadata: { annotations: { c: 'd' } } }),
  fc.constantFrom({ metadata: { finalizers: [HOLD] } }, { metadata: { finalizers: null } }),
  fc.constant({ immutable: true }),
);
const place = fc.oneof({ weight: 6, arbitrary: fc.constant(OWN) }, fc.constantFrom(...OTHERS));
const step = fc.oneof(
  { weight: 8, arbitrary: fc.record({ type: fc.constant('edit' as const), place, body }) },
  { weight: 3, arbitrary: fc.record({ type: fc.constant('create' as const), place, data: value }) },
  { weight: 3, arbitrary: fc.record({ type: fc.constant('delete' as const), place }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('clear' as const) }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('namespace' as const) }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('rotate' as const) }) },
  { weight: 8, arbitrary: troubleStep },
);
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

const scenario = fc.record({
  lagMs: fc.constantFrom(0, 300),
  isThere: fc.boolean(),
  steps: fc.array(step, { minLength: 5, maxLength: 25, size: 'max' }),
});

/** Certificates that change with a restart. */
class Server {
  era = 0;
  readonly controller: ControllerDefinition;

  constructor() {
    const now = () =>
      clusterAuthenticationTrustController({
        clientCa: `clients ${this.era}`,
        frontProxyCa: `proxies ${this.era}`,
        allowedNames: [`proxy-${this.era}`, 'second'],
      });
    this.controller = { ...now(), build: (context, enqueue) => now().build(context, enqueue) };
  }
}

const placeOf = ({ metadata: { namespace = '', name = '' } }: Change['object']): string =>
  `${namespace}/${name}`;

class World {
  readonly #cluster: TestCluster;
  readonly #server: Server;
  readonly #isThere: boolean;
  readonly #log: ChangeLog;
  readonly #writes: () => number;
  readonly #now = new Map<string, ConfigMap>();
  /** Versions that the test wrote, and what it deleted, by uid. */
  readonly #written = new Set<string>();
  readonly #deleted = new Set<string>();

  constructor(cluster: TestCluster, server: Server, isThere: boolean, writes: () => number) {
    this.#cluster = cluster;
    this.#server = server;
    this.#isThere = isThere;
    this.#writes = writes;
    this.#log = new ChangeLog(cluster, [configMaps]);
  }

  async begin(): Promise<void> {
    if (this.#isThere) await this.#makeNamespace();
  }

  check(): void {
    this.#follow();
  }

  #follow(): number {
    const changes = this.#log.take();
    for (const { type, object } of changes) {
      const old = this.#now.get(placeOf(object));
      const { uid = '', resourceVersion = '' } = object.metadata;
      if (type === 'DELETED') {
        assert.ok(this.#deleted.has(uid), `${placeOf(object)} was deleted`);
        this.#now.delete(placeOf(object));
        continue;
      }
      if (!this.#written.has(resourceVersion)) this.#checkWritten(object as ConfigMap, old);
      this.#now.set(placeOf(object), object as ConfigMap);
    }
    return changes.length;
  }

  /** What the controller may write: its own map, what its server trusts, and not for nothing. */
  #checkWritten(next: ConfigMap, old: ConfigMap | undefined): void {
    assert.equal(placeOf(next), placeOf({ metadata: OWN } as ConfigMap));
    assert.deepEqual(next.data, published(this.#server.era));
    if (old === undefined || old.metadata.uid !== next.metadata.uid) return;
    assert.notDeepEqual(next.data, old.data, 'written for nothing');
    const rest = ({ data: _data, metadata, ...more }: ConfigMap) => {
      const { resourceVersion: _version, managedFields: _managers, ...kept } = metadata;
      return { ...more, metadata: kept };
    };
    assert.deepEqual(rest(next), rest(old), 'more than its data was written');
  }

  async perform(what: Step): Promise<unknown> {
    const { client } = this.#cluster;
    switch (what.type) {
      case 'edit':
        return this.#write(() => client.patch(configMaps, what.place, { type: 'merge', body: what.body }));
      case 'create': {
        const data = what.data === null ? {} : { data: { 'client-ca-file': what.data } };
        return this.#write(() => client.create(configMaps, { metadata: what.place, ...data }));
      }
      case 'delete':
        return this.#delete([what.place]);
      case 'clear':
        return this.#delete([OWN, ...OTHERS.filter(({ namespace }) => namespace === OWN.namespace)]);
      case 'namespace':
        return this.#makeNamespace();
      case 'rotate':
        this.#follow();
        this.#server.era++;
        return this.#cluster.restart();
      default:
        return makeTrouble(this.#cluster, what);
    }
  }

  /** A refusal is fine: it is there already, or not there, or cannot be changed. */
  async #write(work: () => Promise<ConfigMap>): Promise<void> {
    try {
      const { metadata } = await work();
      this.#written.add(metadata.resourceVersion ?? '');
      // Gone with its last finalizer.
      if (metadata.deletionTimestamp !== undefined) this.#deleted.add(metadata.uid ?? '');
    } catch (error) {
      const isRefused = (['AlreadyExists', 'NotFound', 'Invalid'] as const).some((reason) =>
        isApiError(error, reason),
      );
      if (!isRefused) throw error;
    }
  }

  async #delete(all: readonly (typeof OWN)[]): Promise<void> {
    for (const { metadata } of (await this.#cluster.client.list(configMaps)).items) {
      const { namespace, name = '', uid = '' } = metadata;
      if (!all.some((one) => one.namespace === namespace && one.name === name)) continue;
      this.#deleted.add(uid);
      await this.#write(async () => {
        await this.#cluster.client.delete(configMaps, { namespace, name });
        return this.#cluster.client.get(configMaps, { namespace, name });
      });
    }
  }

  async #makeNamespace(): Promise<void> {
    try {
      await this.#cluster.client.create(namespaces, { metadata: { name: OWN.namespace } });
    } catch (error) {
      if (!isApiError(error, 'AlreadyExists')) throw error;
    }
  }

  stop(): void {
    this.#log.stop();
  }

  async checkEnd(): Promise<void> {
    await this.#makeNamespace();
    await endTrouble(this.#cluster);
    await this.#cluster.advance('2m');
    this.check();
    // Only its owner can do something about this.
    const own = this.#now.get(placeOf({ metadata: OWN } as ConfigMap));
    if (own?.immutable === true) {
      await this.#write(() =>
        this.#cluster.client.patch(configMaps, OWN, {
          type: 'merge',
          body: { metadata: { finalizers: null } },
        }),
      );
      await this.#delete([OWN]);
    }
    await this.#cluster.advance('2m');
    this.check();
    const { data } = await this.#cluster.client.get(configMaps, OWN);
    assert.deepEqual(data, published(this.#server.era));
    const writes = this.#writes();
    await this.#cluster.advance('1h');
    assert.equal(this.#follow() + this.#writes() - writes, 0, 'written without a reason');
  }
}

interface Scenario {
  readonly lagMs: number;
  readonly isThere: boolean;
  readonly steps: readonly Step[];
}

async function play({ lagMs, isThere, steps }: Scenario): Promise<void> {
  const server = new Server();
  let writes = 0;
  const cluster = await startTestCluster([server.controller], {
    lagMs,
    admission: ({ store }) => [namespaceLifecycle(store)],
    afterWrite: async () => void writes++,
  });
  await liveThrough(cluster, new World(cluster, server, isThere, () => writes), steps);
}

test('what extension servers trust is what the server says, whatever becomes of the ConfigMap', async () => {
  await fc.assert(fc.asyncProperty(scenario, play), games(50));
});

test('a ConfigMap that was deleted before anybody saw it is made again', async () => {
  const remove = { type: 'delete', place: OWN } as const;
  const forget = { type: 'break', isHistoryGone: true } as const;
  const steps = [remove, forget, remove, forget, remove] as const;
  for (const ms of [50, 400, 3_000] as const)
    await play({ lagMs: 300, isThere: true, steps: [{ type: 'advance', ms }, ...steps] });
});
