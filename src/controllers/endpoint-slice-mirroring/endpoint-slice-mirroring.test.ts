import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { games } from '../../base/games.fixture.ts';
import { endpoints } from '../../api/groups/core/endpoints/endpoints.ts';
import { services } from '../../api/groups/core/service/service.ts';
import { endpointSlices } from '../../api/groups/discovery/endpoint-slice/endpoint-slice.ts';
import type { JsonObject } from '../../api/schema/schema.ts';
import { startTestCluster, unlessGone, type TestCluster } from '../cluster.fixture.ts';
import { endpointSliceMirroringController } from './endpoint-slice-mirroring.ts';

const REF = { namespace: 'default', name: 'db' };
const SKIP = 'endpointslice.kubernetes.io/skip-mirror';

const createService = ({ client }: TestCluster, more: JsonObject = {}) =>
  client.create(services, { metadata: REF, spec: { ports: [{ port: 5432 }], ...more } });

const createEndpoints = ({ client }: TestCluster, ip: string) =>
  client.create(endpoints, { metadata: REF, subsets: [{ addresses: [{ ip }], ports: [{ port: 5432 }] }] });

const merge = ({ client }: TestCluster, type: typeof services | typeof endpoints, body: JsonObject) =>
  client.patch(type as typeof services, REF, { type: 'merge', body });

async function mirrored({ client }: TestCluster): Promise<readonly string[]> {
  const { items } = await client.list(endpointSlices);
  return items.flatMap((slice) => slice.endpoints.flatMap((endpoint) => endpoint.addresses)).toSorted();
}

async function withCluster(run: (cluster: TestCluster) => Promise<void>, lagMs = 0): Promise<void> {
  const cluster = await startTestCluster([endpointSliceMirroringController], { lagMs });
  try {
    await run(cluster);
  } finally {
    await cluster.stop();
  }
}

test('what a user writes into Endpoints follows in a slice, and goes with either object', () =>
  withCluster(async (cluster) => {
    await createEndpoints(cluster, '192.0.2.1');
    await cluster.settle();
    assert.deepEqual(await mirrored(cluster), [], 'there is no Service');
    await createService(cluster);
    await cluster.settle();
    assert.deepEqual(await mirrored(cluster), ['192.0.2.1']);
    await merge(cluster, endpoints, { subsets: [{ addresses: [{ ip: '192.0.2.9' }] }] });
    await cluster.settle();
    assert.deepEqual(await mirrored(cluster), ['192.0.2.9']);
    await cluster.client.delete(services, REF);
    await cluster.settle();
    assert.deepEqual(await mirrored(cluster), []);
    await createService(cluster);
    await cluster.settle();
    assert.deepEqual(await mirrored(cluster), ['192.0.2.9']);
    await cluster.client.delete(endpoints, REF);
    await cluster.settle();
    assert.deepEqual(await mirrored(cluster), []);
  }));

test('a selector or the skip label takes the slices away', () =>
  withCluster(async (cluster) => {
    await createService(cluster);
    await createEndpoints(cluster, '192.0.2.1');
    await cluster.settle();
    await merge(cluster, endpoints, { metadata: { labels: { [SKIP]: 'true' } } });
    await cluster.settle();
    assert.deepEqual(await mirrored(cluster), []);
    await merge(cluster, endpoints, { metadata: { labels: { [SKIP]: null } } });
    await cluster.settle();
    assert.deepEqual(await mirrored(cluster), ['192.0.2.1']);
    await merge(cluster, services, { spec: { selector: { app: 'db' } } });
    await cluster.settle();
    assert.deepEqual(await mirrored(cluster), []);
  }));

test('whoever changes or deletes a mirror gets it back', () =>
  withCluster(async (cluster) => {
    await createService(cluster);
    await createEndpoints(cluster, '192.0.2.1');
    await cluster.settle();
    const { client } = cluster;
    const [slice] = (await client.list(endpointSlices)).items;
    const ref = { namespace: 'default', name: slice?.metadata.name ?? '' };
    await client.patch(endpointSlices, ref, { type: 'merge', body: { endpoints: [] } });
    await cluster.settle();
    assert.deepEqual(await mirrored(cluster), ['192.0.2.1']);
    await client.delete(endpointSlices, ref);
    await cluster.settle();
    assert.deepEqual(await mirrored(cluster), ['192.0.2.1']);
  }));

test('an endpoint that is written twice does not stand for one that is missing', () =>
  withCluster(async (cluster) => {
    await createService(cluster);
    const subsets = [{ addresses: [{ ip: '192.0.2.1' }, { ip: '192.0.2.2' }] }];
    await cluster.client.create(endpoints, { metadata: REF, subsets });
    await cluster.settle();
    const [slice] = (await cluster.client.list(endpointSlices)).items;
    const ref = { namespace: 'default', name: slice?.metadata.name ?? '' };
    const one = { addresses: ['192.0.2.1'], conditions: { ready: true } };
    await cluster.client.patch(endpointSlices, ref, { type: 'merge', body: { endpoints: [one, one] } });
    await cluster.settle();
    assert.deepEqual(await mirrored(cluster), ['192.0.2.1', '192.0.2.2']);
  }));

