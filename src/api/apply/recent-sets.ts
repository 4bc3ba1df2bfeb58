/**
 * Writes of one manager set much the same fields: a kubelet that reports a pod names those of the pod before,
 * but for the pod's address. What is the same in both sets is one: it is written already, and its wire form is
 * one object in all who have it.
 */

import { withNodesOf, type FieldSet } from './field-set.ts';

const MANAGERS_MAX = 256;

const latest = new Map<string, FieldSet>();

/** The set, with the parts that `manager` wrote last time for equal ones. */
export function withRecentParts(manager: string, set: FieldSet): FieldSet {
  const model = latest.get(manager);
  const shared = model === undefined ? set : withNodesOf(set, model);
  if (latest.size >= MANAGERS_MAX && model === undefined) latest.clear();
  latest.set(manager, shared);
  return shared;
}
