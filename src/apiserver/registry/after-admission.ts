/** What is not admission's to change, although webhooks and policies may hand back any object: pure. */

import { badRequestError, invalidError } from '../../api/meta/api-error.ts';
import type { KubernetesObject } from '../../api/meta/object.ts';
import { carrySystemMetadata, validateMetadataUpdate } from './metadata.ts';
import { keepForeignParts } from './prepare-update.ts';
import type { WriteCall } from './write.ts';

type WithStatus = KubernetesObject & { readonly status?: unknown };

/** A new object stays where it is, with the status that it begins with. */
export function admittedNew(
  { resource, target }: WriteCall,
  admitted: KubernetesObject,
  draft: KubernetesObject,
): KubernetesObject {
  const { namespaced, hasStatus, keepsStatusOnCreate = false } = resource.definition;
  if (namespaced && (admitted.metadata.namespace ?? '') !== target.namespace) {
    throw badRequestError(
      'the namespace of the provided object does not match the namespace sent on the request',
    );
  }
  const { status: before }: WithStatus = draft;
  const { status, ...rest }: WithStatus = admitted;
  if (!hasStatus || keepsStatusOnCreate || status === before) return admitted;
  return before === undefined ? rest : ({ ...rest, status: before } as KubernetesObject);
}

/** A changed object stays itself, and parts that the request is not about stay as they were. */
export function admittedUpdate(
  call: WriteCall,
  admitted: KubernetesObject,
  old: KubernetesObject,
): KubernetesObject {
  const { resource, target, ownRules } = call;
  const carried = carrySystemMetadata(admitted, old);
  const errors = validateMetadataUpdate(carried.metadata, old.metadata);
  if (errors.length > 0) throw invalidError(resource.kindSubject, target.name, errors);
  return ownRules === undefined ? keepForeignParts(resource, target.subresource, carried, old) : carried;
}
