/**
 * Generated lives of a StatefulSet: scaled, changed, its pods failing and deleted, with caches that lag,
 * other writers and restarts. What must hold at every commit is checked on the record of all commits; at the
 * end everything must have come together.
 */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { games } from '../../base/games.fixture.ts';
import { controllerRevisions } from '../../api/groups/apps/controller-revision/controller-revision.ts';
import { statefulSets } from '../../api/groups/apps/stateful-set/stateful-set.ts';
import { pods } from '../../api/groups/core/pod/pod.ts';
import type { JsonObject } from '../../api/schema/schema.ts';
import type { Pod, StatefulSet } from '../../api/types.gen.ts';
import {
  runAllPods,
  setPodReady,
  startTestCluster,
  unlessGone,
  type TestCluster,
} from '../cluster.fixture.ts';
import { isDeletion, PodRecord, type Known, type PodChange } from '../pod-record.fixture.ts';
import { sortedRevisions } from '../revision-history/revision-history.ts';
import { makeTrouble, suddenStep, type SuddenStep } from '../trouble-steps.fixture.ts';
import { revisionOf } from './identity.ts';
import { statefulSetController } from './stateful-set.ts';

const REF = { namespace: 'default', name: 'db' };
const LABELS = { app: 'db' };
const REPLICAS_MAX = 4;

type Op =
  | { readonly type: 'scale'; readonly replicas: number }
  | { readonly type: 'image'; readonly image: number }
  | { readonly type: 'partition'; readonly partition: number }
  | { readonly type: 'on-delete' }
  | { readonly type: 'fail' | 'delete' | 'unready'; readonly ordinal: number }
  | { readonly type: 'refuse' | 'crash'; readonly writes: number }
  | { readonly type: 'annotate' | 'kubelets' | 'restart' }
  | SuddenStep;

interface Life {
  readonly isParallel: boolean;
  readonly maxUnavailable: number | undefined;
  readonly lagMs: number;
  readonly steps: readonly { readonly op: Op; readonly waitMs: number }[];
}

const ordinal = fc.nat(REPLICAS_MAX - 1);
const op: fc.Arbitrary<Op> = fc.oneof(
  fc.record({ type: fc.constant('scale' as const), replicas: fc.nat(REPLICAS_MAX) }),
  {
    weight: 3,
    arbitrary: fc.record({ type: fc.constant('image' as const), image: fc.integer({ min: 1, max: 3 }) }),
  },
  fc.record({ type: fc.constant('partition' as const), partition: fc.nat(REPLICAS_MAX) }),
  fc.constant({ type: 'on-delete' as const }),
  fc.record({ type: fc.constantFrom('fail' as const, 'delete' as const, 'unready' as const), ordinal }),
  fc.record({ type: fc.constantFrom('refuse' as const, 'crash' as const), writes: fc.nat(3) }),
  fc.record({ type: fc.constantFrom('annotate' as const, 'restart' as const) }),
  suddenStep,
  { weight: 8, arbitrary: fc.constant({ type: 'kubelets' as const }) },
);
const life: fc.Arbitrary<Life> = fc.record({
  isParallel: fc.boolean(),
  maxUnavailable: fc.option(fc.integer({ min: 1, max: 3 }), { nil: undefined }),
  lagMs: fc.constantFrom(0, 0, 300),
  steps: fc.array(fc.record({ op, waitMs: fc.constantFrom(0, 20, 400) }), { minLength: 10, maxLength: 40 }),
});

class Living {
  readonly #cluster: TestCluster;
  readonly #life: Life;
  readonly #record: PodRecord;
  /** Uids of pods that the test itself deleted or failed. */
  readonly #lost = new Set<string>();
  /** When the test last harmed a pod, by name. */
  readonly #hurtMs = new Map<string, number>();
  #changedMs = 0;
  #replicas = 3;

  constructor(cluster: TestCluster, life: Life) {
    this.#cluster = cluster;
    this.#life = life;
    this.#record = new PodRecord(cluster);
  }

