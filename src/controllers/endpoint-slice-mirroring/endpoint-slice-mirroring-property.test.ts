/**
 * Mirrored slices under trouble: Endpoints with several subsets, of both families, at times with more
 * addresses than fit; Services with a selector and without; mirrors that somebody edits, copies, hands over
 * or deletes, beside slices of others. Caches lag, streams break, processes die at any call. Every change of
 * a slice is looked at in the order in which it happened.
 */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { games } from '../../base/games.fixture.ts';
import { endpoints } from '../../api/groups/core/endpoints/endpoints.ts';
import { services } from '../../api/groups/core/service/service.ts';
import { endpointSlices } from '../../api/groups/discovery/endpoint-slice/endpoint-slice.ts';
import { isApiError } from '../../api/meta/api-error.ts';
import type { JsonObject } from '../../api/schema/schema.ts';
import type { Endpoints, EndpointSlice } from '../../api/types.gen.ts';
import { ChangeLog, type Change } from '../change-log.fixture.ts';
import { startTestCluster, unlessGone, type TestCluster } from '../cluster.fixture.ts';
import { endTrouble, liveThrough, makeTrouble, troubleStep } from '../trouble-steps.fixture.ts';
import { generatedSubsets, subsetOf } from './generated-subsets.fixture.ts';
import { endpointSliceMirroringController } from './endpoint-slice-mirroring.ts';

const SERVICE_NAME = 'kubernetes.io/service-name';
const MANAGED_BY = 'endpointslice.kubernetes.io/managed-by';
const MIRRORING = 'endpointslicemirroring-controller.k8s.io';
const SKIP = 'endpointslice.kubernetes.io/skip-mirror';
const LEADER = 'control-plane.alpha.kubernetes.io/leader';
/** These two are of the Endpoints only. */
const NOT_COPIED = [
  'endpoints.kubernetes.io/last-change-trigger-time',
  'kubectl.kubernetes.io/last-applied-configuration',
];
const ADDRESSES_MAX = 1_000;
const NAMES = ['db', 'dns'];

const name = fc.constantFrom(...NAMES);
const which = fc.nat(20);
const edit = fc.constantFrom(
  'empty',
  'double',
  'ports',
  'label',
  'annotate',
  'copy',
  'hand-over',
  'take-away',
  'hold',
);
const step = fc.oneof(
  { weight: 3, arbitrary: fc.record({ type: fc.constant('serve' as const), name, selects: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('unserve' as const), name }) },
  {
    weight: 8,
    arbitrary: fc.record({
      type: fc.constant('endpoints' as const),
      name,
      subsets: generatedSubsets,
      isNew: fc.nat(3),
      skip: fc.constantFrom('', '', 'false', 'true'),
      annotation: fc.constantFrom('', '', 'acme.io/note', LEADER, ...NOT_COPIED),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ type: fc.constantFrom('unlist' as const, 'replace' as const), name }),
  },
  { weight: 8, arbitrary: fc.record({ type: fc.constant('edit' as const), which, edit }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('remove' as const), which }) },
  {
    weight: 2,
    arbitrary: fc.record({ type: fc.constant('foreign' as const), name, hasManager: fc.boolean() }),
  },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('release' as const) }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('rest' as const) }) },
  { weight: 10, arbitrary: troubleStep },
);
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

const scenario = fc.record({
  lagMs: fc.constantFrom(0, 300, { endpointslices: 300 }, { endpoints: 300 }),
  steps: fc.array(step, { minLength: 5, maxLength: 25, size: 'max' }),
});

class World {
  readonly #cluster: TestCluster;
  readonly #log: ChangeLog;
  readonly #slices = new Map<string, EndpointSlice>();
  /** What the test wrote itself, by uid and version; what it deleted, by uid. */
  readonly #own = new Set<string>();
  /** Mirrors that somebody edited since all was right: two slices may be as one for a while. */
  readonly #edited = new Set<string>();
  #copies = 0;
  #changes = 0;
  /** What the controller was told to have written. */
  writes = 0;

  constructor(cluster: TestCluster) {
    this.#cluster = cluster;
    this.#log = new ChangeLog(cluster, [endpointSlices]);
  }

  async begin(): Promise<void> {
    for (const each of NAMES) await this.#serve(each, false);
  }

