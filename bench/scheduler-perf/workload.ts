/** The cases of `cases.yaml`: upstream's vocabulary for scheduler benchmarks, as far as they use it. */

import { readFileSync } from 'node:fs';
import { load } from 'js-yaml';
import type { KubernetesObject } from '../../src/api/meta/object.ts';

const FOLDER = new URL('.', import.meta.url);

export interface Case {
  readonly name: string;
  readonly defaultPodTemplatePath?: string;
  readonly workloadTemplate: readonly Step[];
  readonly workloads: readonly Workload[];
}

export interface Workload {
  readonly name: string;
  /** Pods per second at which upstream's CI fails. */
  readonly threshold: number;
  readonly goalTimes: number;
  readonly params: Readonly<Record<string, number>>;
}

interface Counted {
  readonly count?: number;
  /** `$name` of a parameter. */
  readonly countParam?: string;
}

export interface CreatePods extends Counted {
  readonly opcode: 'createPods';
  readonly podTemplatePath?: string;
  readonly namespace?: string;
  readonly collectMetrics?: boolean;
  readonly skipWaitToCompletion?: boolean;
  /** Each pod has a claim of its own, bound to a volume of its own. */
  readonly persistentVolumeTemplatePath?: string;
  readonly persistentVolumeClaimTemplatePath?: string;
}

export interface CreateNodes extends Counted {
  readonly opcode: 'createNodes';
  readonly nodeTemplatePath?: string;
  readonly labelNodePrepareStrategy?: { readonly labelKey: string; readonly labelValues: readonly string[] };
  /** What CSI drivers say of each node. */
  readonly nodeAllocatableStrategy?: {
    readonly csiNodeAllocatable: Readonly<Record<string, { readonly count: number }>>;
    readonly migratedPlugins?: readonly string[];
  };
}

export type Step =
  | CreateNodes
  | CreatePods
  | (Counted & {
      readonly opcode: 'createNamespaces';
      readonly prefix: string;
      readonly namespaceTemplatePath?: string;
    })
  | (Counted & {
      readonly opcode: 'createPodSets';
      readonly namespacePrefix: string;
      readonly createPodsOp: CreatePods;
    })
  | { readonly opcode: 'createAny'; readonly namespace: string; readonly templatePath: string }
  | {
      readonly opcode: 'churn';
      /** `recreate`: the last `number` of each template are deleted again. */
      readonly mode: 'create' | 'recreate';
      readonly number?: number;
      readonly templatePaths: readonly string[];
      readonly intervalMilliseconds: number;
    }
  | { readonly opcode: 'deletePods'; readonly namespace: string; readonly deletePodsPerSecond: number };

export function readCases(): readonly Case[] {
  return load(readFileSync(new URL('cases.yaml', FOLDER), 'utf8')) as readonly Case[];
}

export function readTemplate(path: string): KubernetesObject {
  return load(readFileSync(new URL(path, FOLDER), 'utf8')) as KubernetesObject;
}

export function countOf({ count, countParam }: Counted, params: Workload['params']): number {
  const value = count ?? params[(countParam ?? '').slice(1)];
  if (value === undefined) throw new Error(`no parameter ${countParam ?? ''}`);
  return value;
}
