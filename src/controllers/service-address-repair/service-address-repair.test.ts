import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { games } from '../../base/games.fixture.ts';
import { services } from '../../api/groups/core/service/service.ts';
import { ipAddresses } from '../../api/groups/networking/ip-address/ip-address.ts';
import { serviceCidrs } from '../../api/groups/networking/service-cidr/service-cidr.ts';
import { startTestCluster, unlessGone, type TestCluster } from '../cluster.fixture.ts';
import { serviceAddressRepairController } from './service-address-repair.ts';

const MANAGED = { 'ipaddress.kubernetes.io/managed-by': 'ipallocator.k8s.io' };
const LABELS = { ...MANAGED, 'ipaddress.kubernetes.io/ip-family': 'IPv4' };

async function start(lagMs = 0): Promise<TestCluster> {
  const cluster = await startTestCluster([serviceAddressRepairController], { lagMs });
  const network = { metadata: { name: 'kubernetes' }, spec: { cidrs: ['10.43.0.0/16'] } };
  await cluster.client.create(serviceCidrs, network);
  await cluster.settle();
  return cluster;
}

const createService = ({ client }: TestCluster, name: string, clusterIP: string) =>
  client.create(services, {
    metadata: { namespace: 'default', name },
    spec: { clusterIP, clusterIPs: [clusterIP], ports: [{ port: 80 }] },
  });

const createAddress = ({ client }: TestCluster, name: string, service: string, labels: object = LABELS) =>
  client.create(ipAddresses, {
    metadata: { name, labels: { ...labels } },
    spec: { parentRef: { resource: 'services', namespace: 'default', name: service } },
  });

async function addresses({ client }: TestCluster): Promise<readonly string[]> {
  const { items } = await client.list(ipAddresses);
  return items.map(({ metadata, spec }) => `${metadata.name ?? ''} ${spec.parentRef.name}`).toSorted();
}

test('an address without its object gets one, and an object without its Service goes', async () => {
  const cluster = await start();
  await createService(cluster, 'web', '10.43.0.7');
  await createAddress(cluster, '10.43.0.8', 'gone');
  await createAddress(cluster, '10.43.0.9', 'web');
  await createAddress(cluster, '10.43.0.10', 'gone', {});
  await cluster.settle();
  assert.deepEqual(await addresses(cluster), ['10.43.0.10 gone', '10.43.0.7 web', '10.43.0.8 gone']);
  await cluster.advance('61s');
  assert.deepEqual(await addresses(cluster), ['10.43.0.10 gone', '10.43.0.7 web'], 'others manage theirs');
  assert.deepEqual(cluster.events.toSorted(), [
    'ClusterIPNotAllocated: Cluster IP [IPv4]: 10.43.0.7 is not allocated; repairing',
    'IPAddressNotAllocated: IPAddress: 10.43.0.8 for Service default/gone appears to have leaked: cleaning up',
    'IPAddressWrongReference: IPAddress: 10.43.0.9 for Service default/web has a wrong reference; cleaning up',
  ]);
  await cluster.stop();
});

test('wrong references and labels are put right, two Services with one address are told', async () => {
  const cluster = await start();
  await createAddress(cluster, '10.43.0.7', 'gone', {});
  await createService(cluster, 'web', '10.43.0.7');
  await createService(cluster, 'far', '192.0.2.1');
  await cluster.settle();
  assert.deepEqual(await addresses(cluster), ['10.43.0.7 web']);
  const body = { metadata: { labels: { 'ipaddress.kubernetes.io/ip-family': null } } };
  await cluster.client.patch(ipAddresses, { name: '10.43.0.7' }, { type: 'merge', body });
  await createService(cluster, 'twin', '10.43.0.7');
  await cluster.settle();
  const { metadata } = await cluster.client.get(ipAddresses, { name: '10.43.0.7' });
  assert.deepEqual(metadata.labels, LABELS);
  const said = cluster.events.map((event) => event.slice(0, event.indexOf(':')));
  assert.deepEqual(said.toSorted(), [
    'ClusterIPAlreadyAllocated',
    'ClusterIPNotAllocated',
    'ClusterIPOutOfRange',
  ]);
  await cluster.stop();
});