  check(): void {
    for (const change of this.#log.take()) this.#follow(change);
  }

  #follow({ type, object }: Change): void {
    const slice = object as EndpointSlice;
    const { uid = '', resourceVersion = '', name: own = '' } = slice.metadata;
    const before = this.#slices.get(uid);
    if (type === 'DELETED') this.#slices.delete(uid);
    else this.#slices.set(uid, slice);
    if (this.#own.has(type === 'DELETED' ? uid : `${uid} ${resourceVersion}`)) return;
    this.#changes++;
    assert.ok(before === undefined || isMirror(before), `${own} is of somebody else`);
    if (type === 'DELETED') return;
    assert.ok(isMirror(slice), `${own} is made for somebody else`);
    assert.ok(slice.endpoints.length <= ADDRESSES_MAX, `${own} is too long`);
    this.#checkOnce(mirrorOf(slice));
  }

  /** Nothing is reached twice, but for what is on its way out. */
  #checkOnce(mirror: string): void {
    if (this.#edited.has(mirror)) return;
    const all = this.#mirrors(mirror).flatMap(({ endpoints: present, ports }) =>
      present.map(({ addresses }) => `${addresses.join()} ${portsText(ports)}`),
    );
    assert.equal(new Set(all).size, all.length, `an address of ${mirror} is in two slices`);
  }

  #mirrors(mirror: string): readonly EndpointSlice[] {
    const isThere = ({ metadata }: EndpointSlice): boolean => metadata.deletionTimestamp === undefined;
    const all = [...this.#slices.values()].filter(isMirror);
    return all.filter((slice) => mirrorOf(slice) === mirror && isThere(slice));
  }

  async perform(what: Step): Promise<void> {
    const { client } = this.#cluster;
    const ref = (own: string) => ({ namespace: 'default', name: own });
    switch (what.type) {
      case 'serve':
        return this.#serve(what.name, what.selects);
      case 'unserve':
        return unlessGone(client.delete(services, ref(what.name)));
      case 'endpoints': {
        if (what.isNew === 0) await unlessGone(client.delete(endpoints, ref(what.name)));
        const labels = { team: 'x', ...(what.skip === '' ? {} : { [SKIP]: what.skip }) };
        const annotations = what.annotation === '' ? {} : { [what.annotation]: '{}' };
        const metadata = { ...ref(what.name), labels, annotations };
        const object = { apiVersion: 'v1', kind: 'Endpoints', metadata };
        const all = what.subsets.map(subsetOf).filter((each) => each !== undefined);
        await client.update(endpoints, { ...object, subsets: all });
        return;
      }
      case 'unlist':
        return unlessGone(client.delete(endpoints, ref(what.name)));
      case 'replace':
        return this.#replace(what.name);
      case 'edit':
        return this.#edit(what.which, what.edit);
      case 'remove':
        return this.#remove(what.which);
      case 'foreign':
        return this.#makeForeign(what.name, what.hasManager);
      case 'release':
        return this.#release();
      case 'rest':
        return this.#rest();
      default:
        return makeTrouble(this.#cluster, what);
    }
  }

  async #serve(own: string, selects: boolean): Promise<void> {
    const { client } = this.#cluster;
    const selector = selects ? { app: own } : null;
    const metadata = { namespace: 'default', name: own };
    const spec = { clusterIP: 'None', ports: [{ port: 80 }], ...(selects ? { selector: { app: own } } : {}) };
    try {
      await client.patch(services, metadata, { type: 'merge', body: { spec: { selector } } });
    } catch (error) {
      if (!isApiError(error, 'NotFound')) throw error;
      await client.create(services, { metadata, spec });
    }
  }