test('a slice that somebody takes over is not deleted by a controller that has not heard of it', () =>
  withCluster(async (cluster) => {
    await createService(cluster);
    await createEndpoints(cluster, '192.0.2.1');
    await cluster.advance('1s');
    const { client } = cluster;
    const [slice] = (await client.list(endpointSlices)).items;
    const ref = { namespace: 'default', name: slice?.metadata.name ?? '' };
    const labels = { 'endpointslice.kubernetes.io/managed-by': 'acme.io' };
    await client.delete(endpoints, REF);
    await cluster.host.clock.advance(250);
    await client.patch(endpointSlices, ref, { type: 'merge', body: { metadata: { labels } } });
    await cluster.advance('1m');
    assert.deepEqual(await mirrored(cluster), ['192.0.2.1']);
  }, 300));

test('a slice that goes before the cache shows it comes back, although all is listed again', () =>
  withCluster(async (cluster) => {
    await createService(cluster);
    await cluster.settle();
    await createEndpoints(cluster, '192.0.2.1');
    const { client, host } = cluster;
    await host.clock.advance(320);
    const [slice] = (await client.list(endpointSlices)).items;
    await client.delete(endpointSlices, { namespace: 'default', name: slice?.metadata.name ?? '' });
    cluster.breakStreams(true);
    await cluster.advance('10s');
    assert.deepEqual(await mirrored(cluster), ['192.0.2.1']);
  }, 300));

type Op =
  | { readonly type: 'service'; readonly selects: boolean }
  | { readonly type: 'endpoints'; readonly host: number; readonly port: number; readonly skip: boolean }
  | { readonly type: 'drop-service' | 'drop-endpoints' | 'restart' }
  | { readonly type: 'crash' | 'refuse'; readonly writes: number };

const OP: fc.Arbitrary<Op> = fc.oneof(
  fc.record({ type: fc.constant('service' as const), selects: fc.boolean() }),
  fc.record({
    type: fc.constant('endpoints' as const),
    host: fc.integer({ min: 1, max: 4 }),
    port: fc.integer({ min: 80, max: 82 }),
    skip: fc.boolean(),
  }),
  fc.record({
    type: fc.constantFrom('drop-service' as const, 'drop-endpoints' as const, 'restart' as const),
  }),
  fc.record({ type: fc.constantFrom('crash' as const, 'refuse' as const), writes: fc.nat(3) }),
);

async function act(cluster: TestCluster, op: Op): Promise<void> {
  const { client } = cluster;
  switch (op.type) {
    case 'service':
      await unlessGone(client.delete(services, REF));
      await createService(cluster, op.selects ? { selector: { app: 'db' } } : {});
      return;
    case 'endpoints': {
      const labels = { [SKIP]: String(op.skip) };
      const subsets = [{ addresses: [{ ip: `192.0.2.${op.host}` }], ports: [{ port: op.port }] }];
      await unlessGone(client.delete(endpoints, REF));
      await client.create(endpoints, { metadata: { ...REF, labels }, subsets });
      return;
    }
    case 'drop-service':
      return unlessGone(client.delete(services, REF));
    case 'drop-endpoints':
      return unlessGone(client.delete(endpoints, REF));
    case 'restart':
      return cluster.restart();
    case 'crash':
      return cluster.crash(op.writes);
    case 'refuse':
      return cluster.refuse(op.writes);
  }
}

test('whatever happens, in the end there is one slice of what is to be mirrored, or none', async () => {
  const step = fc.record({ op: OP, waitMs: fc.constantFrom(0, 20, 400) });
  const life = fc.record({
    lagMs: fc.constantFrom(0, 100, 300),
    steps: fc.array(step, { minLength: 3, maxLength: 15 }),
  });
  const property = fc.asyncProperty(life, async ({ lagMs, steps }) => {
    const cluster = await startTestCluster([endpointSliceMirroringController], { lagMs });
    try {
      for (const { op, waitMs } of steps) {
        await act(cluster, op);
        await cluster.host.clock.advance(waitMs);
      }
      await cluster.restart();
      await cluster.advance('5m');
      const [service] = (await cluster.client.list(services)).items;
      const [source] = (await cluster.client.list(endpoints)).items;
      const wanted =
        service !== undefined &&
        service.spec.selector === undefined &&
        source?.metadata.labels?.[SKIP] !== 'true'
          ? (source?.subsets ?? [])
          : [];
      const slices = (await cluster.client.list(endpointSlices)).items;
      assert.deepEqual(
        slices.map((slice) => [slice.endpoints.flatMap((e) => e.addresses), slice.ports?.[0]?.port]),
        wanted.map(({ addresses = [], ports = [] }) => [addresses.map(({ ip }) => ip), ports[0]?.port]),
      );
    } finally {
      await cluster.stop();
    }
  });
  await fc.assert(property, games(40));
});
