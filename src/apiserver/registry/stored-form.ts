/** Objects on their way between the store and the version that is served; built-in kinds pass untouched. */

import { present } from '../../base/assert.ts';
import type { KubernetesObject } from '../../api/meta/object.ts';
import type { Resource } from '../../api/resource.ts';
import type { Entry } from '../../store/store.ts';

type Objects = readonly KubernetesObject[];

export function fromStored({ stored }: Resource, objects: Objects): Objects | Promise<Objects> {
  return stored === undefined || objects.length === 0 ? objects : stored.fromStored(objects);
}

export async function oneFromStored(resource: Resource, object: KubernetesObject): Promise<KubernetesObject> {
  if (resource.stored === undefined) return object;
  return present((await resource.stored.fromStored([object]))[0], 'converted object');
}

/** An entry as the version reads it; its key and revisions are those of the store. */
export async function entryFromStored(
  resource: Resource,
  entry: Entry<KubernetesObject>,
): Promise<Entry<KubernetesObject>> {
  const value = await oneFromStored(resource, entry.value);
  return value === entry.value ? entry : { ...entry, value };
}

export function toStored(
  { stored }: Resource,
  object: KubernetesObject,
): KubernetesObject | Promise<KubernetesObject> {
  return stored === undefined ? object : stored.toStored(object);
}
