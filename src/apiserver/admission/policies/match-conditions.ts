/** `matchConditions`: whether a policy applies to a request that its rules match. Pure. */

import { MATCH_CONDITIONS_BUDGET, OutOfBudget, Row } from './evaluation.ts';
import type { Bindings, Expression, Meter, Variables } from './evaluation.ts';

export type MatchResult =
  | { readonly matches: boolean }
  | /** The conditions cannot tell. */ { readonly error: string };

/** One that is false decides, whatever is wrong with others. */
export function matchConditions(
  conditions: readonly Expression[],
  variables: Variables,
  bindings: Bindings,
  meter: Meter,
): MatchResult {
  if (conditions.length === 0) return { matches: true };
  const row = new Row(variables, bindings, MATCH_CONDITIONS_BUDGET, meter);
  const errors = new Set<string>();
  try {
    for (const condition of conditions) {
      const result = row.evaluate(condition);
      if (!result.ok) errors.add(result.error);
      else if (result.value === false) return { matches: false };
    }
  } catch (error) {
    if (error instanceof OutOfBudget) return { error: error.message };
    throw error;
  }
  if (errors.size === 0) return { matches: true };
  const [first = ''] = errors;
  return { error: errors.size === 1 ? first : `[${[...errors].join(', ')}]` };
}
