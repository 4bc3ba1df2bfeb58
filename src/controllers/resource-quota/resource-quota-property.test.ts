/**
 * Quotas under trouble: many writers at once, objects that end and go, limits that change, two quotas over
 * the same namespace; caches that lag, streams that break, processes that die at any call. Every change is
 * looked at in the order in which it happened.
 */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { games } from '../../base/games.fixture.ts';
import { resourceQuotaAdmission } from '../../apiserver/admission/resource-quota/resource-quota.ts';
import { configMaps } from '../../api/groups/core/config-map/config-map.ts';
import { persistentVolumeClaims } from '../../api/groups/core/persistent-volume-claim/persistent-volume-claim.ts';
import { pods } from '../../api/groups/core/pod/pod.ts';
import { resourceQuotas } from '../../api/groups/core/resource-quota/resource-quota.ts';
import { services } from '../../api/groups/core/service/service.ts';
import { deviceClasses } from '../../api/groups/resource/device-class/device-class.ts';
import { resourceClaims } from '../../api/groups/resource/resource-claim/resource-claim.ts';
import { isApiError } from '../../api/meta/api-error.ts';
import type { KubernetesObject, ResourceType } from '../../api/meta/object.ts';
import { quantityMilliValue, quantityValue } from '../../api/quantity/quantity.ts';
import type { Pod, ResourceQuota, ResourceV1ResourceClaim } from '../../api/types.gen.ts';
import { ChangeLog } from '../change-log.fixture.ts';
import { startTestCluster, unlessGone, type TestCluster } from '../cluster.fixture.ts';
import { isPodFinished } from '../pod-state/pod-state.ts';
import { endTrouble, liveThrough, makeTrouble, troubleStep } from '../trouble-steps.fixture.ts';
import { resourceQuotaController } from './resource-quota.ts';

const namespace = 'default';
const KINDS = [pods, configMaps, services, persistentVolumeClaims, resourceClaims];
const GPU = 'example.com/gpu';
const BY_RESOURCE = `requests.${GPU}`;
const OF_CLASS = 'gpu.deviceclass.resource.k8s.io/devices';
const BRINGS: { readonly [kind: string]: readonly string[] } = {
  Pod: ['pods', 'requests.cpu', BY_RESOURCE],
  ConfigMap: ['count/configmaps'],
  ResourceClaim: [OF_CLASS, BY_RESOURCE],
};

const which = fc.nat(20);
const step = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      type: fc.constant('pods' as const),
      cpus: fc.array(fc.constantFrom(100, 400, 900), { minLength: 1, maxLength: 4 }),
      /** No claim has less: whichever of them the pod pays for, they count for as much. */
      gpus: fc.constantFrom(0, 1, 1),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ type: fc.constant('maps' as const), count: fc.integer({ min: 1, max: 3 }) }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      type: fc.constant('claim' as const),
      devices: fc.integer({ min: 1, max: 3 }),
      /** Says that it was made for the extended resources of a pod. */
      isForPod: fc.constantFrom(false, true, true),
      which,
    }),
  },
  { weight: 3, arbitrary: fc.record({ type: fc.constant('end' as const), which }) },
  {
    weight: 3,
    arbitrary: fc.record({
      type: fc.constant('remove' as const),
      which,
      kind: fc.constantFrom('Pod', 'ConfigMap', 'ResourceClaim'),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      type: fc.constant('limit' as const),
      pods: fc.nat(6),
      cpu: fc.constantFrom(0, 500, 2_000),
    }),
  },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('second' as const), isThere: fc.boolean() }) },
  { weight: 7, arbitrary: troubleStep },
);
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

const scenario = fc.record({
  lagMs: fc.constantFrom(0, 300),
  steps: fc.array(step, { minLength: 5, maxLength: 30, size: 'max' }),
});

/** Of the namespace: as quotas name it, in thousandths. */
type Usage = { readonly [name: string]: number };

class World {
  readonly #cluster: TestCluster;
  readonly #log: ChangeLog;
  readonly #present = new Map<string, KubernetesObject>();
  #sequence = 0;

  constructor(cluster: TestCluster) {
    this.#cluster = cluster;
    this.#log = new ChangeLog(cluster, [pods, configMaps, resourceClaims, resourceQuotas]);
  }

