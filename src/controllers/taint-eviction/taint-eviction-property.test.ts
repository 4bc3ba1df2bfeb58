/**
 * Taints under trouble: they come and go, pods tolerate them for good, for a while or not at all, are bound
 * late, vanish and come back under their names; caches that lag, streams that break, processes that die at
 * any call. Whoever is driven away had to go, and whoever has to go does.
 */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { games } from '../../base/games.fixture.ts';
import { nodes } from '../../api/groups/core/node/node.ts';
import { pods } from '../../api/groups/core/pod/pod.ts';
import { isApiError } from '../../api/meta/api-error.ts';
import type { JsonObject } from '../../api/schema/schema.ts';
import type { Pod, Taint, Toleration } from '../../api/types.gen.ts';
import { ChangeLog } from '../change-log.fixture.ts';
import { startTestCluster, unlessGone, type TestCluster } from '../cluster.fixture.ts';
import { endTrouble, liveThrough, makeTrouble, troubleStep } from '../trouble-steps.fixture.ts';
import { planStay } from './plan.ts';
import { taintEvictionController } from './taint-eviction.ts';

const NODES = ['n0', 'n1'];

const LOST: Taint = { key: 'lost', effect: 'NoExecute' };
const WORK: Taint = { key: 'work', effect: 'NoExecute' };
const FULL: Taint = { key: 'full', effect: 'NoSchedule' };
const patience = (key: string, tolerationSeconds?: number): Toleration => ({
  ...{ key, operator: 'Exists', effect: 'NoExecute' },
  ...(tolerationSeconds === undefined ? {} : { tolerationSeconds }),
});

const node = fc.constantFrom(...NODES);
const name = fc.constantFrom('a', 'b', 'c', 'd');
const taints = fc.constantFrom<readonly Taint[]>([], [], [LOST], [WORK], [FULL], [LOST, WORK]);
const tolerations = fc.constantFrom<readonly Toleration[]>(
  [],
  [patience('lost')],
  [patience('lost', 4)],
  [patience('lost', 30), patience('work')],
  [patience('lost', 30), patience('work', 4)],
);
const step = fc.oneof(
  { weight: 5, arbitrary: fc.record({ type: fc.constant('taint' as const), node, taints }) },
  {
    weight: 5,
    arbitrary: fc.record({
      type: fc.constant('make' as const),
      name,
      node,
      tolerations,
      isBound: fc.boolean(),
    }),
  },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('bind' as const), name, node }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('lose' as const), name }) },
  { weight: 3, arbitrary: fc.record({ type: fc.constant('replace' as const), name, isHeard: fc.boolean() }) },
  {
    weight: 3,
    arbitrary: fc.record({ type: fc.constant('wait' as const), by: fc.constantFrom('3s', '20s') }),
  },
  { weight: 6, arbitrary: troubleStep },
);
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

const scenario = fc.record({
  lagMs: fc.constantFrom<0 | 300 | { pods: number }>(0, 300, { pods: 300 }),
  steps: fc.array(step, { minLength: 5, maxLength: 25, size: 'max' }),
});

/** That a pod has to go, and when, on the clock that does not jump. */
interface Sentence {
  readonly dueMs: number;
  /** Since when it may stay for a limited time only. */
  readonly limitedSinceMs: number;
  /** When something else became true. */
  liftedMs: number;
}

class World {
  readonly #cluster: TestCluster;
  readonly #log: ChangeLog;
  /** The present ones last, before them those that somebody may still believe in. */
  readonly #taints = new Map<string, readonly (readonly Taint[])[]>();
  readonly #sentences = new Map<string, Sentence[]>();
  /** Those that nobody asked to go yet. */
  readonly #staying = new Map<string, Pod>();
  readonly #lost = new Set<string>();
  /** When everybody knew everything. */
  #knownMs = 0;

  constructor(cluster: TestCluster) {
    this.#cluster = cluster;
    this.#log = new ChangeLog(cluster, [pods]);
  }

  async begin(): Promise<void> {
    for (const own of NODES) await this.#cluster.client.create(nodes, { metadata: { name: own } });
  }

