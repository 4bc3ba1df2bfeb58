/**
 * How many replicas each ReplicaSet of a Deployment gets: rolling, recreating, and in proportion when the
 * Deployment is scaled in the middle of a rollout. Pure arithmetic; rounding and order are upstream's.
 *
 * Example: replicas 4, maxSurge 1, maxUnavailable 1, old set 4 available. The new set gets 1 (total 5 = 4 +
 * surge); then the old one goes to 3, since at least 3 must stay available, which makes room for a second new
 * pod. With new pods available the steps repeat until the old set is at 0.
 */

import { amountOf } from '../../api/groups/apps/rolling-update.ts';
import type { Deployment, ReplicaSet } from '../../api/types.gen.ts';
import { maxReplicas } from './replica-annotations.ts';
import { byCreation } from './template.ts';

export const replicasOf = ({ spec }: { readonly spec: { readonly replicas?: number } }): number =>
  spec.replicas ?? 1;

export function totalReplicas(sets: readonly ReplicaSet[]): number {
  return sets.reduce((sum, set) => sum + replicasOf(set), 0);
}

export function totalAvailable(sets: readonly ReplicaSet[]): number {
  return sets.reduce((sum, { status }) => sum + (status.availableReplicas ?? 0), 0);
}

/** Without those that are to go already, which a status from before the last scaling still counts. */
function availableToStay(set: ReplicaSet): number {
  return Math.min(replicasOf(set), set.status.availableReplicas ?? 0);
}

export function isRolling({ spec }: Deployment): boolean {
  return spec.strategy.type !== 'Recreate';
}

export interface Bounds {
  readonly surge: number;
  readonly unavailable: number;
}

/** Surge rounds up, unavailable rounds down; when both come out as 0, one pod may be missing. */
export function rolloutBounds(deployment: Deployment): Bounds {
  if (!isRolling(deployment)) return { surge: 0, unavailable: 0 };
  const { maxSurge = '25%', maxUnavailable = '25%' } = deployment.spec.strategy.rollingUpdate ?? {};
  const replicas = replicasOf(deployment);
  const surge = amountOf(maxSurge, replicas, Math.ceil);
  const unavailable = amountOf(maxUnavailable, replicas, Math.floor);
  return { surge, unavailable: surge === 0 && unavailable === 0 ? 1 : unavailable };
}

/** Never more missing than there are. */
export function maxUnavailable(deployment: Deployment): number {
  const replicas = replicasOf(deployment);
  if (!isRolling(deployment) || replicas === 0) return 0;
  return Math.min(rolloutBounds(deployment).unavailable, replicas);
}

/** Replicas that the set with the current template may have now. */
export function newSetReplicas(
  deployment: Deployment,
  all: readonly ReplicaSet[],
  newSet: ReplicaSet,
): number {
  const wanted = replicasOf(deployment);
  if (!isRolling(deployment)) return wanted;
  const room = wanted + rolloutBounds(deployment).surge - totalReplicas(all);
  const current = replicasOf(newSet);
  return room <= 0 ? current : current + Math.min(room, wanted - current);
}

export interface Scale {
  readonly set: ReplicaSet;
  readonly replicas: number;
}

/** Steps of old sets towards 0 that keep enough pods available; empty when none is possible now. */
export function scaleDownOld(
  deployment: Deployment,
  oldSets: readonly ReplicaSet[],
  newSet: ReplicaSet,
): readonly Scale[] {
  const sizes = new Map(oldSets.map((set) => [set, replicasOf(set)]));
  const all = [...oldSets, newSet];
  const minAvailable = replicasOf(deployment) - maxUnavailable(deployment);
  const newUnavailable = replicasOf(newSet) - availableToStay(newSet);
  let unhealthyBudget = totalReplicas(all) - minAvailable - newUnavailable;
  if (totalReplicas(oldSets) === 0 || unhealthyBudget <= 0) return [];
  const ordered = oldSets.toSorted(byCreation);
  const shrink = (set: ReplicaSet, by: number): void => void sizes.set(set, (sizes.get(set) ?? 0) - by);
  // Pods that do not serve anyway go first, else they could block the rollout for ever.
  for (const set of ordered) {
    const unavailable = replicasOf(set) - availableToStay(set);
    const step = Math.min(unavailable, unhealthyBudget);
    shrink(set, step);
    unhealthyBudget -= step;
  }
  let spare = all.reduce((sum, set) => sum + availableToStay(set), 0) - minAvailable;
  for (const set of ordered) {
    const step = Math.min(sizes.get(set) ?? 0, Math.max(spare, 0));
    shrink(set, step);
    spare -= step;
  }
  return ordered
    .map((set) => ({ set, replicas: sizes.get(set) ?? 0 }))
    .filter(({ set, replicas }) => replicas !== replicasOf(set));
}

/**
 * Sizes after a change of `spec.replicas` while several sets have pods: each grows or shrinks by its share of
 * the whole, the largest one takes what rounding leaves over.
 */
export function scaleProportionally(deployment: Deployment, active: readonly ReplicaSet[]): readonly Scale[] {
  const wanted = replicasOf(deployment);
  const allowed = wanted > 0 ? wanted + rolloutBounds(deployment).surge : 0;
  const toAdd = allowed - totalReplicas(active);
  const bySize = (a: ReplicaSet, b: ReplicaSet): number => replicasOf(b) - replicasOf(a);
  // The newer of equal ones grows first, the older shrinks first.
  const ordered = active.toSorted(
    (a, b) => bySize(a, b) || (toAdd > 0 ? byCreation(b, a) : byCreation(a, b)),
  );
  let added = 0;
  const scales = ordered.map((set) => {
    const share = toAdd === 0 ? 0 : shareOf(set, deployment, toAdd, added);
    added += share;
    return { set, replicas: replicasOf(set) + share };
  });
  const [largest, ...others] = scales;
  if (largest === undefined || toAdd === 0) return scales;
  return [{ ...largest, replicas: Math.max(0, largest.replicas + toAdd - added) }, ...others];
}

function shareOf(set: ReplicaSet, deployment: Deployment, toAdd: number, added: number): number {
  const current = replicasOf(set);
  if (current === 0 || toAdd === added) return 0;
  const fraction = fractionOf(set, deployment);
  const allowed = toAdd - added;
  return toAdd > 0 ? Math.min(fraction, allowed) : Math.max(fraction, allowed);
}

function fractionOf(set: ReplicaSet, deployment: Deployment): number {
  const current = replicasOf(set);
  const wanted = replicasOf(deployment);
  if (wanted === 0) return -current;
  const total = wanted + rolloutBounds(deployment).surge;
  const before = maxReplicas(set) ?? 0;
  const base = before > 0 ? before : (deployment.status.replicas ?? 0);
  // Without any trace of the former size the set is taken as the whole.
  return base === 0 ? total - current : Math.round((current * total) / base) - current;
}