  /** The same again, of another uid, while nobody looks. */
  async #replace(own: string): Promise<void> {
    const { client } = this.#cluster;
    const ref = { namespace: 'default', name: own };
    const source = (await client.list(endpoints)).items.find(({ metadata }) => metadata.name === own);
    if (source === undefined) return;
    const { labels = {}, annotations = {} } = source.metadata;
    this.#cluster.crash(0);
    await client.delete(endpoints, ref);
    await client.create(endpoints, { ...source, metadata: { ...ref, labels, annotations } });
    await this.#cluster.restart();
  }

  async #edit(at: number, how: typeof edit extends fc.Arbitrary<infer E> ? E : never): Promise<void> {
    const slice = this.#pick(at);
    if (slice === undefined) return;
    this.#edited.add(mirrorOf(slice));
    const { labels = {}, name: own = '' } = slice.metadata;
    if (how === 'copy') return this.#make({ ...slice, metadata: { labels, name: `copy-${this.#copies++}` } });
    const [first] = slice.endpoints;
    const endpointsNow = first === undefined ? [] : slice.endpoints.map(() => first);
    const handOver = { metadata: { labels: { [MANAGED_BY]: 'acme.io' } } };
    const bodies: Readonly<Record<typeof how, JsonObject>> = {
      empty: { endpoints: [] },
      double: { endpoints: endpointsNow as unknown as readonly JsonObject[] },
      ports: { ports: [{ name: 'a', port: 80, protocol: 'UDP' }] },
      label: { metadata: { labels: { team: 'y', more: 'x' } } },
      annotate: { metadata: { annotations: { more: 'x' } } },
      hold: { metadata: { finalizers: ['acme.io/hold'] } },
      'hand-over': handOver,
      'take-away': handOver,
    };
    const ref = { namespace: 'default', name: own };
    const work = this.#cluster.client.patch(endpointSlices, ref, { type: 'merge', body: bodies[how] });
    await unlessGone(this.#note(work));
    // Who is late with slices only takes it for one that is left over.
    const source = { namespace: 'default', name: mirrorOf(slice) };
    if (how === 'take-away') await unlessGone(this.#cluster.client.delete(endpoints, source));
  }

  #pick(at: number): EndpointSlice | undefined {
    const all = [...this.#slices.values()].filter(isMirror);
    return all[at % all.length];
  }

  async #remove(at: number): Promise<void> {
    const slice = this.#pick(at);
    if (slice === undefined || slice.metadata.finalizers !== undefined) return;
    const { name: own = '', uid = '' } = slice.metadata;
    this.#own.add(uid);
    const preconditions = { uid };
    const ref = { namespace: 'default', name: own };
    await unlessGone(this.#cluster.client.delete(endpointSlices, ref, { preconditions }));
  }

  /** Whoever held slices lets them go. */
  async #release(): Promise<void> {
    for (const { metadata } of [...this.#slices.values()]) {
      const { name: own = '', uid = '', finalizers = [], deletionTimestamp } = metadata;
      if (finalizers.length === 0) continue;
      if (deletionTimestamp !== undefined) this.#own.add(uid);
      const body = { metadata: { finalizers: null } };
      const ref = { namespace: 'default', name: own };
      const work = this.#cluster.client.patch(endpointSlices, ref, { type: 'merge', body });
      await unlessGone(this.#note(work));
    }
  }

  async #makeForeign(service: string, hasManager: boolean): Promise<void> {
    const labels = { [SERVICE_NAME]: service, ...(hasManager ? { [MANAGED_BY]: 'acme.io' } : {}) };
    const metadata = { name: `${service}-foreign-${this.#copies++}`, labels };
    const one = { addresses: ['192.0.2.1'], conditions: { ready: true } };
    return this.#make({ metadata, addressType: 'IPv4', endpoints: [one], ports: [] });
  }

  async #make(body: Pick<EndpointSlice, 'metadata' | 'addressType' | 'endpoints' | 'ports'>): Promise<void> {
    const metadata = { ...body.metadata, namespace: 'default' };
    await this.#note(this.#cluster.client.create(endpointSlices, { ...body, metadata }));
  }

  async #note(work: Promise<EndpointSlice>): Promise<void> {
    const { uid = '', resourceVersion = '' } = (await work).metadata;
    this.#own.add(`${uid} ${resourceVersion}`);
  }

  /** All is as it should be, and nothing is written any more. */
  async #rest(): Promise<void> {
    await this.#cluster.advance('3m');
    this.check();
    assert.equal(this.writes, this.#changes, 'nothing is written that is there already');
    for (const each of NAMES) await this.#checkMirror(each);
    this.#edited.clear();
    await this.#cluster.advance('3m');
    assert.deepEqual(this.#log.take(), [], 'nothing is left to do');
  }

  async #checkMirror(mirror: string): Promise<void> {
    const { client } = this.#cluster;
    const named = <T extends { metadata: { name?: string } }>({ items }: { items: readonly T[] }) =>
      items.find(({ metadata }) => metadata.name === mirror);
    const service = named(await client.list(services));
    const source = named(await client.list(endpoints));
    const isWanted = service !== undefined && service.spec.selector === undefined;
    const wanted = isWanted && source !== undefined ? wantedOf(source) : new Map<string, Set<string>>();
    const slices = this.#mirrors(mirror);
    assert.deepEqual(slices.map(groupOf).toSorted(), [...wanted.keys()].toSorted());
    for (const slice of slices) {
      const group = wanted.get(groupOf(slice)) ?? new Set<string>();
      const present = new Set(slice.endpoints.map((one) => endpointText(one, one.conditions?.ready)));
      assert.equal(present.size, slice.endpoints.length, 'an endpoint is there twice');
      assert.equal(present.size, Math.min(group.size, ADDRESSES_MAX));
      assert.deepEqual(
        [...present].filter((one) => !group.has(one)),
        [],
      );
      const { labels = {}, annotations = {} } = source?.metadata ?? {};
      const copied = Object.entries(annotations).filter(([key]) => !NOT_COPIED.includes(key));
      assert.deepEqual(slice.metadata.annotations ?? {}, Object.fromEntries(copied));
      const marks = { [SERVICE_NAME]: mirror, [MANAGED_BY]: MIRRORING };
      assert.deepEqual(slice.metadata.labels, { ...labels, ...marks });
      const owners = (slice.metadata.ownerReferences ?? []).map(({ uid }) => uid);
      assert.deepEqual(owners, [source?.metadata.uid], 'of Endpoints that are gone it is removed');
    }
  }

  stop(): void {
    this.#log.stop();
  }

  async checkEnd(): Promise<void> {
    await endTrouble(this.#cluster);
    await this.#rest();
  }
}

