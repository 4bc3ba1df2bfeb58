/**
 * Companion changes: what must be written in the same commit as an object, so that both stand or neither. A
 * Service takes its cluster IPs and node ports this way: two API servers can never hand out the same one.
 */

import type { KubernetesObject } from '../../api/meta/object.ts';
import type { Resource } from '../../api/resource.ts';
import type { Change, Precondition } from '../../store/store.ts';

export interface CompanionPlan {
  /** The object with what was allocated for it. */
  readonly object: KubernetesObject;
  readonly changes: readonly Change<KubernetesObject>[];
  readonly preconditions: readonly Precondition[];
}

export interface Companions {
  /** Throws `ApiError` when nothing is free or the wanted one is taken. `old` undefined: a creation. */
  plan(resource: Resource, object: KubernetesObject, old: KubernetesObject | undefined): CompanionPlan;
  /** Changes that go with the removal of the object. */
  release(resource: Resource, object: KubernetesObject): readonly Change<KubernetesObject>[];
}

export const NO_COMPANIONS: Companions = {
  plan: (_resource, object) => ({ object, changes: [], preconditions: [] }),
  release: () => [],
};
