/**
 * `pods/eviction`: asks a pod to leave, and is refused while a PodDisruptionBudget would be violated. Upstream's
 * `EvictionREST`: pods that serve nobody go without asking; otherwise one disruption is taken from the budget
 * first, so that two evictions at once cannot use the same one.
 *
 * Invariant: what was judged by a pod's state (it serves nobody, it is not ready) holds for that very version
 * of the pod; a pod that has become ready meanwhile is not deleted.
 */

import { formatTime } from '../../api/time/time.ts';
import { fromLabelSelector, matches } from '../../api/labels/selector.ts';
import {
  ApiError,
  badRequestError,
  forbiddenError,
  isApiError,
  notFoundError,
  timeoutError,
} from '../../api/meta/api-error.ts';
import type { KubernetesObject } from '../../api/meta/object.ts';
import { withDisruptionAllowed } from '../../api/groups/policy/pod-disruption-budget/disruption-allowed.ts';
import type { Eviction, Pod, PodCondition, PodDisruptionBudget } from '../../api/types.gen.ts';
import type { DeleteRequest } from '../../client/client.ts';
import type { Outcome, Target } from '../../client/operation.ts';
import { prefixRange, type Entry, type Store } from '../../store/store.ts';
import { NO_ADMISSION } from '../admission/admission.ts';
import { checkPreconditions, deleteObject } from '../registry/delete.ts';
import { objectStoreKey } from '../registry/keys.ts';

import type { SubresourceCall, SubresourceHandler } from './subresource.ts';
import { admitCreated, bodyType, decodeCreated, type BodyType, type Schemas } from './subresource-body.ts';
import { CREATED } from './success.ts';

const BUDGETS = '/registry/policy/poddisruptionbudgets/';
/** Pods told to go that are still there; beyond this many the controller must catch up first. */
const DISRUPTED_PODS_MAX = 2000;
const CONFLICT_RETRIES_MAX = 20;
const BUDGET = { group: 'policy', resource: 'poddisruptionbudget' };
const EVICTED = {
  type: 'DisruptionTarget',
  status: 'True',
  reason: 'EvictionByEvictionAPI',
  message: 'Eviction API: evicting',
};

export function podEvictionHandler(schemas: Schemas): SubresourceHandler {
  const type = bodyType(schemas, 'policy', 'v1', 'Eviction');
  return {
    path: 'pods/eviction',
    group: '',
    handle: (call) => evict(call, type, decodeCreated<Eviction>(type, call)),
  };
}

interface Attempt {
  readonly call: SubresourceCall;
  readonly target: Target;
  readonly eviction: Eviction;
  readonly dryRun: boolean;
  /** The client named a version of the pod itself. */
  readonly isPinned: boolean;
}

async function evict(call: SubresourceCall, type: BodyType, sent: Eviction): Promise<Outcome> {
  const { resource, context, parts } = call;
  const { target } = call.operation;
  const eviction = await admitCreated(call, type, sent, isDryRun(call, sent));
  if ((eviction.metadata.name ?? target.name) !== target.name) {
    throw badRequestError('name in URL does not match name in Eviction object');
  }
  const dryRun = isDryRun(call, eviction);
  const isPinned = eviction.deleteOptions?.preconditions?.resourceVersion !== undefined;
  const attempt: Attempt = { call, target: { ...target, subresource: '' }, eviction, dryRun, isPinned };
  await parts.admission.validate({
    operation: 'CREATE',
    resource,
    target,
    object: eviction as unknown as KubernetesObject,
    oldObject: readPod(attempt),
    dryRun,
    context,
    isInternal: true,
  });
  const pod = await removeIfFree(attempt);
  if (pod === undefined) return CREATED;
  const { budget, isUnready } = await takeDisruption(parts.store, pod, parts.clock.now(), dryRun);
  try {
    await remove(attempt, pod, isUnready);
  } catch (error) {
    // It became ready while it was judged not to be: the client is to try again.
    if (isUnready && !isPinned && isApiError(error, 'Conflict')) throw stillProcessed(budget);
    throw error;
  }
  return CREATED;
}

function isDryRun({ operation }: SubresourceCall, { deleteOptions }: Eviction): boolean {
  const asked = operation.verb === 'create' && operation.options.dryRun === true;
  return asked || (deleteOptions?.dryRun ?? []).includes('All');
}

function readPod({ call, target }: Attempt): Pod {
  const { resource, parts } = call;
  const stored = parts.store.get(objectStoreKey(resource, target.namespace, target.name));
  if (stored === undefined) throw notFoundError(resource.subject, target.name);
  return stored.value as Pod;
}

/** The pod when a budget has to be asked; undefined when it needed none, and is on its way. */
async function removeIfFree(attempt: Attempt): Promise<Pod | undefined> {
  for (let round = 1; ; round++) {
    const pod = readPod(attempt);
    const isEnded = pod.metadata.deletionTimestamp !== undefined || isFinished(pod);
    if (!isEnded && pod.status.phase !== 'Pending') return pod;
    try {
      // A pending pod may start to serve at any moment; one that has ended never will.
      await remove(attempt, pod, !isEnded);
      return undefined;
    } catch (error) {
      const isRace = isApiError(error, 'Conflict') && !attempt.isPinned;
      if (!isRace || round >= CONFLICT_RETRIES_MAX) throw error;
    }
  }
}

