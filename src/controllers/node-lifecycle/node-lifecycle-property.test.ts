/**
 * Lost nodes under trouble: nodes and whole zones that fall silent and come back; clocks that jump, streams
 * that break, processes that die at any call. Whenever a pod is driven away, its node has really been
 * silent.
 */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { games } from '../../base/games.fixture.ts';
import { leases } from '../../api/groups/coordination/lease/lease.ts';
import { nodes } from '../../api/groups/core/node/node.ts';
import { pods } from '../../api/groups/core/pod/pod.ts';
import { isApiError } from '../../api/meta/api-error.ts';
import { formatMicroTime, formatTime } from '../../api/time/time.ts';
import { ChangeLog } from '../change-log.fixture.ts';
import { setPodReady, startTestCluster, type TestCluster } from '../cluster.fixture.ts';
import { podCondition } from '../pod-state/pod-state.ts';
import { taintEvictionController } from '../taint-eviction/taint-eviction.ts';
import { endTrouble, liveThrough, makeTrouble, troubleStep } from '../trouble-steps.fixture.ts';
import { isNodeReady, MONITOR_GRACE_MS } from './health.ts';
import { nodeLifecycleController } from './node-lifecycle.ts';

const LEASE = 'kube-node-lease';
const NAMES = ['n0', 'n1', 'n2', 'n3', 'n4'];
const zoneOf = (name: string): string => (name < 'n3' ? 'north' : 'south');
const BEAT_MS = 10_000;
/**
 * When the test knows that everybody knows that a node is back: a look, caches that lag, and a look of its
 * own.
 */
const KNOWN_BACK_MS = 10_000 + BEAT_MS + 1_000;
const LOST_MS = MONITOR_GRACE_MS - BEAT_MS;

const which = fc.nat(NAMES.length - 1);
const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ type: fc.constant('silence' as const), which }) },
  { weight: 3, arbitrary: fc.record({ type: fc.constant('revive' as const), which }) },
  {
    weight: 1,
    arbitrary: fc.record({
      type: fc.constant('silence-zone' as const),
      zone: fc.constantFrom('north', 'south'),
    }),
  },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('revive-all' as const) }) },
  {
    weight: 6,
    arbitrary: fc.record({ type: fc.constant('pass' as const), beats: fc.constantFrom(1, 3, 8) }),
  },
  { weight: 6, arbitrary: troubleStep },
);
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

const scenario = fc.record({
  lagMs: fc.constantFrom(0, 300),
  steps: fc.array(step, { minLength: 5, maxLength: 20, size: 'max' }),
});

/** What really happened to a node, on the clock that does not jump. */
interface Truth {
  silentSinceMs: number | undefined;
  /** When it came back last, after having been lost. */
  backSinceMs: number;
}

class World {
  readonly #cluster: TestCluster;
  readonly #log: ChangeLog;
  readonly #truth = new Map<string, Truth>();
  readonly #leaving = new Set<string>();
  #beats = 0;

  constructor(cluster: TestCluster) {
    this.#cluster = cluster;
    this.#log = new ChangeLog(cluster, [pods]);
  }

