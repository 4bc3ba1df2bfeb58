/** Disruption budgets that let none of some pods be evicted now. Pure. */

import { fromLabelSelector, matches } from '../api/labels/selector.ts';
import type { Pod, PodDisruptionBudget } from '../api/types.gen.ts';
import { objectOf, type Finding } from './finding.ts';
import type { Graph } from './graph.ts';

/** Somebody waits for it when a node of the pods is being emptied; else it is only worth knowing. */
export function budgetFindings(pods: readonly Pod[], graph: Graph): readonly Finding[] {
  const running = pods.filter(({ status }) => status.phase === 'Running');
  return graph.all.budgets.flatMap((budget) => {
    const { disruptionsAllowed, expectedPods, currentHealthy, desiredHealthy } = budget.status;
    if (disruptionsAllowed > 0 || expectedPods === 0) return [];
    const held = running.filter((pod) => selects(budget, pod));
    if (held.length === 0) return [];
    const drained = held.filter(({ spec }) => graph.all.cordoned.has(spec.nodeName ?? ''));
    const nodes = [...new Set(drained.map(({ spec }) => spec.nodeName ?? ''))];
    return [
      {
        cause: 'eviction-blocked',
        rank: drained.length > 0 ? 'cause' : 'note',
        object: objectOf('PodDisruptionBudget', budget),
        message:
          `it lets no pod be evicted now: ${currentHealthy} of its pods are healthy, ${desiredHealthy} must be` +
          (drained.length > 0 ? `, and ${nodes.join(', ')} is being emptied` : ''),
        evidence: [`${held.length} of its ${expectedPods} pods are among these`],
        advice: 'Add replicas, make more of its pods healthy, or let the budget allow a disruption.',
      } satisfies Finding,
    ];
  });
}

function selects({ spec }: PodDisruptionBudget, { metadata }: Pod): boolean {
  const selector = fromLabelSelector(spec.selector);
  return selector !== undefined && matches(selector, metadata.labels);
}
