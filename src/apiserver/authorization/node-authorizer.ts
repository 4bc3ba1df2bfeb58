/**
 * The node authorizer: a node reads what the pods on it need and no more. Secrets, config maps, claims and
 * volumes are readable one by one, while a pod that runs here refers to them; the rest is a fixed set of
 * rules.
 *
 * Whether a pod refers to something is looked up in the pods of that namespace at this moment, so a pod
 * that was just bound can start at once, and one that is gone gives nothing any more.
 */

import { pods } from '../../api/groups/core/pod/pod.ts';
import type { KubernetesObject } from '../../api/meta/object.ts';
import type { PersistentVolume, Pod } from '../../api/types.gen.ts';
import { prefixRange, type Store } from '../../store/store.ts';
import type { AccessAttributes, Authorizer, Decision } from './authorizer.ts';
import { NODE_BOOTSTRAP_PATH } from './system-roles.ts';
import { nodeNameOf } from './node-identity.ts';
import { NODE_RULES } from './node-rules.ts';
import { podRefersTo, type Referable } from './pod-references.ts';
import { ruleAllows } from './rbac.ts';

type ResourceAttributes = Extract<AccessAttributes, { type: 'resource' }>;

const LEASE_NAMESPACE = 'kube-node-lease';
const ALLOWED: Decision = { allowed: true, reason: '' };
const NO_OPINION: Decision = { allowed: false, reason: '' };

export class NodeAuthorizer implements Authorizer {
  readonly #store: Store<KubernetesObject>;

  constructor(store: Store<KubernetesObject>) {
    this.#store = store;
  }

  authorize(attributes: AccessAttributes): Decision {
    const node = nodeNameOf(attributes.user);
    if (node === undefined) return NO_OPINION;
    if (attributes.type === 'path') {
      // Whose certificates it can have is for the handler to say.
      return attributes.path === NODE_BOOTSTRAP_PATH && attributes.verb === 'post' ? ALLOWED : NO_OPINION;
    }
    switch (`${attributes.group}/${attributes.resource}`) {
      case '/secrets':
        return this.#read(attributes, node, 'secret');
      case '/configmaps':
        return this.#read(attributes, node, 'configMap');
      case '/persistentvolumeclaims':
        if (attributes.subresource === 'status') break;
        return this.#read(attributes, node, 'persistentVolumeClaim');
      case '/persistentvolumes':
        return this.#readVolume(attributes, node);
      case '/serviceaccounts':
        return this.#requestToken(attributes, node);
      case 'coordination.k8s.io/leases':
        return ownLease(attributes, node);
      case 'storage.k8s.io/csinodes':
        return ownObject(attributes, node);
    }
    return NODE_RULES.some((rule) => ruleAllows(rule, attributes)) ? ALLOWED : NO_OPINION;
  }

  #read(attributes: ResourceAttributes, node: string, kind: Referable): Decision {
    const { verb, subresource, namespace, name } = attributes;
    if (subresource !== '') return NO_OPINION;
    if (verb !== 'get' && verb !== 'list' && verb !== 'watch') {
      return { allowed: false, reason: `can only read resources of this type` };
    }
    if (name === '') return { allowed: false, reason: 'No Object name found' };
    return this.#refers(node, namespace, kind, name) ? ALLOWED : noRelationship(node);
  }

  /** A volume lies in no namespace; the claim that holds it does. */
  #readVolume({ verb, name }: ResourceAttributes, node: string): Decision {
    if (verb !== 'get') return { allowed: false, reason: 'can only get individual resources of this type' };
    const volume = this.#store.get(`/registry/core/persistentvolumes/${name}`)?.value;
    const claim = (volume as PersistentVolume | undefined)?.spec.claimRef;
    const { namespace = '', name: claimName = '' } = claim ?? {};
    const isHeld = claim !== undefined && this.#refers(node, namespace, 'persistentVolumeClaim', claimName);
    return isHeld ? ALLOWED : noRelationship(node);
  }

  #requestToken({ verb, subresource, namespace, name }: ResourceAttributes, node: string): Decision {
    if (subresource === '' && verb === 'get') {
      return this.#refers(node, namespace, 'serviceAccount', name) ? ALLOWED : noRelationship(node);
    }
    if (subresource !== 'token' || verb !== 'create') {
      return { allowed: false, reason: 'can only create tokens for individual service accounts' };
    }
    return this.#refers(node, namespace, 'serviceAccount', name) ? ALLOWED : noRelationship(node);
  }

  #refers(node: string, namespace: string, kind: Referable, name: string): boolean {
    const page = this.#store.list(prefixRange(`/registry/core/${pods.plural}/${namespace}/`));
    if (!page.ok) return false;
    for (const { value } of page.result.entries) {
      const pod = value as Pod;
      if (pod.spec.nodeName === node && podRefersTo(pod, kind, name)) return true;
    }
    return false;
  }
}

function noRelationship(node: string): Decision {
  return { allowed: false, reason: `no relationship found between node '${node}' and this object` };
}

function ownLease({ verb, namespace, name }: ResourceAttributes, node: string): Decision {
  if (namespace !== LEASE_NAMESPACE) {
    const reason = `can only access leases in the "${LEASE_NAMESPACE}" system namespace`;
    return { allowed: false, reason };
  }
  // The name of a new lease stands in its body; admission looks at it.
  if (verb === 'create') return ALLOWED;
  const isChange = verb === 'get' || verb === 'update' || verb === 'patch' || verb === 'delete';
  return isChange && name === node
    ? ALLOWED
    : { allowed: false, reason: 'can only access node lease with the same name as the requesting node' };
}

function ownObject({ verb, name }: ResourceAttributes, node: string): Decision {
  const isChange = verb === 'get' || verb === 'update' || verb === 'patch' || verb === 'delete';
  if (verb === 'create' || (isChange && name === node)) return ALLOWED;
  return { allowed: false, reason: 'can only access CSINode with the same name as the requesting node' };
}

/** Asks one after the other; the first that allows decides, and the refusals' reasons are told together. */
export function unionAuthorizer(...authorizers: readonly Authorizer[]): Authorizer {
  const ask = (attributes: AccessAttributes, from: number, why: string): Decision | Promise<Decision> => {
    let reasons = why;
    for (let i = from; i < authorizers.length; i++) {
      const answer = authorizers[i]?.authorize(attributes);
      if (answer instanceof Promise) {
        return answer.then((decision) =>
          decision.allowed ? decision : ask(attributes, i + 1, joined(reasons, decision.reason)),
        );
      }
      if (answer?.allowed === true) return answer;
      reasons = joined(reasons, answer?.reason ?? '');
    }
    return { allowed: false, reason: reasons };
  };
  return { authorize: (attributes) => ask(attributes, 0, '') };
}

function joined(reasons: string, reason: string): string {
  return reasons === '' || reason === '' ? reasons + reason : `${reasons}, ${reason}`;
}
