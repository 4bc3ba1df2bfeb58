/** Bodies of subresources, which are kinds of their own: a Binding, an Eviction, a Scale, a TokenRequest. */

import { present } from '../../base/assert.ts';
import { invalidError, methodNotAllowedError, type ApiError } from '../../api/meta/api-error.ts';
import type { GroupVersionKind, KubernetesObject } from '../../api/meta/object.ts';
import { decodeObject } from '../../api/schema/decode.ts';
import { undecodableError } from '../../api/schema/strict.ts';
import { applyDefaults } from '../../api/schema/default.ts';
import type { GroupVersionSchema, JsonObject, MessageSchema } from '../../api/schema/schema.ts';
import { validateSchema } from '../../api/schema/validate.ts';
import type { Body, Operation } from '../../client/operation.ts';
import { writeOptions } from '../registry/admission-requests.ts';
import { kindProblem, objectOfKind } from '../registry/body-kind.ts';
import { reportFields, strictErrorsOf } from '../registry/decode-body.ts';
import type { PatchedDecoding } from '../registry/patch-refusal.ts';
import type { SubresourceCall } from './subresource.ts';

export type Schemas = ReadonlyMap<string, GroupVersionSchema>;

export interface BodyType extends GroupVersionKind {
  readonly schema: MessageSchema;
}

/** `group` is as the API has it (`policy`); the notation may call it shorter, so it is looked up by both. */
export function bodyType(schemas: Schemas, group: string, version: string, kind: string): BodyType {
  const all = [...schemas.values()];
  const found = all.find((schema) => schema.group === group && schema.version === version);
  const schema = present(found?.messages.get(kind), `message ${kind} of ${group}/${version}`);
  return { group, version, kind, schema };
}

/** The object of a POST; other verbs are refused. */
export function decodeCreated<T extends KubernetesObject>(type: BodyType, call: SubresourceCall): T {
  const { operation } = call;
  if (operation.verb !== 'create') throw methodNotAllowedError(call.resource.subject, operation.verb);
  return decodeAs<T>(type, operation.body, call);
}

/** Decodes with defaults and checks what the notation says. Throws `BadRequest` or `Invalid`. */
export function decodeAs<T extends KubernetesObject>(
  type: BodyType,
  body: Body,
  call: SubresourceCall,
  how: Partial<PatchedDecoding> = {},
): T {
  const json = checkKind(type, body, how.refusal);
  const refusal = how.refusal ?? ((why: string) => undecodableError(type.kind, type.version, why));
  const { literals, duplicateFields } = body;
  const decoded = decodeObject(type.schema, json, { literals, duplicateFields, ...how.options });
  if (!decoded.ok) throw refusal(decoded.error);
  const mode = fieldValidation(call.operation);
  const strict = [...(how.strictErrors ?? []), ...strictErrorsOf(body, decoded, type.schema)];
  reportFields(mode, strict, refusal, call.context);
  const object = applyDefaults(type.schema, decoded.value) as unknown as T;
  const errors = validateSchema(type.schema, object);
  if (errors.length > 0) {
    const subject = { group: type.group, resource: type.kind };
    throw invalidError(subject, object.metadata.name ?? '', errors);
  }
  return object;
}

/** What hooks and policies make of a body that was sent. Throws `ApiError` when it is refused. */
export function admitCreated<T extends KubernetesObject>(
  { operation, resource, context, parts }: SubresourceCall,
  { group, version, kind }: BodyType,
  object: T,
  dryRun = false,
): Promise<T> {
  const options = operation.verb === 'create' ? operation.options : {};
  return parts.admission.admitOther({
    operation: 'CREATE',
    resource,
    target: operation.target,
    object,
    oldObject: undefined,
    dryRun: dryRun || options.dryRun === true,
    context,
    body: { kind: { group, version, kind }, object, oldObject: undefined },
    options: writeOptions('CREATE', options),
  });
}

function fieldValidation(operation: Operation): 'Strict' | 'Warn' | 'Ignore' {
  switch (operation.verb) {
    case 'create':
    case 'update':
    case 'patch':
      return operation.options.fieldValidation ?? 'Warn';
    default:
      return 'Ignore';
  }
}

function checkKind(type: BodyType, body: Body, refusal: ((why: string) => ApiError) | undefined): JsonObject {
  const expected = { ...type, message: type.schema };
  const problem = refusal === undefined ? undefined : kindProblem(expected, body.json);
  if (refusal !== undefined && problem !== undefined) throw refusal(problem);
  return objectOfKind(expected, withoutOldVersion(type, body));
}

/** Older clients send an Eviction of policy/v1beta1, which reads the same. */
function withoutOldVersion({ group, kind }: BodyType, body: Body): Body {
  const { json } = body;
  if (kind !== 'Eviction' || typeof json !== 'object' || json === null || Array.isArray(json)) return body;
  const { apiVersion, ...rest } = json as JsonObject;
  return apiVersion === `${group}/v1beta1` ? { ...body, json: rest } : body;
}
