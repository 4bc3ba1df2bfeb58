/**
 * The availability of API servers elsewhere under trouble: APIServices, Services and slices that come, change
 * and go; servers that answer, fail, answer once in a while, late or never; caches that lag, streams that
 * break, processes that die at any call.
 */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { games } from '../../base/games.fixture.ts';
import { apiServices } from '../../api/groups/apiregistration/api-service/api-service.ts';
import { services } from '../../api/groups/core/service/service.ts';
import { endpointSlices } from '../../api/groups/discovery/endpoint-slice/endpoint-slice.ts';
import { formatTime } from '../../api/time/time.ts';
import type { APIService, EndpointSlice, Service } from '../../api/types.gen.ts';
import { AttributedLog } from '../attributed-log.fixture.ts';
import { startTestCluster, unlessGone, type TestCluster } from '../cluster.fixture.ts';
import { endTrouble, liveThrough, makeTrouble, troubleStep } from '../trouble-steps.fixture.ts';
import { apiServiceAvailabilityController } from './api-service-availability.ts';

const NAMES = ['v1.a.example.com', 'v1beta1.a.example.com', 'v1.b.example.com'];
const LOCAL = 'True/Local/Local APIServices are always available';
const PASSED = 'True/Passed/all checks passed';
const ATTEMPTS = 5;

/** What Services look like; the first port of a number is the one that counts. */
const SERVICES = {
  https: { ports: [{ name: 'https', port: 443 }] },
  unnamed: { ports: [{ port: 8443 }] },
  both: {
    ports: [
      { name: 'other', port: 8443 },
      { name: 'https', port: 443 },
    ],
  },
  twice: {
    ports: [
      { name: 'dns', port: 443, protocol: 'UDP' },
      { name: 'https', port: 443, protocol: 'TCP' },
    ],
  },
  nodePort: { type: 'NodePort', ports: [{ name: 'https', port: 443, nodePort: 30_000 }] },
  external: { type: 'ExternalName', externalName: 'api.example.com' },
} as const;
type Shape = keyof typeof SERVICES;

const ENDPOINTS = {
  none: [],
  ready: [{ addresses: ['10.1.0.1'], conditions: { ready: true } }],
  unsaid: [{ addresses: ['10.1.0.1'] }],
  unready: [{ addresses: ['10.1.0.1'], conditions: { ready: false } }],
  mixed: [
    { addresses: ['10.1.0.1'], conditions: { ready: false } },
    { addresses: ['10.1.0.2'], conditions: { ready: true } },
  ],
} as const;
const SLICE_PORTS = {
  none: [],
  https: [{ name: 'https', port: 8443 }],
  unnamed: [{ port: 8443 }],
  any: [{ name: 'https' }],
  dns: [{ name: 'dns', port: 53, protocol: 'UDP' }],
  both: [
    { name: 'other', port: 1 },
    { name: 'https', port: 2 },
  ],
} as const;
const STRANGE = { type: 'Strange', status: 'Unknown', reason: 'Me' };
const WRITTEN = '2020-01-01T00:00:00Z';
const CONDITIONS = {
  none: [],
  strange: [STRANGE],
  untimed: [{ type: 'Available', status: 'True' }, STRANGE],
  unknown: [{ type: 'Available', status: 'Unknown', reason: 'Me', lastTransitionTime: WRITTEN }],
  lost: [STRANGE, { type: 'Available', status: 'False', message: 'Me', lastTransitionTime: WRITTEN }],
} as const;

const keysOf = <K extends string>(record: { readonly [key in K]: unknown }): fc.Arbitrary<K> =>
  fc.constantFrom(...(Object.keys(record) as K[]));
const name = fc.constantFrom(...NAMES);
const service = fc.constantFrom('one', 'two');
const slice = fc.constantFrom('s1', 's2', 's3');
const place = fc.oneof(
  { weight: 1, arbitrary: fc.constant(undefined) },
  {
    weight: 6,
    arbitrary: fc.record({
      namespace: fc.constantFrom('default', 'default', 'default', 'nowhere "at all"'),
      name: service,
      port: fc.constantFrom(443, 443, 8443),
    }),
  },
);
type Place = typeof place extends fc.Arbitrary<infer P> ? P : never;
const mode = fc.constantFrom('well', 'failing', 'flaky', 'slow', 'silent');
type Mode = typeof mode extends fc.Arbitrary<infer M> ? M : never;

