/**
 * Broken devices under trouble: taints come and go, pools get another generation, pods take devices, vanish
 * and come back under their names; caches that lag, streams that break, processes that die at any call.
 * Whoever is driven away had to go, and whoever has to go does.
 */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { games } from '../../base/games.fixture.ts';
import { pods } from '../../api/groups/core/pod/pod.ts';
import { withReservation } from '../../api/groups/resource/pod-resource-claims.ts';
import { resourceClaims } from '../../api/groups/resource/resource-claim/resource-claim.ts';
import { resourceSlices } from '../../api/groups/resource/resource-slice/resource-slice.ts';
import type { KubernetesObject } from '../../api/meta/object.ts';
import { formatTime } from '../../api/time/time.ts';
import type {
  DeviceTaint,
  DeviceToleration,
  Pod,
  ResourceSlice,
  ResourceV1ResourceClaim,
} from '../../api/types.gen.ts';
import { ChangeLog } from '../change-log.fixture.ts';
import { startTestCluster, unlessGone, type TestCluster } from '../cluster.fixture.ts';
import { endTrouble, liveThrough, makeTrouble, troubleStep } from '../trouble-steps.fixture.ts';
import { deviceTaintEvictionController } from './device-taint-eviction.ts';
import { evictionTimeMs } from './plan.ts';

const DEVICES = ['d0', 'd1', 'd2'];
const namespace = 'default';
const driver = 'gpu.example.com';

const device = fc.constantFrom(...DEVICES);
const effect = fc.constantFrom<DeviceTaint['effect'] | undefined>(
  'NoExecute',
  'NoExecute',
  'NoSchedule',
  undefined,
);
const step = fc.oneof(
  { weight: 5, arbitrary: fc.record({ type: fc.constant('taint' as const), device, effect }) },
  {
    weight: 5,
    arbitrary: fc.record({
      type: fc.constant('start' as const),
      device,
      /** Seconds; null: not at all. */
      patience: fc.option(fc.constantFrom(4, 30, Infinity)),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ type: fc.constant('restart' as const), device, isHeard: fc.boolean() }),
  },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('stop' as const), device }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('renew-pool' as const) }) },
  {
    weight: 3,
    arbitrary: fc.record({ type: fc.constant('wait' as const), by: fc.constantFrom('3s', '20s') }),
  },
  { weight: 6, arbitrary: troubleStep },
);
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

const scenario = fc.record({
  lagMs: fc.constantFrom<0 | 300 | { [plural: string]: number }>(
    0,
    300,
    { pods: 300 },
    { resourceclaims: 300 },
    { resourceslices: 300 },
  ),
  steps: fc.array(step, { minLength: 5, maxLength: 25, size: 'max' }),
});

/** When a pod has to go, by the wall clock, and until when that was true, on the clock that does not jump. */
interface Sentence {
  readonly atMs: number;
  liftedMs: number;
}

class World {
  readonly #cluster: TestCluster;
  readonly #log: ChangeLog;
  readonly #present = new Map<string, KubernetesObject>();
  readonly #sentences = new Map<string, Sentence[]>();
  readonly #stopped = new Set<string>();
  /** The present state of the pool last, before it those that somebody may still believe in. */
  #pool: readonly ResourceSlice[] = [];
  /** The latest that the clock ever showed. */
  #latestMs = 0;
  #knownMs = 0;

  constructor(cluster: TestCluster) {
    this.#cluster = cluster;
    this.#log = new ChangeLog(cluster, [pods, resourceClaims, resourceSlices]);
  }

  async begin(): Promise<void> {
    const { client } = this.#cluster;
    await client.create(resourceSlices, {
      metadata: { name: 'slice' },
      spec: {
        driver,
        pool: { name: 'p', generation: 1, resourceSliceCount: 1 },
        nodeName: 'n',
        devices: DEVICES.map((name) => ({ name })),
      },
    });
    const spec = { devices: { requests: [{ name: 'r', exactly: { deviceClassName: 'any' } }] } };
    for (const name of DEVICES) await client.create(resourceClaims, { metadata: { namespace, name }, spec });
  }

