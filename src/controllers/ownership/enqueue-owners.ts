/** Which owners look again when an object changes: who controls it, who did, and who might adopt an orphan. */

import { fromLabelSelector, matches } from '../../api/labels/selector.ts';
import { objectKey, type KubernetesObject, type ResourceType } from '../../api/meta/object.ts';
import type { LabelSelector } from '../../api/types.gen.ts';
import type { Informer } from '../../client/informer/informer.ts';
import type { Enqueue } from '../../reconcile/controller.ts';
import { BY_CONTROLLER, controllerOf, orphansOf, ownerKey } from './ownership.ts';

export interface Selecting extends KubernetesObject {
  readonly spec: { readonly selector: LabelSelector };
}

export interface Owners<O extends Selecting> {
  readonly type: ResourceType<O>;
  readonly owners: Informer<O>;
  readonly enqueue: Enqueue;
}

/** `belongs` narrows the selector down. */
export function enqueueOwners<T extends KubernetesObject, O extends Selecting>(
  objects: Informer<T>,
  { type, owners, enqueue }: Owners<O>,
  belongs: (owner: O, object: T) => boolean = () => true,
): void {
  objects.subscribe((next, old) => {
    const owner = ownerKey(next, type);
    const formerOwner = ownerKey(old, type);
    if (owner !== undefined) enqueue(owner);
    if (formerOwner !== undefined && formerOwner !== owner) enqueue(formerOwner);
    if (next === undefined || controllerOf(next) !== undefined) return;
    for (const owner of owners.list(next.metadata.namespace)) {
      const selector = fromLabelSelector(owner.spec.selector);
      const isWanted = selector !== undefined && matches(selector, next.metadata.labels);
      if (isWanted && belongs(owner, next)) enqueue(objectKey(owner));
    }
  });
}

/** What an owner controls, and the orphans of its namespace. Needs the index of `indexByController`. */
export function candidatesOf<T extends KubernetesObject>(
  objects: Informer<T>,
  { metadata: { uid = '', namespace = '' } }: KubernetesObject,
): readonly T[] {
  return [...objects.byIndex(BY_CONTROLLER, uid), ...objects.byIndex(BY_CONTROLLER, orphansOf(namespace))];
}
