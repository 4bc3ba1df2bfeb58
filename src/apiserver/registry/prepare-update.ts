/** What becomes of the parts of an object in an update: status and the rest, generation, the kind's own rules. */

import { deepEqual } from '../../api/meta/equal.ts';
import type { KubernetesObject } from '../../api/meta/object.ts';
import type { PrepareContext } from '../../api/meta/resource-definition.ts';
import type { Resource } from '../../api/resource.ts';
import { withMetadata } from './metadata.ts';

/**
 * A write to the object leaves its status alone; a write to the status leaves everything but metadata
 * alone.
 */
export function keepForeignParts(
  resource: Resource,
  subresource: string,
  next: KubernetesObject,
  old: KubernetesObject,
): KubernetesObject {
  if (subresource === 'status') return { ...old, metadata: next.metadata, ...pick(next, 'status') };
  if (!resource.definition.hasStatus) return next;
  const { status: _ignored, ...rest } = next as KubernetesObject & { status?: unknown };
  return { ...rest, ...pick(old, 'status') };
}

function pick(object: KubernetesObject, field: string): { readonly [key: string]: unknown } {
  const value = (object as unknown as { readonly [key: string]: unknown })[field];
  return value === undefined ? {} : { [field]: value };
}

export function countGeneration(
  resource: Resource,
  next: KubernetesObject,
  old: KubernetesObject,
): KubernetesObject {
  if (!resource.definition.hasGeneration) return next;
  const { hasStatus } = resource.definition;
  const content = ({ metadata: _m, status, ...rest }: KubernetesObject & { status?: unknown }): unknown =>
    hasStatus ? rest : { ...rest, status };
  if (deepEqual(content(next), content(old))) return next;
  return withMetadata(next, { generation: (old.metadata.generation ?? 0) + 1 });
}

/**
 * The kind's own preparation of an update of the object or of its status; other subresources prepare what
 * they write themselves.
 */
export function prepareUpdate(
  { definition }: Resource,
  subresource: string,
  next: KubernetesObject,
  old: KubernetesObject,
  context: PrepareContext,
): KubernetesObject {
  switch (subresource) {
    case '':
      return definition.prepareForUpdate?.(next, old, context) ?? next;
    case 'status':
      return definition.prepareForStatusUpdate?.(next, old, context) ?? next;
    default:
      return next;
  }
}