  async begin(): Promise<void> {
    const { client } = this.#cluster;
    await client.create(deviceClasses, { metadata: { name: 'gpu' }, spec: { extendedResourceName: GPU } });
    const spec = {
      hard: { pods: '4', 'requests.cpu': '2', 'count/configmaps': '3', [OF_CLASS]: '6', [BY_RESOURCE]: '5' },
    };
    await client.create(resourceQuotas, { metadata: { namespace, name: 'q' }, spec });
    await this.#cluster.settle();
  }

  #usage(): Usage {
    const all = [...this.#present.values()];
    const counted = all.filter(
      (object): object is Pod => object.kind === 'Pod' && !isPodFinished(object as Pod),
    );
    const claims = all.filter((object): object is ResourceV1ResourceClaim => object.kind === 'ResourceClaim');
    return {
      pods: counted.length * 1_000,
      'requests.cpu': sum(counted.map((pod) => quantityMilliValue(requestOf(pod, 'cpu')))),
      [OF_CLASS]: sum(claims.map(devicesOf)) * 1_000,
      [BY_RESOURCE]: devicesInUse(counted, claims) * 1_000,
      'count/configmaps': all.filter(({ kind }) => kind === 'ConfigMap').length * 1_000,
    };
  }

  #quotas(): readonly ResourceQuota[] {
    return [...this.#present.values()].filter(
      (object): object is ResourceQuota => object.kind === 'ResourceQuota',
    );
  }

  check(): void {
    for (const { type, object } of this.#log.take()) {
      const { uid = '' } = object.metadata;
      if (type === 'DELETED') this.#present.delete(uid);
      else this.#present.set(uid, object);
      if (type === 'ADDED' && object.kind !== 'ResourceQuota') this.#checkAdmitted(object);
    }
  }

  /** What the object brings must fit into every quota that has been counted. */
  #checkAdmitted({ kind, metadata }: KubernetesObject): void {
    const usage = this.#usage();
    const brings = BRINGS[kind] ?? [];
    for (const { status, metadata: quota } of this.#quotas()) {
      for (const [name, hard] of Object.entries(status.hard ?? {})) {
        const isOver = brings.includes(name) && (usage[name] ?? 0) > quantityMilliValue(hard);
        assert.ok(!isOver, `${metadata.name ?? ''} takes ${name} of ${quota.name ?? ''} to ${usage[name]}`);
      }
    }
  }

  async perform(what: Step): Promise<void> {
    const { client } = this.#cluster;
    switch (what.type) {
      case 'pods':
        await Promise.all(what.cpus.map((milli) => unlessFull(this.#addPod(milli, what.gpus))));
        return;
      case 'maps': {
        const names = Array.from({ length: what.count }, () => `m${this.#sequence++}`);
        const add = (name: string) => client.create(configMaps, { metadata: { namespace, name } });
        await Promise.all(names.map((name) => unlessFull(add(name))));
        return;
      }
      case 'claim': {
        const { items } = await client.list(pods, { namespace });
        const asking = items.filter((pod) => requestOf(pod, GPU) !== '0').slice(0, 2);
        const pod = what.isForPod ? asking[what.which % Math.max(asking.length, 1)] : undefined;
        return unlessFull(this.#addClaim(what.devices, pod));
      }
      case 'end':
        return this.#with(pods, what.which, async (name) => {
          const body = { status: { phase: 'Succeeded' } };
          await client.patch(pods, { namespace, name }, { type: 'merge', body }, { subresource: 'status' });
        });
      case 'remove': {
        const type = KINDS.find(({ kind }) => kind === what.kind) ?? pods;
        return this.#with(type, what.which, (name) => {
          const options = { gracePeriodSeconds: 0 };
          return unlessGone(client.delete(type, { namespace, name }, options));
        });
      }
      case 'limit': {
        const body = { spec: { hard: { pods: `${what.pods}`, 'requests.cpu': `${what.cpu}m` } } };
        await client.patch(resourceQuotas, { namespace, name: 'q' }, { type: 'merge', body });
        return;
      }
      case 'second':
        return this.#second(what.isThere);
      default:
        return makeTrouble(this.#cluster, what);
    }
  }

  async #second(isThere: boolean): Promise<void> {
    const { client } = this.#cluster;
    const ref = { namespace, name: 'second' };
    if (!isThere) return unlessGone(client.delete(resourceQuotas, ref));
    if (this.#quotas().length > 1) return;
    await client.create(resourceQuotas, {
      metadata: ref,
      spec: { hard: { 'requests.cpu': '1500m', pods: '3' } },
    });
  }

  async #addPod(milli: number, gpus: number): Promise<void> {
    const devices = gpus === 0 ? {} : { [GPU]: `${gpus}` };
    const resources = { requests: { cpu: `${milli}m`, ...devices }, limits: devices };
    await this.#cluster.client.create(pods, {
      metadata: { namespace, name: `p${this.#sequence++}` },
      spec: { containers: [{ name: 'c', image: 'i', resources }] },
    });
  }

  async #addClaim(count: number, pod: Pod | undefined): Promise<void> {
    const { name = '', uid = '' } = pod?.metadata ?? {};
    const made = {
      annotations: { 'resource.kubernetes.io/extended-resource-claim': 'true' },
      ownerReferences: [{ apiVersion: 'v1', kind: 'Pod', name, uid, controller: true }],
    };
    await this.#cluster.client.create(resourceClaims, {
      metadata: { namespace, name: `c${this.#sequence++}`, ...(pod === undefined ? {} : made) },
      spec: { devices: { requests: [{ name: 'r', exactly: { deviceClassName: 'gpu', count } }] } },
    });
  }

  async #with(type: ResourceType, index: number, work: (name: string) => Promise<void>): Promise<void> {
    const { items } = await this.#cluster.client.list(type, { namespace });
    const name = items[index % Math.max(items.length, 1)]?.metadata.name;
    if (name !== undefined) await work(name);
  }

  stop(): void {
    this.#log.stop();
  }

  async checkEnd(): Promise<void> {
    await endTrouble(this.#cluster);
    await this.#cluster.advance('10m');
    this.check();
    const usage = this.#usage();
    for (const { status, spec } of this.#quotas()) {
      assert.deepEqual(status.hard, spec.hard);
      for (const [name, used] of Object.entries(status.used ?? {})) {
        assert.equal(quantityMilliValue(used), usage[name], name);
      }
    }
  }
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, one) => total + one, 0);