  get #nowMs(): number {
    return this.#cluster.host.clock.monotonicMs();
  }

  async begin(): Promise<void> {
    const { client, host } = this.#cluster;
    for (const name of NAMES) {
      const metadata = { name, labels: { 'topology.kubernetes.io/zone': zoneOf(name) } };
      await client.create(nodes, { metadata, status: { conditions: [this.#ready()] } });
      await client.create(leases, { metadata: { namespace: LEASE, name }, spec: { holderIdentity: name } });
      this.#truth.set(name, { silentSinceMs: undefined, backSinceMs: -Infinity });
      for (const [kind, tolerationSeconds] of [
        ['plain', undefined],
        ['patient', 60],
      ] as const) {
        const tolerations =
          tolerationSeconds === undefined
            ? []
            : [{ operator: 'Exists', effect: 'NoExecute', tolerationSeconds } as const];
        const spec = { nodeName: name, tolerations, containers: [{ name: 'c', image: 'i' }] };
        const pod = await client.create(pods, {
          metadata: { namespace: 'default', name: `${kind}-${name}` },
          spec,
        });
        await setPodReady(client, pod, true, host.clock.now());
      }
    }
  }

  #ready() {
    const now = formatTime(this.#cluster.host.clock.now());
    return { type: 'Ready', status: 'True', lastHeartbeatTime: now, lastTransitionTime: now };
  }

  check(): void {
    for (const { object } of this.#log.take()) {
      const { metadata, spec } = object as Awaited<ReturnType<World['pods']>>[number];
      const { uid = '', deletionTimestamp, name = '' } = metadata;
      if (deletionTimestamp === undefined || this.#leaving.has(uid)) continue;
      this.#leaving.add(uid);
      const truth = this.#truth.get(spec.nodeName ?? '');
      const silentMs = truth?.silentSinceMs === undefined ? 0 : this.#nowMs - truth.silentSinceMs;
      const isLate = this.#nowMs - (truth?.backSinceMs ?? -Infinity) < KNOWN_BACK_MS;
      assert.ok(
        silentMs >= LOST_MS || isLate,
        `${name} was driven away; its node was silent for ${silentMs} ms`,
      );
    }
  }

  async pods() {
    return (await this.#cluster.client.list(pods)).items;
  }

  async #pass(beats: number): Promise<void> {
    for (let beat = 0; beat < beats; beat++) {
      for (const name of NAMES)
        if (this.#truth.get(name)?.silentSinceMs === undefined) await this.#beat(name);
      await this.#cluster.host.clock.advance(BEAT_MS);
      this.check();
    }
  }

  /** What a kubelet does every ten seconds. */
  async #beat(name: string): Promise<void> {
    const { client, host } = this.#cluster;
    // Two renewals never bear the same time, even by a clock that was turned back.
    const renewTime = formatMicroTime(host.clock.now() + (this.#beats++ % 1_000) / 1_000);
    await client.patch(leases, { namespace: LEASE, name }, { type: 'merge', body: { spec: { renewTime } } });
    const node = await client.get(nodes, { name });
    if (isNodeReady(node)) return;
    const others = (node.status.conditions ?? []).filter(({ type }) => type !== 'Ready');
    const status = { ...node.status, conditions: [...others, this.#ready()] };
    try {
      await client.update(nodes, { ...node, status }, { subresource: 'status' });
    } catch (error) {
      if (!isApiError(error, 'Conflict')) throw error;
    }
  }

  #silence(name: string): void {
    const truth = this.#truth.get(name);
    if (truth !== undefined) truth.silentSinceMs ??= this.#nowMs;
  }

  async #revive(name: string): Promise<void> {
    const truth = this.#truth.get(name);
    if (truth?.silentSinceMs === undefined) return;
    if (this.#nowMs - truth.silentSinceMs >= LOST_MS) truth.backSinceMs = this.#nowMs;
    truth.silentSinceMs = undefined;
    await this.#beat(name);
  }

  async perform(what: Step): Promise<void> {
    switch (what.type) {
      case 'silence':
        return this.#silence(NAMES[what.which] ?? '');
      case 'revive':
        return this.#revive(NAMES[what.which] ?? '');
      case 'silence-zone':
        for (const name of NAMES) if (zoneOf(name) === what.zone) this.#silence(name);
        return;
      case 'revive-all':
        for (const name of NAMES) await this.#revive(name);
        return;
      case 'pass':
        return this.#pass(what.beats);
      case 'advance':
      case 'crash':
      case 'kill':
      case 'refuse':
      case 'break':
      case 'jump':
        return makeTrouble(this.#cluster, what);
    }
  }

  stop(): void {
    this.#log.stop();
  }

  /** All come back; then one is lost, and only its pods go. */
  async checkEnd(): Promise<void> {
    await endTrouble(this.#cluster);
    for (const name of NAMES) await this.#revive(name);
    await this.#pass(12);
    const { items } = await this.#cluster.client.list(nodes);
    for (const node of items) {
      assert.ok(isNodeReady(node), `${node.metadata.name ?? ''} stays lost`);
      assert.deepEqual(node.spec.taints ?? [], []);
    }
    const before = await this.pods();
    this.#silence('n0');
    await this.#pass(30);
    const leaves = (pod: (typeof before)[number]): boolean => pod.metadata.deletionTimestamp !== undefined;
    const after = await this.pods();
    assert.deepEqual(
      after.filter(leaves).map(({ metadata }) => metadata.name),
      before.filter((pod) => leaves(pod) || pod.spec.nodeName === 'n0').map(({ metadata }) => metadata.name),
    );
    for (const pod of after.filter(({ spec }) => spec.nodeName === 'n0')) {
      assert.equal(podCondition(pod, 'Ready')?.status, 'False');
    }
  }
}

test('a pod is driven away only after its node was silent for long, and then for sure', async () => {
  await fc.assert(
    fc.asyncProperty(scenario, async ({ lagMs, steps }) => {
      const cluster = await startTestCluster([nodeLifecycleController, taintEvictionController], { lagMs });
      await liveThrough(cluster, new World(cluster), steps);
    }),
    games(6),
  );
});
