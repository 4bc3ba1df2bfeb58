/** Whether a node fits a pod. */

import type { Pod } from '../api/types.gen.ts';
import type { SchedulerCache } from './cache/cache.ts';
import type { NodeInfo } from './cache/node-info.ts';
import type { PodClass } from './equal-pods.ts';
import type { NodeRefusal } from './framework.ts';
import { prepare, type PreparedPod } from './preparation.ts';
import type { Profile, ProfilePlugin } from './profile.ts';
import { scoreByItself } from './scoring.ts';

/** The first plugin that refuses ends the look at a node. */
export function refusalOf(
  pod: Pod,
  node: NodeInfo,
  profile: Profile,
  prepared: PreparedPod,
): NodeRefusal | undefined {
  const { podClass } = prepared;
  if (podClass === undefined) {
    const own = firstRefusal(pod, node, profile.ownFilters, prepared);
    if (own !== undefined) return own;
  } else {
    if (!podClass.knows(node)) learn(pod, node, profile, prepared, podClass);
    const known = podClass.refusal(node);
    if (known !== undefined) return known;
  }
  return firstRefusal(pod, node, profile.wideFilters, prepared);
}

/**
 * A node to which other pods were promised must fit the pod both with and without them: they may come, or
 * never.
 */
export function refusalWithPromises(
  pod: Pod,
  node: NodeInfo,
  cache: SchedulerCache,
  profile: Profile,
  prepared: PreparedPod,
): NodeRefusal | undefined {
  const refusal = refusalOf(pod, node, profile, prepared);
  if (refusal !== undefined || cache.nominations.size === 0) return refusal;
  const promised = cache.nominations.before(pod, node.name);
  if (promised.length === 0) return undefined;
  return cache.whatIf((change) => {
    for (const other of promised) change.add(node, other);
    // What the promised pods want of others is part of the picture only now.
    const again = prepare(pod, cache, profile);
    if ('refusal' in again) return { refusals: again.refusal, plugin: again.plugin };
    return refusalOf(pod, node, profile, { ...again, podClass: undefined });
  });
}

/** What the plugins that look at pod and node only say of the node. */
export function learn(
  pod: Pod,
  node: NodeInfo,
  profile: Profile,
  prepared: PreparedPod,
  podClass: PodClass,
): void {
  const refusal = firstRefusal(pod, node, profile.ownFilters, prepared);
  podClass.set(node, refusal);
  if (refusal !== undefined) return;
  const { slot } = node;
  podClass.sums[slot] = scoreByItself(pod, node, profile, prepared);
  for (const [i, { plugin, index }] of profile.comparedScores.entries()) {
    const raw = podClass.raw[i];
    if (raw === undefined || prepared.scores[index] !== true) continue;
    const score = plugin.score?.(prepared.states[index], pod, node) ?? 0;
    raw[slot] = score;
    if (score !== 0) podClass.isFlat[i] = false;
  }
}

function firstRefusal(
  pod: Pod,
  node: NodeInfo,
  plugins: readonly ProfilePlugin[],
  { states, filters }: PreparedPod,
): NodeRefusal | undefined {
  for (const { plugin, index } of plugins) {
    if (filters[index] === false) continue;
    const refusals = plugin.filter?.(states[index], pod, node);
    if (refusals !== undefined) return { refusals, plugin: plugin.name };
  }
  return undefined;
}
