/**
 * Generated lives of a DaemonSet: nodes come, are tainted and go, templates change, pods fail and are
 * deleted, with caches that lag, conflicts, crashes and restarts. What must hold at every commit is checked
 * on the record of all commits; at the end every node must have its pod.
 */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { games } from '../../base/games.fixture.ts';
import { controllerRevisions } from '../../api/groups/apps/controller-revision/controller-revision.ts';
import { daemonSets } from '../../api/groups/apps/daemon-set/daemon-set.ts';
import { nodes } from '../../api/groups/core/node/node.ts';
import { pods } from '../../api/groups/core/pod/pod.ts';
import type { JsonObject } from '../../api/schema/schema.ts';
import type { Pod } from '../../api/types.gen.ts';
import {
  runAllPods,
  setPodReady,
  startTestCluster,
  unlessGone,
  type TestCluster,
} from '../cluster.fixture.ts';
import { isDeletion, PodRecord, type Known, type PodChange } from '../pod-record.fixture.ts';
import { isPodFinished } from '../pod-state/pod-state.ts';
import { makeTrouble, suddenStep, type SuddenStep } from '../trouble-steps.fixture.ts';
import { hashOf, targetNode } from './daemon-pod.ts';
import { addNode, bindPods, LABELS, podSpec, REF } from './daemon-set.fixture.ts';
import { daemonSetController } from './daemon-set.ts';

const NODES = ['a', 'b', 'c', 'd'];

type Op =
  | { readonly type: 'add' | 'remove'; readonly node: string }
  | { readonly type: 'taint'; readonly node: string; readonly effect: 'NoSchedule' | 'NoExecute' | 'none' }
  | { readonly type: 'image'; readonly image: number }
  | { readonly type: 'fail' | 'delete' | 'unready'; readonly node: string }
  | { readonly type: 'refuse' | 'crash'; readonly writes: number }
  | { readonly type: 'annotate' | 'kubelets' | 'restart' }
  | SuddenStep;

interface Life {
  /** How many may be missing or, when surging, how many come first; 0: pods are replaced when deleted. */
  readonly amount: number;
  readonly isSurging: boolean;
  readonly lagMs: number;
  readonly steps: readonly { readonly op: Op; readonly waitMs: number }[];
}

const node = fc.constantFrom(...NODES);
const op: fc.Arbitrary<Op> = fc.oneof(
  fc.record({ type: fc.constantFrom('add' as const, 'remove' as const), node }),
  fc.record({
    type: fc.constant('taint' as const),
    node,
    effect: fc.constantFrom('NoSchedule' as const, 'NoExecute' as const, 'none' as const),
  }),
  {
    weight: 3,
    arbitrary: fc.record({ type: fc.constant('image' as const), image: fc.integer({ min: 1, max: 3 }) }),
  },
  fc.record({ type: fc.constantFrom('fail' as const, 'delete' as const, 'unready' as const), node }),
  fc.record({ type: fc.constantFrom('refuse' as const, 'crash' as const), writes: fc.nat(3) }),
  fc.record({ type: fc.constantFrom('annotate' as const, 'restart' as const) }),
  suddenStep,
  { weight: 8, arbitrary: fc.constant({ type: 'kubelets' as const }) },
);
const life: fc.Arbitrary<Life> = fc.record({
  amount: fc.nat(2),
  isSurging: fc.boolean(),
  lagMs: fc.constantFrom(0, 0, 300),
  steps: fc.array(fc.record({ op, waitMs: fc.constantFrom(0, 20, 400) }), { minLength: 10, maxLength: 40 }),
});

class Living {
  readonly #cluster: TestCluster;
  readonly #life: Life;
  readonly #record: PodRecord;
  /** Present nodes, and whether a pod belongs there. */
  readonly #nodes = new Map<string, boolean>();
  /** Uids of pods that the test itself deleted. */
  readonly #lost = new Set<string>();
  /** When the test last harmed the pod of a node. */
  readonly #hurtMs = new Map<string, number>();
  /** When nodes last changed. */
  #changedMs = 0;
  #isCrashed = false;

  constructor(cluster: TestCluster, life: Life) {
    this.#cluster = cluster;
    this.#life = life;
    this.#record = new PodRecord(cluster);
  }

