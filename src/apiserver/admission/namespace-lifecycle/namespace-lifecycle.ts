/** NamespaceLifecycle: nothing is made in a namespace that is not there or is going, and some never go. */

import { namespaces } from '../../../api/groups/core/namespace/namespace.ts';
import { ApiError, forbiddenError, notFoundError } from '../../../api/meta/api-error.ts';
import type { KubernetesObject } from '../../../api/meta/object.ts';
import type { Store } from '../../../store/store.ts';
import { lookUp } from '../../registry/look-up.ts';
import type { AdmissionPlugin, AdmissionRequest } from '../admission.ts';

const IMMORTAL: ReadonlySet<string> = new Set(['default', 'kube-system', 'kube-public']);

export function namespaceLifecycle(store: Store<KubernetesObject>): AdmissionPlugin {
  return {
    name: 'NamespaceLifecycle',
    // First of all, so that no other plugin works on what is refused anyway.
    mutate: (request) => {
      if (request.operation === 'CREATE') checkNamespace(store, request);
      return request.object;
    },
    validate: ({ operation, resource, target }) => {
      if (operation !== 'DELETE' || !isNamespaces(resource) || !IMMORTAL.has(target.name)) return;
      throw forbiddenError(resource.subject, target.name, 'this namespace may not be deleted');
    },
  };
}

function isNamespaces({ definition }: AdmissionRequest['resource']): boolean {
  return definition.group === '' && definition.plural === 'namespaces';
}

function checkNamespace(
  store: Store<KubernetesObject>,
  { resource, target, object }: AdmissionRequest,
): void {
  if (!resource.definition.namespaced) return;
  const namespace = lookUp(store, namespaces, '', target.namespace);
  if (namespace === undefined) throw notFoundError({ group: '', resource: 'namespaces' }, target.namespace);
  if (namespace.metadata.deletionTimestamp === undefined) return;
  const why = `unable to create new content in namespace ${target.namespace} because it is being terminated`;
  const { code, reason, message, details } = forbiddenError(
    resource.subject,
    object?.metadata.name ?? '',
    why,
  );
  const cause = {
    reason: 'NamespaceTerminating',
    message: `namespace ${target.namespace} is being terminated`,
    field: 'metadata.namespace',
  };
  throw new ApiError(code, reason, message, { ...details, causes: [cause] });
}
