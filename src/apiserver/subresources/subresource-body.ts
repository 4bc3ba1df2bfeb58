/** Bodies of subresources, which are kinds of their own: a Binding, an Eviction, a Scale, a TokenRequest. */

import { present } from '../../base/assert.ts';
import { badRequestError, invalidError, methodNotAllowedError } from '../../api/meta/api-error.ts';
import { apiVersionOf, type GroupVersionKind, type KubernetesObject } from '../../api/meta/object.ts';
import { decodeObject, undecodableError } from '../../api/schema/decode.ts';
import { applyDefaults } from '../../api/schema/default.ts';
import type { GroupVersionSchema, JsonObject, JsonValue, MessageSchema } from '../../api/schema/schema.ts';
import { validateSchema } from '../../api/schema/validate.ts';
import type { Body, Operation } from '../../client/operation.ts';
import { writeOptions } from '../registry/admission-requests.ts';
import { reportFields } from '../registry/decode-body.ts';
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
  const json = checkKind(type, body.json);
  const refusal = how.refusal ?? ((why: string) => undecodableError(type.kind, type.version, why));
  const decoded = decodeObject(type.schema, json, { literals: body.literals, ...how.options });
  if (!decoded.ok) throw refusal(decoded.error);
  const mode = fieldValidation(call.operation);
  reportFields(mode, decoded.unknownFields, body.duplicateFields, refusal, call.context);
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

function checkKind(type: BodyType, json: JsonValue): JsonObject {
  const apiVersion = apiVersionOf(type);
  if (typeof json !== 'object' || json === null || Array.isArray(json)) {
    throw badRequestError(`the object provided is unrecognized (must be of type ${type.kind})`);
  }
  const object = json as JsonObject;
  const given = { kind: object['kind'] ?? type.kind, apiVersion: object['apiVersion'] ?? apiVersion };
  // Older clients send an Eviction of policy/v1beta1, which reads the same.
  const sameGroup = String(given.apiVersion).split('/').length === apiVersion.split('/').length;
  if (given.kind !== type.kind || !sameGroup) {
    const what = `${String(given.apiVersion)}, Kind=${String(given.kind)}`;
    throw badRequestError(`no kind "${type.kind}" is registered for ${what} in this place`);
  }
  return { ...object, kind: type.kind, apiVersion };
}
