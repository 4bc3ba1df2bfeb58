/**
 * Addresses of Services under trouble: objects are lost, made by hand for others, relabelled and taken by
 * two; Services come and go with their addresses or without, and a network opens and closes. Caches lag,
 * streams break, processes die at any call. Every change is looked at in the order in which it happened.
 */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { games } from '../../base/games.fixture.ts';
import { services } from '../../api/groups/core/service/service.ts';
import { ipAddresses } from '../../api/groups/networking/ip-address/ip-address.ts';
import { serviceCidrs } from '../../api/groups/networking/service-cidr/service-cidr.ts';
import { isApiError } from '../../api/meta/api-error.ts';
import type { KubernetesObject } from '../../api/meta/object.ts';
import { timeMs } from '../../api/time/time.ts';
import type { JsonObject } from '../../api/schema/schema.ts';
import type { IPAddress, Service } from '../../api/types.gen.ts';
import { ChangeLog, type Change } from '../change-log.fixture.ts';
import { startTestCluster, unlessGone, type TestCluster } from '../cluster.fixture.ts';
import { endTrouble, liveThrough, makeTrouble, troubleStep } from '../trouble-steps.fixture.ts';
import { serviceAddressRepairController } from './service-address-repair.ts';

const MANAGED = 'ipaddress.kubernetes.io/managed-by';
const FAMILY = 'ipaddress.kubernetes.io/ip-family';
const ALLOCATOR = 'ipallocator.k8s.io';
/** How long an address may be there before its Service is. */
const GRACE_MS = 60_000;
const WAIT_SECONDS = 35;
/** Only while it is there are 10.99.0.… addresses of Services. */
const EXTRA = { metadata: { name: 'extra' }, spec: { cidrs: ['10.99.0.0/24'] } };
const NOWHERE = '192.0.2.1';

const LABELS: { readonly [kind: string]: Readonly<Record<string, string>> } = {
  right: { [MANAGED]: ALLOCATOR, [FAMILY]: 'IPv4' },
  'of the other family': { [MANAGED]: ALLOCATOR, [FAMILY]: 'IPv6' },
  'of no family': { [MANAGED]: ALLOCATOR },
  'of another manager': { [MANAGED]: 'acme.io', [FAMILY]: 'IPv4' },
  'of nobody': {},
};
const PARENTS: { readonly [kind: string]: JsonObject } = {
  node: { resource: 'nodes', name: 'a' },
  gateway: { group: 'gateway.networking.k8s.io', resource: 'gateways', namespace: 'default', name: 'a' },
};

const name = fc.constantFrom('a', 'b', 'c');
const ip = fc.constantFrom('10.43.0.1', '10.43.0.2', '10.43.0.3', 'fd00::1', '10.99.0.1', NOWHERE);
const clusterIps = fc.constantFrom<readonly string[]>(
  ['10.43.0.1'],
  ['10.43.0.2'],
  ['10.43.0.1', 'fd00::1'],
  ['10.43.0.3', 'fd00::1'],
  ['10.99.0.1'],
  ['10.99.0.1'],
  [NOWHERE],
  ['None'],
  [],
);
const labels = fc.constantFrom('right', 'right', ...Object.keys(LABELS));
const parent = fc.constantFrom('a', 'b', 'c', 'gone', ...Object.keys(PARENTS));
const step = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ type: fc.constant('serve' as const), name, clusterIps, isTidy: fc.boolean() }),
  },
  { weight: 4, arbitrary: fc.record({ type: fc.constant('drop' as const), name, isTidy: fc.boolean() }) },
  { weight: 6, arbitrary: fc.record({ type: fc.constant('take' as const), ip, parent, labels }) },
  { weight: 3, arbitrary: fc.record({ type: fc.constant('lose' as const), ip }) },
  { weight: 3, arbitrary: fc.record({ type: fc.constant('relabel' as const), ip, labels }) },
  { weight: 4, arbitrary: fc.record({ type: fc.constant('network' as const), isOpen: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('wait' as const) }) },
  { weight: 8, arbitrary: troubleStep },
);
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

const scenario = fc.record({
  lagMs: fc.constantFrom(0, 300, { services: 300 }, { ipaddresses: 300 }),
  steps: fc.array(step, { minLength: 5, maxLength: 30, size: 'max' }),
});

class World {
  readonly #cluster: TestCluster;
  readonly #log: ChangeLog;
  readonly #services = new Map<string, Service>();
  readonly #addresses = new Map<string, IPAddress>();
  /** What the test wrote itself, by uid and version; what it deleted, by uid. */
  readonly #own = new Set<string>();
  #changes = 0;
  /** What the controller was told to have written. */
  writes = 0;
  #hasJumped = false;
  #isExtraOpen = false;

