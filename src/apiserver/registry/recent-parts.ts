/**
 * Replicas are created one after the other, with equal specifications. From here on these are one object, so
 * that everything that follows from a specification alone (defaults, admission, validation, owned fields) is
 * found once: see `remembered`. Their statuses are much alike as well when they start in the same second; what is
 * the same object is kept, and walked by the garbage collector, once.
 *
 * Which draft may be like which is guessed from the names: `web-7d4b9-x2x4z` and `web-7d4b9-k8s2t` have all in
 * common but the last part. Statuses are alike that are equally far.
 */

import type { KubernetesObject } from '../../api/meta/object.ts';
import { withPartsOf } from '../../api/meta/shared-parts.ts';
import type { Resource } from '../../api/resource.ts';

const PARTS_MAX = 256;

interface Status {
  readonly phase?: string;
  readonly conditions?: readonly unknown[];
}
type WithParts = KubernetesObject & { readonly spec?: unknown; readonly status?: Status };

export class RecentParts {
  readonly #specs = new Map<string, unknown>();
  readonly #statuses = new Map<string, unknown>();

  /** The draft, with the parts of one like it for equal parts of its specification. */
  withSharedSpec(resource: Resource, draft: KubernetesObject): KubernetesObject {
    const given = (draft as WithParts).spec;
    if (given === undefined) return draft;
    const spec = shared(this.#specs, likeness(resource, draft), given);
    return spec === given ? draft : ({ ...draft, spec } as KubernetesObject);
  }

  /** The object, with the parts of one like it for equal parts of its status. */
  withSharedStatus(resource: Resource, object: KubernetesObject): KubernetesObject {
    const given = (object as WithParts).status;
    // A custom resource may have anything there.
    if (typeof given !== 'object' || given === null) return object;
    const key = `${resource.definition.plural} ${given.phase} ${given.conditions?.length}`;
    const status = shared(this.#statuses, key, given);
    return status === given ? object : ({ ...object, status } as KubernetesObject);
  }
}

function shared<T>(recent: Map<string, unknown>, key: string, given: T): T {
  const part = withPartsOf(given, recent.get(key));
  if (recent.size >= PARTS_MAX && !recent.has(key)) recent.clear();
  recent.set(key, part);
  return part;
}

function likeness({ definition }: Resource, { metadata }: KubernetesObject): string {
  const { namespace = '', name = '', generateName = '' } = metadata;
  const stem = generateName === '' ? name.slice(0, name.lastIndexOf('-') + 1) : generateName;
  return `${definition.plural} ${namespace} ${stem}`;
}
