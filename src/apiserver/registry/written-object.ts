/** What the server makes of an object that is about to be written, whatever its kind: pure. */

import { deepEqual } from '../../api/meta/equal.ts';
import type { KubernetesObject } from '../../api/meta/object.ts';
import type { Resource } from '../../api/resource.ts';
import { timestamp, withMetadata, withoutMetadata } from './metadata.ts';

/**
 * A deletion that waited for finalizers (or a namespace for its content) ends with the write that removes
 * the last.
 */
export function isFinished(resource: Resource, object: KubernetesObject): boolean {
  const { deletionTimestamp, finalizers = [], deletionGracePeriodSeconds = 0 } = object.metadata;
  if (deletionTimestamp === undefined || finalizers.length > 0 || deletionGracePeriodSeconds > 0)
    return false;
  return !(resource.definition.holdsDeletion?.(object) ?? false);
}

export function stampNew(
  resource: Resource,
  object: KubernetesObject,
  uid: string,
  nowMs: number,
): KubernetesObject {
  const bare = withoutMetadata(
    object,
    'deletionTimestamp',
    'deletionGracePeriodSeconds',
    'selfLink',
    'resourceVersion',
    'generation',
  );
  return withMetadata(bare, {
    uid,
    creationTimestamp: timestamp(nowMs),
    ...(resource.definition.hasGeneration ? { generation: 1 } : {}),
  });
}

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

/** Equal but for the version, so that a write without effect is none. */
export function sameContent(next: KubernetesObject, old: KubernetesObject): boolean {
  if (next === old) return true;
  const { resourceVersion: _a, ...nextMetadata } = next.metadata;
  const { resourceVersion: _b, ...oldMetadata } = old.metadata;
  return deepEqual(nextMetadata, oldMetadata) && deepEqual({ ...next, metadata: 0 }, { ...old, metadata: 0 });
}