const isMirror = ({ metadata }: EndpointSlice): boolean => metadata.labels?.[MANAGED_BY] === MIRRORING;
const mirrorOf = ({ metadata }: EndpointSlice): string => metadata.labels?.[SERVICE_NAME] ?? '';
const groupOf = ({ addressType, ports }: EndpointSlice): string => `${addressType} ${portsText(ports ?? [])}`;

function portsText(ports: readonly object[]): string {
  const whole = { name: '', port: 0, protocol: 'TCP', appProtocol: '' };
  return JSON.stringify(ports.map((port) => ({ ...whole, ...port })));
}

function endpointText(
  { addresses, hostname = '' }: { readonly addresses: readonly string[]; readonly hostname?: string },
  isReady: boolean | undefined,
): string {
  return `${addresses.join()} ${hostname} ${String(isReady)}`;
}

/** By family and ports, what a slice has to hold; of each subset no more than fits into one. */
function wantedOf({ metadata, subsets = [] }: Endpoints): Map<string, Set<string>> {
  const groups = new Map<string, Set<string>>();
  if (metadata.labels?.[SKIP] === 'true' || metadata.annotations?.[LEADER] !== undefined) return groups;
  for (const { addresses = [], notReadyAddresses = [], ports = [] } of subsets) {
    const all = [...addresses, ...notReadyAddresses].slice(0, ADDRESSES_MAX);
    for (const [i, { ip, hostname }] of all.entries()) {
      const key = `${ip.includes(':') ? 'IPv6' : 'IPv4'} ${portsText(ports)}`;
      const group = groups.get(key) ?? new Set<string>();
      groups.set(key, group);
      const one = { addresses: [ip], ...(hostname === undefined ? {} : { hostname }) };
      group.add(endpointText(one, i < addresses.length));
    }
  }
  return groups;
}

test('nothing is reached twice or taken from others, and in the end all is mirrored', async () => {
  await fc.assert(
    fc.asyncProperty(scenario, async ({ lagMs, steps }) => {
      let world: World | undefined;
      const afterWrite = async () => {
        if (world !== undefined) world.writes++;
      };
      const cluster = await startTestCluster([endpointSliceMirroringController], { lagMs, afterWrite });
      world = new World(cluster);
      await liveThrough(cluster, world, steps);
    }),
    games(120),
  );
});