  /**
   * What others did so short a time ago the controller may not know; what it did itself it must know.
   * A change may wait for the batch before it, and then as long again.
   */
  #isFresh(sinceMs: number | undefined, atMs: number): boolean {
    return sinceMs !== undefined && atMs - sinceMs <= 2 * this.#life.lagMs + 100;
  }

  async run(): Promise<void> {
    const { client, settle } = this.#cluster;
    const { isParallel, maxUnavailable, steps } = this.#life;
    const container = { name: 'c', image: 'db:1' };
    await client.create(statefulSets, {
      metadata: REF,
      spec: {
        replicas: 3,
        serviceName: 'db',
        podManagementPolicy: isParallel ? 'Parallel' : 'OrderedReady',
        revisionHistoryLimit: 2,
        selector: { matchLabels: LABELS },
        updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 0, maxUnavailable } },
        // Bound at once, so that pods take their time to go.
        template: { metadata: { labels: LABELS }, spec: { nodeName: 'n1', containers: [container] } },
      },
    });
    await settle();
    for (const { op, waitMs } of steps) {
      await this.#do(op);
      if (waitMs > 0) await this.#cluster.host.clock.advance(waitMs);
      this.#check();
    }
    await this.#converge();
    this.#record.stop();
  }

  async #do(op: Op): Promise<void> {
    const { client, host, restart, refuse, crash } = this.#cluster;
    switch (op.type) {
      case 'scale':
        this.#replicas = op.replicas;
        return this.#patch({ replicas: op.replicas });
      case 'image':
        return this.#patch({ template: { spec: { containers: [{ name: 'c', image: `db:${op.image}` }] } } });
      case 'partition':
        return this.#patch({ updateStrategy: this.#rolling(op.partition) });
      case 'on-delete':
        return this.#patch({ updateStrategy: { type: 'OnDelete', rollingUpdate: null } });
      case 'annotate': {
        const body = { metadata: { annotations: { at: String(host.clock.now()) } } };
        await client.patch(statefulSets, REF, { type: 'merge', body });
        return;
      }
      case 'kubelets':
        return runAllPods(this.#cluster);
      case 'restart':
        return restart();
      case 'refuse':
        return refuse(op.writes);
      case 'crash':
        return crash(op.writes);
      case 'kill':
      case 'break':
        return makeTrouble(this.#cluster, op);
      default:
        return this.#hurt(op.type, `db-${op.ordinal}`);
    }
  }

  #rolling(partition: number): JsonObject {
    const { maxUnavailable } = this.#life;
    return {
      type: 'RollingUpdate',
      rollingUpdate: { partition, ...(maxUnavailable === undefined ? {} : { maxUnavailable }) },
    };
  }

  async #patch(spec: JsonObject): Promise<void> {
    this.#changedMs = this.#cluster.host.clock.now();
    await this.#cluster.client.patch(statefulSets, REF, { type: 'strategic', body: { spec } });
  }

  async #hurt(how: 'fail' | 'delete' | 'unready', name: string): Promise<void> {
    const { client, host } = this.#cluster;
    const ref = { ...REF, name };
    const [pod] = (await client.list(pods)).items.filter(({ metadata }) => metadata.name === name);
    if (pod === undefined) return;
    this.#hurtMs.set(name, host.clock.now());
    if (how === 'unready') return unlessGone(setPodReady(client, pod, false, host.clock.now()));
    this.#lost.add(pod.metadata.uid ?? '');
    if (how === 'delete') return unlessGone(client.delete(pods, ref));
    const body = { status: { phase: 'Failed' } };
    return unlessGone(client.patch(pods, ref, { type: 'merge', body }, { subresource: 'status' }));
  }

  #check(): void {
    this.#record.replay((change, others) => {
      if (change.old === undefined && change.next !== undefined) this.#checkCreation(change, others);
      if (isDeletion(change)) this.#checkDeletion(change, others);
    });
    const failures = this.#cluster.events.filter(
      (event) => event.startsWith('Failed') && !/controller (is dead|died)|was faster$/.test(event),
    );
    assert.deepEqual(failures, [], 'no name is wanted twice');
  }

  #checkCreation({ next, atMs }: PodChange, others: ReadonlyMap<string, Known>): void {
    if (next === undefined || this.#life.isParallel) return;
    const lower = Array.from({ length: ordinalIn(next) }, (_, i) => `db-${i}`);
    const down = lower.filter((name) => this.#isDown(name, atMs, others));
    assert.deepEqual(down, [], `${next.metadata.name ?? ''} comes too early`);
  }

  /** Surely, as the controller must know. */
  #isDown(name: string, atMs: number, others: ReadonlyMap<string, Known>): boolean {
    if (others.get(`default/${name}`)?.isServing === true) return false;
    return !this.#isFresh(this.#hurtMs.get(name), atMs);
  }

  /** Of a pod that the controller deletes. */
  #checkDeletion({ old, atMs }: PodChange, others: ReadonlyMap<string, Known>): void {
    if (old === undefined || this.#lost.has(old.metadata.uid ?? '')) return;
    if (this.#isFresh(this.#changedMs, atMs)) return;
    const at = ordinalIn(old);
    const inRange = Array.from({ length: this.#replicas }, (_, i) => i).filter((other) => other !== at);
    const down = inRange.filter((other) => this.#isDown(`db-${other}`, atMs, others));
    const { maxUnavailable, isParallel } = this.#life;
    if (at >= this.#replicas) {
      if (isParallel) return;
      const higher = [...others.values()].filter(({ pod }) => ordinalIn(pod) > at);
      assert.equal(higher.length, 0, 'the highest goes first, and alone');
      assert.deepEqual(down, [], 'nothing goes while others are down');
    } else if (maxUnavailable === undefined) {
      const mustServe = isParallel ? down.filter((other) => other > at) : down;
      assert.deepEqual(mustServe, [], 'one at a time, from the highest down');
    } else {
      // Old pods that do not serve may go whatever else is down.
      const known = others.get(`default/${old.metadata.name ?? ''}`);
      if (known?.isServing !== true || this.#isFresh(known.sinceMs, atMs)) return;
      assert.ok(down.length < maxUnavailable, `${down.join()} are down already`);
    }
  }

  /**
   * As upstream: a set that shrinks in order waits for the highest pod to serve unless all below it do, for
   * ever if it has failed. So somebody takes failed ones away.
   */
  async #freeShrinking(): Promise<void> {
    const { client } = this.#cluster;
    for (const pod of (await client.list(pods)).items) {
      if (ordinalIn(pod) < this.#replicas || pod.status.phase !== 'Failed') continue;
      this.#lost.add(pod.metadata.uid ?? '');
      await unlessGone(client.delete(pods, { ...REF, name: pod.metadata.name ?? '' }));
    }
  }

  async #converge(): Promise<void> {
    const { client, advance, settle, restart, refuse } = this.#cluster;
    refuse(0);
    await restart();
    await this.#patch({ updateStrategy: this.#rolling(0) });
    // Long enough for every backoff.
    for (let round = 0; round < 40; round++) {
      await settle();
      await this.#freeShrinking();
      await runAllPods(this.#cluster);
      await advance(1_000);
      this.#check();
    }
    const set = await client.get(statefulSets, REF);
    const { items } = await client.list(pods);
    assertWhole(set, items);
    const { items: history } = await client.list(controllerRevisions);
    assert.ok(history.length <= 3, `${history.length} revisions are kept`);
    assert.equal(new Set(history.map(({ revision }) => revision)).size, history.length);
    assert.equal(sortedRevisions(history).at(-1)?.metadata.name, set.status.updateRevision);
  }
}

function ordinalIn({ metadata }: Pod): number {
  return Number(metadata.name?.slice('db-'.length));
}

function assertWhole({ spec, status, metadata }: StatefulSet, members: readonly Pod[]): void {
  const { replicas = 1 } = spec;
  const expected = Array.from({ length: replicas }, (_, i) => `db-${i}`);
  assert.deepEqual(members.map((pod) => pod.metadata.name).toSorted(), expected);
  for (const pod of members) {
    assert.equal(pod.metadata.deletionTimestamp, undefined);
    assert.equal(revisionOf(pod), status.updateRevision);
    assert.equal(pod.spec.containers[0]?.image, spec.template.spec.containers[0]?.image);
  }
  assert.equal(status.currentRevision, status.updateRevision);
  assert.equal(status.observedGeneration, metadata.generation);
  const counts = [status.replicas, status.availableReplicas, status.readyReplicas ?? 0];
  assert.deepEqual(
    [...counts, status.updatedReplicas ?? 0, status.currentReplicas ?? 0],
    Array(5).fill(replicas),
  );
}

test('whatever happens to a StatefulSet, order and limits hold, and everything comes together', () =>
  fc.assert(
    fc.asyncProperty(life, async (generated) => {
      const cluster = await startTestCluster([statefulSetController], { lagMs: generated.lagMs });
      try {
        await new Living(cluster, generated).run();
      } finally {
        await cluster.stop();
      }
    }),
    games(30),
  ));
