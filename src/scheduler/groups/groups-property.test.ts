/**
 * Random clusters with gangs, basic groups and lone pods that come, go and make room for each other, while
 * nodes come and go: no gang ever gets fewer nodes than it wants, no node more pods than it has room for, and
 * when nothing changes any more, whatever fits has a node.
 */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { games } from '../../base/games.fixture.ts';
import { nodes } from '../../api/groups/core/node/node.ts';
import { pods } from '../../api/groups/core/pod/pod.ts';
import { podGroups } from '../../api/groups/scheduling/pod-group/pod-group.ts';
import type { Node, Pod } from '../../api/types.gen.ts';
import { startTestScheduler, type TestScheduler } from '../scheduler.fixture.ts';

const NAMESPACE = 'default';
const GANGS = 3;

/** Pods of a gang ask for the same, so that it does not matter who of them goes where. */
const gang = fc.record({
  /** 0: a basic group. */
  minCount: fc.nat(4),
  cpu: fc.integer({ min: 1, max: 3 }),
  rack: fc.constantFrom('', '', '0', '1'),
  priority: fc.constantFrom(0, 0, 10),
});

const change = fc.oneof(
  { weight: 5, arbitrary: fc.nat(GANGS - 1).map((of) => ({ do: 'member', of, gated: false }) as const) },
  { weight: 1, arbitrary: fc.nat(GANGS - 1).map((of) => ({ do: 'member', of, gated: true }) as const) },
  {
    weight: 2,
    arbitrary: fc
      .record({ cpu: fc.integer({ min: 1, max: 3 }), priority: fc.constantFrom(0, 0, 20) })
      .map((pod) => ({ do: 'pod', ...pod }) as const),
  },
  { weight: 1, arbitrary: fc.nat(GANGS - 1).map((of) => ({ do: 'group', of }) as const) },
  { weight: 2, arbitrary: fc.nat(20).map((at) => ({ do: 'delete', at }) as const) },
  { weight: 1, arbitrary: fc.nat(20).map((at) => ({ do: 'finish', at }) as const) },
  { weight: 1, arbitrary: fc.nat(20).map((at) => ({ do: 'open', at }) as const) },
  {
    weight: 2,
    arbitrary: fc
      .record({ cpu: fc.integer({ min: 1, max: 4 }), rack: fc.constantFrom('0', '1') })
      .map((node) => ({ do: 'node', ...node }) as const),
  },
  { weight: 1, arbitrary: fc.nat(5).map((at) => ({ do: 'lose', at }) as const) },
);

/** Changes that happen at once, and how long nothing happens then. */
const step = fc.record({
  changes: fc.array(change, { minLength: 1, maxLength: 5 }),
  waitMs: fc.constantFrom(0, 10, 1500, 12_000),
});

const game = fc.record({
  seed: fc.nat(1000),
  /** 0: other work gets a turn after each pod. */
  sliceMs: fc.constantFrom(0, 4),
  gangs: fc.array(gang, { minLength: GANGS, maxLength: GANGS }),
  steps: fc.array(step, { minLength: 1, maxLength: 12 }),
});

type Gang = typeof gang extends fc.Arbitrary<infer T> ? T : never;
type Change = typeof change extends fc.Arbitrary<infer T> ? T : never;

const isEnded = ({ status }: Pod): boolean => status.phase === 'Succeeded';
const hasNode = ({ spec }: Pod): boolean => (spec.nodeName ?? '') !== '';
const nameOf = ({ metadata }: Pod | Node): string => metadata.name ?? '';
const groupOf = ({ spec }: Pod): string => spec.schedulingGroup?.podGroupName ?? '';
const cpuOf = ({ spec }: Pod): number => Number(spec.containers[0]?.resources?.requests?.['cpu']);
const capacityOf = ({ status }: Node): number => Number(status.allocatable?.['cpu']);

class Game {
  readonly #parts: TestScheduler;
  readonly #gangs: readonly Gang[];
  #sequence = 0;

  constructor(parts: TestScheduler, gangs: readonly Gang[]) {
    this.#parts = parts;
    this.#gangs = gangs;
  }

