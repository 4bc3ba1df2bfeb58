/** Which of the pods could not go without breaking a disruption budget. Pure. */

import { fromLabelSelector, matches } from '../../api/labels/selector.ts';
import type { Pod, PodDisruptionBudget } from '../../api/types.gen.ts';

/** In the given order each pod that goes uses up a disruption of every budget that it falls under. */
export function splitByBudgets(
  pods: readonly Pod[],
  budgets: readonly PodDisruptionBudget[],
): { readonly violating: readonly Pod[]; readonly others: readonly Pod[] } {
  if (budgets.length === 0) return { violating: [], others: pods };
  const allowed = budgets.map((budget) => ({
    left: budget.status.disruptionsAllowed,
    selector: fromLabelSelector(budget.spec.selector),
    namespace: budget.metadata.namespace,
    // Going already, and counted as gone.
    disrupted: budget.status.disruptedPods ?? {},
  }));
  const violating: Pod[] = [];
  const others: Pod[] = [];
  for (const pod of pods) {
    const { namespace, name = '', labels } = pod.metadata;
    let isViolating = false;
    for (const budget of allowed) {
      // An empty selector selects nothing here, unlike elsewhere.
      if (budget.namespace !== namespace || (budget.selector ?? []).length === 0) continue;
      if (budget.selector === undefined || !matches(budget.selector, labels)) continue;
      if (budget.disrupted[name] !== undefined) continue;
      budget.left--;
      isViolating ||= budget.left < 0;
    }
    (isViolating ? violating : others).push(pod);
  }
  return { violating, others };
}
