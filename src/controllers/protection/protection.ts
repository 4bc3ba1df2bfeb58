/** Finalizers that keep objects as long as they are in use. Pure. */

import type { KubernetesObject } from '../../api/meta/object.ts';

/** `release`: take the finalizer off as soon as nobody uses the object. */
export type Protection = 'add' | 'release' | 'leave';

export function planProtection({ metadata }: KubernetesObject, finalizer: string): Protection {
  const isProtected = metadata.finalizers?.includes(finalizer) === true;
  if (metadata.deletionTimestamp === undefined) return isProtected ? 'leave' : 'add';
  return isProtected ? 'release' : 'leave';
}

export function withFinalizer<T extends KubernetesObject>(object: T, finalizer: string): T {
  const finalizers = [...(object.metadata.finalizers ?? []), finalizer];
  return { ...object, metadata: { ...object.metadata, finalizers } };
}

export function withoutFinalizer<T extends KubernetesObject>(object: T, finalizer: string): T {
  const finalizers = (object.metadata.finalizers ?? []).filter((name) => name !== finalizer);
  return { ...object, metadata: { ...object.metadata, finalizers } };
}
