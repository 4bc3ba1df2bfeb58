/**
 * Server-side apply: the applied configuration merged into the object (or a new one) under its field
 * ownership.
 */

import { formatTime } from '../../api/time/time.ts';
import { required } from '../../api/field/field-error.ts';
import {
  badRequestError,
  conflictError,
  invalidError,
  isApiError,
  STALE_OBJECT,
} from '../../api/meta/api-error.ts';
import type { KubernetesObject } from '../../api/meta/object.ts';
import { applyConfiguration, type Applied } from '../../api/apply/apply.ts';
import { repeatedKeysText } from '../../api/schema/strict.ts';
import type { JsonValue } from '../../api/schema/schema.ts';
import type { PatchRequest } from '../../client/client.ts';
import type { PatchBody } from '../../client/operation.ts';
import { completeObject, inServedVersion } from './decode-body.ts';
import { objectStoreKey } from './keys.ts';
import { requireReadable } from './patch-refusal.ts';
import { resetFieldsOf } from './field-ownership.ts';
import { withoutMetadata } from './metadata.ts';
import { withOtherVersions, type VersionOf } from './other-versions.ts';
import type { ObjectWriter, WriteCall, WriteParts, Written } from './write.ts';

/** A first apply races with other creators at most so often. */
const CREATE_RETRIES_MAX = 5;

export async function applyObject(
  writer: ObjectWriter,
  call: WriteCall,
  patch: PatchBody,
  options: PatchRequest,
  parts: WriteParts,
): Promise<Written> {
  requireManager(options);
  const { resource, target } = call;
  const key = objectStoreKey(resource, target.namespace, target.name);
  const applied = (live: KubernetesObject | undefined): KubernetesObject | Promise<KubernetesObject> => {
    requireReadable(patch, call.options.fieldValidation ?? 'Warn');
    const nowMs = parts.clock.now();
    const decided = withOtherVersions(parts.resources, call.served ?? resource, (versionOf) =>
      merged(call, patch.body, options, live, nowMs, versionOf),
    );
    return decided instanceof Promise
      ? decided.then((outcome) => objectOf(call, patch, live, outcome))
      : objectOf(call, patch, live, decided);
  };
  for (let attempt = 1; ; attempt++) {
    if (parts.store.get(key) !== undefined || target.subresource !== '')
      return writer.modify(call, applied, 'apply');
    try {
      return await writer.createDecoded(call, await applied(undefined), target.name, 'apply');
    } catch (error) {
      if (!isApiError(error, 'AlreadyExists')) throw error;
      if (attempt >= CREATE_RETRIES_MAX) throw conflictError(resource.subject, target.name, STALE_OBJECT);
    }
  }
}

export function requireManager({ fieldManager = '' }: PatchRequest): string {
  if (fieldManager !== '') return fieldManager;
  throw invalidError({ group: 'meta.k8s.io', resource: 'PatchOptions' }, '', [
    required('fieldManager', 'is required for apply patch'),
  ]);
}

/**
 * Keys that stand twice, which upstream looks for last, when everything else was in order. Unknown fields are
 * refused by the apply itself, in its own words, whatever the client wants checked.
 */
function checkRepeatedKeys(call: WriteCall, { repeatedKeys = [] }: PatchBody): void {
  const mode = call.options.fieldValidation ?? 'Warn';
  if (mode === 'Ignore' || repeatedKeys.length === 0) return;
  if (mode === 'Warn') {
    for (const line of repeatedKeys) call.context.warn(line);
    return;
  }
  const text = `error converting YAML to JSON: ${repeatedKeysText(repeatedKeys)}`;
  throw badRequestError(`error strict decoding YAML: ${text}`);
}

function merged(
  call: WriteCall,
  config: JsonValue,
  options: PatchRequest,
  live: KubernetesObject | undefined,
  nowMs: number,
  versionOf: VersionOf,
): Applied {
  const { target } = call;
  const resource = call.served ?? call.resource;
  return applyConfiguration({
    schema: resource.schema,
    kind: resource.definition.kind,
    apiVersion: resource.apiVersion,
    subresource: target.subresource,
    time: formatTime(nowMs),
    live: live === undefined ? undefined : inServedVersion(call, live),
    config: config ?? {},
    manager: options.fieldManager ?? '',
    force: options.force ?? false,
    resetFields: resetFieldsOf(resource, target.subresource),
    versionOf,
  });
}

function objectOf(
  call: WriteCall,
  patch: PatchBody,
  live: KubernetesObject | undefined,
  outcome: Applied,
): KubernetesObject {
  if (!outcome.ok) throw outcome.error;
  checkRepeatedKeys(call, patch);
  const object = completeObject(call, outcome.object);
  return live === undefined ? withoutMetadata(object, 'resourceVersion', 'uid') : object;
}
