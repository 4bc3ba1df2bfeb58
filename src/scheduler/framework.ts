/**
 * The scheduler's extension points. A plugin has a name, says which changes of the cluster may help a pod
 * that it refused, and implements only the points that it needs.
 *
 * For one pod: preEnqueue (may it be tried at all) → prepare (once per pod) → filter (each node) →
 * beforeScores, score, normalize (the nodes that fit) → reserve → preBind → bind; postFilter when none fits.
 * Everything up to normalize is pure and reads the cluster as the cache has it at that moment, what-ifs
 * included; whatever a plugin learned in `prepare` it gets back, so that nothing is worked out twice for
 * thousands of nodes. For pods of a group also: preEnqueueGroup (may the group be tried at all), and permit,
 * between reserve and preBind (are enough of them placed).
 *
 * Most plugins look at nothing but the pod and one node. Such a plugin says so by `sign`: pods with equal
 * signatures share its results for as long as the node does not change.
 */

import type { KubernetesObject, ResourceType } from '../api/meta/object.ts';
import type { Node, Pod } from '../api/types.gen.ts';
import type { NodeInfo } from './cache/node-info.ts';

export interface Refusal {
  /** For people, as upstream words it: `Insufficient cpu`. */
  readonly reason: string;
  /** Whether removing other pods from the node could help. */
  readonly resolvable: boolean;
}

/** One plugin's reasons against one node. */
export interface NodeRefusal {
  readonly refusals: Refusal | readonly Refusal[];
  readonly plugin: string;
}

/** Undefined: the node fits. Refusals should be constants: there may be thousands of them for one pod. */
export type FilterVerdict = Refusal | readonly Refusal[] | undefined;

export type ClusterEvent =
  | { readonly resource: 'Node'; readonly next: Node; readonly old: Node | undefined }
  | { readonly resource: 'Node/Gone'; readonly old: Node }
  | { readonly resource: 'Pod'; readonly next: Pod; readonly old: Pod | undefined }
  /** A pod that occupied a node is gone (deleted or finished). */
  | { readonly resource: 'Pod/Gone'; readonly old: Pod }
  /** Anything else that a plugin said it watches; `resource` is the kind. */
  | {
      readonly resource: 'Other';
      readonly kind: string;
      readonly next: KubernetesObject | undefined;
      readonly old: KubernetesObject | undefined;
    };

/** What a pod means to a plugin, or why no node at all will do. */
export type Preparation<S> =
  | {
      readonly state: S;
      /** Only these nodes can fit; undefined: any. */
      readonly nodes?: ReadonlySet<string>;
      /** False: this pod is nothing to this plugin's filter. */
      readonly filters?: boolean;
      /** False: all nodes score the same. */
      readonly scores?: boolean;
      /** False: nothing is taken or written for this pod, either; as `filters` when absent. */
      readonly concerns?: boolean;
    }
  | { readonly refusal: Refusal };

/** For plugins that refuse nothing that an event could change. */
export const neverWakes = (): boolean => false;

export const SCORE_MAX = 100;

export interface SchedulerPlugin<S = unknown> {
  readonly name: string;
  /** Whether the event may make a pod schedulable that this plugin refused (upstream's queueing hints). */
  wakesOn(event: ClusterEvent, pod: Pod): boolean;
  /** A reason keeps the pod out of the queue until an event wakes it. */
  preEnqueue?(pod: Pod): string | undefined;
  /** The same for the pod's group as a whole. */
  preEnqueueGroup?(pod: Pod): string | undefined;
  /** Kinds beside nodes, pods and namespaces whose changes `wakesOn` wants to hear of. */
  readonly watches?: readonly ResourceType[];
  /** The part of the pod that decides this plugin's results, when nothing but it and the node does. */
  sign?(pod: Pod): string;
  /** Without it filter and score get undefined. */
  prepare?(pod: Pod): Preparation<S>;
  filter?(state: S, pod: Pod, node: NodeInfo): FilterVerdict;
  /** Before the first score, with all nodes that fit. */
  beforeScores?(state: S, pod: Pod, nodes: readonly NodeInfo[]): void;
  /** 0 to SCORE_MAX, unless `normalize` brings it there. */
  score?(state: S, pod: Pod, node: NodeInfo): number;
  /** Changes the scores of all fitting nodes in place. */
  normalize?(scores: Float64Array, count: number, state: S): void;
  /**
   * No node fits: what the plugin does about it, in words for people, or none. Undefined state: this plugin's own
   * preparation refused the pod.
   */
  postFilter?(state: S | undefined, pod: Pod): string;
  /** Takes what the pod will use, before the next decision is made; a refusal puts the pod back. */
  reserve?(state: S, pod: Pod, node: NodeInfo): Refusal | undefined;
  /** Gives it back. Must be harmless when nothing was taken. */
  unreserve?(state: S, pod: Pod, nodeName: string): void;
  /**
   * In the cycle of the pod's group: why those that found a place may not go yet, when `scheduled` of its pods have
   * a node or such a place.
   */
  permit?(pod: Pod, scheduled: number): string | undefined;
  /** Writes what must be there before the pod is bound. */
  preBind?(state: S, pod: Pod, nodeName: string, signal: AbortSignal): Promise<void>;
}

/** A plugin with the weight of its score. */
export interface WeightedPlugin {
  readonly plugin: SchedulerPlugin;
  readonly weight: number;
}

/** Scores by their place between the lowest and the highest one; all 0 when there is no difference. */
export function normalizeBetweenExtremes(scores: Float64Array, count: number): void {
  let lowest = Number.POSITIVE_INFINITY;
  let highest = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < count; i++) {
    lowest = Math.min(lowest, scores[i] ?? 0);
    highest = Math.max(highest, scores[i] ?? 0);
  }
  const range = highest - lowest;
  for (let i = 0; i < count; i++)
    scores[i] = range > 0 ? Math.trunc((SCORE_MAX * ((scores[i] ?? 0) - lowest)) / range) : 0;
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
