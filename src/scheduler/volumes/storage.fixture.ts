/** For tests: nodes, pods and what storage consists of, with just what the scheduler looks at. */

import type {
  CSIDriver,
  CSINode,
  CSIStorageCapacity,
  Node,
  PersistentVolume,
  PersistentVolumeClaim,
  PersistentVolumeSpec,
  Pod,
  StorageClass,
  VolumeAttachment,
} from '../../api/types.gen.ts';
import type { KubernetesObject } from '../../api/meta/object.ts';
import { ListedInformers } from '../../client/informer/listed-informers.fixture.ts';
import { SchedulerCache } from '../cache/cache.ts';
import { decide } from '../cycle.ts';
import { defaultPlugins, type PluginContext } from '../plugins/catalog.ts';
import { contextOf } from '../plugins/context.fixture.ts';
import { Profile } from '../profile.ts';

type Labels = { readonly [key: string]: string };

export function node(name: string, labels: Labels = {}): Node {
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name, labels: { 'kubernetes.io/hostname': name, ...labels } },
    spec: {},
    status: { allocatable: { cpu: '8', memory: '8Gi', pods: '100' } },
  } as unknown as Node;
}

/** A claim that it names is a volume of the pod; objects are volumes themselves. */
export function pod(name: string, ...volumes: readonly (string | object)[]): Pod {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { namespace: 'default', name, uid: `uid-${name}` },
    spec: {
      containers: [{ name: 'c', image: 'i', resources: {} }],
      volumes: volumes.map((volume, i) => ({
        name: `v${i}`,
        ...(typeof volume === 'string' ? { persistentVolumeClaim: { claimName: volume } } : volume),
      })),
    },
    status: {},
  } as unknown as Pod;
}

export interface ClaimInput {
  readonly className?: string;
  /** Bound to this volume. */
  readonly volume?: string;
  readonly size?: string;
  readonly modes?: PersistentVolumeSpec['accessModes'];
  readonly metadata?: PersistentVolumeClaim['metadata'];
}

export function claim(name: string, input: ClaimInput = {}): PersistentVolumeClaim {
  const { className = 'late', volume: volumeName, size = '1Gi', modes, metadata } = input;
  const annotations = volumeName === undefined ? {} : { 'pv.kubernetes.io/bind-completed': 'yes' };
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: {
      namespace: 'default',
      name,
      uid: `uid-${name}`,
      resourceVersion: '1',
      annotations,
      ...metadata,
    },
    spec: {
      storageClassName: className,
      accessModes: modes ?? ['ReadWriteOnce'],
      resources: { requests: { storage: size } },
      ...(volumeName === undefined ? {} : { volumeName }),
    },
    status: { phase: volumeName === undefined ? 'Pending' : 'Bound' },
  };
}

export interface VolumeInput {
  readonly className?: string;
  readonly size?: string;
  /** Reachable from this node only. */
  readonly on?: string;
  readonly labels?: Labels;
  readonly source?: Partial<PersistentVolumeSpec>;
}

export function volume(name: string, input: VolumeInput = {}): PersistentVolume {
  const { className = 'late', size = '1Gi', on, labels = {}, source } = input;
  const values = on === undefined ? [] : [on];
  const term = { matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'In' as const, values }] };
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name, resourceVersion: '1', labels },
    spec: {
      capacity: { storage: size },
      accessModes: ['ReadWriteOnce'],
      storageClassName: className,
      ...(on === undefined ? {} : { nodeAffinity: { required: { nodeSelectorTerms: [term] } } }),
      ...source,
    },
    status: { phase: 'Available' },
  };
}

export function csiVolume(name: string, driver = 'd', input: VolumeInput = {}): PersistentVolume {
  return volume(name, { ...input, source: { csi: { driver, volumeHandle: `handle-${name}` } } });
}

export function storageClass(
  name: string,
  provisioner: string,
  more: Partial<StorageClass> = {},
): StorageClass {
  return {
    apiVersion: 'storage.k8s.io/v1',
    kind: 'StorageClass',
    metadata: { name },
    provisioner,
    volumeBindingMode: 'WaitForFirstConsumer',
    ...more,
  };
}

/** With the most volumes that each driver takes there. */
export function csiNode(name: string, limits: Readonly<Record<string, number>>, migrated = ''): CSINode {
  const annotations = { 'storage.alpha.kubernetes.io/migrated-plugins': migrated };
  return {
    apiVersion: 'storage.k8s.io/v1',
    kind: 'CSINode',
    metadata: { name, annotations },
    spec: {
      drivers: Object.entries(limits).map(([driver, count]) => ({
        name: driver,
        nodeID: name,
        topologyKeys: [],
        allocatable: { count },
      })),
    },
  };
}

export function attachment(nodeName: string, volumeName: string, attacher = 'd'): VolumeAttachment {
  return {
    apiVersion: 'storage.k8s.io/v1',
    kind: 'VolumeAttachment',
    metadata: { name: `${nodeName}-${volumeName}` },
    spec: { attacher, nodeName, source: { persistentVolumeName: volumeName } },
    status: { attached: true },
  };
}

export function csiDriver(name: string, storageCapacity: boolean): CSIDriver {
  return {
    apiVersion: 'storage.k8s.io/v1',
    kind: 'CSIDriver',
    metadata: { name },
    spec: { storageCapacity },
  };
}

export function capacity(
  name: string,
  className: string,
  on: string,
  more: Partial<CSIStorageCapacity>,
): CSIStorageCapacity {
  return {
    apiVersion: 'storage.k8s.io/v1',
    kind: 'CSIStorageCapacity',
    metadata: { namespace: 'default', name },
    storageClassName: className,
    nodeTopology: { matchLabels: { 'kubernetes.io/hostname': on } },
    ...more,
  };
}

export interface TestStorage {
  readonly cache: SchedulerCache;
  readonly informers: ListedInformers;
  readonly context: PluginContext;
  readonly profile: Profile;
  /** The name of the node that the pod gets, where it then counts, or why it gets none. */
  place(pod: Pod): string;
  /** Counts the pod on a node, whatever anybody says. */
  put(pod: Pod, nodeName: string): void;
}

/** Nodes are the scheduler's; everything else is what its informers show. */
export function storageOf(...objects: readonly KubernetesObject[]): TestStorage {
  const cache = new SchedulerCache();
  const informers = new ListedInformers();
  for (const object of objects) {
    if (object.kind === 'Node') cache.setNode(object as Node);
    else informers.set(object);
  }
  const context = contextOf(cache, informers);
  const profile = new Profile({ schedulerName: 's', plugins: defaultPlugins(context) });
  return {
    cache,
    informers,
    context,
    profile,
    put: (one, nodeName) => cache.assume(one, nodeName),
    place: (one) => {
      const decision = decide({ pod: one, cache, profile, start: 0, integer: () => 0 });
      if (decision.outcome === 'none') return decision.message.replace(/^.*available: /, '');
      cache.assume(one, decision.node.name);
      return decision.node.name;
    },
  };
}