  constructor(cluster: TestCluster) {
    this.#cluster = cluster;
    this.#log = new ChangeLog(cluster, [services, ipAddresses]);
  }

  async begin(): Promise<void> {
    const spec = { cidrs: ['10.43.0.0/16', 'fd00::/112'] };
    await this.#cluster.client.create(serviceCidrs, { metadata: { name: 'kubernetes' }, spec });
    await this.#cluster.settle();
  }

  check(): void {
    for (const change of this.#log.take()) this.#follow(change);
  }

  #follow({ type, object }: Change): void {
    const { namespace = '', name: own = '', uid = '', resourceVersion = '' } = object.metadata;
    if (object.kind === 'Service') {
      const key = `${namespace}/${own}`;
      if (type === 'DELETED') this.#services.delete(key);
      else this.#services.set(key, object as Service);
      return;
    }
    const address = object as IPAddress;
    const before = this.#addresses.get(own);
    this.#addresses.delete(own);
    if (type === 'DELETED') {
      if (this.#own.has(uid)) return;
      this.#changes++;
      this.#checkDeletion(before ?? address);
      return;
    }
    if (!this.#own.has(`${uid} ${resourceVersion}`)) {
      this.#changes++;
      assert.equal(type, 'ADDED', `${own} is changed`);
      this.#checkCreation(address);
    }
    this.#addresses.set(own, address);
  }

  /** The controller made it. */
  #checkCreation(address: IPAddress): void {
    const own = address.metadata.name ?? '';
    assert.ok(isLabelled(address), `${own} is made with the labels of the allocator`);
    assert.ok(this.#holders(own).includes(parentOf(address)), `${own} is made for a Service that has it`);
    assert.notEqual(own, NOWHERE);
  }

  /** The controller deleted it. */
  #checkDeletion(address: IPAddress): void {
    const own = address.metadata.name ?? '';
    const holders = this.#holders(own);
    const key = parentOf(address);
    assert.ok(!(holders.includes(key) && isLabelled(address)), `${own} is taken from ${key}`);
    assert.ok(isManaged(address) || holders.length > 0, `${own} is somebody else's`);
    // Hands of the clock decide how old it is, hence only while they are right.
    if (this.#hasJumped || key === '' || this.#services.has(key) || holders.length > 0) return;
    const ageMs = this.#cluster.host.clock.now() - timeMs(address.metadata.creationTimestamp ?? '');
    assert.ok(ageMs >= GRACE_MS, `${own} goes before its Service can be there`);
  }

  /** The keys of Services that have this address. */
  #holders(address: string): readonly string[] {
    const all = [...this.#services];
    return all.filter(([, { spec }]) => spec.clusterIPs?.includes(address) === true).map(([key]) => key);
  }

  async perform(what: Step): Promise<void> {
    const { client, host } = this.#cluster;
    switch (what.type) {
      case 'serve':
        return this.#serve(what.name, what.clusterIps, what.isTidy);
      case 'drop':
        return this.#drop(what.name, what.isTidy);
      case 'take':
        return this.#take(what.ip, PARENTS[what.parent] ?? reference(what.parent), what.labels);
      case 'lose':
        return this.#lose(what.ip);
      case 'relabel': {
        const none = { [MANAGED]: null, [FAMILY]: null };
        const body = { metadata: { labels: { ...none, ...LABELS[what.labels] } } };
        const work = client.patch(ipAddresses, { name: what.ip }, { type: 'merge', body });
        return unlessGone(this.#note(work));
      }
      case 'network': {
        this.#isExtraOpen = what.isOpen;
        if (what.isOpen) return unlessThere(client.create(serviceCidrs, EXTRA));
        return unlessGone(client.delete(serviceCidrs, { name: EXTRA.metadata.name }));
      }
      case 'wait':
        for (let second = 0; second < WAIT_SECONDS; second++) {
          await host.clock.advance(1_000);
          this.check();
        }
        return;
      default:
        this.#hasJumped ||= what.type === 'jump';
        return makeTrouble(this.#cluster, what);
    }
  }

  /** Tidily as the API server does it, with the addresses, or without them. */
  async #serve(own: string, ips: readonly string[], isTidy: boolean): Promise<void> {
    const metadata = { namespace: 'default', name: own };
    if (isTidy) {
      const free = ips.filter((one) => one !== 'None');
      for (const one of free) await this.#take(one, reference(own), 'right');
    }
    await unlessThere(this.#cluster.client.create(services, { metadata, spec: specWith(ips) }));
  }

  async #drop(own: string, isTidy: boolean): Promise<void> {
    const key = `default/${own}`;
    const held = [...this.#addresses.values()].filter((address) => parentOf(address) === key);
    await unlessGone(this.#cluster.client.delete(services, { namespace: 'default', name: own }));
    if (!isTidy) return;
    for (const { metadata } of held) await this.#lose(metadata.name ?? '');
  }

  async #take(address: string, parentRef: JsonObject, kind: string): Promise<void> {
    const right = { ...LABELS['right'], [FAMILY]: familyOf(address) };
    const metadata = { name: address, labels: kind === 'right' ? right : { ...LABELS[kind] } };
    const body = { metadata, spec: { parentRef } };
    await unlessThere(this.#note(this.#cluster.client.create(ipAddresses, body)));
  }

  async #lose(address: string): Promise<void> {
    const { client } = this.#cluster;
    const present = (await client.list(ipAddresses)).items.find(({ metadata }) => metadata.name === address);
    if (present === undefined) return;
    const { uid = '' } = present.metadata;
    this.#own.add(uid);
    await unlessGone(client.delete(ipAddresses, { name: address }, { preconditions: { uid } }));
  }

  async #note(work: Promise<KubernetesObject>): Promise<void> {
    const { uid = '', resourceVersion = '' } = (await work).metadata;
    this.#own.add(`${uid} ${resourceVersion}`);
  }

  stop(): void {
    this.#log.stop();
  }

  async checkEnd(): Promise<void> {
    this.#hasJumped = true;
    await endTrouble(this.#cluster);
    this.check();
    const others = [...this.#addresses.values()].filter((address) => !isManaged(address));
    // As often as the clock was put back, an address without a Service is waited for longer.
    await this.#cluster.advance('2d');
    this.check();
    assert.equal(this.writes, this.#changes);
    for (const address of this.#addresses.values()) this.#checkAddress(address);
    for (const { metadata, spec } of this.#services.values())
      for (const one of spec.clusterIPs ?? [])
        if (this.#isInNetwork(one))
          assert.ok(this.#addresses.has(one), `${one} of ${metadata.name ?? ''} is missing`);
    for (const { metadata } of others) {
      if (this.#holders(metadata.name ?? '').length > 0) continue;
      const { uid } = this.#addresses.get(metadata.name ?? '')?.metadata ?? {};
      assert.equal(uid, metadata.uid, "somebody else's is not there any more");
    }
    await this.#cluster.advance('10m');
    assert.deepEqual(this.#log.take(), [], 'nothing is left to do');
  }

  #checkAddress(address: IPAddress): void {
    const own = address.metadata.name ?? '';
    const holders = this.#holders(own);
    const isHeld = this.#isInNetwork(own) && holders.length > 0;
    if (isHeld) assert.ok(isLabelled(address), `${own} is not labelled`);
    if (isHeld || isManaged(address)) assert.ok(holders.includes(parentOf(address)), `${own} is of nobody`);
  }

  #isInNetwork(address: string): boolean {
    const isExtra = address.startsWith('10.99.');
    return address.startsWith('10.43.') || address.startsWith('fd00:') || (isExtra && this.#isExtraOpen);
  }
}

const familyOf = (address: string): string => (address.includes(':') ? 'IPv6' : 'IPv4');

const reference = (service: string): JsonObject => ({
  resource: 'services',
  namespace: 'default',
  name: service,
});

const isManaged = ({ metadata }: IPAddress): boolean => metadata.labels?.[MANAGED] === ALLOCATOR;

function isLabelled(address: IPAddress): boolean {
  const { name: own = '', labels: all = {} } = address.metadata;
  return isManaged(address) && all[FAMILY] === familyOf(own);
}

/** The key of the Service that an address refers to; empty when it is no Service. */
function parentOf({ spec: { parentRef } }: IPAddress): string {
  const { group = '', resource, namespace = '', name: own } = parentRef;
  return group === '' && resource === 'services' ? `${namespace}/${own}` : '';
}

function specWith(ips: readonly string[]): JsonObject {
  const [first] = ips;
  if (first === undefined) return { type: 'ExternalName', externalName: 'example.org' };
  const isBoth = ips.length > 1;
  return {
    clusterIP: first,
    clusterIPs: [...ips],
    ipFamilies: isBoth ? ['IPv4', 'IPv6'] : ['IPv4'],
    ipFamilyPolicy: isBoth ? 'RequireDualStack' : 'SingleStack',
    ports: [{ port: 80 }],
  };
}

async function unlessThere(work: Promise<unknown>): Promise<void> {
  try {
    await work;
  } catch (error) {
    if (!isApiError(error, 'AlreadyExists')) throw error;
  }
}

test('no address is taken from a Service or from others, and in the end each has its object', async () => {
  await fc.assert(
    fc.asyncProperty(scenario, async ({ lagMs, steps }) => {
      let world: World | undefined;
      const afterWrite = async () => {
        if (world !== undefined) world.writes++;
      };
      const cluster = await startTestCluster([serviceAddressRepairController], { lagMs, afterWrite });
      world = new World(cluster);
      await liveThrough(cluster, world, steps);
    }),
    games(150),
  );
});
