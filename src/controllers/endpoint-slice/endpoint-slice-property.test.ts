/**
 * EndpointSlices under trouble: pods in crowds, Services that change what they select and come back under the
 * same name; caches that lag, streams that break, processes that die at any call.
 */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { games } from '../../base/games.fixture.ts';
import { pods } from '../../api/groups/core/pod/pod.ts';
import { services } from '../../api/groups/core/service/service.ts';
import { endpointSlices } from '../../api/groups/discovery/endpoint-slice/endpoint-slice.ts';
import type { EndpointSlice, Pod } from '../../api/types.gen.ts';
import { startTestCluster, type TestCluster } from '../cluster.fixture.ts';
import { garbageCollector } from '../garbage-collector/garbage-collector.ts';
import { isPodFinished, isPodReady } from '../pod-state/pod-state.ts';
import { serviceStep, ServiceWorld } from '../service-endpoints/service-world.fixture.ts';
import { endTrouble } from '../trouble-steps.fixture.ts';
import { endpointSliceController } from './endpoint-slice.ts';
import { SERVICE_NAME_LABEL, SLICE_MAX } from './plan.ts';

const scenario = fc.record({
  lagMs: fc.constantFrom(0, 300),
  steps: fc.array(serviceStep, { minLength: 5, maxLength: 25, size: 'max' }),
});

const serviceOf = ({ metadata }: EndpointSlice): string => metadata.labels?.[SERVICE_NAME_LABEL] ?? '';

async function slicesIn({ client }: TestCluster): Promise<readonly EndpointSlice[]> {
  return (await client.list(endpointSlices)).items;
}

async function check(cluster: TestCluster): Promise<void> {
  const seen = new Set<string>();
  for (const slice of await slicesIn(cluster)) {
    const { endpoints, ports } = slice;
    assert.ok(endpoints.length <= SLICE_MAX, `${endpoints.length} endpoints in one slice`);
    for (const { targetRef } of endpoints) {
      const place = JSON.stringify([serviceOf(slice), ports, targetRef?.uid]);
      assert.ok(!seen.has(place), `${targetRef?.name ?? ''} is there twice`);
      seen.add(place);
    }
  }
}

const describe = (pod: Pod): string =>
  JSON.stringify([
    pod.metadata.uid,
    pod.status.podIP,
    isPodReady(pod) && pod.metadata.deletionTimestamp === undefined,
  ]);

async function checkEnd(world: ServiceWorld): Promise<void> {
  await endTrouble(world.cluster);
  await world.cluster.advance('1m');
  const [slices, all, present] = [await slicesIn(world.cluster), await world.pods(), await world.services()];
  assert.deepEqual(
    new Set(slices.map(serviceOf)),
    new Set(present.map(({ metadata }) => metadata.name)),
    'every Service has slices, and no other',
  );
  for (const { metadata, spec } of present) {
    const own = slices.filter((slice) => serviceOf(slice) === metadata.name);
    for (const slice of own) assert.equal(slice.metadata.ownerReferences?.[0]?.uid, metadata.uid);
    const found = own.flatMap(({ endpoints, ports }) => {
      if (endpoints.length > 0) assert.equal(ports[0]?.port, spec.ports?.[0]?.targetPort);
      return endpoints.map((endpoint) =>
        JSON.stringify([endpoint.targetRef?.uid, endpoint.addresses[0], endpoint.conditions?.ready]),
      );
    });
    const wanted = all.filter(
      (pod) => pod.metadata.labels?.['app'] === spec.selector?.['app'] && !isPodFinished(pod),
    );
    assert.deepEqual(found.toSorted(), wanted.map(describe).toSorted());
  }
}

test('no endpoint twice, no slice too large, and all that stand behind a Service in the end', async () => {
  await fc.assert(
    fc.asyncProperty(scenario, async ({ lagMs, steps }) => {
      let current: TestCluster | undefined;
      const collector = garbageCollector(() => [services, pods, endpointSlices]);
      const cluster = await startTestCluster([endpointSliceController, collector], {
        lagMs,
        afterWrite: async () => (current === undefined ? undefined : check(current)),
      });
      current = cluster;
      const world = new ServiceWorld(cluster);
      try {
        await world.begin();
        for (const each of steps) {
          await world.perform(each);
          await cluster.host.clock.advance(10);
        }
        await checkEnd(world);
      } finally {
        await cluster.stop();
      }
    }),
    games(6),
  );
});
