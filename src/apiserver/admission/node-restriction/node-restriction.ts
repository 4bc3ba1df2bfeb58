/**
 * NodeRestriction: a node changes itself, its lease and the pods that run on it, and nothing else. What it
 * may read is the node authorizer's matter; here stand the rules that depend on the object.
 */

import { pods } from '../../../api/groups/core/pod/pod.ts';
import { forbiddenError } from '../../../api/meta/api-error.ts';
import { deepEqual } from '../../../api/meta/equal.ts';
import type { KubernetesObject } from '../../../api/meta/object.ts';
import type { Node, Pod, AuthenticationV1TokenRequest } from '../../../api/types.gen.ts';
import type { Store } from '../../../store/store.ts';
import { nodeNameOf } from '../../authorization/node-identity.ts';
import { lookUp } from '../../registry/look-up.ts';
import type { AdmissionPlugin, AdmissionRequest } from '../admission.ts';

const MIRROR_ANNOTATION = 'kubernetes.io/config.mirror';
const LEASE_NAMESPACE = 'kube-node-lease';
/** Labels under the project's own domains that a node may give itself. */
const OWN_LABELS: ReadonlySet<string> = new Set([
  'kubernetes.io/hostname',
  'topology.kubernetes.io/zone',
  'topology.kubernetes.io/region',
  'failure-domain.beta.kubernetes.io/zone',
  'failure-domain.beta.kubernetes.io/region',
  'node.kubernetes.io/instance-type',
  'beta.kubernetes.io/instance-type',
  'kubernetes.io/os',
  'kubernetes.io/arch',
  'beta.kubernetes.io/os',
  'beta.kubernetes.io/arch',
]);
const OWN_LABEL_DOMAINS = ['kubelet.kubernetes.io', 'node.kubernetes.io'];

export function nodeRestriction(store: Store<KubernetesObject>): AdmissionPlugin {
  return {
    name: 'NodeRestriction',
    validate: (request) => {
      const node = nodeNameOf(request.context.user);
      if (node === undefined) return;
      const why = problem(store, request, node);
      if (why !== undefined) throw forbiddenError(request.resource.subject, nameOf(request), why);
    },
  };
}

/** Why the node may not; undefined when it may. */
function problem(
  store: Store<KubernetesObject>,
  request: AdmissionRequest,
  node: string,
): string | undefined {
  const { definition } = request.resource;
  switch (`${definition.group}/${definition.plural}`) {
    case '/pods':
      return podProblem(request, node);
    case '/nodes':
      return nodeProblem(request, node);
    case '/serviceaccounts':
      return request.target.subresource === 'token' ? tokenProblem(store, request, node) : undefined;
    case 'coordination.k8s.io/leases':
      return leaseProblem(request, node);
    case 'storage.k8s.io/csinodes':
      return request.target.name === node || nameOf(request) === node
        ? undefined
        : `node ${JSON.stringify(node)} can only modify its own CSINode`;
    default:
      return undefined;
  }
}

function nameOf({ object, oldObject, target }: AdmissionRequest): string {
  return object?.metadata.name ?? oldObject?.metadata.name ?? target.name;
}

