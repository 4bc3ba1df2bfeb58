/**
 * A request's objects as hooks and policies see them: in the version that they matched. What subresources speak
 * of (a Scale, a Binding) is the same in every version.
 */

import type { GroupVersionKind, KubernetesObject } from '../../../api/meta/object.ts';
import type { Resource } from '../../../api/resource.ts';
import type { AdmissionBody, AdmissionRequest } from '../admission.ts';

/** `matched`: as `matchOf` says. Custom objects may have to ask a webhook, which may fail: throws `ApiError`. */
export async function asMatched(request: AdmissionRequest, matched: Resource): Promise<AdmissionBody> {
  if (request.body !== undefined) return request.body;
  const { object, oldObject, resource } = request;
  const { group, version, kind } = matched.definition;
  return {
    kind: { group, version, kind },
    object: await converted(object, resource, matched),
    oldObject: await converted(oldObject, resource, matched),
  };
}

/** The way back: an object that was changed as `matched`, in the version of the request's objects. */
export async function fromMatched(
  object: KubernetesObject,
  { resource, body }: AdmissionRequest,
  matched: Resource,
): Promise<KubernetesObject> {
  if (body !== undefined || matched.apiVersion === resource.apiVersion) return object;
  const converter = matched.definition.storedAs;
  if (converter !== undefined) return converter.toHub(object);
  const [converted] = (await resource.stored?.fromStored([object])) ?? [];
  return converted ?? object;
}

async function converted(
  object: KubernetesObject | undefined,
  from: Resource,
  to: Resource,
): Promise<KubernetesObject | undefined> {
  if (object === undefined || from.apiVersion === to.apiVersion) return object;
  const converter = to.definition.storedAs;
  if (converter !== undefined) return converter.fromHub(object);
  const [converted] = (await to.stored?.fromStored([object])) ?? [];
  return converted ?? object;
}

/** What the client called it. */
export function requestKind(request: AdmissionRequest): GroupVersionKind {
  if (request.body !== undefined) return request.body.kind;
  const { group, version, kind } = (request.served ?? request.resource).definition;
  return { group, version, kind };
}
