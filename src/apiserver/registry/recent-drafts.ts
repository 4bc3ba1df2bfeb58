/**
 * Replicas are created one after the other, with equal specifications. From here on these are one object, so
 * that everything that follows from a specification alone (defaults, admission, validation, owned fields) is
 * found once: see `remembered`.
 *
 * Which draft may be like which is guessed from the names: `web-7d4b9-x2x4z` and `web-7d4b9-k8s2t` have all in
 * common but the last part.
 */

import type { KubernetesObject } from '../../api/meta/object.ts';
import { withPartsOf } from '../../api/meta/shared-parts.ts';
import type { Resource } from '../../api/resource.ts';

const DRAFTS_MAX = 256;

type WithSpec = KubernetesObject & { readonly spec?: unknown };

export class RecentDrafts {
  readonly #specs = new Map<string, unknown>();

  /** The draft, with the parts of one like it for equal parts of its specification. */
  withSharedSpec(resource: Resource, draft: KubernetesObject): KubernetesObject {
    const given = (draft as WithSpec).spec;
    if (given === undefined) return draft;
    const key = likeness(resource, draft);
    const spec = withPartsOf(given, this.#specs.get(key));
    if (this.#specs.size >= DRAFTS_MAX && !this.#specs.has(key)) this.#specs.clear();
    this.#specs.set(key, spec);
    return spec === given ? draft : ({ ...draft, spec } as KubernetesObject);
  }
}

function likeness({ definition }: Resource, { metadata }: KubernetesObject): string {
  const { namespace = '', name = '', generateName = '' } = metadata;
  const stem = generateName === '' ? name.slice(0, name.lastIndexOf('-') + 1) : generateName;
  return `${definition.plural} ${namespace} ${stem}`;
}
