/**
 * TaintToleration: keeps pods off nodes whose taints they do not tolerate, and prefers nodes without such
 * taints.
 */

import { toleratesTaint, untolerated } from '../../../api/node-fit/taints.ts';
import type { Toleration } from '../../../api/types.gen.ts';
import { normalizeByHighest, type Refusal, type SchedulerPlugin } from '../../framework.ts';

const REFUSAL: Refusal = { reason: 'node(s) had untolerated taint(s)', resolvable: false };

interface State {
  readonly tolerations: readonly Toleration[];
  /** Those that may concern PreferNoSchedule. */
  readonly preferences: readonly Toleration[];
}

export const taintToleration: SchedulerPlugin<State> = {
  name: 'TaintToleration',
  wakesOn: (event, pod) =>
    event.resource === 'Node' && untolerated(event.next, pod.spec.tolerations ?? []) === undefined,
  sign: ({ spec }) => JSON.stringify(spec.tolerations ?? []),
  prepare: ({ spec }) => {
    const tolerations = spec.tolerations ?? [];
    const preferences = tolerations.filter(
      ({ effect = '' }) => effect === '' || effect === 'PreferNoSchedule',
    );
    return { state: { tolerations, preferences } };
  },
  filter: ({ tolerations }, _pod, { node }) =>
    untolerated(node, tolerations) === undefined ? undefined : REFUSAL,
  score: ({ preferences }, _pod, { node }) => {
    let count = 0;
    for (const taint of node.spec.taints ?? []) {
      if (taint.effect === 'PreferNoSchedule' && !toleratesTaint(preferences, taint)) count++;
    }
    return count;
  },
  normalize: (scores, count) => normalizeByHighest(scores, count, true),
};
