/**
 * How a new template of a DaemonSet reaches the nodes, when every node has the pod that it should have. Pure.
 *
 * Without surge an old pod goes first and its successor comes in a later step: old pods that do not serve
 * anyway, and as many others as leave no more than `maxUnavailable` nodes without a serving pod. With surge
 * the successor comes first, on at most `maxSurge` nodes whose old pod serves; the old one goes when the new
 * one is available.
 *
 * Example: 4 nodes, maxUnavailable 1, one new pod not ready yet: nothing goes. When it is ready, one more.
 */

import type { DaemonSet, Pod } from '../../api/types.gen.ts';
import { amountOf } from '../../api/groups/apps/rolling-update.ts';
import { isPodAvailable } from '../pod-state/pod-state.ts';
import { hashOf } from './daemon-pod.ts';
import { isLeaving, type DaemonState, type Place } from './places.ts';

export interface Rollout {
  readonly create: readonly string[];
  readonly remove: readonly Pod[];
}

const NOTHING: Rollout = { create: [], remove: [] };

export function allowsSurge(set: DaemonSet): boolean {
  return surgeMax(set, 1) > 0;
}

/** Shares are rounded up, both of them. */
function surgeMax({ spec }: DaemonSet, nodes: number): number {
  const { type, rollingUpdate } = spec.updateStrategy;
  return type === 'RollingUpdate' ? amountOf(rollingUpdate?.maxSurge ?? 0, nodes, Math.ceil) : 0;
}

function unavailableMax({ spec }: DaemonSet, nodes: number): number {
  return amountOf(spec.updateStrategy.rollingUpdate?.maxUnavailable ?? 0, nodes, Math.ceil);
}

export function planRollout(state: DaemonState, places: readonly Place[], nowMs: number): Rollout {
  const { set, hash } = state;
  if (set.spec.updateStrategy.type !== 'RollingUpdate') return NOTHING;
  const { minReadySeconds = 0 } = set.spec;
  const isAvailable = (pod: Pod): boolean => isPodAvailable(pod, minReadySeconds, nowMs);
  const wanted = places.filter(({ eligibility }) => eligibility.shouldRun).length;
  const surge = surgeMax(set, wanted);
  const concerned = places
    .filter(({ eligibility, pods }) => eligibility.shouldRun || pods.length > 0)
    .map((place) => sighted(place, hash));
  if (surge > 0) return withSurge(concerned, surge, wanted, isAvailable);
  const unavailable = unavailableMax(set, wanted);
  // Neither is allowed: then one may be missing, else nothing would ever roll out.
  return withoutSurge(concerned, unavailable === 0 ? 1 : unavailable, isAvailable);
}

/** The pods of a place that are not on their way out, one of each sort at most. */
interface Sighted {
  readonly place: Place;
  readonly fresh: Pod | undefined;
  readonly old: Pod | undefined;
  /** There are more, which the next step has to clear away first. */
  readonly isCrowded: boolean;
}

function sighted(place: Place, hash: string): Sighted {
  const staying = place.pods.filter((pod) => !isLeaving(pod));
  const fresh = staying.filter((pod) => hashOf(pod) === hash);
  const old = staying.filter((pod) => hashOf(pod) !== hash);
  return { place, fresh: fresh[0], old: old[0], isCrowded: fresh.length > 1 || old.length > 1 };
}

function withoutSurge(
  places: readonly Sighted[],
  unavailable: number,
  isAvailable: (pod: Pod) => boolean,
): Rollout {
  let missing = 0;
  const idle: Pod[] = [];
  const serving: Pod[] = [];
  for (const { fresh, old, isCrowded } of places) {
    const only = fresh ?? old;
    const isClear = !isCrowded && only !== undefined && (fresh === undefined || old === undefined);
    if (!isClear || !isAvailable(only)) missing++;
    if (!isClear || only !== old) continue;
    if (isAvailable(only)) serving.push(only);
    else idle.push(only);
  }
  return { create: [], remove: [...idle, ...serving.slice(0, Math.max(0, unavailable - missing))] };
}

function withSurge(
  places: readonly Sighted[],
  surge: number,
  wanted: number,
  isAvailable: (pod: Pod) => boolean,
): Rollout {
  const remove: Pod[] = [];
  const create: string[] = [];
  const candidates: string[] = [];
  const misplaced: Pod[] = [];
  let surging = 0;
  let available = 0;
  for (const { place, fresh, old, isCrowded } of places) {
    if (isCrowded) {
      surging++;
      continue;
    }
    const first = old ?? fresh;
    if (first !== undefined && isAvailable(first)) available++;
    if (old === undefined) continue;
    if (fresh !== undefined) {
      if (isAvailable(fresh)) remove.push(old);
      else surging++;
    } else if (place.eligibility.shouldRun) {
      if (isAvailable(old)) candidates.push(place.name);
      else create.push(place.name);
    } else if (isAvailable(old)) {
      misplaced.push(old);
    } else {
      remove.push(old);
    }
  }
  // Who surges wants all to serve: where a pod no longer belongs it stays until enough others serve.
  remove.push(...misplaced.slice(0, Math.max(0, available - wanted)));
  create.push(...candidates.slice(0, Math.max(0, surge - surging)));
  return { create, remove };
}
