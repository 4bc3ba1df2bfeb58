/**
 * Endpoints under trouble: pods in crowds, Services that change what they select and come back under the same
 * name; caches that lag, streams that break, processes that die at any call.
 */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { games } from '../../base/games.fixture.ts';
import { endpoints } from '../../api/groups/core/endpoints/endpoints.ts';
import type { EndpointAddress, Endpoints, Pod } from '../../api/types.gen.ts';
import { startTestCluster, type TestCluster } from '../cluster.fixture.ts';
import { isPodFinished, isPodReady } from '../pod-state/pod-state.ts';
import { serviceStep, ServiceWorld } from '../service-endpoints/service-world.fixture.ts';
import { endTrouble } from '../trouble-steps.fixture.ts';
import { endpointsController } from './endpoints.ts';

const scenario = fc.record({
  lagMs: fc.constantFrom(0, 300),
  steps: fc.array(serviceStep, { minLength: 5, maxLength: 25, size: 'max' }),
});

async function endpointsIn({ client }: TestCluster): Promise<readonly Endpoints[]> {
  return (await client.list(endpoints)).items;
}

function addressesIn({ subsets = [] }: Endpoints): readonly EndpointAddress[] {
  return subsets.flatMap(({ addresses = [], notReadyAddresses = [] }) => [
    ...addresses,
    ...notReadyAddresses,
  ]);
}

async function check(cluster: TestCluster): Promise<void> {
  for (const each of await endpointsIn(cluster)) {
    const uids = addressesIn(each).map(({ targetRef }) => targetRef?.uid);
    assert.equal(new Set(uids).size, uids.length, 'a pod is there twice');
  }
}

function describe(address: EndpointAddress, isReady: boolean): string {
  return JSON.stringify([address.targetRef?.uid, address.ip, isReady]);
}

async function checkEnd(world: ServiceWorld): Promise<void> {
  await endTrouble(world.cluster);
  await world.cluster.advance('1m');
  const [objects, all, present] = [
    await endpointsIn(world.cluster),
    await world.pods(),
    await world.services(),
  ];
  assert.deepEqual(
    objects.map(({ metadata }) => metadata.name),
    present.map(({ metadata }) => metadata.name),
    'every Service has its Endpoints, and nobody else',
  );
  for (const [i, { spec }] of present.entries()) {
    const found = (objects[i]?.subsets ?? []).flatMap(({ addresses = [], notReadyAddresses = [], ports }) => {
      assert.equal(ports?.[0]?.port, spec.ports?.[0]?.targetPort);
      return [
        ...addresses.map((address) => describe(address, true)),
        ...notReadyAddresses.map((address) => describe(address, false)),
      ];
    });
    const isBehind = (pod: Pod): boolean =>
      pod.metadata.labels?.['app'] === spec.selector?.['app'] &&
      !isPodFinished(pod) &&
      pod.metadata.deletionTimestamp === undefined;
    const wanted = all
      .filter(isBehind)
      .map((pod) => JSON.stringify([pod.metadata.uid, pod.status.podIP, isPodReady(pod)]));
    assert.deepEqual(found.toSorted(), wanted.toSorted());
  }
}

test('no pod twice, and all that stand behind a Service in the end', async () => {
  await fc.assert(
    fc.asyncProperty(scenario, async ({ lagMs, steps }) => {
      let current: TestCluster | undefined;
      const cluster = await startTestCluster([endpointsController], {
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
