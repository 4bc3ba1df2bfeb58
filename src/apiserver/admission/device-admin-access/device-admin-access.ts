/**
 * Claims for devices with administrative access are for namespaces that an administrator labelled. Upstream
 * judges it with the rest of the object (`pkg/registry/resource/utils.go`); here it needs the store, and is
 * therefore an admission plugin, whose refusal reads the same.
 */

import { namespaces } from '../../../api/groups/core/namespace/namespace.ts';
import { forbidden, internal, ROOT_PATH, type FieldPath } from '../../../api/field/field-error.ts';
import { invalidError } from '../../../api/meta/api-error.ts';
import type { KubernetesObject } from '../../../api/meta/object.ts';
import type { ResourceClaimTemplate, ResourceV1ResourceClaim } from '../../../api/types.gen.ts';
import type { Store } from '../../../store/store.ts';
import { lookUp } from '../../registry/look-up.ts';
import type { AdmissionPlugin, AdmissionRequest } from '../admission.ts';

const LABEL = 'resource.kubernetes.io/admin-access';
const REQUESTS = ROOT_PATH.child('spec', 'devices', 'requests');
const RESULTS = ROOT_PATH.child('status', 'allocation', 'devices', 'results');

export function deviceAdminAccess(store: Store<KubernetesObject>): AdmissionPlugin {
  return {
    name: 'DeviceAdminAccess',
    kinds: ['resource.k8s.io/resourceclaims', 'resource.k8s.io/resourceclaimtemplates'],
    validate: (request) => {
      const path = adminPath(request);
      if (path === undefined) return;
      const { resource, target, object } = request;
      const refuse = (error: ReturnType<typeof forbidden>): never => {
        throw invalidError(resource.kindSubject, object?.metadata.name ?? '', [error]);
      };
      const namespace = lookUp(store, namespaces, '', target.namespace);
      if (namespace === undefined) {
        const why = `namespaces "${target.namespace}" not found`;
        refuse(internal(path, `could not retrieve namespace to verify admin access: ${why}`));
      }
      if (namespace?.metadata.labels?.[LABEL] === 'true') return;
      const what = `the \`${LABEL}: true\` label on the containing namespace`;
      refuse(forbidden(path, `admin access to devices requires ${what}`));
    },
  };
}

/** Where the write asks for it, or gives it, for the first time. A specification does not change. */
function adminPath({
  operation,
  resource,
  target,
  object,
  oldObject,
}: AdmissionRequest): FieldPath | undefined {
  if (object === undefined) return undefined;
  const isClaim = resource.definition.plural === 'resourceclaims';
  if (operation === 'CREATE' && isClaim) return requestedPath((object as ResourceV1ResourceClaim).spec);
  if (operation === 'CREATE') {
    return requestedPath((object as ResourceClaimTemplate).spec.spec);
  }
  if (operation !== 'UPDATE' || !isClaim || target.subresource !== 'status') return undefined;
  const granted = (claim: KubernetesObject | undefined): number =>
    ((claim as ResourceV1ResourceClaim | undefined)?.status.allocation?.devices.results ?? []).findIndex(
      ({ adminAccess }) => adminAccess === true,
    );
  if (granted(oldObject) >= 0) return undefined;
  const index = granted(object);
  return index < 0 ? undefined : RESULTS.index(index).child('adminAccess');
}

function requestedPath({ devices }: ResourceV1ResourceClaim['spec']): FieldPath | undefined {
  const requests = devices?.requests ?? [];
  const index = requests.findIndex(({ exactly }) => exactly?.adminAccess === true);
  return index < 0 ? undefined : REQUESTS.index(index).child('adminAccess');
}
