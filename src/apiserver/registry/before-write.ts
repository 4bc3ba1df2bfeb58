/** What every write has to stand before it is made, whatever it changes. */

import { conflictError, forbiddenError, STALE_OBJECT, timeoutError } from '../../api/meta/api-error.ts';
import type { KubernetesObject } from '../../api/meta/object.ts';
import type { WriteCall } from './write.ts';

export function checkVersionAndUid(call: WriteCall, wanted: KubernetesObject, old: KubernetesObject): void {
  const { subject } = call.resource;
  const { resourceVersion = '', uid = '' } = wanted.metadata;
  if (resourceVersion !== '' && resourceVersion !== old.metadata.resourceVersion) {
    throw conflictError(subject, call.target.name, STALE_OBJECT);
  }
  if (uid !== '' && uid !== old.metadata.uid) {
    const why = `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${old.metadata.uid ?? ''}`;
    throw conflictError(subject, call.target.name, why);
  }
  requireTime(call);
}

/** Nothing is made of a kind whose definition is deleted: it would be left behind. */
export function requireLastingKind({ resource }: WriteCall, { metadata }: KubernetesObject): void {
  if (resource.isTerminating !== true) return;
  const why = 'create not allowed while custom resource definition is terminating';
  throw forbiddenError(resource.subject, metadata.name ?? '', why);
}

/** Who was told that the request failed is not surprised by it later. */
export function requireTime({ context }: WriteCall): void {
  if (context.signal.aborted) throw timeoutError('request did not complete within the allotted timeout');
}
