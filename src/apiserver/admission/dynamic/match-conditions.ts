/** `matchConditions`: whether a policy applies to a request that its rules match. Pure. */

import { evaluateAll, MATCH_CONDITIONS_BUDGET, Row } from './evaluation.ts';
import type { Bindings, Expression, Meter, Steps, Variables } from './evaluation.ts';

export type MatchResult =
  | { readonly matches: boolean }
  | /** The conditions cannot tell. */ { readonly error: string };

/** One that is false decides, whatever is wrong with others. */
export function* matchSteps(
  conditions: readonly Expression[],
  variables: Variables,
  bindings: Bindings,
  meter: Meter,
): Steps<MatchResult> {
  if (conditions.length === 0) return { matches: true };
  const row = new Row(variables, bindings, MATCH_CONDITIONS_BUDGET, meter);
  const errors = new Set<string>();
  for (const condition of conditions) {
    const outcome = yield* evaluateAll(row, [condition]);
    if ('exhausted' in outcome) return { error: outcome.exhausted };
    const [result] = outcome.results;
    if (result?.ok === false) errors.add(result.error);
    else if (result?.value === false) return { matches: false };
  }
  if (errors.size === 0) return { matches: true };
  const [first = ''] = errors;
  return { error: errors.size === 1 ? first : `[${[...errors].join(', ')}]` };
}

/** As `matchSteps`, in one go. */
export function matchConditions(...asked: Parameters<typeof matchSteps>): MatchResult {
  const steps = matchSteps(...asked);
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}
