/** Runs one workload and says how many pods per second got a node while the measured ones were created. */

import { setTimeout as pause } from 'node:timers/promises';
import { namespaces } from '../../src/api/groups/core/namespace/namespace.ts';
import { persistentVolumeClaims } from '../../src/api/groups/core/persistent-volume-claim/persistent-volume-claim.ts';
import { persistentVolumes } from '../../src/api/groups/core/persistent-volume/persistent-volume.ts';
import { csiNodes } from '../../src/api/groups/storage/csi-node/csi-node.ts';
import { nodes } from '../../src/api/groups/core/node/node.ts';
import { pods } from '../../src/api/groups/core/pod/pod.ts';
import { podGroups } from '../../src/api/groups/scheduling/pod-group/pod-group.ts';
import { services } from '../../src/api/groups/core/service/service.ts';
import type { KubernetesObject, ResourceType } from '../../src/api/meta/object.ts';
import { deviceClasses } from '../../src/api/groups/resource/device-class/device-class.ts';
import { resourceClaims } from '../../src/api/groups/resource/resource-claim/resource-claim.ts';
import { resourceClaimTemplates } from '../../src/api/groups/resource/resource-claim-template/resource-claim-template.ts';
import { resourceSlices } from '../../src/api/groups/resource/resource-slice/resource-slice.ts';
import { garbageCollector } from '../../src/controllers/garbage-collector/garbage-collector.ts';
import { resourceClaimController } from '../../src/controllers/resource-claim/resource-claim.ts';
import { NO_FEATURES } from '../../src/scheduler/configuration/feature-gates.ts';
import type { ControllerDefinition } from '../../src/reconcile/controller.ts';
import { allocateClaims, publishDevices } from './devices.ts';
import { podWithVolume } from './volumes.ts';
import { startBenchCluster, type BenchCluster } from './cluster.ts';
import {
  countOf,
  isNumbered,
  readTemplate,
  usesDevices,
  valuesOf,
  type Case,
  type CreateNodes,
  type CreatePods,
  type Step,
  type Workload,
} from './workload.ts';

/** Requests under way at once, as of a client without limits. */
const CREATING = 64;
const TYPES: ReadonlyMap<string, ResourceType> = new Map(
  [
    nodes,
    pods,
    services,
    namespaces,
    persistentVolumes,
    persistentVolumeClaims,
    csiNodes,
    deviceClasses,
    podGroups,
    resourceClaims,
    resourceClaimTemplates,
    resourceSlices,
  ].map((type) => [type.kind, type as ResourceType]),
);

/** Claims are made for pods, and go with them. */
const DEVICE_CONTROLLERS: readonly ControllerDefinition[] = [
  resourceClaimController,
  garbageCollector(() => [pods, resourceClaims]),
];

export interface Outcome {
  readonly podsPerSecond: number;
  readonly seconds: number;
  /** Processor time, all threads. */
  readonly cpuSeconds: number;
}

export async function runWorkload(one: Case, workload: Workload): Promise<Outcome> {
  const cluster = await startBenchCluster({
    controllers: usesDevices(one) ? DEVICE_CONTROLLERS : [],
    featureGates: { ...NO_FEATURES, ...one.featureGates },
  });
  const run = new Run(cluster, one, workload);
  try {
    for (const step of one.workloadTemplate) await run.step(step);
    return run.outcome;
  } finally {
    await run.stop();
    await cluster.stop();
  }
}

class Run {
  outcome: Outcome = { podsPerSecond: Number.NaN, seconds: Number.NaN, cpuSeconds: Number.NaN };
  readonly #cluster: BenchCluster;
  readonly #case: Case;
  readonly #params: Workload['params'];
  readonly #background: Promise<void>[] = [];
  #stopped = false;
  #sequence = 0;
  #scheduled = 0;

  constructor(cluster: BenchCluster, one: Case, { params }: Workload) {
    this.#cluster = cluster;
    this.#case = one;
    this.#params = params;
    cluster.informers.of(pods).subscribe((next, old) => {
      if ((next?.spec.nodeName ?? '') !== '' && (old?.spec.nodeName ?? '') === '') this.#scheduled++;
    });
  }

