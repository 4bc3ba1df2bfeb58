/**
 * Where objects live in the store: `/registry/<group>/<resource>/<namespace>/<name>`; the core group is
 * `core`.
 */

import type { Resource } from '../../api/resource.ts';

export function collectionPrefix(resource: Resource, namespace: string): string {
  const { group, plural } = resource.definition;
  const base = `/registry/${group === '' ? 'core' : group}/${plural}/`;
  return namespace === '' ? base : `${base}${namespace}/`;
}

export function objectStoreKey(resource: Resource, namespace: string, name: string): string {
  return collectionPrefix(resource, resource.definition.namespaced ? namespace : '') + name;
}