test('a Service gets its address once the wrong reference there is gone', async () => {
  const cluster = await start();
  await createService(cluster, 'holder', '10.43.0.3');
  await createAddress(cluster, '10.43.0.2', 'holder');
  await createService(cluster, 'web', '10.43.0.2');
  await cluster.settle();
  assert.deepEqual(await addresses(cluster), ['10.43.0.2 web', '10.43.0.3 holder']);
  await cluster.stop();
});

test('an address that is left behind by its Service goes, although nobody writes it', async () => {
  const cluster = await start();
  await createAddress(cluster, '10.43.0.7', 'web');
  await createService(cluster, 'web', '10.43.0.7');
  await cluster.advance('2m');
  await cluster.client.delete(services, { namespace: 'default', name: 'web' });
  await cluster.settle();
  assert.deepEqual(await addresses(cluster), []);
  await cluster.stop();
});

test("an address of a Service is the allocator's, even where somebody gave it to another Service", async () => {
  const cluster = await start();
  await createService(cluster, 'other', '10.43.0.3');
  await createAddress(cluster, '10.43.0.2', 'other', {});
  await createService(cluster, 'web', '10.43.0.2');
  await cluster.settle();
  assert.deepEqual(await addresses(cluster), ['10.43.0.2 web', '10.43.0.3 other']);
  await cluster.stop();
});

test('an address that goes before the cache shows it comes back, although all is listed again', async () => {
  const cluster = await start(300);
  await createService(cluster, 'web', '10.43.0.7');
  await cluster.host.clock.advance(320);
  await cluster.client.delete(ipAddresses, { name: '10.43.0.7' });
  cluster.breakStreams(true);
  await cluster.advance('10s');
  assert.deepEqual(await addresses(cluster), ['10.43.0.7 web']);
  await cluster.stop();
});

type Op =
  | { readonly type: 'service' | 'drop-service'; readonly n: number }
  | { readonly type: 'address'; readonly n: number; readonly service: number; readonly labelled: boolean }
  | { readonly type: 'drop-address'; readonly n: number }
  | { readonly type: 'crash' | 'refuse'; readonly writes: number }
  | { readonly type: 'restart' };

const n = fc.integer({ min: 1, max: 4 });
const OP: fc.Arbitrary<Op> = fc.oneof(
  fc.record({ type: fc.constantFrom('service' as const, 'drop-service' as const), n }),
  fc.record({ type: fc.constant('address' as const), n, service: n, labelled: fc.boolean() }),
  fc.record({ type: fc.constant('drop-address' as const), n }),
  fc.record({ type: fc.constantFrom('crash' as const, 'refuse' as const), writes: fc.nat(3) }),
  fc.constant({ type: 'restart' as const }),
);

async function act(cluster: TestCluster, op: Op): Promise<unknown> {
  const { client } = cluster;
  switch (op.type) {
    case 'service':
      return createService(cluster, `s${op.n}`, `10.43.0.${op.n}`).catch(() => undefined);
    case 'drop-service':
      return unlessGone(client.delete(services, { namespace: 'default', name: `s${op.n}` }));
    case 'address': {
      const labels = op.labelled ? LABELS : MANAGED;
      return createAddress(cluster, `10.43.0.${op.n}`, `s${op.service}`, labels).catch(() => undefined);
    }
    case 'drop-address':
      return unlessGone(client.delete(ipAddresses, { name: `10.43.0.${op.n}` }));
    case 'crash':
      return cluster.crash(op.writes);
    case 'refuse':
      return cluster.refuse(op.writes);
    case 'restart':
      return cluster.restart();
  }
}

test('whatever hands do, in the end every address of a Service is its object, and nothing else is', async () => {
  const steps = fc.array(fc.record({ op: OP, waitMs: fc.constantFrom(0, 20, 400) }), {
    minLength: 4,
    maxLength: 20,
  });
  const life = fc.record({ lagMs: fc.constantFrom(0, 100, 300), steps });
  const property = fc.asyncProperty(life, async ({ lagMs, steps: all }) => {
    const cluster = await start(lagMs);
    try {
      for (const { op, waitMs } of all) {
        await act(cluster, op);
        await cluster.host.clock.advance(waitMs);
      }
      await cluster.restart();
      await cluster.advance('5m');
      const held = (await cluster.client.list(services)).items.map(
        ({ metadata, spec }) => `${spec.clusterIP ?? ''} ${metadata.name ?? ''}`,
      );
      assert.deepEqual(await addresses(cluster), held.toSorted());
    } finally {
      await cluster.stop();
    }
  });
  await fc.assert(property, games(40));
});