  async pods(): Promise<readonly Pod[]> {
    return (await this.#parts.client.list(pods, { namespace: NAMESPACE })).items;
  }

  async nodes(): Promise<readonly Node[]> {
    return (await this.#parts.client.list(nodes)).items;
  }

  /** What there is nothing of is passed over. */
  async apply(one: Change): Promise<void> {
    const { client } = this.#parts;
    switch (one.do) {
      case 'member': {
        const { cpu, priority, rack } = this.#gangs[one.of] as Gang;
        return this.#pod(cpu, priority, {
          schedulingGroup: { podGroupName: `g${one.of}` },
          ...(one.gated ? { schedulingGates: [{ name: 'example.com/later' }] } : {}),
          ...(rack === '' ? {} : { nodeSelector: { rack } }),
        });
      }
      case 'pod':
        return this.#pod(one.cpu, one.priority);
      case 'group':
        return this.group(one.of);
      case 'node': {
        const allocatable = { cpu: `${one.cpu}`, memory: '64Gi', pods: '110' };
        const metadata = { name: `n${this.#sequence++}`, labels: { rack: one.rack } };
        await client.create(nodes, { metadata, status: { allocatable } } as never);
        const patch = { type: 'merge', body: { status: { allocatable } } } as const;
        await client.patch(nodes, { name: metadata.name }, patch, { subresource: 'status' });
        return;
      }
      case 'lose': {
        const found = (await this.nodes())[one.at];
        if (found !== undefined) await client.delete(nodes, { name: nameOf(found) });
        return;
      }
      default:
        return this.#toPod(one.do, (await this.pods())[one.at]);
    }
  }

  async #toPod(what: 'delete' | 'finish' | 'open', pod: Pod | undefined): Promise<void> {
    if (pod === undefined) return;
    const { client } = this.#parts;
    const ref = { namespace: NAMESPACE, name: nameOf(pod) };
    if (what === 'delete') await client.delete(pods, ref, { gracePeriodSeconds: 0 });
    if (what === 'open')
      await client.patch(pods, ref, { type: 'merge', body: { spec: { schedulingGates: null } } });
    if (what === 'finish' && hasNode(pod)) {
      const patch = { type: 'merge', body: { status: { phase: 'Succeeded' } } } as const;
      await client.patch(pods, ref, patch, { subresource: 'status' });
    }
  }

  async group(of: number): Promise<void> {
    const { minCount } = this.#gangs[of] as Gang;
    const schedulingPolicy = minCount === 0 ? { basic: {} } : { gang: { minCount } };
    const metadata = { name: `g${of}`, namespace: NAMESPACE };
    await this.#parts.client.create(podGroups, { metadata, spec: { schedulingPolicy } } as never);
  }

  async #pod(cpu: number, priority: number, more: object = {}): Promise<void> {
    const containers = [{ name: 'c', image: 'i', resources: { requests: { cpu: `${cpu}` } } }];
    const metadata = { name: `p${this.#sequence++}`, namespace: NAMESPACE };
    await this.#parts.client.create(pods, { metadata, spec: { containers, priority, ...more } } as never);
  }

  /** As kubelets and the garbage collector do: who was asked to go goes, and so do pods of lost nodes. */
  async sweep(): Promise<boolean> {
    const known = new Set((await this.nodes()).map(nameOf));
    const gone = (await this.pods()).filter(
      (pod) =>
        pod.metadata.deletionTimestamp !== undefined || (hasNode(pod) && !known.has(pod.spec.nodeName ?? '')),
    );
    for (const pod of gone) await this.#toPod('delete', pod);
    return gone.length > 0;
  }

  minCountOf(group: string): number {
    return this.#gangs[Number(group.slice(1))]?.minCount ?? 0;
  }

  /** How many more pods like this one find room. */
  async roomFor(pod: Pod): Promise<number> {
    const all = await this.pods();
    const rack = pod.spec.nodeSelector?.['rack'];
    const fitting = (await this.nodes()).filter(
      ({ metadata }) => rack === undefined || metadata.labels?.['rack'] === rack,
    );
    const rooms = fitting.map((node) => Math.floor((capacityOf(node) - usedOn(node, all)) / cpuOf(pod)));
    return rooms.reduce((sum, room) => sum + Math.max(room, 0), 0);
  }
}

