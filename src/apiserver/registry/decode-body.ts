/**
 * From the parsed JSON of a request to a complete object of the kind, under the request's field validation.
 */

import { badRequestError, type ApiError } from '../../api/meta/api-error.ts';
import { apiVersionOf, type KubernetesObject } from '../../api/meta/object.ts';
import type { Resource } from '../../api/resource.ts';
import { strictDecodingErrorText, strictErrorTexts, undecodableError } from '../../api/schema/decode.ts';
import { sentText } from '../../api/schema/json.ts';
import type { JsonObject, JsonValue } from '../../api/schema/schema.ts';
import type { Body, RequestContext } from '../../client/operation.ts';
import type { PatchedDecoding } from './patch-refusal.ts';
import type { WriteCall } from './write.ts';

export interface BodyDecoding extends Partial<PatchedDecoding> {
  /** What the object is made from; parts of it that come back as they were are taken as they are. */
  readonly stored?: KubernetesObject | undefined;
}

/**
 * Decodes, prunes, normalises and applies all defaults of the version that the client speaks; the result is
 * of the stored version. Throws `BadRequest` for what does not fit the kind.
 */
export function decodeBody(call: WriteCall, body: Body, how: BodyDecoding = {}): KubernetesObject {
  const resource = call.served ?? call.resource;
  const { options, context } = call;
  const { version } = resource.definition;
  const json = checkKind(resource, version, body.json);
  const { kind } = resource.definition;
  const known = call.served === undefined ? (how.stored as unknown as JsonObject | undefined) : undefined;
  const refusal = how.refusal ?? ((why: string) => undecodableError(kind, version, why));
  const decoded = resource.schema.decode(json, { literals: body.literals, ...how.options, known });
  if (!decoded.ok) throw refusal(decoded.error);
  reportFields(
    options.fieldValidation ?? 'Warn',
    decoded.unknownFields,
    body.duplicateFields,
    refusal,
    context,
    body.repeatedKeys,
  );
  return completeObject(call, decoded.value as unknown as KubernetesObject);
}

/** An object of the version that the client speaks gets its defaults and becomes one of the stored version. */
export function completeObject(call: WriteCall, object: KubernetesObject): KubernetesObject {
  const resource = call.served ?? call.resource;
  const defaulted = resource.schema.applyDefaults(object);
  const complete = resource.definition.defaults?.(defaulted) ?? defaulted;
  return resource.definition.storedAs?.toHub(complete) ?? complete;
}

/** A stored object in the version that the client speaks. */
export function inServedVersion({ served }: WriteCall, object: KubernetesObject): KubernetesObject {
  return served?.definition.storedAs?.fromHub(object) ?? object;
}

/** As `decodeBody`, for a creation: most kinds begin with an empty status, whatever the client sent. */
export function decodeNew(call: WriteCall, body: Body): KubernetesObject {
  const { hasStatus, keepsStatusOnCreate = false } = call.resource.definition;
  if (!hasStatus || keepsStatusOnCreate || !isObject(body.json) || !('status' in body.json)) {
    return decodeBody(call, body);
  }
  const { status: _reset, ...json } = body.json;
  return decodeBody(call, { ...body, json });
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
      `the API version in the data (${sentText(givenVersion)}) does not match the expected API version (${apiVersion})`,
    );
  }
  if (givenKind !== '' && givenKind !== kind) {
    throw badRequestError(
      `the object provided is unrecognized (must be of type ${kind}): its kind is ${sentText(givenKind)}`,
    );
  }
  return givenKind === '' || givenVersion === '' ? { ...json, kind, apiVersion } : json;
}

/** Strict refuses unknown and duplicate fields, Warn tells, Ignore drops them in silence. */
export function reportFields(
  mode: 'Strict' | 'Warn' | 'Ignore',
  unknown: readonly string[],
  duplicate: readonly string[],
  refusal: (why: string) => ApiError,
  context: RequestContext,
  repeatedKeys: readonly string[] = [],
): void {
  if (mode === 'Ignore' || unknown.length + duplicate.length + repeatedKeys.length === 0) return;
  const texts = strictErrorTexts(unknown, duplicate);
  if (mode === 'Strict') {
    const ofYaml = repeatedKeys.map((text) => `yaml: unmarshal errors:\n  ${text}`);
    throw refusal(strictDecodingErrorText([...ofYaml, ...texts]));
  }
  for (const text of [...repeatedKeys, ...texts]) context.warn(text);
}