  get #nowMs(): number {
    return this.#cluster.host.clock.monotonicMs();
  }

  #all<T extends KubernetesObject>(kind: string): readonly T[] {
    return [...this.#present.values()].filter((object) => object.kind === kind) as unknown as T[];
  }

  check(): void {
    this.#latestMs = Math.max(this.#latestMs, this.#cluster.host.clock.now());
    for (const { type, object } of this.#log.take()) {
      const { uid = '', deletionTimestamp } = object.metadata;
      const isPod = object.kind === 'Pod';
      if (object.kind === 'ResourceSlice') this.#pool = [...this.#pool, object as ResourceSlice];
      const goes = type === 'DELETED' || (isPod && deletionTimestamp !== undefined);
      if (!goes) this.#present.set(uid, object);
      else if (this.#present.delete(uid) && isPod && !this.#stopped.has(uid)) this.#checkSentence(object);
      for (const pod of this.#all<Pod>('Pod')) this.#judge(pod);
    }
  }

  #checkSentence({ metadata: { uid = '', name = '' } }: KubernetesObject): void {
    const all = this.#sentences.get(uid) ?? [];
    const isDue = all.some(({ atMs, liftedMs }) => atMs <= this.#latestMs && liftedMs >= this.#knownMs);
    assert.ok(isDue, `${name} was driven away, not due: ${JSON.stringify(all)}`);
  }

  /** When it has to go, by the present state of the pool or a former one. */
  #dueMs(pod: Pod, slice = this.#pool.at(-1)): number | undefined {
    const slices = slice === undefined ? [] : [slice];
    return evictionTimeMs(pod, this.#all<ResourceV1ResourceClaim>('ResourceClaim'), () => slices);
  }

  #judge(pod: Pod): void {
    const { uid = '' } = pod.metadata;
    const all = this.#sentences.get(uid) ?? [];
    this.#sentences.set(uid, all);
    for (const slice of this.#pool.slice(0, -1)) {
      const atMs = this.#dueMs(pod, slice);
      if (atMs !== undefined) all.unshift({ atMs, liftedMs: this.#nowMs });
    }
    const last = all.at(-1);
    const atMs = this.#dueMs(pod);
    const isSame = last !== undefined && last.liftedMs === Infinity && last.atMs === atMs;
    if (isSame) return;
    if (last !== undefined) last.liftedMs = Math.min(last.liftedMs, this.#nowMs);
    if (atMs !== undefined) all.push({ atMs, liftedMs: Infinity });
  }

  async perform(what: Step): Promise<void> {
    switch (what.type) {
      case 'taint':
        return this.#taint(what.device, what.effect);
      case 'start':
        return this.#start(what.device, what.patience);
      case 'stop':
        return this.#stop(what.device);
      case 'restart':
        await this.#stop(what.device);
        await this.#start(what.device, undefined);
        return what.isHeard ? undefined : this.#cluster.breakStreams(true);
      case 'renew-pool':
        return this.#changeSlice(({ spec }) => ({
          ...spec,
          pool: { ...spec.pool, generation: spec.pool.generation + 1 },
        }));
      case 'wait':
        await this.#cluster.advance(what.by);
        this.check();
        this.#knownMs = this.#nowMs;
        this.#pool = this.#pool.slice(-1);
        return;
      default:
        return makeTrouble(this.#cluster, what);
    }
  }

  async #changeSlice(change: (slice: ResourceSlice) => ResourceSlice['spec']): Promise<void> {
    const { client } = this.#cluster;
    const slice = await client.get(resourceSlices, { name: 'slice' });
    await client.update(resourceSlices, { ...slice, spec: change(slice) });
  }

  #taint(name: string, effect: DeviceTaint['effect'] | undefined): Promise<void> {
    const timeAdded = formatTime(this.#cluster.host.clock.now());
    const taints = effect === undefined ? [] : [{ key: 'broken', effect, timeAdded }];
    return this.#changeSlice(({ spec }) => ({
      ...spec,
      devices: (spec.devices ?? []).map((one) => (one.name === name ? { ...one, taints } : one)),
    }));
  }

  /** A pod takes the device of its name; without a patience of its own it takes it as its predecessor did. */
  async #start(name: string, patience: number | null | undefined): Promise<void> {
    const { client } = this.#cluster;
    const { items } = await client.list(pods);
    if (items.some(({ metadata }) => metadata.name === name)) return;
    const pod = await client.create(pods, {
      metadata: { namespace, name },
      spec: {
        nodeName: 'n',
        containers: [{ name: 'c', image: 'i' }],
        resourceClaims: [{ name: 'gpu', resourceClaimName: name }],
      },
    });
    const claim = await client.get(resourceClaims, { namespace, name });
    const free = { ...claim, status: { ...claim.status, reservedFor: [] } };
    const status = { ...withReservation(free, pod), ...allocated(claim, name, patience) };
    await client.update(resourceClaims, { ...claim, status }, { subresource: 'status' });
  }

  async #stop(name: string): Promise<void> {
    for (const pod of this.#all<Pod>('Pod'))
      if (pod.metadata.name === name) this.#stopped.add(pod.metadata.uid ?? '');
    const ref = { namespace, name };
    await unlessGone(this.#cluster.client.delete(pods, ref, { gracePeriodSeconds: 0 }));
  }

  stop(): void {
    this.#log.stop();
  }

  async checkEnd(): Promise<void> {
    await endTrouble(this.#cluster);
    // Longer than the clock was ever behind: who waits for a time does so however the clock is set.
    await this.#cluster.advance('1d');
    this.check();
    for (const pod of this.#all<Pod>('Pod')) {
      const dueMs = this.#dueMs(pod) ?? Infinity;
      const name = pod.metadata.name ?? '';
      assert.ok(dueMs > this.#cluster.host.clock.now(), `${name} keeps a device that is out of order`);
    }
  }
}

function allocated(
  { status }: ResourceV1ResourceClaim,
  device: string,
  patience: number | null | undefined,
): Pick<ResourceV1ResourceClaim['status'], 'allocation'> {
  // An allocation stays as it is for as long as there is one.
  if (status.allocation !== undefined) return { allocation: status.allocation };
  const forSeconds = patience === Infinity ? {} : { tolerationSeconds: patience ?? 0 };
  const toleration: DeviceToleration = { key: 'broken', operator: 'Exists', ...forSeconds };
  const tolerations = patience === null || patience === undefined ? [] : [toleration];
  return { allocation: { devices: { results: [{ request: 'r', driver, pool: 'p', device, tolerations }] } } };
}

test('whoever is driven away had to go, and whoever has to go does', async () => {
  await fc.assert(
    fc.asyncProperty(scenario, async ({ lagMs, steps }) => {
      const cluster = await startTestCluster([deviceTaintEvictionController], { lagMs });
      await liveThrough(cluster, new World(cluster), steps);
    }),
    games(25),
  );
});
