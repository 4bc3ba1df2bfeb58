/**
 * Service networks under trouble: they come, go and cover each other, the default one is deleted again and
 * again, addresses are taken and given back; caches that lag, streams that break, processes that die at any
 * call. Every change is looked at in the order in which it happened.
 */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { games } from '../../base/games.fixture.ts';
import { hasUsableAddress } from '../../api/addresses/cidr.ts';
import { ipAddresses } from '../../api/groups/networking/ip-address/ip-address.ts';
import { serviceCidrs } from '../../api/groups/networking/service-cidr/service-cidr.ts';
import { isApiError } from '../../api/meta/api-error.ts';
import type { KubernetesObject } from '../../api/meta/object.ts';
import type { ServiceCIDR } from '../../api/types.gen.ts';
import { ADDRESS_MANAGER, MANAGED_BY_LABEL } from '../../apiserver/services/allocation-keys.ts';
import { DEFAULT_NETWORK } from '../../apiserver/services/service-network.ts';
import { ChangeLog } from '../change-log.fixture.ts';
import { startTestCluster, unlessGone, type TestCluster } from '../cluster.fixture.ts';
import { endTrouble, liveThrough, makeTrouble, troubleStep } from '../trouble-steps.fixture.ts';
import { isLeaving, networksOf } from './plan.ts';
import { serviceCidrController } from './service-cidr.ts';

const DEFAULT_CIDR = '10.43.0.0/16';
const LABELS = { 'ipaddress.kubernetes.io/ip-family': 'IPv4', [MANAGED_BY_LABEL]: ADDRESS_MANAGER };

const name = fc.constantFrom(DEFAULT_NETWORK, 'one', 'other');
const cidr = fc.constantFrom(DEFAULT_CIDR, '10.43.0.0/24', '10.99.0.0/24', '10.99.0.0/28', '10.98.0.0/15');
const address = fc.constantFrom('10.43.0.7', '10.43.9.7', '10.99.0.7', '10.99.0.15', '10.98.0.7');
const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ type: fc.constant('make' as const), name, cidr }) },
  { weight: 4, arbitrary: fc.record({ type: fc.constant('delete' as const), name }) },
  { weight: 4, arbitrary: fc.record({ type: fc.constant('take' as const), address }) },
  { weight: 3, arbitrary: fc.record({ type: fc.constant('give-back' as const), address }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('wait' as const) }) },
  { weight: 6, arbitrary: troubleStep },
);
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

const scenario = fc.record({
  lagMs: fc.constantFrom(0, 300),
  steps: fc.array(step, { minLength: 5, maxLength: 25, size: 'max' }),
});

class World {
  readonly #cluster: TestCluster;
  readonly #log: ChangeLog;
  readonly #cidrs = new Map<string, ServiceCIDR>();
  readonly #addresses = new Set<string>();

  constructor(cluster: TestCluster) {
    this.#cluster = cluster;
    this.#log = new ChangeLog(cluster, [serviceCidrs, ipAddresses]);
  }

  check(): void {
    for (const { type, object } of this.#log.take()) this.#follow(type, object);
  }

  #follow(type: string, object: KubernetesObject): void {
    const { uid = '', name: own = '' } = object.metadata;
    const isOver = type === 'DELETED';
    if (object.kind === 'IPAddress') {
      if (isOver) this.#addresses.delete(own);
      else this.#addresses.add(own);
      return;
    }
    const before = this.#cidrs.get(uid);
    this.#cidrs.delete(uid);
    if (!isOver) this.#cidrs.set(uid, object as ServiceCIDR);
    // Nobody holds what goes before anybody heard of it.
    else if (before?.metadata.finalizers !== undefined)
      assert.deepEqual(this.#orphansOf(before), [], `${own} went, and they are left`);
  }

  /** Addresses of the network that lie in none that stays. */
  #orphansOf(object: ServiceCIDR): readonly string[] {
    const staying = [...this.#cidrs.values()].filter((other) => !isLeaving(other));
    return [...this.#addresses].filter((ip) => holds(object, ip) && !staying.some((one) => holds(one, ip)));
  }

  async perform(what: Step): Promise<void> {
    const { client } = this.#cluster;
    switch (what.type) {
      case 'make':
        return unlessThere(
          client.create(serviceCidrs, { metadata: { name: what.name }, spec: { cidrs: [what.cidr] } }),
        );
      case 'delete':
        return unlessGone(client.delete(serviceCidrs, { name: what.name }));
      case 'take':
        return this.#take(what.address);
      case 'give-back':
        return unlessGone(client.delete(ipAddresses, { name: what.address }));
      case 'wait':
        return this.#cluster.advance('11s');
      case 'jump':
        // A clock that is put forward takes the time away in which everybody hears of a deletion.
        await this.#cluster.settle();
        return makeTrouble(this.#cluster, what);
      default:
        return makeTrouble(this.#cluster, what);
    }
  }

  /** As the API server does: never from a network that is on its way out, or that nobody has looked at. */
  async #take(ip: string): Promise<void> {
    const { client } = this.#cluster;
    const { items } = await client.list(serviceCidrs);
    const isOffered = (one: ServiceCIDR): boolean => !isLeaving(one) && isReady(one) && holds(one, ip);
    if (!items.some(isOffered)) return;
    const parentRef = { resource: 'services', namespace: 'default', name: 'web' };
    await unlessThere(
      client.create(ipAddresses, { metadata: { name: ip, labels: LABELS }, spec: { parentRef } }),
    );
  }

  stop(): void {
    this.#log.stop();
  }

  async checkEnd(): Promise<void> {
    await this.#cluster.settle();
    await endTrouble(this.#cluster);
    await this.#cluster.advance('1m');
    this.check();
    const names = [...this.#cidrs.values()].map(({ metadata }) => metadata.name);
    assert.ok(names.includes(DEFAULT_NETWORK), 'the default network is missing');
    for (const one of this.#cidrs.values()) {
      const what = one.metadata.name ?? '';
      assert.equal(isReady(one), !isLeaving(one), what);
      assert.deepEqual(one.metadata.finalizers?.length, 1, what);
      if (isLeaving(one)) assert.notDeepEqual(this.#orphansOf(one), [], `${what} never goes`);
    }
  }
}

const holds = (object: ServiceCIDR, ip: string): boolean =>
  networksOf(object).some((network) => hasUsableAddress(network, ip));
const isReady = ({ status }: ServiceCIDR): boolean =>
  status.conditions?.find(({ type }) => type === 'Ready')?.status === 'True';

async function unlessThere(work: Promise<unknown>): Promise<void> {
  try {
    await work;
  } catch (error) {
    if (!isApiError(error, 'AlreadyExists')) throw error;
  }
}

test('no address is left without a network, and the default one always comes back', async () => {
  await fc.assert(
    fc.asyncProperty(scenario, async ({ lagMs, steps }) => {
      const cluster = await startTestCluster([serviceCidrController(DEFAULT_CIDR)], { lagMs });
      await liveThrough(cluster, new World(cluster), steps);
    }),
    games(25),
  );
});
