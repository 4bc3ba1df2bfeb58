/**
 * Who owns `spec.replicas`, as the `scale` of an object shows it and as the object itself does. Entries of the
 * object that hold its replicas read as entries of autoscaling/v1; what an apply to the scale makes of them is
 * carried back. Upstream: `ScaleHandler` in apimachinery/pkg/util/managedfields.
 *
 * Worked example: `kubectl` owns f:spec.f:replicas and f:spec.f:template of a Deployment. The scale shows
 * `kubectl` with f:spec.f:replicas. `hpa` applies the scale by force, so that only `hpa` is left there; the
 * Deployment then has `kubectl` with f:spec.f:template, and `hpa`, subresource `scale`, with f:spec.f:replicas.
 */

import { difference, hasPath, isEmptySet, setOf } from '../../api/apply/field-set.ts';
import { identityKey, type ManagedSet, type ManagedSets } from '../../api/apply/managed-fields.ts';

export const SCALE_API_VERSION = 'autoscaling/v1';

const IN_SCALE = ['f:spec', 'f:replicas'];
const REPLICAS = setOf([IN_SCALE]);

/** Steps to the replicas in a version of the kind; empty: it has no scale; undefined: there is no such version. */
export type ReplicasPathOf = (apiVersion: string) => readonly string[] | undefined;

export function toScaleEntries(parent: ManagedSets, pathOf: ReplicasPathOf): ManagedSets {
  const sets = new Map<string, ManagedSet>();
  for (const set of parent.values()) {
    if (!ownsReplicas(set, pathOf)) continue;
    const shown = { ...set, apiVersion: SCALE_API_VERSION, fields: REPLICAS };
    sets.set(identityKey(shown), shown);
  }
  return sets;
}

/** `apiVersion`: in which replicas that somebody came to own through the scale are owned. */
export function toParentEntries(
  parent: ManagedSets,
  scale: ManagedSets,
  apiVersion: string,
  pathOf: ReplicasPathOf,
): ManagedSets {
  const owners = new Map([...scale].filter(([, { fields }]) => hasPath(fields, IN_SCALE)));
  const sets = new Map<string, ManagedSet>();
  for (const [key, set] of parent) {
    const path = pathOf(set.apiVersion);
    if (path === undefined) continue;
    const shownKey = identityKey({ ...set, apiVersion: SCALE_API_VERSION });
    if (!ownsReplicas(set, pathOf) || owners.has(shownKey)) sets.set(key, set);
    else {
      const fields = difference(set.fields, setOf([path]));
      if (!isEmptySet(fields)) sets.set(key, { ...set, fields });
    }
  }
  const shown = toScaleEntries(parent, pathOf);
  const path = pathOf(apiVersion) ?? [];
  for (const [key, owner] of owners) {
    if (shown.has(key)) continue;
    const own = { ...owner, apiVersion, fields: setOf([path]) };
    sets.set(identityKey(own), own);
  }
  return sets;
}

function ownsReplicas({ apiVersion, fields }: ManagedSet, pathOf: ReplicasPathOf): boolean {
  const path = pathOf(apiVersion);
  return path !== undefined && path.length > 0 && hasPath(fields, path);
}
