/** The cases of `cases.yaml`: upstream's vocabulary for scheduler benchmarks, as far as they use it. */

import { readFileSync } from 'node:fs';
import { load } from 'js-yaml';
import type { FeatureGates } from '../../src/scheduler/configuration/feature-gates.ts';
import type { KubernetesObject } from '../../src/api/meta/object.ts';

const FOLDER = new URL('.', import.meta.url);

export interface Case {
  readonly name: string;
  readonly defaultPodTemplatePath?: string;
  /** Off by default, by name. */
  readonly featureGates?: Partial<FeatureGates>;
  readonly workloadTemplate: readonly Step[];
  readonly workloads: readonly Workload[];
}

export interface Workload {
  readonly name: string;
  /** Pods per second at which upstream's CI fails; absent where it does not look. */
  readonly threshold?: number;
  readonly goalTimes?: number;
  readonly params: Readonly<Record<string, number>>;
}

interface Counted {
  readonly count?: number;
  /** `$name` of a parameter. */
  readonly countParam?: string;
  /** So many for each, by the `$name` of a parameter. */
  readonly countMultiplierParam?: string;
}

/** What templates call `.name`, each by the `$name` of a parameter. */
export type TemplateParams = Readonly<Record<string, string>>;

export interface CreatePods extends Counted {
  readonly opcode: 'createPods';
  readonly podTemplatePath?: string;
  readonly templateParams?: TemplateParams;
  readonly namespace?: string;
  readonly collectMetrics?: boolean;
  readonly skipWaitToCompletion?: boolean;
  /** For so long (`10s`) pods are created, waited for, deleted and created again. */
  readonly steadyState?: boolean;
  readonly durationSeconds?: number;
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
  | (Counted & {
      readonly opcode: 'createAny';
      readonly namespace?: string;
      readonly templatePath: string;
    })
  | (Counted & {
      readonly opcode: 'createPodGroups';
      readonly namespace: string;
      readonly templatePath: string;
      readonly templateParams?: TemplateParams;
    })
  /** Devices on the nodes whose names begin so. */
  | {
      readonly opcode: 'createResourceDriver';
      readonly driverName: string;
      /** `prefix*` */
      readonly nodes: string;
      readonly maxClaimsPerNodeParam: string;
    }
  | { readonly opcode: 'allocResourceClaims'; readonly namespace: string }
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

/** `index` stands in for what upstream's templates call `.Index`, `values` for what they call by other names. */
export function readTemplate(path: string, index = 0, values: Values = {}): KubernetesObject {
  return load(filledIn(templateText(path), index, values)) as KubernetesObject;
}

export type Values = Readonly<Record<string, number>>;

export function valuesOf(named: TemplateParams | undefined, params: Workload['params']): Values {
  return Object.fromEntries(
    Object.entries(named ?? {}).map(([name, param]) => [name, valueOf(param, params)]),
  );
}

const texts = new Map<string, string>();

function templateText(path: string): string {
  let text = texts.get(path);
  if (text === undefined) texts.set(path, (text = readFileSync(new URL(path, FOLDER), 'utf8')));
  return text;
}

function filledIn(text: string, index: number, values: Values): string {
  const named = Object.entries(values).reduce(
    (before, [name, value]) =>
      before.replaceAll(`{{.${name}}}`, String(value)).replaceAll(` .${name}}}`, ` ${value}}}`),
    text,
  );
  return named
    .replaceAll('{{.Index}}', String(index))
    .replaceAll(/\{\{DivideInt \.Index (\d+)\}\}/g, (_, by: string) =>
      String(Math.trunc(index / Number(by))),
    );
}

/** Whether objects made from it differ. */
export function isNumbered(path: string): boolean {
  return templateText(path).includes('.Index');
}

/** Controllers run only where they are needed, as they cost something. */
export function usesDevices({ workloadTemplate }: Case): boolean {
  return workloadTemplate.some(({ opcode }) => opcode === 'createResourceDriver');
}

export function countOf(
  { count, countParam = '', countMultiplierParam }: Counted,
  params: Workload['params'],
): number {
  const times = countMultiplierParam === undefined ? 1 : valueOf(countMultiplierParam, params);
  return (count ?? valueOf(countParam, params)) * times;
}

/** Of `$name`. */
function valueOf(param: string, params: Workload['params']): number {
  const value = params[param.slice(1)];
  if (value === undefined) throw new Error(`no parameter ${param}`);
  return value;
}
