/** What hooks and policies are told about a request: its names as clients use them, not as objects are stored. */

import type { LabelMap } from '../../../api/labels/selector.ts';
import type { KubernetesObject } from '../../../api/meta/object.ts';
import type { Resource } from '../../../api/resource.ts';
import type { AdmissionRequest } from '../admission.ts';

/** The version that the client speaks. */
export function spokenResource({ served, resource }: AdmissionRequest): Resource {
  return served ?? resource;
}

/** Empty where the server generates the name, also once it has, and where a collection is deleted. */
export function admissionName({ target, object, isUnnamed }: AdmissionRequest): string {
  if (isUnnamed === true) return '';
  return target.name === '' ? (object?.metadata.name ?? '') : target.name;
}

/** A Namespace is in itself; empty: cluster-scoped. */
export function admissionNamespace(request: AdmissionRequest): string {
  const { resource, target } = request;
  return isNamespaces(resource) ? admissionName(request) : target.namespace;
}

export function isNamespaces({ definition: { group, plural } }: Resource): boolean {
  return group === '' && plural === 'namespaces';
}

/** Of the new and the old object, so far as there are any; what connects has none. */
export function labelsOf(request: AdmissionRequest): readonly (LabelMap | undefined)[] {
  if (request.operation === 'CONNECT') return [];
  const { object, oldObject } = request.body ?? request;
  return [object, oldObject].filter((one) => one !== undefined).map(labelsOfObject);
}

function labelsOfObject({ metadata }: KubernetesObject): LabelMap | undefined {
  return metadata.labels;
}