  get #nowMs(): number {
    return this.#cluster.host.clock.monotonicMs();
  }

  check(): void {
    for (const { type, object } of this.#log.take()) {
      const pod = object as Pod;
      const { uid = '', name: own = '' } = pod.metadata;
      const goes = type === 'DELETED' || pod.metadata.deletionTimestamp !== undefined;
      if (!goes) {
        const isNew = this.#staying.get(uid)?.spec.nodeName !== pod.spec.nodeName;
        this.#staying.set(uid, pod);
        if (isNew) for (const taints of this.#taintsOf(pod)) this.#judge(pod, taints);
      } else if (this.#staying.delete(uid) && !this.#lost.has(uid)) this.#checkSentence(own, uid);
    }
  }

  #checkSentence(own: string, uid: string): void {
    const all = this.#sentences.get(uid) ?? [];
    const isDue = all.some(({ dueMs, liftedMs }) => dueMs <= this.#nowMs && liftedMs >= this.#knownMs);
    assert.ok(isDue, `${own} was driven away at ${this.#nowMs}, not due: ${JSON.stringify(all)}`);
  }

  #taintsOf({ spec }: Pod): readonly (readonly Taint[])[] {
    return this.#taints.get(spec.nodeName ?? '') ?? [];
  }

  /** What is true of a pod from now on. */
  #judge(pod: Pod, taints: readonly Taint[]): void {
    const { uid = '' } = pod.metadata;
    const stay = planStay(pod, taints);
    const all = this.#sentences.get(uid) ?? [];
    this.#sentences.set(uid, all);
    const before = all.at(-1);
    // Of a reprieve that nobody heard of, nobody counts anew.
    const isHeard = before === undefined || before.liftedMs < this.#knownMs;
    if (before !== undefined) before.liftedMs = Math.min(before.liftedMs, this.#nowMs);
    if (stay.type === 'for-ever') return;
    const limitedSinceMs = isHeard ? this.#nowMs : before.limitedSinceMs;
    const dueMs = stay.type === 'for' ? limitedSinceMs + stay.seconds * 1_000 : this.#nowMs;
    all.push({ dueMs, limitedSinceMs, liftedMs: Infinity });
  }

  async perform(what: Step): Promise<void> {
    const { client } = this.#cluster;
    switch (what.type) {
      case 'taint': {
        this.check();
        this.#taints.set(what.node, [...(this.#taints.get(what.node) ?? []), what.taints]);
        for (const pod of this.#staying.values())
          if (pod.spec.nodeName === what.node) this.#judge(pod, what.taints);
        const body = { spec: { taints: what.taints } } as unknown as JsonObject;
        await client.patch(nodes, { name: what.node }, { type: 'merge', body });
        return;
      }
      case 'make':
        return this.#make(what.name, what.tolerations, what.isBound ? what.node : undefined);
      case 'bind':
        return this.#bind(what.name, what.node);
      case 'lose':
        return this.#lose(what.name);
      case 'replace':
        await this.#replace(what.name);
        return what.isHeard ? undefined : this.#cluster.breakStreams(true);
      case 'wait':
        await this.#cluster.advance(what.by);
        this.check();
        this.#knownMs = this.#nowMs;
        for (const [own, states] of this.#taints) this.#taints.set(own, states.slice(-1));
        return;
      default:
        return makeTrouble(this.#cluster, what);
    }
  }

  async #make(own: string, tolerations: readonly Toleration[], nodeName: string | undefined): Promise<void> {
    const spec = { tolerations, containers: [{ name: 'c', image: 'i' }] };
    try {
      await this.#cluster.client.create(pods, {
        metadata: { namespace: 'default', name: own },
        spec: nodeName === undefined ? spec : { ...spec, nodeName },
      });
    } catch (error) {
      if (!isApiError(error, 'AlreadyExists')) throw error;
    }
  }

  async #bind(own: string, nodeName: string): Promise<void> {
    const target = { kind: 'Node', name: nodeName };
    const body = { apiVersion: 'v1', kind: 'Binding', metadata: { name: own }, target };
    try {
      await this.#cluster.client.createSubresource(
        pods,
        { namespace: 'default', name: own },
        'binding',
        body,
      );
    } catch (error) {
      // It has a node, or is gone.
      if (!isApiError(error, 'Conflict') && !isApiError(error, 'NotFound')) throw error;
    }
  }

  async #lose(own: string): Promise<void> {
    for (const { metadata } of this.#staying.values())
      if (metadata.name === own) this.#lost.add(metadata.uid ?? '');
    const ref = { namespace: 'default', name: own };
    await unlessGone(this.#cluster.client.delete(pods, ref, { gracePeriodSeconds: 0 }));
  }

  /** The same again: to those who missed its end it looks as if nothing happened. */
  async #replace(own: string): Promise<void> {
    const { items } = await this.#cluster.client.list(pods);
    const before = items.find(({ metadata }) => metadata.name === own)?.spec;
    await this.#lose(own);
    await this.#make(own, before?.tolerations ?? [], before?.nodeName);
  }

  stop(): void {
    this.#log.stop();
  }

  async checkEnd(): Promise<void> {
    await endTrouble(this.#cluster);
    await this.#cluster.advance('1m');
    this.check();
    for (const pod of this.#staying.values()) {
      const stay = planStay(pod, this.#taintsOf(pod).at(-1) ?? []);
      assert.equal(stay.type, 'for-ever', `${pod.metadata.name ?? ''} has outstayed its welcome`);
    }
  }
}

test('whoever is driven away had to go, and whoever has to go does', async () => {
  await fc.assert(
    fc.asyncProperty(scenario, async ({ lagMs, steps }) => {
      const cluster = await startTestCluster([taintEvictionController], { lagMs });
      await liveThrough(cluster, new World(cluster), steps);
    }),
    games(25),
  );
});
