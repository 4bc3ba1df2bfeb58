/**
 * Who owns which field (`metadata.managedFields`), kept correct after every kind of write. The walk over
 * fields is `api/apply/`; this file decides under which manager's name a write counts.
 */

import { remembered } from '../../base/remembered.ts';
import { formatTime } from '../../api/time/time.ts';
import type { KubernetesObject } from '../../api/meta/object.ts';
import type { Resource } from '../../api/resource.ts';
import { setOf, type FieldSet } from '../../api/apply/field-set.ts';
import { trackUpdate } from '../../api/apply/track-update.ts';
import { inServedVersion } from './decode-body.ts';
import type { VersionOf } from './other-versions.ts';
import type { WriteCall } from './write.ts';

const MANAGER_MAX = 128;

export interface FieldOwnership {
  trackCreate(object: KubernetesObject, call: WriteCall, nowMs: number): KubernetesObject;
  trackUpdate(
    object: KubernetesObject,
    old: KubernetesObject,
    call: WriteCall,
    nowMs: number,
    versionOf: VersionOf,
  ): KubernetesObject;
}

/** The manager of a request: what it says, else the program's name before the version in its user agent. */
export function managerOf(call: WriteCall): string {
  const named = call.options.fieldManager ?? '';
  if (named !== '') return named.slice(0, MANAGER_MAX);
  return programOf(call.context.userAgent);
}

const PROGRAMS_MAX = 1024;

/** One text for all that a program writes: it stands in every object. */
const programOf = remembered(PROGRAMS_MAX, (userAgent: string): string => {
  const program = userAgent.split('/')[0] ?? '';
  return (program === '' ? 'unknown' : program).slice(0, MANAGER_MAX);
});

export const fieldOwnership: FieldOwnership = {
  trackCreate: (object, call, nowMs) => track(object, undefined, call, nowMs, undefined),
  trackUpdate: track,
};

/** Fields are owned in the version that the client speaks. */
function track(
  next: KubernetesObject,
  old: KubernetesObject | undefined,
  call: WriteCall,
  nowMs: number,
  versionOf: VersionOf | undefined,
): KubernetesObject {
  const { served } = call;
  const resource = served ?? call.resource;
  const spoken = (object: KubernetesObject): KubernetesObject => inServedVersion(call, object);
  const tracked = trackUpdate({
    schema: resource.schema,
    next: spoken(next),
    old: old === undefined ? undefined : spoken(old),
    manager: managerOf(call),
    apiVersion: resource.apiVersion,
    subresource: call.target.subresource,
    time: formatTime(nowMs),
    resetFields: resetFieldsOf(resource, call.target.subresource),
    versionOf,
  });
  if (served === undefined) return tracked;
  const { managedFields: _stale, ...metadata } = next.metadata;
  const { managedFields } = tracked.metadata;
  return { ...next, metadata: managedFields === undefined ? metadata : { ...metadata, managedFields } };
}

const STATUS_ONLY = setOf([['f:status']]);
const SPEC_ONLY = setOf([['f:spec']]);

/** What an endpoint does not write, and so nobody comes to own through it. */
export function resetFieldsOf({ definition }: Resource, subresource: string): FieldSet | undefined {
  if (!definition.hasStatus) return undefined;
  return subresource === 'status' ? SPEC_ONLY : STATUS_ONLY;
}
