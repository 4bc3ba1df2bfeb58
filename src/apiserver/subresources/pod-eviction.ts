/**
 * `pods/eviction`: asks a pod to leave, and is refused while a PodDisruptionBudget would be violated.
 * Upstream's
 * `EvictionREST`: pods that do not serve anyway go without asking; otherwise one disruption is taken from the
 * budget first, so that two evictions at once cannot use the same one.
 */

import { fromLabelSelector, matches } from '../../api/labels/selector.ts';
import { ApiError, badRequestError, internalError, notFoundError } from '../../api/meta/api-error.ts';
import type { KubernetesObject } from '../../api/meta/object.ts';
import type { Eviction, Pod, PodDisruptionBudget } from '../../api/types.gen.ts';
import type { DeleteRequest } from '../../client/client.ts';
import type { Outcome } from '../../client/operation.ts';
import { prefixRange, type Entry, type Store } from '../../store/store.ts';
import { deleteObject } from '../registry/delete.ts';
import { objectStoreKey } from '../registry/keys.ts';
import { timestamp } from '../registry/metadata.ts';
import type { SubresourceCall, SubresourceHandler } from './subresource.ts';
import { bodyType, decodeCreated, type Schemas } from './subresource-body.ts';
import { CREATED } from './success.ts';

const BUDGETS = '/registry/policy/poddisruptionbudgets/';
/** Pods told to go that are still there; beyond this many the controller must catch up first. */
const DISRUPTED_PODS_MAX = 2000;
const CONFLICT_RETRIES_MAX = 20;

export function podEvictionHandler(schemas: Schemas): SubresourceHandler {
  const type = bodyType(schemas, 'policy', 'v1', 'Eviction');
  return {
    path: 'pods/eviction',
    group: '',
    handle: (call) => evict(call, decodeCreated<Eviction>(type, call)),
  };
}

async function evict(call: SubresourceCall, eviction: Eviction): Promise<Outcome> {
  const { resource, context, parts } = call;
  const { target } = call.operation;
  if ((eviction.metadata.name ?? target.name) !== target.name) {
    throw badRequestError('name in URL does not match name in Eviction object');
  }
  const dryRun =
    (call.operation.verb === 'create' && call.operation.options.dryRun === true) ||
    (eviction.deleteOptions?.dryRun ?? []).includes('All');
  const key = objectStoreKey(resource, target.namespace, target.name);
  const pod = parts.store.get(key)?.value as Pod | undefined;
  if (pod === undefined) throw notFoundError(resource.subject, target.name);
  await parts.admission.validate({
    operation: 'CREATE',
    resource,
    target,
    object: eviction as unknown as KubernetesObject,
    oldObject: pod,
    dryRun,
    context,
  });
  if (!isFree(pod)) await takeDisruption(parts.store, pod, parts.clock.now(), dryRun);
  const podTarget = { ...target, subresource: '' };
  await deleteObject(parts, resource, podTarget, { ...deleteRequest(eviction, pod), dryRun }, context);
  return CREATED;
}

/** Whether nobody is served by the pod: it is not running yet, has ended, or is going already. */
function isFree({ metadata, status }: Pod): boolean {
  return metadata.deletionTimestamp !== undefined || status.phase !== 'Running';
}

function deleteRequest({ deleteOptions }: Eviction, pod: Pod): DeleteRequest {
  const { gracePeriodSeconds, propagationPolicy, preconditions } = deleteOptions ?? {};
  const { uid = pod.metadata.uid, resourceVersion } = preconditions ?? {};
  return {
    ...(gracePeriodSeconds === undefined ? {} : { gracePeriodSeconds }),
    ...(isPolicy(propagationPolicy) ? { propagationPolicy } : {}),
    preconditions: {
      ...(uid === undefined ? {} : { uid }),
      ...(resourceVersion === undefined ? {} : { resourceVersion }),
    },
  };
}