function usedOn(node: Node, all: readonly Pod[]): number {
  const here = all.filter((pod) => pod.spec.nodeName === nameOf(node) && !isEnded(pod));
  return here.reduce((sum, pod) => sum + cpuOf(pod), 0);
}

async function checkRoom(playing: Game): Promise<void> {
  const all = await playing.pods();
  for (const node of await playing.nodes()) {
    const used = usedOn(node, all);
    assert.ok(used <= capacityOf(node), `${nameOf(node)} has ${capacityOf(node)} and gives ${used}`);
    for (const { metadata, spec } of all) {
      const rack = spec.nodeSelector?.['rack'] ?? '';
      if (spec.nodeName !== nameOf(node) || rack === '') continue;
      assert.equal(node.metadata.labels?.['rack'], rack, `${metadata.name} is in the wrong rack`);
    }
  }
}

/** Whoever went or ended meanwhile may have had a node when the others got theirs. */
async function checkGangs(playing: Game, before: readonly Pod[]): Promise<void> {
  const after = await playing.pods();
  const had = new Set(before.filter(hasNode).map(nameOf));
  const endedBefore = new Set(before.filter(isEnded).map(nameOf));
  const arrived = after.filter((pod) => hasNode(pod) && !had.has(nameOf(pod)));
  for (const group of new Set(arrived.map(groupOf))) {
    if (group === '') continue;
    const isThere = (pod: Pod): boolean => groupOf(pod) === group && hasNode(pod) && !isEnded(pod);
    const left = before.filter(
      (pod) =>
        groupOf(pod) === group && !isEnded(pod) && !after.some((other) => nameOf(other) === nameOf(pod)),
    );
    const ended = after.filter(
      (pod) => groupOf(pod) === group && isEnded(pod) && !endedBefore.has(nameOf(pod)),
    );
    const count = after.filter(isThere).length + left.length + ended.length;
    assert.ok(count >= playing.minCountOf(group), `${count} of ${group} have a node`);
  }
}

async function checkNothingFits(playing: Game): Promise<void> {
  const all = (await playing.pods()).filter((pod) => !isEnded(pod));
  for (const pod of all) {
    if (hasNode(pod)) continue;
    const room = await playing.roomFor(pod);
    const mates = all.filter((other) => groupOf(other) === groupOf(pod));
    const placed = mates.filter(hasNode).length;
    const wanted = groupOf(pod) === '' ? 1 : Math.max(playing.minCountOf(groupOf(pod)) - placed, 1);
    const coming = groupOf(pod) === '' ? 1 : mates.length - placed;
    assert.ok(
      Math.min(room, coming) < wanted,
      `${nameOf(pod)} of ${groupOf(pod)}: room for ${room}, ${wanted} wanted`,
    );
  }
}

test('gangs and lone pods in each other’s way', async () => {
  await fc.assert(
    fc.asyncProperty(game, async ({ seed, sliceMs, gangs, steps }) => {
      const parts = await startTestScheduler({ groups: true, seed, sliceMs });
      const playing = new Game(parts, gangs);
      for (const { changes, waitMs } of steps) {
        const before = await playing.pods();
        const done = await Promise.allSettled(changes.map((one) => playing.apply(one)));
        // Two changes may mean the same object.
        for (const one of done)
          if (one.status === 'rejected')
            assert.match(String(one.reason), /not found|already exists|Conflict/);
        await parts.advance(waitMs);
        await checkRoom(playing);
        await checkGangs(playing, before);
      }
      for (let of = 0; of < GANGS; of++) await playing.group(of).catch(() => undefined);
      for (let at = 0; at < (await playing.pods()).length; at++) await playing.apply({ do: 'open', at });
      let rounds = 0;
      for (let isMoving = true; isMoving; rounds++) {
        assert.ok(rounds < 50, 'pods preempt each other without end');
        const before = await playing.pods();
        await playing.sweep();
        // Longer than any backoff, shorter than the time after which everything is tried once more.
        await parts.advance('40s');
        await checkRoom(playing);
        await checkGangs(playing, before);
        isMoving = await playing.sweep();
      }
      await checkNothingFits(playing);
      await parts.stop();
    }),
    games(60),
  );
});