function requestOf({ spec }: Pod, resource: string): string {
  return spec.containers[0]?.resources?.requests?.[resource] ?? '0';
}

function devicesOf({ spec }: ResourceV1ResourceClaim): number {
  return sum(spec.devices.requests.map(({ exactly }) => exactly?.count ?? 0));
}

/** Of a pod and the oldest claim that was made for it counts what is more; of other claims all. */
function devicesInUse(running: readonly Pod[], claims: readonly ResourceV1ResourceClaim[]): number {
  const byAge = claims.toSorted(({ metadata: a }, { metadata: b }) =>
    `${a.creationTimestamp} ${a.name}` < `${b.creationTimestamp} ${b.name}` ? -1 : 1,
  );
  let total = sum(running.map((pod) => quantityValue(requestOf(pod, GPU))));
  const paidFor = new Set<string>();
  for (const claim of byAge) {
    const uid = claim.metadata.ownerReferences?.[0]?.uid ?? '';
    const pod = paidFor.has(uid) ? undefined : running.find(({ metadata }) => metadata.uid === uid);
    paidFor.add(uid);
    total += Math.max(0, devicesOf(claim) - (pod === undefined ? 0 : quantityValue(requestOf(pod, GPU))));
  }
  return total;
}

async function unlessFull(work: Promise<unknown>): Promise<void> {
  try {
    await work;
  } catch (error) {
    if (!isApiError(error, 'Forbidden') && !isApiError(error, 'Conflict')) throw error;
  }
}

test('nothing comes in above a limit, and what is used is what is there in the end', async () => {
  await fc.assert(
    fc.asyncProperty(scenario, async ({ lagMs, steps }) => {
      const cluster = await startTestCluster([resourceQuotaController(() => KINDS)], {
        lagMs,
        admission: ({ store, host }) => [resourceQuotaAdmission(store, host.clock)],
      });
      await liveThrough(cluster, new World(cluster), steps);
    }),
    games(60),
  );
});
