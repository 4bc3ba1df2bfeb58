/** A pod from a template, as every workload controller makes it. Pure. */

import { flat } from '../../base/flat-text.ts';
import type { Draft } from '../../api/meta/object.ts';
import { dns1123SubdomainProblem } from '../../api/names/names.ts';
import type { OwnerReference, Pod, PodTemplateSpec } from '../../api/types.gen.ts';

/** `namespace` and `ownerName` are those of the object that holds the template. */
export function podFromTemplate(
  template: PodTemplateSpec,
  namespace: string,
  owner: OwnerReference,
): Draft<Pod> {
  const { labels, annotations, finalizers } = template.metadata;
  return {
    metadata: {
      namespace,
      generateName: namePrefix(owner.name),
      ...(labels === undefined ? {} : { labels }),
      ...(annotations === undefined ? {} : { annotations }),
      ...(finalizers === undefined ? {} : { finalizers }),
      ownerReferences: [owner],
    },
    spec: template.spec,
  };
}

/** `web-`; the bare name when the dash would make it too long or misplaced. */
export function namePrefix(owner: string): string {
  return dns1123SubdomainProblem(`${owner}-a`) === undefined ? flat(`${owner}-`) : owner;
}
