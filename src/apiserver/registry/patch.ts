/**
 * Patches of the four kinds: computed on the current object, then written as an update that retries on
 * conflict.
 */

import { forbidden } from '../../api/field/field-error.ts';
import { invalidError, unsupportedMediaTypeError } from '../../api/meta/api-error.ts';
import type { KubernetesObject } from '../../api/meta/object.ts';
import type { Resource } from '../../api/resource.ts';
import { applyJsonPatch } from '../../api/patch/json-patch.ts';
import { applyMergePatch } from '../../api/patch/merge-patch.ts';
import type { Patched } from '../../api/patch/patch.ts';
import { applyStrategicMergePatch } from '../../api/patch/strategic-merge-patch.ts';
import type { JsonObject, JsonValue } from '../../api/schema/schema.ts';
import type { PatchRequest } from '../../client/client.ts';
import type { PatchBody } from '../../client/operation.ts';
import { applyObject } from './apply.ts';
import { decodeBody, inServedVersion } from './decode-body.ts';
import { decodingOfPatched, requireReadable } from './patch-refusal.ts';
import type { ObjectWriter, WriteCall, WriteParts, Written } from './write.ts';

export async function patchObject(
  writer: ObjectWriter,
  call: WriteCall,
  patch: PatchBody,
  options: PatchRequest,
  parts: WriteParts,
): Promise<Written> {
  if (patch.type === 'apply') return applyObject(writer, call, patch, options, parts);
  if (options.force !== undefined) {
    throw invalidError({ group: 'meta.k8s.io', resource: 'PatchOptions' }, '', [
      forbidden('force', 'may not be specified for non-apply patch'),
    ]);
  }
  return writer.modify(call, (old) => patchedObject(call, patch, old), 'patch');
}

/** The object as the patch wants it. Server-side apply needs the whole way of its own and is refused here. */
export function patchedObject(call: WriteCall, patch: PatchBody, old: KubernetesObject): KubernetesObject {
  requireReadable(patch, call.options.fieldValidation ?? 'Warn');
  const current = inServedVersion(call, old) as unknown as JsonObject;
  const outcome = patched(call.served ?? call.resource, patch, current);
  if (!outcome.ok) throw outcome.error;
  const { value: json, literals } = outcome;
  const decoding = decodingOfPatched(patch, current, json, literals);
  return decodeBody(call, { json, duplicateFields: [] }, { stored: old, ...decoding });
}

/**
 * Custom resources have no merge keys, so upstream refuses this kind of patch for them. What it says of its
 * kind does not count.
 */
function strategic({ schema: { message } }: Resource, patch: JsonValue, current: JsonObject): Patched {
  if (message !== undefined) {
    const outcome = applyStrategicMergePatch(current, patch ?? {}, message);
    if (!outcome.ok) return outcome;
    const { kind = null, apiVersion = null } = current;
    const { value } = outcome;
    const isSame = value['kind'] === kind && value['apiVersion'] === apiVersion;
    return isSame ? outcome : { ok: true, value: { ...value, kind, apiVersion } };
  }
  const accepted = 'application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml';
  throw unsupportedMediaTypeError(
    `the body of the request was in an unknown format - accepted media types include: ${accepted}`,
  );
}

function patched(resource: Resource, patch: PatchBody, current: JsonObject): Patched {
  switch (patch.type) {
    case 'json':
      return applyJsonPatch(current, patch.body, patch.literals);
    case 'merge':
      return applyMergePatch(current, patch.body, patch.literals);
    case 'strategic':
      return strategic(resource, patch.body, current);
    case 'apply':
      throw unsupportedMediaTypeError('server-side apply is not supported here');
  }
}
