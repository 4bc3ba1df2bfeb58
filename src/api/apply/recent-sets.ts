/**
 * One set for all writes that set the same fields: a kubelet that reports a pod names the same fields as for
 * the pod before. A set that is known is written already, and its wire form is one object in all who have it.
 */

import { equalSets, type FieldSet } from './field-set.ts';

/** A manager has a few ways to write: its first report, its later ones. */
const WAYS_MAX = 4;
const MANAGERS_MAX = 256;

const recent = new Map<string, readonly FieldSet[]>();

/** The set that equals `set` among those that `manager` wrote lately, else `set` itself. */
export function recentSet(manager: string, set: FieldSet): FieldSet {
  const sets = recent.get(manager) ?? [];
  const known = sets.find((one) => equalSets(one, set));
  if (known !== undefined) return known;
  if (recent.size >= MANAGERS_MAX) recent.clear();
  recent.set(manager, [set, ...sets.slice(0, WAYS_MAX - 1)]);
  return set;
}
