/**
 * From the parsed JSON of a request to a complete object of the kind, under the request's field validation.
 */

import type { ApiError } from '../../api/meta/api-error.ts';
import type { KubernetesObject } from '../../api/meta/object.ts';
import type { Resource } from '../../api/resource.ts';
import type { Decoded } from '../../api/schema/decode.ts';
import type { JsonObject, JsonValue, MessageSchema } from '../../api/schema/schema.ts';
import {
  duplicateFieldTexts,
  repeatedKeysText,
  strictDecodingErrorText,
  strictErrorTexts,
  strictWarnings,
  undecodableError,
} from '../../api/schema/strict.ts';
import type { Body, RequestContext } from '../../client/operation.ts';
import { kindProblem, objectOfKind } from './body-kind.ts';
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
  const { kind, version } = resource.definition;
  const refusal = how.refusal ?? ((why: string) => undecodableError(kind, version, why));
  const json = checkKind(resource, body, how.refusal);
  const known = call.served === undefined ? (how.stored as unknown as JsonObject | undefined) : undefined;
  const { duplicateFields, literals } = body;
  const decoded = resource.schema.decode(json, { literals, duplicateFields, ...how.options, known });
  if (!decoded.ok) throw refusal(decoded.error);
  const strict = [...(how.strictErrors ?? []), ...strictErrorsOf(body, decoded, resource.schema.message)];
  reportFields(options.fieldValidation ?? 'Warn', strict, refusal, context);
  return completeObject(call, decoded.value as unknown as KubernetesObject);
}

/** What strict validation has to say about a body that was decoded. Custom resources tell duplicates first. */
export function strictErrorsOf(
  { repeatedKeys = [], duplicateFields }: Body,
  { unknownFields, strictErrors }: Extract<Decoded, { ok: true }>,
  message: MessageSchema | undefined,
): readonly string[] {
  const ofYaml = repeatedKeys.length === 0 ? [] : [repeatedKeysText(repeatedKeys)];
  if (strictErrors !== undefined) return [...ofYaml, ...strictErrors];
  const unknown = strictErrorTexts(unknownFields, []);
  const duplicate = message === undefined ? duplicateFieldTexts(duplicateFields) : [];
  return [...ofYaml, ...duplicate, ...unknown];
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

function checkKind(resource: Resource, body: Body, refusal?: (why: string) => ApiError): JsonObject {
  const { group, version, kind } = resource.definition;
  const expected = { group, version, kind, message: resource.schema.message };
  if (refusal === undefined) return objectOfKind(expected, body);
  const problem = kindProblem(expected, body.json);
  if (problem !== undefined) throw refusal(problem);
  return objectOfKind(expected, body);
}

/** Strict refuses unknown and duplicate fields, Warn tells, Ignore drops them in silence. */
export function reportFields(
  mode: 'Strict' | 'Warn' | 'Ignore',
  texts: readonly string[],
  refusal: (why: string) => ApiError,
  context: RequestContext,
): void {
  if (mode === 'Ignore' || texts.length === 0) return;
  if (mode === 'Strict') throw refusal(strictDecodingErrorText(texts));
  for (const text of strictWarnings(texts)) context.warn(text);
}
