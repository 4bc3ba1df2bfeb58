/** What the plugins of a profile know of a pod before they look at any node. */

import type { Pod } from '../api/types.gen.ts';
import type { SchedulerCache } from './cache/cache.ts';
import type { PodClass } from './equal-pods.ts';
import type { Refusal } from './framework.ts';
import type { Profile } from './profile.ts';

/** By the place of each plugin in the profile. */
export interface PreparedPod {
  readonly states: readonly unknown[];
  readonly filters: readonly boolean[];
  readonly scores: readonly boolean[];
  /** Whether something is taken or written for the pod. */
  readonly concerns: readonly boolean[];
  /** What is known of nodes from equal pods before. */
  readonly podClass: PodClass | undefined;
  /** The names of all nodes that can fit at all; undefined: any. */
  readonly only: ReadonlySet<string> | undefined;
  /** The plugins that named them. */
  readonly onlyBy: readonly string[];
}

/** One plugin's reason against every node. */
export interface RefusedEverywhere {
  readonly refusal: Refusal;
  readonly plugin: string;
  /** Of the plugins before it. */
  readonly states: readonly unknown[];
}

export function prepare(pod: Pod, cache: SchedulerCache, profile: Profile): PreparedPod | RefusedEverywhere {
  const states: unknown[] = [];
  const filters: boolean[] = [];
  const scores: boolean[] = [];
  const concerns: boolean[] = [];
  let only: ReadonlySet<string> | undefined;
  const onlyBy: string[] = [];
  for (const plugin of profile.plugins) {
    const prepared = plugin.prepare?.(pod);
    if (prepared !== undefined && 'refusal' in prepared)
      return { refusal: prepared.refusal, plugin: plugin.name, states };
    states.push(prepared?.state);
    filters.push(prepared?.filters ?? true);
    scores.push(prepared?.scores ?? true);
    concerns.push(prepared?.concerns ?? prepared?.filters ?? true);
    if (prepared?.nodes === undefined) continue;
    only = only?.intersection(prepared.nodes) ?? prepared.nodes;
    onlyBy.push(plugin.name);
  }
  // A pod for nodes by name has nothing in common with the next one.
  const podClass = only === undefined ? classOf(pod, cache, profile) : undefined;
  return { states, filters, scores, concerns, podClass, only, onlyBy: onlyBy.toSorted() };
}

function classOf(pod: Pod, cache: SchedulerCache, profile: Profile): PodClass | undefined {
  const signature = profile.signing.map((plugin) => plugin.sign?.(pod) ?? '').join('\n');
  return profile.classes.of(signature, cache.slots, profile.comparedScores.length);
}
