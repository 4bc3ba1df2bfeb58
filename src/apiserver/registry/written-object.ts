/** What the server makes of an object that is about to be written, whatever its kind: pure. */

import { formatTime } from '../../api/time/time.ts';
import { deepEqual } from '../../api/meta/equal.ts';
import type { KubernetesObject } from '../../api/meta/object.ts';
import type { Resource } from '../../api/resource.ts';
import { withMetadata, withoutMetadata } from './metadata.ts';

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
    creationTimestamp: formatTime(nowMs),
    ...(resource.definition.hasGeneration ? { generation: 1 } : {}),
  });
}

/** Equal but for the version, so that a write without effect is none. */
export function sameContent(next: KubernetesObject, old: KubernetesObject): boolean {
  if (next === old) return true;
  const { resourceVersion: _a, ...nextMetadata } = next.metadata;
  const { resourceVersion: _b, ...oldMetadata } = old.metadata;
  return deepEqual(nextMetadata, oldMetadata) && deepEqual({ ...next, metadata: 0 }, { ...old, metadata: 0 });
}