  async run(): Promise<void> {
    for (const name of ['a', 'b', 'c']) await this.#add(name);
    await this.#cluster.client.create(daemonSets, {
      metadata: REF,
      spec: {
        selector: { matchLabels: LABELS },
        revisionHistoryLimit: 2,
        updateStrategy: this.#strategy(),
        template: { metadata: { labels: LABELS }, spec: podSpec('agent:1') },
      },
    });
    await this.#cluster.settle();
    for (const { op, waitMs } of this.#life.steps) {
      await this.#do(op);
      if (waitMs > 0) await this.#cluster.host.clock.advance(waitMs);
      this.#check();
    }
    await this.#converge();
    this.#record.stop();
  }

  #strategy() {
    const { amount, isSurging } = this.#life;
    if (amount === 0) return { type: 'OnDelete' } as const;
    const rollingUpdate = isSurging
      ? { maxSurge: amount, maxUnavailable: 0 }
      : { maxUnavailable: amount, maxSurge: 0 };
    return { type: 'RollingUpdate', rollingUpdate } as const;
  }

  async #do(op: Op): Promise<void> {
    const { restart, refuse, crash } = this.#cluster;
    switch (op.type) {
      case 'add':
        return this.#nodes.has(op.node) ? undefined : this.#add(op.node);
      case 'remove':
        return this.#removeNode(op.node);
      case 'taint':
        return this.#taint(op.node, op.effect);
      case 'image':
        return this.#patch({ spec: { template: { spec: { containers: [image(op.image)] } } } });
      case 'annotate':
        return this.#patch({ metadata: { annotations: { at: String(this.#cluster.host.clock.now()) } } });
      case 'kubelets':
        return this.#runNodes();
      case 'restart':
        this.#isCrashed = false;
        return restart();
      case 'refuse':
        return refuse(op.writes);
      case 'crash':
        // Who lives on after a lost answer could only guess.
        if (!this.#isCrashed) crash(op.writes);
        this.#isCrashed = true;
        return;
      case 'kill':
      case 'break':
        return makeTrouble(this.#cluster, op);
      default:
        return this.#hurt(op.type, op.node);
    }
  }

  async #patch(body: JsonObject): Promise<void> {
    await this.#cluster.client.patch(daemonSets, REF, { type: 'strategic', body });
  }

  async #add(name: string): Promise<void> {
    this.#changedMs = this.#cluster.host.clock.now();
    this.#nodes.set(name, true);
    await addNode(this.#cluster, name);
  }

  async #removeNode(name: string): Promise<void> {
    if (!this.#nodes.delete(name)) return;
    this.#changedMs = this.#cluster.host.clock.now();
    await this.#cluster.client.delete(nodes, { name });
  }

  async #taint(name: string, effect: 'NoSchedule' | 'NoExecute' | 'none'): Promise<void> {
    if (!this.#nodes.has(name)) return;
    this.#changedMs = this.#cluster.host.clock.now();
    this.#nodes.set(name, effect === 'none');
    const taints = effect === 'none' ? null : [{ key: 'broken', effect }];
    await this.#cluster.client.patch(nodes, { name }, { type: 'merge', body: { spec: { taints } } });
  }

  /** Scheduler, kubelets, and the collector of pods whose node is gone. */
  async #runNodes(): Promise<void> {
    const { client } = this.#cluster;
    await bindPods(this.#cluster);
    for (const { metadata, spec } of (await client.list(pods)).items) {
      const { namespace, name = '', uid = '' } = metadata;
      if ((spec.nodeName ?? '') === '' || this.#nodes.has(spec.nodeName ?? '')) continue;
      this.#lost.add(uid);
      await unlessGone(client.delete(pods, { namespace, name }, { gracePeriodSeconds: 0 }));
    }
    await runAllPods(this.#cluster);
  }

  async #hurt(how: 'fail' | 'delete' | 'unready', name: string): Promise<void> {
    const { client, host } = this.#cluster;
    for (const pod of (await client.list(pods)).items.filter((item) => targetNode(item) === name)) {
      const ref = { namespace: 'default', name: pod.metadata.name ?? '' };
      this.#hurtMs.set(name, host.clock.now());
      if (how === 'unready') {
        await unlessGone(setPodReady(client, pod, false, host.clock.now()));
        continue;
      }
      this.#lost.add(pod.metadata.uid ?? '');
      const body = { status: { phase: 'Failed' } };
      const fail = { type: 'merge', body } as const;
      await unlessGone(
        how === 'delete'
          ? client.delete(pods, ref)
          : client.patch(pods, ref, fail, { subresource: 'status' }),
      );
    }
  }

  #check(): void {
    this.#record.replay((change, others) => {
      if (change.old === undefined && change.next !== undefined)
        this.#checkCreation(change.next, change.atMs, others);
      if (isDeletion(change)) this.#checkDeletion(change, others);
    });
    const failures = this.#cluster.events.filter(
      (event) => /^Failed(Create|Delete)/.test(event) && !/controller (is dead|died)|was faster$/.test(event),
    );
    assert.deepEqual(failures, []);
  }

  #checkCreation(created: Pod, atMs: number, others: ReadonlyMap<string, Known>): void {
    const name = targetNode(created);
    const running = [...others.values()].filter(({ pod }) => !isPodFinished(pod));
    const here = running.filter(({ pod }) => targetNode(pod) === name);
    const { isSurging, amount } = this.#life;
    if (!isSurging || amount === 0) {
      assert.equal(here.length, 0, `a second pod for ${name ?? ''}`);
      return;
    }
    const staying = ({ pod }: Known): boolean => pod.metadata.deletionTimestamp === undefined;
    const [old, ...more] = here.filter(staying);
    assert.equal(more.length, 0, `a third pod for ${name ?? ''}`);
    assert.ok(old === undefined || hashOf(old.pod) !== hashOf(created), 'of another revision');
    if (old?.isServing !== true || this.#isFresh(old.sinceMs, atMs)) return;
    // Beside old pods that do not serve as many may come as there are.
    const surging = running.filter((known) => {
      const place = targetNode(known.pod) ?? '';
      if (known.isServing || !staying(known) || hashOf(known.pod) !== hashOf(created)) return false;
      if (this.#isFresh(this.#hurtMs.get(place), atMs)) return false;
      // The old one served already when the new one came.
      return running.some(
        (other) =>
          other.isServing && targetNode(other.pod) === place && !this.#isFresh(other.sinceMs, known.sinceMs),
      );
    });
    assert.ok(surging.length < amount, `${surging.length} nodes have two pods already`);
  }

  /** A change may wait for the batch before it, and then as long again. */
  #isFresh(sinceMs: number | undefined, atMs: number): boolean {
    return sinceMs !== undefined && atMs - sinceMs <= 2 * this.#life.lagMs + 100;
  }

  /** Of a serving pod, where one belongs, by the controller: then it is for the rollout. */
  #checkDeletion({ old, atMs }: PodChange, others: ReadonlyMap<string, Known>): void {
    if (old === undefined || this.#lost.has(old.metadata.uid ?? '')) return;
    const at = targetNode(old) ?? '';
    const own = others.get(`default/${old.metadata.name ?? ''}`);
    if (this.#isFresh(this.#changedMs, atMs) || this.#nodes.get(at) !== true) return;
    if (own?.isServing !== true || this.#isFresh(own.sinceMs, atMs)) return;
    const { amount, isSurging } = this.#life;
    const serves = (name: string): boolean =>
      [...others.values()].some(
        (known) => known !== own && known.isServing && targetNode(known.pod) === name,
      );
    assert.ok(amount > 0, 'nothing is rolled out');
    if (isSurging) {
      assert.ok(serves(at) || this.#isFresh(this.#hurtMs.get(at), atMs), `${at} is left without a pod`);
      return;
    }
    const wanted = [...this.#nodes].filter(([name, isWanted]) => isWanted && name !== at);
    const down = wanted.filter(([name]) => !serves(name) && !this.#isFresh(this.#hurtMs.get(name), atMs));
    assert.ok(down.length < amount, `${down.join()} are down already`);
  }

  async #converge(): Promise<void> {
    const { client, advance, settle, restart, refuse } = this.#cluster;
    refuse(0);
    await restart();
    for (const name of this.#nodes.keys()) await this.#taint(name, 'none');
    if (this.#life.amount === 0) {
      const { items } = await client.list(pods);
      for (const { metadata } of items) {
        this.#lost.add(metadata.uid ?? '');
        await unlessGone(client.delete(pods, { namespace: 'default', name: metadata.name ?? '' }));
      }
    }
    // Long enough for every backoff.
    for (let round = 0; round < 40; round++) {
      await settle();
      await this.#runNodes();
      await advance(2_000);
      this.#check();
    }
    const { spec, status, metadata } = await client.get(daemonSets, REF);
    const { items } = await client.list(pods);
    assert.deepEqual(items.map(targetNode).toSorted(), [...this.#nodes.keys()].toSorted());
    for (const pod of items) {
      assert.equal(pod.spec.containers[0]?.image, spec.template.spec.containers[0]?.image);
      assert.equal(pod.metadata.deletionTimestamp, undefined);
    }
    const { numberAvailable = 0, updatedNumberScheduled = 0, numberUnavailable = 0 } = status;
    const counts = [status.desiredNumberScheduled, status.currentNumberScheduled, status.numberReady];
    assert.deepEqual([...counts, numberAvailable, updatedNumberScheduled], Array(5).fill(this.#nodes.size));
    assert.deepEqual([status.numberMisscheduled, numberUnavailable], [0, 0]);
    assert.equal(status.observedGeneration, metadata.generation);
    const { items: history } = await client.list(controllerRevisions);
    assert.ok(history.length <= 3, `${history.length} revisions are kept`);
  }
}

function image(number: number): JsonObject {
  return { name: 'c', image: `agent:${number}` };
}

test('whatever happens to a DaemonSet and its nodes, limits hold, and every node gets its pod', () =>
  fc.assert(
    fc.asyncProperty(life, async (generated) => {
      const cluster = await startTestCluster([daemonSetController], { lagMs: generated.lagMs });
      try {
        await new Living(cluster, generated).run();
      } finally {
        await cluster.stop();
      }
    }),
    games(30),
  ));
