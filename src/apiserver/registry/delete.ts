/**
 * Deletion: at once, gracefully (a pod stops first), or held by finalizers. The propagation policy is only
 * written down as finalizers here; the garbage collector acts on them.
 *
 * Matches upstream's `rest.BeforeDelete` and `deletionFinalizersForGarbageCollection`.
 */

import { formatTime } from '../../api/time/time.ts';
import { conflictError, notFoundError, STALE_OBJECT } from '../../api/meta/api-error.ts';
import type { KubernetesObject } from '../../api/meta/object.ts';
import type { Resource } from '../../api/resource.ts';
import type { JsonObject } from '../../api/schema/schema.ts';
import type { DeleteRequest } from '../../client/client.ts';
import type { Outcome, RequestContext, Target } from '../../client/operation.ts';
import type { Clock } from '../../host/host.ts';
import type { Entry, Store } from '../../store/store.ts';
import type { AdmissionChain } from '../admission/admission.ts';
import { deleteOptions } from './admission-requests.ts';
import type { Companions } from './companions.ts';
import { objectStoreKey } from './keys.ts';
import { withMetadata, withoutMetadata } from './metadata.ts';
import { commitFitting } from './object-size.ts';
import { entryFromStored, oneFromStored, toStored } from './stored-form.ts';
import { isFinished } from './written-object.ts';

const CONFLICT_RETRIES_MAX = 10;

export interface DeleteParts {
  readonly store: Store<KubernetesObject>;
  readonly admission: AdmissionChain;
  readonly companions: Companions;
  readonly clock: Clock;
}

export async function deleteObject(
  parts: DeleteParts,
  resource: Resource,
  target: Target,
  options: DeleteRequest,
  context: RequestContext,
  served?: Resource,
  isOneOfMany = false,
): Promise<Outcome> {
  const key = objectStoreKey(resource, target.namespace, target.name);
  const { orphansByDefault } = resource.definition;
  if (orphansByDefault !== undefined && options.propagationPolicy === undefined)
    context.warn(orphansByDefault);
  for (let attempt = 1; ; attempt++) {
    const stored = parts.store.get(key);
    if (stored === undefined) throw notFoundError(resource.subject, target.name);
    const entry = await entryFromStored(resource, stored);
    checkPreconditions(resource, target.name, options, entry.value);
    await parts.admission.admitDeletion({
      operation: 'DELETE',
      resource,
      served,
      target,
      object: undefined,
      oldObject: entry.value,
      dryRun: options.dryRun === true,
      context,
      options: deleteOptions(options),
      isUnnamed: isOneOfMany,
    });
    const plan = planDeletion(resource, entry.value, options, parts.clock.now());
    if (plan.type === 'none' || options.dryRun === true)
      return answer(resource, plan.type === 'remove', plan.object);
    const outcome = await commit(parts, resource, entry, plan);
    if (outcome !== undefined) return answer(resource, plan.type === 'remove', outcome);
    if (attempt >= CONFLICT_RETRIES_MAX) throw conflictError(resource.subject, target.name, STALE_OBJECT);
  }
}

export type DeletionPlan =
  | { readonly type: 'remove'; readonly object: KubernetesObject }
  | { readonly type: 'mark'; readonly object: KubernetesObject }
  /** Already on its way, and this request does not hasten it. */
  | { readonly type: 'none'; readonly object: KubernetesObject };

/** Pure: what a deletion does to an object. */
export function planDeletion(
  resource: Resource,
  object: KubernetesObject,
  options: DeleteRequest,
  nowMs: number,
): DeletionPlan {
  const { definition } = resource;
  const graceSeconds = graceOf(resource, object, options.gracePeriodSeconds);
  const finalizers = finalizersFor(
    object,
    options.propagationPolicy,
    definition.orphansByDefault !== undefined,
  );
  const withFinalizers = sameList(finalizers, object.metadata.finalizers ?? [])
    ? object
    : finalizers.length === 0
      ? withoutMetadata(object, 'finalizers')
      : withMetadata(object, { finalizers });
  const terminating = object.metadata.deletionTimestamp !== undefined;
  const marked = terminating
    ? hasten(withFinalizers, graceSeconds, nowMs)
    : markDeleted(definition.prepareForDelete?.(withFinalizers) ?? withFinalizers, graceSeconds, nowMs);
  if (isFinished(resource, marked)) return { type: 'remove', object };
  return marked === object ? { type: 'none', object } : { type: 'mark', object: marked };
}