const step = fc.oneof(
  { weight: 5, arbitrary: fc.record({ type: fc.constant('register' as const), name, place }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('deregister' as const), name }) },
  {
    weight: 2,
    arbitrary: fc.record({ type: fc.constant('spoil' as const), name, as: keysOf(CONDITIONS) }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ type: fc.constant('serve' as const), service, as: keysOf(SERVICES) }),
  },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('close' as const), service }) },
  {
    weight: 5,
    arbitrary: fc.record({
      type: fc.constant('slice' as const),
      slice,
      of: fc.constantFrom('one', 'one', 'two', 'two', 'nobody'),
      endpoints: fc.oneof(fc.constant('ready' as const), keysOf(ENDPOINTS)),
      ports: fc.oneof(fc.constant('https' as const), keysOf(SLICE_PORTS)),
    }),
  },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('unslice' as const), slice }) },
  { weight: 4, arbitrary: fc.record({ type: fc.constant('backend' as const), service, mode }) },
  { weight: 6, arbitrary: troubleStep },
);
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

const scenario = fc.record({
  lagMs: fc.constantFrom(0, 300, { apiservices: 500 }, { services: 800 }, { endpointslices: 800 }),
  steps: fc.array(step, { minLength: 5, maxLength: 25, size: 'max' }),
});

/** The servers behind the Services. */
class Backends {
  readonly modes = new Map<string, Mode>();
  /** How often each APIService was asked after. */
  readonly asked = new Map<string, number>();
  cluster: TestCluster | undefined;

  readonly check = async (object: APIService): Promise<void> => {
    const { name: own = '' } = object.metadata;
    const count = (this.asked.get(own) ?? 0) + 1;
    this.asked.set(own, count);
    const { service: at } = object.spec;
    const how = this.modes.get(at?.name ?? '') ?? 'well';
    if (how === 'slow' || how === 'silent')
      await this.cluster?.host.clock.sleep(how === 'slow' ? 100 : 1_000);
    // One attempt of every round is answered.
    const fails = how === 'flaky' ? count % ATTEMPTS !== 0 : how === 'failing' || how === 'silent';
    if (fails) throw new Error(textOf(object, how));
  };
}

const textOf = ({ metadata, spec: { service: at } }: APIService, how: Mode): string =>
  `${metadata.name ?? ''} at ${at?.name ?? ''}:${at?.port ?? 0} is ${how}`;

const conditionsOf = ({ status }: APIService, isAvailable: boolean) =>
  (status.conditions ?? []).filter(({ type }) => (type === 'Available') === isAvailable);

const verdictIn = (object: APIService): string =>
  conditionsOf(object, true)
    .map(({ status, reason = '', message = '' }) => `${status}/${reason}/${message}`)
    .join();

/** Whether an answer of the server itself is what counts. */
const isAsked = (verdict: string): boolean => /^(True\/Passed|False\/FailedDiscoveryCheck)\//.test(verdict);

