/** What happened to an object of a kind that a plugin watches; the type tells what it is. */

import type { KubernetesObject, ResourceType } from '../../api/meta/object.ts';
import type { ClusterEvent } from '../framework.ts';

type OtherEvent = Extract<ClusterEvent, { readonly resource: 'Other' }>;

/** Whether an object of the type was made that `helps`. */
export function isAdded<T extends KubernetesObject>(
  { kind, next, old }: OtherEvent,
  type: ResourceType<T>,
  helps: (added: T) => boolean = () => true,
): boolean {
  return kind === type.kind && next !== undefined && old === undefined && helps(next as T);
}

/** Whether an object of the type was changed in a way that `helps`. */
export function isUpdated<T extends KubernetesObject>(
  { kind, next, old }: OtherEvent,
  type: ResourceType<T>,
  helps: (next: T, old: T) => boolean,
): boolean {
  return kind === type.kind && next !== undefined && old !== undefined && helps(next as T, old as T);
}

/** Whether an object of the type is gone, and that `helps`. */
export function isDeleted<T extends KubernetesObject>(
  { kind, next, old }: OtherEvent,
  type: ResourceType<T>,
  helps: (deleted: T) => boolean,
): boolean {
  return kind === type.kind && next === undefined && old !== undefined && helps(old as T);
}