function graceOf(resource: Resource, object: KubernetesObject, requested: number | undefined): number {
  const { definition } = resource;
  if (definition.deletionGraceSeconds === undefined) return 0;
  // A negative period means "as soon as possible, but through the node" upstream: one second.
  const asked = requested !== undefined && requested < 0 ? 1 : requested;
  return definition.deletionGraceSeconds(object, asked);
}

function markDeleted(object: KubernetesObject, graceSeconds: number, nowMs: number): KubernetesObject {
  const { generation } = object.metadata;
  return withMetadata(object, {
    deletionTimestamp: formatTime(nowMs + graceSeconds * 1000),
    deletionGracePeriodSeconds: graceSeconds,
    ...(generation === undefined ? {} : { generation: generation + 1 }),
  });
}

/** A second deletion can only shorten the grace period. */
function hasten(object: KubernetesObject, graceSeconds: number, nowMs: number): KubernetesObject {
  const { deletionGracePeriodSeconds: current = 0, deletionTimestamp = '' } = object.metadata;
  if (graceSeconds >= current) return object;
  // The period counts from the first deletion, so the new end may lie in the past already.
  const first = Date.parse(deletionTimestamp) - current * 1000;
  const end = Math.max(first + graceSeconds * 1000, nowMs);
  return withMetadata(object, {
    deletionTimestamp: formatTime(graceSeconds === 0 ? nowMs : end),
    deletionGracePeriodSeconds: graceSeconds,
  });
}

function finalizersFor(
  object: KubernetesObject,
  policy: DeleteRequest['propagationPolicy'],
  orphansByDefault: boolean,
): readonly string[] {
  const present = object.metadata.finalizers ?? [];
  const others = present.filter((f) => f !== 'orphan' && f !== 'foregroundDeletion');
  if (policy === undefined) {
    const isUndecided = others.length === present.length;
    return orphansByDefault && isUndecided ? [...present, 'orphan'] : present;
  }
  switch (policy) {
    case 'Orphan':
      return [...others, 'orphan'];
    case 'Foreground':
      return [...others, 'foregroundDeletion'];
    case 'Background':
      return others;
  }
}

function sameList(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((item, i) => item === b[i]);
}

export function checkPreconditions(
  resource: Resource,
  name: string,
  { preconditions }: DeleteRequest,
  object: KubernetesObject,
): void {
  const { uid = '', resourceVersion = '' } = object.metadata;
  const refuse = (what: string, wanted: string, found: string, since: string): never => {
    const why = `the ${what} in the precondition (${wanted}) does not match the ${what} in record (${found})`;
    throw conflictError(resource.kindSubject, name, `${why}. The object might have been ${since}`);
  };
  if (preconditions?.uid !== undefined && preconditions.uid !== uid) {
    refuse('UID', preconditions.uid, uid, 'deleted and then recreated');
  }
  if (preconditions?.resourceVersion !== undefined && preconditions.resourceVersion !== resourceVersion) {
    refuse('ResourceVersion', preconditions.resourceVersion, resourceVersion, 'modified');
  }
}

async function commit(
  parts: DeleteParts,
  resource: Resource,
  entry: Entry<KubernetesObject>,
  plan: Exclude<DeletionPlan, { type: 'none' }>,
): Promise<KubernetesObject | undefined> {
  const { key, modRevision } = entry;
  const own =
    plan.type === 'remove'
      ? ({ type: 'delete', key } as const)
      : ({ type: 'put', key, value: await toStored(resource, plan.object) } as const);
  const others = plan.type === 'remove' ? parts.companions.release(resource, entry.value) : [];
  const outcome = await commitFitting(parts.store, [own, ...others], [{ key, modRevision }]);
  if (!outcome.ok) return undefined;
  const written = outcome.entries[0];
  return written === undefined ? plan.object : oneFromStored(resource, written.value);
}

function answer(resource: Resource, removed: boolean, object: KubernetesObject): Outcome {
  if (!removed) return { type: 'object', object, created: false };
  const { group, plural } = resource.definition;
  const details: JsonObject = {
    name: object.metadata.name,
    ...(group === '' ? {} : { group }),
    kind: plural,
    uid: object.metadata.uid,
  };
  const status: JsonObject = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', details };
  return { type: 'status', status };
}