function verdictOf(
  object: APIService,
  present: readonly Service[],
  slices: readonly EndpointSlice[],
  how: Mode,
): string {
  const { service: at } = object.spec;
  if (at === undefined) return LOCAL;
  const where = `service/${at.name ?? ''} in "${(at.namespace ?? '').replaceAll('"', String.raw`\"`)}"`;
  const found = present.find(
    ({ metadata }) => metadata.namespace === at.namespace && metadata.name === at.name,
  );
  if (found === undefined) return `False/ServiceNotFound/${where} is not present`;
  if (found.spec.type === 'ClusterIP') {
    const ports = (found.spec.ports ?? []).filter(({ port }) => port === at.port);
    if (ports.length === 0) return `False/ServicePortError/${where} is not listening on port ${at.port ?? 0}`;
    const portName = ports[0]?.name ?? '';
    const own = slices.filter(({ metadata }) => metadata.labels?.['kubernetes.io/service-name'] === at.name);
    if (own.length === 0) return `False/EndpointsNotFound/cannot find endpointslices for ${where}`;
    const active = own
      .filter(({ endpoints }) => endpoints?.some(({ conditions }) => (conditions?.ready ?? true) === true))
      .flatMap(({ ports: offered }) => offered)
      .filter(({ name: offer = '', port }) => offer === portName && port !== undefined);
    if (active.length === 0)
      return `False/MissingEndpoints/endpointslices for ${where} have no addresses with port name "${portName}"`;
  }
  const isUp = how === 'well' || how === 'flaky' || how === 'slow';
  return isUp ? PASSED : `False/FailedDiscoveryCheck/${textOf(object, how)}`;
}

/** Whether it may be about this spec at all, whatever the Services and slices were at the time. */
function isAbout(object: APIService, verdict: string): boolean {
  const { service: at } = object.spec;
  if (at === undefined) return verdict === LOCAL;
  if (verdict === PASSED) return at.namespace === 'default';
  if (verdict.startsWith('False/FailedDiscoveryCheck/'))
    return ['failing', 'flaky', 'silent'].some((how) => verdict.endsWith(textOf(object, how as Mode)));
  const isOfPort = !verdict.includes('/ServicePortError/') || verdict.endsWith(` on port ${at.port ?? 0}`);
  const where = `service/${at.name ?? ''} in ${JSON.stringify(at.namespace)}`;
  return verdict.startsWith('False/') && verdict.includes(where) && isOfPort;
}

class World {
  readonly #cluster: TestCluster;
  readonly #log: AttributedLog<APIService>;
  readonly #backends: Backends;
  /** The times at which controllers wrote; those that come late are none. */
  readonly #times: ReadonlySet<string>;

  constructor(cluster: TestCluster, backends: Backends, times: ReadonlySet<string>) {
    this.#cluster = cluster;
    this.#backends = backends;
    this.#times = times;
    this.#log = new AttributedLog(cluster, apiServices);
  }

  /** All is well at first: what follows mostly is about the servers themselves. */
  async begin(): Promise<void> {
    for (const [index, own] of (['one', 'two'] as const).entries()) {
      await this.#serve(own, 'https');
      await this.#slice(`s${index + 1}`, own, ENDPOINTS.ready, SLICE_PORTS.https);
      await this.#register(NAMES[index] ?? '', { namespace: 'default', name: own, port: 443 });
    }
  }

  check(): void {
    for (const { name: own, before, after } of this.#log.take()) {
      assert.ok(before !== undefined && after !== undefined, `${own} was made or deleted`);
      assert.deepEqual(after.spec, before.spec, `the spec of ${own} was written`);
      assert.deepEqual(after.metadata.uid, before.metadata.uid);
      assert.deepEqual(conditionsOf(after, false), conditionsOf(before, false), own);
      const [next, ...more] = conditionsOf(after, true);
      const [old] = conditionsOf(before, true);
      assert.ok(next !== undefined && more.length === 0, `${own} has its condition not once`);
      assert.ok(isAbout(after, verdictIn(after)), `${own}: ${verdictIn(after)}`);
      const { lastTransitionTime = '' } = next;
      if (next.status === old?.status && old.lastTransitionTime !== undefined)
        assert.equal(lastTransitionTime, old.lastTransitionTime, `${own} did not turn`);
      else assert.ok(this.#times.has(lastTransitionTime), `${own} turned at ${lastTransitionTime}`);
    }
  }

  async perform(what: Step): Promise<unknown> {
    const { client } = this.#cluster;
    switch (what.type) {
      case 'register':
        return this.#register(what.name, what.place);
      case 'deregister':
        return unlessGone(this.#deregister(what.name));
      case 'spoil':
        return unlessGone(this.#spoil(what.name, CONDITIONS[what.as]));
      case 'serve':
        return this.#serve(what.service, what.as);
      case 'close':
        return unlessGone(client.delete(services, { namespace: 'default', name: what.service }));
      case 'slice': {
        const { slice, of: owner, endpoints, ports } = what;
        return this.#slice(slice, owner, ENDPOINTS[endpoints], SLICE_PORTS[ports]);
      }
      case 'unslice':
        return unlessGone(client.delete(endpointSlices, { namespace: 'default', name: what.slice }));
      case 'backend':
        return this.#backends.modes.set(what.service, what.mode);
      default:
        return makeTrouble(this.#cluster, what);
    }
  }

  async #register(own: string, at: Place): Promise<void> {
    const { client } = this.#cluster;
    const { items } = await client.list(apiServices);
    const remote = at === undefined ? {} : { service: at, insecureSkipTLSVerify: true };
    if (items.some(({ metadata }) => metadata.name === own)) {
      const spec = { service: null, insecureSkipTLSVerify: null, ...remote };
      const patch = { type: 'merge', body: { spec } } as const;
      this.#log.wrote(await client.patch(apiServices, { name: own }, patch));
    } else {
      const dot = own.indexOf('.');
      const of = { version: own.slice(0, dot), group: own.slice(dot + 1) };
      const spec = { ...of, ...remote, groupPriorityMinimum: 100, versionPriority: 10 };
      this.#log.wrote(await client.create(apiServices, { metadata: { name: own }, spec }));
    }
  }

  async #deregister(own: string): Promise<void> {
    const { client } = this.#cluster;
    const { metadata } = await client.get(apiServices, { name: own });
    this.#log.deleted(metadata.uid ?? '');
    await client.delete(apiServices, { name: own });
  }

  async #spoil(own: string, conditions: readonly { readonly type: string }[]): Promise<void> {
    const patch = { type: 'merge', body: { status: { conditions } } } as never;
    const written = this.#cluster.client.patch(apiServices, { name: own }, patch, { subresource: 'status' });
    this.#log.wrote(await written);
  }

  async #serve(own: string, shape: Shape): Promise<void> {
    const { client } = this.#cluster;
    const metadata = { namespace: 'default', name: own };
    // Made again: a Service does not become another type without its addresses.
    await unlessGone(client.delete(services, metadata));
    const clusterIP = { clusterIP: '10.43.0.9', clusterIPs: ['10.43.0.9'], ipFamilies: ['IPv4'] };
    const spec = { ...(shape === 'external' ? {} : clusterIP), ...SERVICES[shape] };
    await client.create(services, { metadata, spec } as never);
  }

  async #slice(own: string, owner: string, endpoints: object, ports: object): Promise<void> {
    const { client } = this.#cluster;
    const { items } = await client.list(endpointSlices);
    const place = { namespace: 'default', name: own };
    const metadata = { ...place, labels: { 'kubernetes.io/service-name': owner } };
    const slice = { metadata, addressType: 'IPv4', endpoints, ports };
    if (items.some((one) => one.metadata.name === own))
      await client.patch(endpointSlices, place, { type: 'merge', body: slice } as never);
    else await client.create(endpointSlices, slice as never);
  }

  /** By name, what it says and what it ought to say. */
  async #verdicts(): Promise<readonly (readonly [name: string, found: string, wanted: string])[]> {
    const { client } = this.#cluster;
    const present = (await client.list(services)).items;
    const slices = (await client.list(endpointSlices)).items;
    return (await client.list(apiServices)).items.map((object) => {
      const how = this.#backends.modes.get(object.spec.service?.name ?? '') ?? 'well';
      return [object.metadata.name ?? '', verdictIn(object), verdictOf(object, present, slices, how)];
    });
  }

  stop(): void {
    this.#log.stop();
  }

  async checkEnd(): Promise<void> {
    await endTrouble(this.#cluster);
    await this.#cluster.advance('5s');
    // What objects say is heard of, and needs no round of asking.
    for (const [own, found, wanted] of await this.#verdicts())
      if (!isAsked(found) || !isAsked(wanted)) assert.equal(found, wanted, own);
    await this.#cluster.advance('35s');
    for (const [own, found, wanted] of await this.#verdicts()) assert.equal(found, wanted, own);
    this.check();
  }

  /** Nothing is written, and every half minute each server is asked, as often as there are attempts. */
  async checkQuiet(writes: () => number): Promise<void> {
    const { asked } = this.#backends;
    await this.#cluster.advance('1m');
    const before = writes();
    asked.clear();
    await this.#cluster.advance('5m');
    assert.equal(writes(), before, 'something is written again and again');
    for (const [own, found] of await this.#verdicts()) {
      const rounds = (asked.get(own) ?? 0) / ATTEMPTS;
      const isRight = isAsked(found) ? rounds >= 8 && rounds <= 11 : rounds === 0;
      assert.ok(isRight, `${own} (${found}) was asked in ${rounds} rounds`);
    }
  }
}

test('an APIService is as available as its Service, endpoints and server are, and nothing else of it is written', async () => {
  await fc.assert(
    fc.asyncProperty(scenario, async ({ lagMs, steps }) => {
      const backends = new Backends();
      const times = new Set<string>();
      let writes = 0;
      const afterWrite = async (): Promise<void> => {
        writes++;
        times.add(formatTime(backends.cluster?.host.clock.now() ?? 0));
      };
      const controller = apiServiceAvailabilityController(backends.check);
      const cluster = await startTestCluster([controller], { lagMs, afterWrite });
      backends.cluster = cluster;
      const world = new World(cluster, backends, times);
      const checkEnd = async (): Promise<void> => {
        await world.checkEnd();
        await world.checkQuiet(() => writes);
      };
      const tested = {
        begin: () => world.begin(),
        perform: (what: Step) => world.perform(what),
        check: () => world.check(),
        stop: () => world.stop(),
      };
      await liveThrough(cluster, { ...tested, checkEnd }, steps);
    }),
    games(25),
  );
});