function podProblem(
  { operation, target, object, oldObject }: AdmissionRequest,
  node: string,
): string | undefined {
  const who = `node ${JSON.stringify(node)}`;
  const pod = (oldObject ?? object) as Pod | undefined;
  const isOwn = pod?.spec.nodeName === node;
  if (target.subresource === 'eviction') {
    return isOwn ? undefined : `${who} can only evict pods with spec.nodeName set to itself`;
  }
  switch (operation) {
    case 'CREATE': {
      if (pod?.metadata.annotations?.[MIRROR_ANNOTATION] === undefined) {
        return `pod does not have "${MIRROR_ANNOTATION}" annotation, ${who} can only create mirror pods`;
      }
      if (!isOwn) return `${who} can only create pods with spec.nodeName set to itself`;
      const owners = pod.metadata.ownerReferences ?? [];
      const isItsNode = owners.every((owner) => owner.kind === 'Node' && owner.name === node);
      return isItsNode ? undefined : `${who} can only create pods with an owner reference set to itself`;
    }
    case 'DELETE':
      return isOwn ? undefined : `${who} can only delete pods with spec.nodeName set to itself`;
    case 'UPDATE': {
      if (target.subresource !== 'status') return `${who} can only update pod status`;
      if (!isOwn) return `${who} can only update pod status for pods with spec.nodeName set to itself`;
      const same = deepEqual(object?.metadata.labels, oldObject?.metadata.labels);
      return same ? undefined : `${who} cannot update labels through pod status`;
    }
    case 'CONNECT':
      return undefined;
  }
}

function nodeProblem(request: AdmissionRequest, node: string): string | undefined {
  const { operation, object, oldObject } = request;
  const who = `node ${JSON.stringify(node)}`;
  const name = nameOf(request);
  if (name !== node) return `${who} is not allowed to modify node ${JSON.stringify(name)}`;
  if (operation === 'DELETE') return undefined;
  const next = object as Node | undefined;
  const old = oldObject as Node | undefined;
  const changed = restrictedChanges(next?.metadata.labels ?? {}, old?.metadata.labels ?? {});
  if (changed.length > 0) {
    const what = operation === 'CREATE' ? 'set' : 'modify';
    return `${who} is not allowed to ${what} the following labels: ${changed.toSorted().join(', ')}`;
  }
  if (operation !== 'UPDATE') return undefined;
  if (!deepEqual(next?.spec.taints, old?.spec.taints)) return `${who} is not allowed to modify taints`;
  const sameOwners = deepEqual(next?.metadata.ownerReferences, old?.metadata.ownerReferences);
  return sameOwners ? undefined : `${who} is not allowed to modify ownerReferences`;
}

type Labels = { readonly [key: string]: string };

function restrictedChanges(next: Labels, old: Labels): readonly string[] {
  const keys = new Set([...Object.keys(next), ...Object.keys(old)]);
  return [...keys].filter((key) => next[key] !== old[key] && isRestricted(key));
}

function isRestricted(key: string): boolean {
  if (OWN_LABELS.has(key)) return false;
  const [domain = ''] = key.includes('/') ? key.split('/') : [];
  const under = (parent: string): boolean => domain === parent || domain.endsWith(`.${parent}`);
  if (OWN_LABEL_DOMAINS.some(under)) return false;
  return under('kubernetes.io') || under('k8s.io');
}

function leaseProblem(request: AdmissionRequest, node: string): string | undefined {
  const { target } = request;
  const who = `node ${JSON.stringify(node)}`;
  if (target.namespace !== LEASE_NAMESPACE) {
    return `can only access leases in the "${LEASE_NAMESPACE}" system namespace`;
  }
  return nameOf(request) === node ? undefined : `${who} can only access node lease with the same name`;
}

/** Tokens for pods only, and for those that run here. */
function tokenProblem(
  store: Store<KubernetesObject>,
  { object, target }: AdmissionRequest,
  node: string,
): string | undefined {
  const reference = (object as AuthenticationV1TokenRequest | undefined)?.spec.boundObjectRef;
  if (reference?.kind !== 'Pod' || (reference.name ?? '') === '') {
    return 'node requested token not bound to a pod';
  }
  if ((reference.uid ?? '') === '') return 'node requested token with a pod binding without a uid';
  const pod = lookUp(store, pods, target.namespace, reference.name ?? '');
  if (pod === undefined || pod.metadata.uid !== reference.uid) {
    return `the UID in the bound object reference (${reference.uid ?? ''}) does not match the UID in record. The object might have been deleted and then recreated`;
  }
  return pod.spec.nodeName === node
    ? undefined
    : 'node requested token bound to a pod scheduled on a different node';
}
