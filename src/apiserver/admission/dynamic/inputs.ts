/** What expressions see of a request: `object`, `oldObject`, `request`, `namespaceObject`. JSON, read in place. */

import { apiVersionOf, type GroupVersionKind, type KubernetesObject } from '../../../api/meta/object.ts';
import { notFoundError } from '../../../api/meta/api-error.ts';
import type { Resource } from '../../../api/resource.ts';
import type { JsonObject } from '../../../api/schema/schema.ts';
import type { UserInfo } from '../../../client/operation.ts';
import type { AdmissionBody, AdmissionRequest } from '../admission.ts';
import { admissionName, admissionNamespace, isNamespaces, spokenResource } from './attributes.ts';
import type { World } from './matching.ts';
import { requestKind } from './versions.ts';
import type { Bindings } from './evaluation.ts';

/** `matched` and `body`: the request as the policy matched it. Throws `NotFound` for a missing namespace. */
export function inputsOf(
  request: AdmissionRequest,
  matched: Resource,
  body: AdmissionBody,
  world: World,
): Bindings {
  return {
    object: jsonOf(body.object),
    oldObject: jsonOf(body.oldObject),
    request: requestJson(request, matched, body.kind),
    namespaceObject: jsonOf(namespaceOf(request, world)),
  };
}

/** Null, as expressions see what is not there. */
export function jsonOf(object: KubernetesObject | undefined): JsonObject | null {
  return object === undefined ? null : (object as unknown as JsonObject);
}

/** A Namespace is in none here. */
function namespaceOf(request: AdmissionRequest, world: World): KubernetesObject | undefined {
  const name = isNamespaces(request.resource) ? '' : admissionNamespace(request);
  if (name === '') return undefined;
  const namespace = world.namespaceOf(name);
  if (namespace === undefined) throw notFoundError({ group: '', resource: 'namespaces' }, name);
  return namespace;
}

/** As an AdmissionRequest is written, without what is empty and may be left out, and without the objects. */
function requestJson(request: AdmissionRequest, matched: Resource, kind: GroupVersionKind): JsonObject {
  const { subresource } = request.target;
  const name = admissionName(request);
  const namespace = admissionNamespace(request);
  const options = request.options ?? optionsOf(request.operation);
  return {
    kind: kindJson(kind),
    resource: resourceJson(matched),
    ...(subresource === '' ? {} : { subResource: subresource, requestSubResource: subresource }),
    requestKind: kindJson(requestKind(request)),
    requestResource: resourceJson(spokenResource(request)),
    ...(name === '' ? {} : { name }),
    ...(namespace === '' ? {} : { namespace }),
    operation: request.operation,
    userInfo: userJson(request.context.user),
    dryRun: request.dryRun,
    ...(options === undefined ? {} : { options }),
  };
}

function kindJson({ group, version, kind }: GroupVersionKind): JsonObject {
  return { group, version, kind };
}

function resourceJson({ definition: { group, version, plural } }: Resource): JsonObject {
  return { group, version, resource: plural };
}

function userJson({ name, uid = '', groups, extra = {} }: UserInfo): JsonObject {
  return {
    username: name,
    ...(uid === '' ? {} : { uid }),
    ...(groups.length === 0 ? {} : { groups }),
    ...(Object.keys(extra).length === 0 ? {} : { extra }),
  };
}

const OPTIONS = { CREATE: 'CreateOptions', UPDATE: 'UpdateOptions', DELETE: 'DeleteOptions' } as const;

function optionsOf(operation: AdmissionRequest['operation']): JsonObject | undefined {
  if (operation === 'CONNECT') return undefined;
  return { kind: OPTIONS[operation], apiVersion: apiVersionOf({ group: 'meta.k8s.io', version: 'v1' }) };
}