function isFinished({ status }: Pod): boolean {
  return status.phase === 'Succeeded' || status.phase === 'Failed';
}

/** Says in its conditions why the pod goes, and deletes it; `exactly`: only as it was seen. */
async function remove(attempt: Attempt, pod: Pod, exactly: boolean): Promise<void> {
  const { call, target, eviction, dryRun, isPinned } = attempt;
  const { resource, context, parts } = call;
  const asked = deleteRequest(eviction, pod);
  const seen = pod.metadata.resourceVersion;
  const pinned = exactly && !isPinned && seen !== undefined ? { resourceVersion: seen } : {};
  const request = { ...asked, dryRun, preconditions: { ...asked.preconditions, ...pinned } };
  // The eviction was admitted, and what it brings about is the server's doing.
  const own = { ...parts, admission: NO_ADMISSION };
  if (dryRun) {
    await deleteObject(own, resource, target, request, context);
    return;
  }
  const write = {
    resource,
    target: { ...target, subresource: 'status' },
    options: {},
    context,
    ownRules: { countsGeneration: false, isAdmitted: true },
  };
  const marked = (old: KubernetesObject): KubernetesObject => {
    checkPreconditions(resource, target.name, request, old);
    return withEvictionCondition(old as Pod, parts.clock.now());
  };
  const { object } = await call.writer.modify(write, marked, 'patch');
  const { resourceVersion } = request.preconditions;
  const next = object.metadata.resourceVersion;
  const isBound = resourceVersion !== undefined && next !== undefined;
  const preconditions = { ...request.preconditions, ...(isBound ? { resourceVersion: next } : {}) };
  await deleteObject(own, resource, target, { ...request, preconditions }, context);
}

function withEvictionCondition(pod: Pod, nowMs: number): Pod {
  const { conditions = [] } = pod.status;
  const present = conditions.find(({ type }) => type === EVICTED.type);
  const { generation } = pod.metadata;
  const condition: PodCondition = {
    ...EVICTED,
    ...(generation === undefined ? {} : { observedGeneration: generation }),
    lastTransitionTime:
      (present?.status === EVICTED.status ? present.lastTransitionTime : undefined) ?? formatTime(nowMs),
  };
  const others = conditions.filter(({ type }) => type !== EVICTED.type);
  return { ...pod, status: { ...pod.status, conditions: [...others, condition] } };
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

interface Permission {
  /** Its name; empty: no budget watches over the pod. */
  readonly budget: string;
  /** The pod may go because it is not ready. */
  readonly isUnready: boolean;
}

async function takeDisruption(
  store: Store<KubernetesObject>,
  pod: Pod,
  nowMs: number,
  dryRun: boolean,
): Promise<Permission> {
  for (let attempt = 1; ; attempt++) {
    const budgets = budgetsOf(store, pod);
    if (budgets.length > 1) {
      const why =
        'This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.';
      throw new ApiError(500, '', why);
    }
    const [entry] = budgets;
    if (entry === undefined) return { budget: '', isUnready: false };
    const budget = entry.value as PodDisruptionBudget;
    const { name = '' } = budget.metadata;
    if (mayGoUnready(budget, pod)) return { budget: name, isUnready: true };
    const next = withOneLess(budget, pod, nowMs);
    if (dryRun) return { budget: name, isUnready: false };
    const change = { type: 'put', key: entry.key, value: next } as const;
    const outcome = await store.commit([change], [{ key: entry.key, modRevision: entry.modRevision }]);
    if (outcome.ok) return { budget: name, isUnready: false };
    if (attempt < CONFLICT_RETRIES_MAX) continue;
    throw timeoutError(`couldn't update PodDisruptionBudget ${JSON.stringify(name)} due to conflicts`, 10);
  }
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
  if ((status.observedGeneration ?? 0) < (metadata.generation ?? 0)) throw stillProcessed(name);
  const { disruptionsAllowed, desiredHealthy, currentHealthy, disruptedPods = {} } = status;
  if (disruptionsAllowed < 0) throw forbiddenError(BUDGET, name, 'pdb disruptions allowed is negative');
  if (Object.keys(disruptedPods).length > DISRUPTED_PODS_MAX) {
    const why = 'DisruptedPods map too big - too many evictions not confirmed by PDB controller';
    throw forbiddenError(BUDGET, name, why);
  }
  if (disruptionsAllowed === 0) {
    const why = `The disruption budget ${name} needs ${desiredHealthy} healthy pods and has ${currentHealthy} currently`;
    throw refused(why, 0);
  }
  const less = { ...status, disruptionsAllowed: disruptionsAllowed - 1 };
  return {
    ...budget,
    status: {
      ...(less.disruptionsAllowed === 0 ? withDisruptionAllowed(less, nowMs) : less),
      disruptedPods: { ...disruptedPods, [pod.metadata.name ?? '']: formatTime(nowMs) },
    },
  };
}

function stillProcessed(budget: string): ApiError {
  return refused(`The disruption budget ${budget} is still being processed by the server.`, 10);
}

function refused(why: string, retryAfterSeconds: number): ApiError {
  const message = "Cannot evict pod as it would violate the pod's disruption budget.";
  return new ApiError(429, 'TooManyRequests', message, {
    causes: [{ reason: 'DisruptionBudget', message: why }],
    ...(retryAfterSeconds > 0 ? { retryAfterSeconds } : {}),
  });
}
