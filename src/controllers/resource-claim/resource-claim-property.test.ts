/**
 * Claims under trouble: pods come, run, end and vanish, claims are deleted, caches lag, races are lost, the
 * controller dies between two writes. What must hold is looked at after every single write.
 */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { games } from '../../base/games.fixture.ts';
import { BUILT_IN_KINDS } from '../../api/catalog.ts';
import { pods } from '../../api/groups/core/pod/pod.ts';
import { isReservedFor, usedClaimNames } from '../../api/groups/resource/pod-resource-claims.ts';
import { resourceClaims } from '../../api/groups/resource/resource-claim/resource-claim.ts';
import type { Pod, ResourceV1ResourceClaim } from '../../api/types.gen.ts';
import { startTestCluster, unlessGone, type TestCluster } from '../cluster.fixture.ts';
import { garbageCollector } from '../garbage-collector/garbage-collector.ts';
import { makeTrouble, suddenStep } from '../trouble-steps.fixture.ts';
import { isDone } from './plan.ts';
import {
  addClaim,
  addPod,
  addTemplate,
  claimsIn,
  devicesOf,
  finish,
  FROM_TEMPLATE,
  namespace,
  schedule,
} from './resource-claim.fixture.ts';
import { resourceClaimController } from './resource-claim.ts';

const step = fc.oneof(
  { weight: 3, arbitrary: fc.record({ type: fc.constant('add' as const), isShared: fc.boolean() }) },
  { weight: 4, arbitrary: fc.record({ type: fc.constant('schedule' as const), which: fc.nat(5) }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('finish' as const), which: fc.nat(5) }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('remove' as const), which: fc.nat(5) }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('lose' as const), which: fc.nat(5) }) },
  {
    weight: 4,
    arbitrary: fc.record({ type: fc.constant('advance' as const), ms: fc.constantFrom(50, 400, 2_000) }),
  },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('crash' as const), writes: fc.nat(3) }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('refuse' as const), writes: fc.nat(3) }) },
  { weight: 2, arbitrary: suddenStep },
);
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

const scenario = fc.record({
  lagMs: fc.constantFrom(0, 300),
  steps: fc.array(step, { minLength: 4, maxLength: 25 }),
});

const SHARED = 'shared';

class Play {
  readonly #cluster: TestCluster;
  #sequence = 0;

  constructor(cluster: TestCluster) {
    this.#cluster = cluster;
  }

  async take(one: Step): Promise<void> {
    const cluster = this.#cluster;
    const { client } = cluster;
    switch (one.type) {
      case 'add':
        return addPod(
          cluster,
          `p${this.#sequence++}`,
          one.isShared ? { resourceClaimName: SHARED } : FROM_TEMPLATE,
        );
      case 'schedule': {
        const waiting = (await podsIn(cluster)).filter(({ spec }) => spec.nodeName === undefined);
        const pod = waiting[one.which % Math.max(waiting.length, 1)];
        if (pod !== undefined) await schedule(cluster, pod);
        return;
      }
      case 'finish': {
        const running = (await podsIn(cluster)).filter(({ spec }) => spec.nodeName !== undefined);
        const name = running[one.which % Math.max(running.length, 1)]?.metadata.name;
        return name === undefined ? undefined : finish(cluster, name);
      }
      case 'remove': {
        const name = nameOf(await podsIn(cluster), one.which);
        return unlessGone(client.delete(pods, { namespace, name }, { gracePeriodSeconds: 0 }));
      }
      case 'lose': {
        const unused = (await claimsIn(cluster)).filter(({ metadata, status }) => {
          return metadata.name !== SHARED && status.allocation === undefined;
        });
        return unlessGone(client.delete(resourceClaims, { namespace, name: nameOf(unused, one.which) }));
      }
      case 'advance':
        return cluster.advance(one.ms);
      case 'crash':
        cluster.crash(one.writes);
        await cluster.advance(500);
        return cluster.restart();
      case 'refuse':
        return cluster.refuse(one.writes);
      case 'kill':
      case 'break':
        return makeTrouble(cluster, one);
    }
  }
}

function nameOf(objects: readonly (Pod | ResourceV1ResourceClaim)[], which: number): string {
  return objects[which % Math.max(objects.length, 1)]?.metadata.name ?? 'none';
}

async function podsIn({ client }: TestCluster): Promise<readonly Pod[]> {
  return (await client.list(pods)).items;
}

async function check(cluster: TestCluster): Promise<void> {
  const claims = await claimsIn(cluster);
  const owners = claims
    .filter(({ metadata }) => metadata.deletionTimestamp === undefined)
    .flatMap(({ metadata }) => metadata.ownerReferences?.map(({ uid }) => uid) ?? []);
  assert.equal(new Set(owners).size, owners.length, 'two claims for one pod');
  const devices = claims.flatMap(devicesOf);
  assert.equal(new Set(devices).size, devices.length, 'a device of two claims');
  for (const pod of await podsIn(cluster)) {
    if (pod.spec.nodeName === undefined || isDone(pod)) continue;
    const [name] = usedClaimNames(pod);
    const claim = claims.find(({ metadata }) => metadata.name === name);
    assert.ok(claim !== undefined && isReservedFor(claim, pod), 'a running pod lost its claim');
    assert.equal(devicesOf(claim).length, 1, 'a running pod lost its device');
  }
}

async function checkEnd(cluster: TestCluster): Promise<void> {
  const present = new Map((await podsIn(cluster)).map((pod) => [pod.metadata.uid, pod]));
  for (const { metadata, status } of await claimsIn(cluster)) {
    for (const { uid } of [...(metadata.ownerReferences ?? []), ...(status.reservedFor ?? [])]) {
      const pod = present.get(uid);
      assert.ok(pod !== undefined && !isDone(pod), `${metadata.name ?? ''} is still somebody's who is done`);
    }
    if ((status.reservedFor ?? []).length === 0)
      assert.equal(status.allocation, undefined, `${metadata.name ?? ''} keeps a device for nobody`);
  }
  for (const pod of present.values())
    if (!isDone(pod)) assert.equal(usedClaimNames(pod).length, 1, 'a pod waits for its claim for ever');
}

test('claims under trouble', async () => {
  await fc.assert(
    fc.asyncProperty(scenario, async ({ lagMs, steps }) => {
      let current: TestCluster | undefined;
      const cluster = await startTestCluster(
        [resourceClaimController, garbageCollector(() => BUILT_IN_KINDS)],
        { lagMs, afterWrite: async () => (current === undefined ? undefined : check(current)) },
      );
      current = cluster;
      await addTemplate(cluster);
      await addClaim(cluster, SHARED);
      const play = new Play(cluster);
      for (const one of steps) {
        await play.take(one);
        await check(cluster);
      }
      cluster.refuse(0);
      await cluster.restart();
      await cluster.advance('2m');
      await checkEnd(cluster);
      await cluster.stop();
    }),
    games(40),
  );
});