function isPolicy(text: string | undefined): text is NonNullable<DeleteRequest['propagationPolicy']> {
  return text === 'Foreground' || text === 'Background' || text === 'Orphan';
}

async function takeDisruption(
  store: Store<KubernetesObject>,
  pod: Pod,
  nowMs: number,
  dryRun: boolean,
): Promise<void> {
  for (let attempt = 0; attempt < CONFLICT_RETRIES_MAX; attempt++) {
    const budgets = budgetsOf(store, pod);
    if (budgets.length > 1) {
      const why =
        'This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.';
      throw internalError(why);
    }
    const [entry] = budgets;
    if (entry === undefined) return;
    const budget = entry.value as PodDisruptionBudget;
    if (mayGoUnready(budget, pod)) return;
    const next = withOneLess(budget, pod, nowMs);
    if (dryRun) return;
    const change = { type: 'put', key: entry.key, value: next } as const;
    const outcome = await store.commit([change], [{ key: entry.key, modRevision: entry.modRevision }]);
    if (outcome.ok) return;
  }
  throw refused('Too many requests, please try again later.', 10);
}

function budgetsOf(store: Store<KubernetesObject>, pod: Pod): readonly Entry<KubernetesObject>[] {
  const page = store.list(prefixRange(`${BUDGETS}${pod.metadata.namespace ?? ''}/`));
  if (!page.ok) return [];
  return page.result.entries.filter(({ value }) => {
    const selector = fromLabelSelector((value as PodDisruptionBudget).spec.selector);
    return selector !== undefined && matches(selector, pod.metadata.labels);
  });
}

/** A pod that is not ready protects nobody; by default it may go while enough others are healthy. */
function mayGoUnready({ spec, status }: PodDisruptionBudget, pod: Pod): boolean {
  const isReady = (pod.status.conditions ?? []).some((c) => c.type === 'Ready' && c.status === 'True');
  if (isReady) return false;
  if (spec.unhealthyPodEvictionPolicy === 'AlwaysAllow') return true;
  return status.currentHealthy >= status.desiredHealthy && status.desiredHealthy > 0;
}

function withOneLess(budget: PodDisruptionBudget, pod: Pod, nowMs: number): PodDisruptionBudget {
  const { metadata, status } = budget;
  const { name = '' } = metadata;
  if ((status.observedGeneration ?? 0) < (metadata.generation ?? 0)) {
    throw refused(`The disruption budget ${name} is still being processed by the server.`, 10, budget);
  }
  const { disruptionsAllowed, desiredHealthy, currentHealthy, disruptedPods = {} } = status;
  if (disruptionsAllowed < 0 || Object.keys(disruptedPods).length > DISRUPTED_PODS_MAX) {
    const why = 'DisruptedPods map too big - too many evictions not confirmed by PDB controller';
    throw new ApiError(403, 'Forbidden', `poddisruptionbudgets.policy "${name}" is forbidden: ${why}`, {
      name,
    });
  }
  if (disruptionsAllowed === 0) {
    const why = `The disruption budget ${name} needs ${desiredHealthy} healthy pods and has ${currentHealthy} currently`;
    throw refused(why, 0, budget);
  }
  return {
    ...budget,
    status: {
      ...status,
      disruptionsAllowed: disruptionsAllowed - 1,
      disruptedPods: { ...disruptedPods, [pod.metadata.name ?? '']: timestamp(nowMs) },
    },
  };
}

function refused(why: string, retryAfterSeconds: number, budget?: PodDisruptionBudget): ApiError {
  const message = "Cannot evict pod as it would violate the pod's disruption budget.";
  const causes = budget === undefined ? [] : [{ reason: 'DisruptionBudget', message: why }];
  return new ApiError(429, 'TooManyRequests', message, {
    causes,
    ...(retryAfterSeconds > 0 ? { retryAfterSeconds } : {}),
  });
}
