/**
 * Rules that came later than objects that break them. Such an object can still be changed, and may go on
 * breaking the rule; one that kept it so far has to go on keeping it. Upstream: the `Allow…` options that its
 * strategies fill from the old object (`pkg/api/pod/util.go`).
 *
 * Upstream's declarative rules (`+k8s:` tags) forgive every field that did not change, but in 1.36 all of those
 * on kinds that are served by default are alpha: they run for comparison only, and the rules written by hand
 * judge. So nothing is forgiven here for their sake.
 */

import type { FieldError } from './field-error.ts';

export type LaterRule =
  | 'label values in selectors'
  | 'label values in required node affinity'
  | 'selectors of topology spread constraints'
  | 'label keys of topology spread constraints'
  | 'paths of projected tokens'
  | 'cost of deleting a pod'
  | 'template of a stateful set'
  | 'names of TLS secrets'
  | 'paths of wildcard hosts'
  | 'whole huge pages'
  | 'sysctls of shared namespaces'
  | 'time zones in schedules';

/** An error that is inside of a later rule already stays with that one. */
export function laterRule(rule: LaterRule, errors: readonly FieldError[]): FieldError[] {
  return errors.map((error) => (error.laterRule === undefined ? { ...error, laterRule: rule } : error));
}

/** Without the errors that the old object has been allowed so far; `ofOld` is asked only when it matters. */
export function withoutTolerated(
  errors: readonly FieldError[],
  ofOld: () => readonly FieldError[],
): readonly FieldError[] {
  if (errors.every(({ laterRule }) => laterRule === undefined)) return errors;
  const broken = new Set(ofOld().map(({ laterRule }) => laterRule));
  return errors.filter(({ laterRule }) => laterRule === undefined || !broken.has(laterRule));
}
