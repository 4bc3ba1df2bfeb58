/**
 * The look at nodes for a pod whose class is known and which no plugin filters over the whole cluster: most
 * pods. It reads flat arrays by slot and touches a node only when it has changed since, or when a plugin
 * scores it over the whole cluster. The outcome is that of the long way.
 */

import type { CycleInput } from './cycle.ts';
import type { NodeInfo } from './cache/node-info.ts';
import type { PodClass } from './equal-pods.ts';
import { learn } from './filtering.ts';
import type { PreparedPod } from './preparation.ts';
import type { Profile } from './profile.ts';
import { best, highest } from './scoring.ts';

export interface QuickLook {
  readonly node: NodeInfo;
  readonly looked: number;
}

/** Undefined: the long way must be gone, for a reason against each node, or because more must be looked at. */
export function quickLook(input: CycleInput, prepared: PreparedPod, wanted: number): QuickLook | undefined {
  const { cache, profile, start } = input;
  const { podClass, filters } = prepared;
  if (podClass === undefined || cache.nominations.size > 0) return undefined;
  for (const { index } of profile.wideFilters) if (filters[index] === true) return undefined;
  const { nodes, order, generations } = cache;
  const fitting = profile.scratch.places(wanted);
  let found = 0;
  let looked = 0;
  let at = start % Math.max(order.length, 1);
  for (; looked < order.length && found < wanted; looked++, at = at + 1 < order.length ? at + 1 : 0) {
    const slot = order[at] ?? 0;
    if (podClass.generations[slot] !== generations[slot])
      learn(input.pod, nodes[at] as NodeInfo, profile, prepared, podClass);
    if (podClass.fits[slot] === 1) fitting[found++] = at;
  }
  if (found === 0) return undefined;
  const nodeAt = (place: number): NodeInfo => nodes[fitting[place] ?? 0] as NodeInfo;
  if (profile.wideScores.some(({ index }) => prepared.scores[index] === true)) {
    const node = best(
      input,
      Array.from({ length: found }, (_, i) => nodeAt(i)),
      prepared,
    );
    return node === undefined ? undefined : { node, looked };
  }
  const sums = totalsOf(fitting, found, order, profile, prepared, podClass);
  return { node: nodeAt(highest(sums, found, input.integer)), looked };
}

/** By the place in `fitting`, which has `count` places in the order of nodes. */
function totalsOf(
  fitting: Int32Array,
  count: number,
  order: Int32Array,
  profile: Profile,
  { scores, states }: PreparedPod,
  podClass: PodClass,
): Float64Array {
  const sums = profile.scratch.sums(count);
  for (let i = 0; i < count; i++) sums[i] = podClass.sums[order[fitting[i] ?? 0] ?? 0] ?? 0;
  for (const [p, { plugin, weight, index }] of profile.comparedScores.entries()) {
    // Equal scores for all change no order.
    if (scores[index] !== true || podClass.isFlat[p] === true) continue;
    const raw = podClass.raw[p];
    const own = profile.scratch.scores(count);
    for (let i = 0; i < count; i++) own[i] = raw?.[order[fitting[i] ?? 0] ?? 0] ?? 0;
    plugin.normalize?.(own, count, states[index]);
    for (let i = 0; i < count; i++) sums[i] = (sums[i] ?? 0) + weight * (own[i] ?? 0);
  }
  return sums;
}
