/**
 * TaintToleration: keeps pods off nodes whose taints they do not tolerate, and prefers nodes without such
 * taints.
 */

import type { Node, Taint, Toleration } from '../../../api/types.gen.ts';
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

/** The first taint that keeps the pod off the node. */
export function untolerated(node: Node, tolerations: readonly Toleration[]): Taint | undefined {
  for (const taint of node.spec.taints ?? []) {
    if (taint.effect !== 'PreferNoSchedule' && !toleratesTaint(tolerations, taint)) return taint;
  }
  return undefined;
}

export function toleratesTaint(
  tolerations: readonly Toleration[],
  taint: Pick<Taint, 'key' | 'value' | 'effect'>,
): boolean {
  return tolerations.some(({ key = '', operator = 'Equal', value = '', effect = '' }) => {
    if (effect !== '' && effect !== taint.effect) return false;
    if (key !== '' && key !== taint.key) return false;
    switch (operator) {
      case 'Exists':
        return true;
      case 'Lt':
      case 'Gt':
        return compares(operator, taint.value ?? '', value);
      default:
        // An empty key with Equal matches nothing but the empty key.
        return (key !== '' || taint.key === '') && value === (taint.value ?? '');
    }
  });
}

/** Numeric tolerations (KEP-5471): the taint's value against the toleration's. */
function compares(operator: 'Lt' | 'Gt', taintValue: string, value: string): boolean {
  if (!/^-?\d+$/.test(taintValue) || !/^-?\d+$/.test(value)) return false;
  return operator === 'Lt' ? Number(taintValue) < Number(value) : Number(taintValue) > Number(value);
}