  async step(step: Step): Promise<void> {
    switch (step.opcode) {
      case 'createNodes':
        return this.#createNodes(step);
      case 'createPods':
        return this.#createPods(step);
      case 'createNamespaces':
        return times(countOf(step, this.#params), async (i) => {
          const template = readTemplate(step.namespaceTemplatePath ?? 'templates/namespace-with-labels.yaml');
          const { labels } = step.namespaceTemplatePath === undefined ? {} : template.metadata;
          const metadata = { name: `${step.prefix}-${i}`, ...(labels === undefined ? {} : { labels }) };
          await this.#cluster.client.create(namespaces, { metadata });
        });
      case 'createPodSets':
        return times(
          countOf(step, this.#params),
          (i) => this.#createPods({ ...step.createPodsOp, namespace: `${step.namespacePrefix}-${i}` }),
          1,
        );
      case 'createAny':
        return times(step.countParam === undefined ? 1 : countOf(step, this.#params), async (i) => {
          await this.#create(readTemplate(step.templatePath, i), step.namespace);
        });
      case 'createPodGroups': {
        const values = valuesOf(step.templateParams, this.#params);
        return times(countOf(step, this.#params), async (i) => {
          await this.#create(readTemplate(step.templatePath, i, values), step.namespace);
        });
      }
      case 'createResourceDriver': {
        const perNode = countOf({ countParam: step.maxClaimsPerNodeParam }, this.#params);
        const prefix = step.nodes.replace(/\*$/, '');
        return publishDevices(this.#cluster.client, { name: step.driverName, prefix, perNode });
      }
      case 'allocResourceClaims':
        return allocateClaims(this.#cluster.client, step.namespace);
      case 'churn':
        this.#background.push(this.#churn(step));
        return;
      case 'deletePods':
        this.#background.push(this.#deletePods(step.namespace, step.deletePodsPerSecond));
    }
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await Promise.all(this.#background);
  }

  #createNodes(step: CreateNodes): Promise<void> {
    const path = step.nodeTemplatePath ?? 'templates/node-default.yaml';
    const { labelKey = '', labelValues = [] } = step.labelNodePrepareStrategy ?? {};
    return times(countOf(step, this.#params), async (i) => {
      const template = readTemplate(path, i);
      const name = template.metadata.name ?? `scheduler-perf-${this.#sequence++}`;
      const zone = labelValues.length === 0 ? {} : { [labelKey]: labelValues[i % labelValues.length] };
      const metadata = { name, labels: { 'kubernetes.io/hostname': name, ...zone } };
      await this.#create({ ...template, metadata } as KubernetesObject);
      await this.#createCsiNode(name, step);
    });
  }

  async #createCsiNode(name: string, { nodeAllocatableStrategy: strategy }: CreateNodes): Promise<void> {
    if (strategy === undefined) return;
    const drivers = Object.entries(strategy.csiNodeAllocatable);
    await this.#cluster.client.create(csiNodes, {
      metadata: {
        name,
        annotations: {
          'storage.alpha.kubernetes.io/migrated-plugins': (strategy.migratedPlugins ?? []).join(),
        },
      },
      spec: {
        drivers: drivers.map(([driver, allocatable]) => ({ name: driver, nodeID: name, allocatable })),
      },
    });
  }

  async #createPods(step: CreatePods): Promise<void> {
    const path = step.podTemplatePath ?? this.#case.defaultPodTemplatePath ?? 'templates/pod-default.yaml';
    if (step.steadyState === true) return this.#keepSteady(step, path);
    const plain = isNumbered(path) ? undefined : readTemplate(path);
    const namespace = step.namespace ?? 'default';
    const { persistentVolumeTemplatePath: volumePath, persistentVolumeClaimTemplatePath: claimPath } = step;
    const volume = volumePath === undefined ? undefined : readTemplate(volumePath);
    const claim = claimPath === undefined ? undefined : readTemplate(claimPath);
    const count = countOf(step, this.#params);
    const values = valuesOf(step.templateParams, this.#params);
    const before = this.#scheduled;
    const began = performance.now();
    const cpu = process.cpuUsage();
    await times(count, async (i) => {
      const template = plain ?? readTemplate(path, i, values);
      if (volume === undefined || claim === undefined) {
        await this.#create(template, namespace);
        return;
      }
      const made = podWithVolume({ pod: template, volume, claim }, namespace, `volume-${this.#sequence++}`);
      await this.#create(made.volume);
      await this.#create(made.claim, namespace);
      await this.#create(made.pod, namespace);
    });
    if (step.skipWaitToCompletion === true) return;
    while (this.#scheduled - before < count) await pause(1);
    if (step.collectMetrics !== true) return;
    const seconds = (performance.now() - began) / 1000;
    const { user, system } = process.cpuUsage(cpu);
    this.outcome = { podsPerSecond: count / seconds, seconds, cpuSeconds: (user + system) / 1e6 };
  }

  /** The same number of pods all the time. */
  async #keepSteady(step: CreatePods, path: string): Promise<void> {
    const { client } = this.#cluster;
    const namespace = step.namespace ?? 'default';
    const count = countOf(step, this.#params);
    const began = performance.now();
    const cpu = process.cpuUsage();
    const endMs = began + (step.durationSeconds ?? 10) * 1000;
    let all = 0;
    let leaving: Promise<void> = Promise.resolve();
    while (performance.now() < endMs) {
      const before = this.#scheduled;
      const made: string[] = [];
      await times(count, async (i) => {
        const { metadata } = await this.#create(readTemplate(path, i), namespace);
        made.push(metadata.name ?? '');
      });
      while (this.#scheduled - before < count) await pause(1);
      all += count;
      await leaving;
      // The next ones come while they go.
      leaving = times(count, async (i) => {
        await client.delete(pods, { namespace, name: made[i] ?? '' }, { gracePeriodSeconds: 0 });
      });
    }
    await leaving;
    const seconds = (performance.now() - began) / 1000;
    const { user, system } = process.cpuUsage(cpu);
    this.outcome = { podsPerSecond: all / seconds, seconds, cpuSeconds: (user + system) / 1e6 };
  }

  async #create(template: KubernetesObject, namespace?: string): Promise<KubernetesObject> {
    const type = TYPES.get(template.kind);
    if (type === undefined) throw new Error(`no type ${template.kind}`);
    const place = type.namespaced && namespace !== undefined ? { namespace } : {};
    return this.#cluster.client.create(type, { ...template, metadata: { ...template.metadata, ...place } });
  }

  async #churn(step: Extract<Step, { readonly opcode: 'churn' }>): Promise<void> {
    const made: KubernetesObject[] = [];
    const kept = (step.number ?? 0) * step.templatePaths.length;
    while (!this.#stopped) {
      for (const path of step.templatePaths) made.push(await this.#create(readTemplate(path), 'default'));
      while (step.mode === 'recreate' && made.length > kept) {
        const { kind, metadata } = made.shift() as KubernetesObject;
        const type = TYPES.get(kind);
        if (type !== undefined)
          await this.#cluster.client.delete(type, {
            name: metadata.name ?? '',
            namespace: metadata.namespace,
          });
      }
      await pause(step.intervalMilliseconds);
    }
  }

  async #deletePods(namespace: string, perSecond: number): Promise<void> {
    const { items } = await this.#cluster.client.list(pods, { namespace });
    for (const { metadata } of items) {
      if (this.#stopped) return;
      await this.#cluster.client.delete(
        pods,
        { namespace, name: metadata.name ?? '' },
        { gracePeriodSeconds: 0 },
      );
      await pause(1000 / perSecond);
    }
  }
}

/** Calls `run` with 0, 1, … `count - 1`, some at a time. */
async function times(count: number, run: (i: number) => Promise<void>, atOnce = CREATING): Promise<void> {
  let next = 0;
  const work = async (): Promise<void> => {
    while (next < count) await run(next++);
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, count) }, work));
}
