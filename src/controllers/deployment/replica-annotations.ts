/**
 * What a Deployment writes down on its ReplicaSets: the revision, former revisions of the same template, and
 * how many replicas were wanted when the set was last scaled (so that a scaled Deployment can be told from a
 * rolling one). Pure; names and rules are upstream's `deployment/util`.
 */

import type { Deployment, ObjectMeta, ReplicaSet } from '../../api/types.gen.ts';

export const REVISION = 'deployment.kubernetes.io/revision';
const REVISION_HISTORY = 'deployment.kubernetes.io/revision-history';
const DESIRED_REPLICAS = 'deployment.kubernetes.io/desired-replicas';
const MAX_REPLICAS = 'deployment.kubernetes.io/max-replicas';
const ROLLBACK_TO = 'deprecated.deployment.rollback.to';
const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';

/** Upstream's bound of the history annotation. */
const HISTORY_MAX_CHARACTERS = 2_000;

const NOT_COPIED: ReadonlySet<string> = new Set([
  LAST_APPLIED,
  REVISION,
  REVISION_HISTORY,
  DESIRED_REPLICAS,
  MAX_REPLICAS,
  ROLLBACK_TO,
]);

type Annotations = NonNullable<ObjectMeta['annotations']>;

/** Revisions are 64 bits wide upstream, and whoever wrote them by hand may have used them all. */
export function revisionOf({ metadata }: { readonly metadata: ObjectMeta }): bigint {
  const text = metadata.annotations?.[REVISION] ?? '';
  return /^-?\d{1,19}$/.test(text) ? BigInt(text) : 0n;
}

export function maxRevision(sets: readonly ReplicaSet[]): bigint {
  return sets.map(revisionOf).reduce((max, revision) => (revision > max ? revision : max), 0n);
}

export function compareRevisions(a: ReplicaSet, b: ReplicaSet): number {
  const [one, other] = [revisionOf(a), revisionOf(b)];
  return one < other ? -1 : one > other ? 1 : 0;
}

export function desiredReplicas(set: ReplicaSet): number | undefined {
  return integerAnnotation(set.metadata, DESIRED_REPLICAS);
}

export function maxReplicas(set: ReplicaSet): number | undefined {
  return integerAnnotation(set.metadata, MAX_REPLICAS);
}

function integerAnnotation({ annotations }: ObjectMeta, name: string): number | undefined {
  const text = annotations?.[name];
  return text !== undefined && /^-?\d+$/.test(text) ? Number(text) : undefined;
}

/** The same object when nothing changes. */
export function withReplicaAnnotations(set: ReplicaSet, desired: number, max: number): ReplicaSet {
  return withAnnotations(set, { [DESIRED_REPLICAS]: String(desired), [MAX_REPLICAS]: String(max) });
}

export function withAnnotations<T extends { readonly metadata: ObjectMeta }>(
  object: T,
  added: Annotations,
): T {
  const present = object.metadata.annotations ?? {};
  if (Object.entries(added).every(([name, value]) => present[name] === value)) return object;
  return { ...object, metadata: { ...object.metadata, annotations: { ...present, ...added } } };
}

/** The annotations that the set with the current template carries; the same set when it has them. */
export function withRevision(set: ReplicaSet, deployment: Deployment, revision: bigint): ReplicaSet {
  const own = Object.entries(deployment.metadata.annotations ?? {}).filter(([name]) => !NOT_COPIED.has(name));
  const copied = withAnnotations(set, Object.fromEntries(own));
  const present = set.metadata.annotations ?? {};
  const former = present[REVISION];
  if (former !== undefined && former !== '' && !/^-?\d+$/.test(former)) return copied;
  if (revisionOf(set) >= revision) return copied;
  const history = former === undefined ? undefined : extendHistory(present[REVISION_HISTORY] ?? '', former);
  return withAnnotations(copied, {
    [REVISION]: String(revision),
    ...(history === undefined ? {} : { [REVISION_HISTORY]: history }),
  });
}

/** The oldest entries make room for new ones. */
function extendHistory(history: string, revision: string): string {
  const revisions = history === '' ? [] : history.split(',');
  revisions.push(revision);
  while (revisions.length > 1 && revisions.join(',').length > HISTORY_MAX_CHARACTERS) revisions.shift();
  return revisions.join(',');
}
