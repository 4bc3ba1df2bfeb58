/** Which of the nodes that fit is the best. */

import type { Pod } from '../api/types.gen.ts';
import type { NodeInfo } from './cache/node-info.ts';
import type { CycleInput } from './cycle.ts';
import type { PreparedPod } from './preparation.ts';
import type { Profile, ProfilePlugin } from './profile.ts';

/** The weighted sum of the scores that need no comparison with other nodes. */
export function scoreByItself(pod: Pod, node: NodeInfo, profile: Profile, prepared: PreparedPod): number {
  let sum = 0;
  for (const { plugin, weight, index } of profile.ownScores) {
    if (prepared.scores[index] === true)
      sum += weight * (plugin.score?.(prepared.states[index], pod, node) ?? 0);
  }
  return sum;
}

/** The total of each node, in their order; beyond them the array is undefined. Valid until the next decision. */
export function totals(
  pod: Pod,
  nodes: readonly NodeInfo[],
  profile: Profile,
  prepared: PreparedPod,
): Float64Array {
  const { podClass } = prepared;
  const sums = profile.scratch.sums(nodes.length);
  for (let i = 0; i < nodes.length; i++) {
    const node = nodes[i] as NodeInfo;
    sums[i] =
      podClass === undefined ? scoreByItself(pod, node, profile, prepared) : (podClass.sums[node.slot] ?? 0);
  }
  const scores = profile.scratch.scores(nodes.length);
  for (const [i, one] of profile.comparedScores.entries()) {
    if (prepared.scores[one.index] !== true) continue;
    const raw = podClass?.raw[i];
    if (raw === undefined) scoreEach(one, pod, nodes, prepared, scores);
    else for (let n = 0; n < nodes.length; n++) scores[n] = raw[(nodes[n] as NodeInfo).slot] ?? 0;
    addNormalized(one, prepared, scores, sums, nodes.length);
  }
  for (const one of profile.wideScores) {
    if (prepared.scores[one.index] !== true) continue;
    one.plugin.beforeScores?.(prepared.states[one.index], pod, nodes);
    scoreEach(one, pod, nodes, prepared, scores);
    addNormalized(one, prepared, scores, sums, nodes.length);
  }
  return sums;
}

function scoreEach(
  { plugin, index }: ProfilePlugin,
  pod: Pod,
  nodes: readonly NodeInfo[],
  { states }: PreparedPod,
  scores: Float64Array,
): void {
  const state = states[index];
  for (let i = 0; i < nodes.length; i++) scores[i] = plugin.score?.(state, pod, nodes[i] as NodeInfo) ?? 0;
}

function addNormalized(
  { plugin, weight, index }: ProfilePlugin,
  { states }: PreparedPod,
  scores: Float64Array,
  sums: Float64Array,
  count: number,
): void {
  plugin.normalize?.(scores, count, states[index]);
  for (let i = 0; i < count; i++) sums[i] = (sums[i] ?? 0) + (scores[i] ?? 0) * weight;
}

/** The best of the nodes that fit. */
export function best(
  { pod, profile, integer }: CycleInput,
  fitting: readonly NodeInfo[],
  prepared: PreparedPod,
): NodeInfo | undefined {
  if (fitting.length <= 1) return fitting[0];
  return fitting[highest(totals(pod, fitting, profile, prepared), fitting.length, integer)];
}

/** The index of the highest of the first `count`; of several one by lot, each with the same chance. */
export function highest(scores: Float64Array, count: number, integer: (bound: number) => number): number {
  let most = Number.NEGATIVE_INFINITY;
  let equals = 0;
  for (let i = 0; i < count; i++) {
    const score = scores[i] ?? 0;
    if (score > most) {
      most = score;
      equals = 1;
    } else if (score === most) equals++;
  }
  let left = equals > 1 ? integer(equals) : 0;
  for (let i = 0; i < count; i++) if (scores[i] === most && left-- === 0) return i;
  return 0;
}
