/** A namespace as the explanations look at it: its objects, by owner and by what they are about. */

import { timeMs } from '../api/time/time.ts';
import type { KubernetesObject } from '../api/meta/object.ts';
import type {
  Event,
  Job,
  PersistentVolumeClaim,
  Pod,
  PodDisruptionBudget,
  ReplicaSet,
  StorageClass,
} from '../api/types.gen.ts';

export interface Neighbourhood {
  readonly nowMs: number;
  readonly pods: readonly Pod[];
  readonly replicaSets: readonly ReplicaSet[];
  readonly jobs: readonly Job[];
  readonly events: readonly Event[];
  readonly claims: readonly PersistentVolumeClaim[];
  readonly budgets: readonly PodDisruptionBudget[];
  readonly storageClasses: readonly StorageClass[];
  /** Names of nodes that take no new pods. */
  readonly cordoned: ReadonlySet<string>;
  /** Names of nodes that are not ready, with why. */
  readonly unready: ReadonlyMap<string, string>;
}

export class Graph {
  readonly all: Neighbourhood;
  readonly #pods: ReadonlyMap<string, readonly Pod[]>;
  readonly #sets: ReadonlyMap<string, readonly ReplicaSet[]>;
  readonly #jobs: ReadonlyMap<string, readonly Job[]>;
  readonly #warnings: ReadonlyMap<string, readonly Event[]>;

  constructor(all: Neighbourhood) {
    this.all = all;
    this.#pods = byOwner(all.pods);
    this.#sets = byOwner(all.replicaSets);
    this.#jobs = byOwner(all.jobs);
    const newestFirst = all.events
      .filter(({ type }) => type === 'Warning')
      .toSorted((a, b) => lastMs(b) - lastMs(a));
    this.#warnings = Map.groupBy(newestFirst, ({ involvedObject }) => involvedObject.uid ?? '');
  }

  podsOf({ metadata }: KubernetesObject): readonly Pod[] {
    return this.#pods.get(metadata.uid ?? '') ?? [];
  }

  replicaSetsOf({ metadata }: KubernetesObject): readonly ReplicaSet[] {
    return this.#sets.get(metadata.uid ?? '') ?? [];
  }

  jobsOf({ metadata }: KubernetesObject): readonly Job[] {
    return this.#jobs.get(metadata.uid ?? '') ?? [];
  }

  /** The newest first; of these reasons, or of any. */
  warnings({ metadata }: KubernetesObject, reasons: readonly string[] = []): readonly Event[] {
    const all = this.#warnings.get(metadata.uid ?? '') ?? [];
    return reasons.length === 0 ? all : all.filter(({ reason = '' }) => reasons.includes(reason));
  }

  claim(name: string): PersistentVolumeClaim | undefined {
    return this.all.claims.find(({ metadata }) => metadata.name === name);
  }
}

function byOwner<T extends KubernetesObject>(objects: readonly T[]): ReadonlyMap<string, readonly T[]> {
  return Map.groupBy(
    objects,
    ({ metadata }) => metadata.ownerReferences?.find(({ controller }) => controller === true)?.uid ?? '',
  );
}

export function lastMs({ lastTimestamp, eventTime, metadata }: Event): number {
  const time = lastTimestamp ?? eventTime ?? metadata.creationTimestamp;
  return time === undefined ? 0 : timeMs(time);
}
