/** From the parsed JSON of a request to a complete object of the kind, under the request's field validation. */

import { badRequestError } from '../../api/meta/api-error.ts';
import { apiVersionOf, type KubernetesObject } from '../../api/meta/object.ts';
import type { Resource } from '../../api/resource.ts';
import {
  decodeObject,
  strictDecodingErrorText,
  strictErrorTexts,
  undecodableError,
} from '../../api/schema/decode.ts';
import { applyDefaults } from '../../api/schema/default.ts';
import type { JsonObject, JsonValue } from '../../api/schema/schema.ts';
import type { WriteRequest } from '../../client/client.ts';
import type { Body, RequestContext } from '../../client/operation.ts';

/** Decodes, prunes, normalises and applies all defaults. Throws `BadRequest` for what does not fit the kind. */
export function decodeBody(
  resource: Resource,
  version: string,
  body: Body,
  options: WriteRequest,
  context: RequestContext,
): KubernetesObject {
  const json = checkKind(resource, version, body.json);
  const decoded = decodeObject(resource.schema, json);
  if (!decoded.ok) throw undecodableError(resource.definition.kind, version, decoded.error);
  const { kind } = resource.definition;
  reportFields(
    options.fieldValidation ?? 'Warn',
    decoded.unknownFields,
    body.duplicateFields,
    kind,
    version,
    context,
  );
  const object = decoded.value as unknown as KubernetesObject;
  const defaulted = applyDefaults(resource.schema, object);
  return resource.definition.defaults?.(defaulted) ?? defaulted;
}

/** As `decodeBody`, for a creation: most kinds begin with an empty status, whatever the client sent. */
export function decodeNew(
  resource: Resource,
  version: string,
  body: Body,
  options: WriteRequest,
  context: RequestContext,
): KubernetesObject {
  const { hasStatus, keepsStatusOnCreate = false } = resource.definition;
  if (!hasStatus || keepsStatusOnCreate || !isObject(body.json) || !('status' in body.json)) {
    return decodeBody(resource, version, body, options, context);
  }
  const { status: _reset, ...json } = body.json;
  return decodeBody(resource, version, { ...body, json }, options, context);
}

function isObject(json: JsonValue): json is JsonObject {
  return typeof json === 'object' && json !== null && !Array.isArray(json);
}

function checkKind(resource: Resource, version: string, json: JsonValue): JsonObject {
  if (!isObject(json)) {
    throw badRequestError(
      `the object provided is unrecognized (must be of type ${resource.definition.kind}): it is no JSON object`,
    );
  }
  const { kind } = resource.definition;
  const apiVersion = apiVersionOf({ group: resource.definition.group, version });
  const givenKind = json['kind'] ?? '';
  const givenVersion = json['apiVersion'] ?? '';
  if (givenVersion !== '' && givenVersion !== apiVersion) {
    throw badRequestError(
      `the API version in the data (${String(givenVersion)}) does not match the expected API version (${apiVersion})`,
    );
  }
  if (givenKind !== '' && givenKind !== kind) {
    throw badRequestError(
      `the object provided is unrecognized (must be of type ${kind}): its kind is ${String(givenKind)}`,
    );
  }
  return givenKind === '' || givenVersion === '' ? { ...json, kind, apiVersion } : json;
}

/** Strict refuses unknown and duplicate fields, Warn tells, Ignore drops them in silence. */
export function reportFields(
  mode: 'Strict' | 'Warn' | 'Ignore',
  unknown: readonly string[],
  duplicate: readonly string[],
  kind: string,
  version: string,
  context: RequestContext,
): void {
  if (mode === 'Ignore' || unknown.length + duplicate.length === 0) return;
  const texts = strictErrorTexts(unknown, duplicate);
  if (mode === 'Strict') throw undecodableError(kind, version, strictDecodingErrorText(texts));
  for (const text of texts) context.warn(text);
}
