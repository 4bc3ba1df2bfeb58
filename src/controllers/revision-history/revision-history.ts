/**
 * The history of a workload's template: what a ControllerRevision holds and is called, which one stands for
 * the present template, and which ones are old enough to go. Pure; shared by StatefulSets and DaemonSets.
 *
 * The data is the patch that brings a template back, as upstream stores it and as `kubectl rollout undo`
 * sends it: `{"spec":{"template":{"$patch":"replace", ...}}}`. Its fields stand in the order of their names,
 * because kubectl compares it byte by byte.
 *
 * Example: revisions 1 (image a) and 2 (image b). Back to image a: revision 1 is found equal and becomes 3.
 * On to image c: none is equal, so revision 4 is made. With a limit of 1, revision 2 goes first, as soon as
 * no pod runs it.
 */

import { defaultPodTemplate } from '../../api/groups/core/pod/pod-defaults.ts';
import { deepEqual } from '../../api/meta/equal.ts';
import type { KubernetesObject } from '../../api/meta/object.ts';
import type { JsonObject } from '../../api/schema/schema.ts';
import { timeMs } from '../../api/time/time.ts';
import type {
  Container,
  ControllerRevision,
  LabelSelector,
  OwnerReference,
  PodSpec,
  PodTemplateSpec,
} from '../../api/types.gen.ts';
import { canonicalJson, templateHash } from '../pod-template/template-hash.ts';

/** Upstream cuts names there, so that the hash fits behind them. */
const NAME_PREFIX_MAX = 223;
export const REVISIONS_KEPT_DEFAULT = 10;

/** A workload with a history. */
export interface Revised extends KubernetesObject {
  readonly spec: {
    readonly selector: LabelSelector;
    readonly template: PodTemplateSpec;
    readonly revisionHistoryLimit?: number;
  };
  readonly status: { readonly collisionCount?: number };
}

export function revisionData(template: PodTemplateSpec): JsonObject {
  const text = canonicalJson({ spec: { template: { ...template, $patch: 'replace' } } });
  return JSON.parse(text) as JsonObject;
}

/** The template that a revision brings back; undefined when it holds none. */
export function templateOf({ data }: ControllerRevision): PodTemplateSpec | undefined {
  const { template } = (data['spec'] ?? {}) as { readonly template?: unknown };
  if (typeof template !== 'object' || template === null || !('spec' in template)) return undefined;
  const { $patch: _patch, metadata, spec } = template as Partial<PodTemplateSpec> & { $patch?: string };
  if (spec === undefined || !Array.isArray(spec.containers)) return undefined;
  return { metadata: metadata ?? {}, spec: withResources(spec) };
}

/** Data are as they were sent; what every container has when it is read may be missing. */
function withResources(spec: PodSpec): PodSpec {
  const complete = (container: Partial<Container>): Container =>
    ({ resources: {}, ...container }) as Container;
  const { containers, initContainers } = spec;
  return {
    ...spec,
    containers: containers.map(complete),
    ...(initContainers === undefined ? {} : { initContainers: initContainers.map(complete) }),
  };
}

/** The owner as it was at a revision. */
export function withRevision<T extends Revised>(owner: T, revision: ControllerRevision): T {
  const template = templateOf(revision);
  if (template === undefined || deepEqual(template, owner.spec.template)) return owner;
  return { ...owner, spec: { ...owner.spec, template } };
}

/**
 * Whether a revision holds this template. What only lacks defaults is the same (upstream's semantic
 * comparison), else a new server's defaults would roll out every set.
 */
export function holds(revision: ControllerRevision, template: PodTemplateSpec): boolean {
  const held = templateOf(revision);
  if (held === undefined) return false;
  return deepEqual(held, template) || deepEqual(defaultPodTemplate(held), template);
}

/** The oldest first. */
export function sortedRevisions(revisions: readonly ControllerRevision[]): readonly ControllerRevision[] {
  return revisions.toSorted(
    (a, b) => a.revision - b.revision || createdMs(a) - createdMs(b) || (nameOf(a) < nameOf(b) ? -1 : 1),
  );
}

function createdMs({ metadata }: ControllerRevision): number {
  return metadata.creationTimestamp === undefined ? 0 : timeMs(metadata.creationTimestamp);
}

export function nameOf({ metadata }: KubernetesObject): string {
  return metadata.name ?? '';
}

export interface Renumbering {
  readonly present: ControllerRevision;
  readonly revision: number;
}

/**
 * What makes numbers of sorted revisions differ again, the newest first. Two get one number when the maker of
 * one died, and its successor had not heard of it yet; `kubectl rollout undo` would find only one of them.
 *
 * Example: a 2, b 2, c 3. First c becomes 4, then b 3.
 */
export function distinctNumbers(revisions: readonly ControllerRevision[]): readonly Renumbering[] {
  const changes: Renumbering[] = [];
  let last = Number.NEGATIVE_INFINITY;
  for (const present of revisions) {
    const revision = Math.max(present.revision, last + 1);
    if (revision !== present.revision) changes.unshift({ present, revision });
    last = revision;
  }
  return changes;
}

export type RevisionPlan =
  | { readonly type: 'keep'; readonly present: ControllerRevision }
  /** An old template is the present one again. */
  | ({ readonly type: 'renumber' } & Renumbering)
  | { readonly type: 'create'; readonly revision: number };

/** `revisions` sorted. Of several equal ones the last counts. */
export function planRevision(
  revisions: readonly ControllerRevision[],
  template: PodTemplateSpec,
): RevisionPlan {
  const last = revisions.at(-1);
  const present = revisions.findLast((revision) => holds(revision, template));
  const revision = (last?.revision ?? 0) + 1;
  if (present === undefined) return { type: 'create', revision };
  return present === last ? { type: 'keep', present } : { type: 'renumber', present, revision };
}

export interface NewRevision {
  readonly owner: Revised;
  /** Makes the owner its controller. */
  readonly reference: OwnerReference;
  /** The label that bears the hash. */
  readonly hashLabel: string;
  readonly revision: number;
  /** How many names were taken by others; each gives another hash. */
  readonly collisionCount: number;
}

export function newRevision(options: NewRevision): ControllerRevision {
  const { owner, reference, hashLabel, revision, collisionCount } = options;
  const { template } = owner.spec;
  const { namespace, annotations } = owner.metadata;
  const hash = templateHash(template, collisionCount === 0 ? undefined : collisionCount);
  return {
    apiVersion: 'apps/v1',
    kind: 'ControllerRevision',
    metadata: {
      name: `${nameOf(owner).slice(0, NAME_PREFIX_MAX)}-${hash}`,
      ...(namespace === undefined ? {} : { namespace }),
      labels: { ...template.metadata.labels, [hashLabel]: hash },
      ...(annotations === undefined ? {} : { annotations }),
      ownerReferences: [reference],
    },
    data: revisionData(template),
    revision,
  };
}

/**
 * The revisions beyond the limit that nothing needs, the oldest first. `counted` says whether those in use
 * count towards the limit.
 */
export function surplusRevisions(
  past: readonly ControllerRevision[],
  isUsed: (revision: ControllerRevision) => boolean,
  limit: number,
  counted: 'all' | 'unused',
): readonly ControllerRevision[] {
  const unused = sortedRevisions(past).filter((revision) => !isUsed(revision));
  const count = (counted === 'all' ? past.length : unused.length) - limit;
  return limit < 0 ? [] : unused.slice(0, Math.max(0, count));
}
