/**
 * The scheduler's extension points. A plugin has a name, says which changes of the cluster may help a pod
 * that it refused, and implements only the points that it needs, each a pure function.
 *
 * A cycle for one pod runs: preEnqueue (may it be tried at all) → prepare (once per pod) → filter (each
 * node) → score (each node that fits) → normalize → bind. `prepare` computes what the pod needs; filter and
 * score get it back, so that nothing is worked out twice for thousands of nodes.
 */

import type { Node, Pod } from '../api/types.gen.ts';
import type { NodeInfo } from './cache/node-info.ts';

export interface Refusal {
  /** For people, as upstream words it: `Insufficient cpu`. */
  readonly reason: string;
  /** Whether removing other pods from the node could help. */
  readonly resolvable: boolean;
}

/** Undefined: the node fits. Refusals should be constants: there may be thousands of them for one pod. */
export type FilterVerdict = Refusal | readonly Refusal[] | undefined;

export type ClusterEvent =
  | { readonly resource: 'Node'; readonly next: Node; readonly old: Node | undefined }
  | { readonly resource: 'Pod'; readonly next: Pod; readonly old: Pod | undefined }
  /** A pod that occupied a node is gone (deleted or finished). */
  | { readonly resource: 'Pod/Gone'; readonly old: Pod };

export const SCORE_MAX = 100;

export interface SchedulerPlugin<S = unknown> {
  readonly name: string;
  /** Whether the event may make a pod schedulable that this plugin refused (upstream's queueing hints). */
  wakesOn(event: ClusterEvent, pod: Pod): boolean;
  /** A reason keeps the pod out of the queue until an event wakes it. */
  preEnqueue?(pod: Pod): string | undefined;
  /** What filter and score need to know of the pod; without it they get undefined. */
  prepare?(pod: Pod): S;
  filter?(state: S, pod: Pod, node: NodeInfo): FilterVerdict;
  /** 0 to SCORE_MAX, unless `normalize` brings it there. */
  score?(state: S, pod: Pod, node: NodeInfo): number;
  /** Changes the scores of all fitting nodes in place. */
  normalize?(scores: Float64Array, count: number): void;
}

/** A plugin with the weight of its score. */
export interface WeightedPlugin {
  readonly plugin: SchedulerPlugin;
  readonly weight: number;
}

/** Scores relative to the highest one; `reverse` where a high raw score is bad. */
export function normalizeByHighest(scores: Float64Array, count: number, reverse: boolean): void {
  let highest = 0;
  for (let i = 0; i < count; i++) highest = Math.max(highest, scores[i] ?? 0);
  for (let i = 0; i < count; i++) {
    const share = highest === 0 ? 0 : Math.trunc((SCORE_MAX * (scores[i] ?? 0)) / highest);
    scores[i] = reverse ? SCORE_MAX - share : share;
  }
}
