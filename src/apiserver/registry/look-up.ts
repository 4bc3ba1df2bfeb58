/** Single stored objects for those who decide inside of the server: synchronous, as of this moment. */

import type { KubernetesObject, ResourceType } from '../../api/meta/object.ts';
import type { Store } from '../../store/store.ts';

export function lookUp<T extends KubernetesObject>(
  store: Store<KubernetesObject>,
  type: ResourceType<T>,
  namespace: string,
  name: string,
): T | undefined {
  const { group, plural, namespaced } = type;
  const prefix = `/registry/${group === '' ? 'core' : group}/${plural}/`;
  const entry = store.get(namespaced ? `${prefix}${namespace}/${name}` : prefix + name);
  return entry?.value as T | undefined;
}
