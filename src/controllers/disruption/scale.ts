/**
 * How many pods an owner wants: from the caches for the kinds that are common, else from the owner's `scale`,
 * which any kind may have, custom ones too.
 */

import { isApiError } from '../../api/meta/api-error.ts';
import { parseApiVersion, type KubernetesObject, type ResourceType } from '../../api/meta/object.ts';
import type { ResourceDefinition } from '../../api/meta/resource-definition.ts';
import { deployments } from '../../api/groups/apps/deployment/deployment.ts';
import { replicaSets } from '../../api/groups/apps/replica-set/replica-set.ts';
import { statefulSets } from '../../api/groups/apps/stateful-set/stateful-set.ts';
import { replicationControllers } from '../../api/groups/core/replication-controller/replication-controller.ts';
import type { Deployment, OwnerReference, Pod, ReplicaSet, Scale } from '../../api/types.gen.ts';
import type { Client } from '../../client/client.ts';
import type { Informer, Informers } from '../../client/informer/informer.ts';
import { controllerOf, refersTo } from '../ownership/ownership.ts';

interface Scaled {
  readonly uid: string;
  readonly replicas: number;
}

type Replicated = KubernetesObject & { readonly spec: { readonly replicas?: number } };

export class Scales {
  readonly #client: Client;
  readonly #kinds: () => readonly ResourceDefinition[];
  readonly #sets: Informer<ReplicaSet>;
  readonly #deployments: Informer<Deployment>;
  /** Owners whose own `replicas` counts. */
  readonly #others: readonly { readonly type: ResourceType; readonly informer: Informer<Replicated> }[];

  constructor(client: Client, informers: Informers, kinds: () => readonly ResourceDefinition[]) {
    this.#client = client;
    this.#kinds = kinds;
    this.#sets = informers.of(replicaSets);
    this.#deployments = informers.of(deployments);
    this.#others = [
      { type: statefulSets, informer: informers.of(statefulSets) },
      { type: replicationControllers, informer: informers.of(replicationControllers) },
    ];
  }

  /** What all owners of the pods want together, and the pods that have none. */
  async of(pods: readonly Pod[]): Promise<{ readonly scale: number; readonly unmanaged: readonly string[] }> {
    const wanted = new Map<string, number>();
    const looked = new Set<string>();
    const unmanaged: string[] = [];
    for (const pod of pods) {
      const { name = '', namespace = '' } = pod.metadata;
      const owner = controllerOf(pod);
      if (owner === undefined) unmanaged.push(name);
      if (owner === undefined || looked.has(owner.uid)) continue;
      looked.add(owner.uid);
      const scaled = this.#cached(owner, namespace) ?? (await this.#read(owner, namespace));
      if (scaled === undefined) throw new Error(`found no controllers for pod ${JSON.stringify(name)}`);
      wanted.set(scaled.uid, scaled.replicas);
    }
    return { scale: [...wanted.values()].reduce((sum, replicas) => sum + replicas, 0), unmanaged };
  }

  #cached(owner: OwnerReference, namespace: string): Scaled | undefined {
    if (!refersTo(owner, replicaSets)) {
      const other = this.#others.find(({ type }) => refersTo(owner, type));
      return same(other?.informer.get(namespace, owner.name), owner);
    }
    const set = this.#sets.get(namespace, owner.name);
    const above = set === undefined ? undefined : controllerOf(set);
    if (set?.metadata.uid !== owner.uid || above?.kind !== deployments.kind) return same(set, owner);
    return same(this.#deployments.get(namespace, above.name), above);
  }

  async #read(owner: OwnerReference, namespace: string): Promise<Scaled | undefined> {
    const { group = '', version = '' } = parseApiVersion(owner.apiVersion) ?? {};
    const ofKind = this.#kinds().filter((each) => each.group === group && each.kind === owner.kind);
    const kind = ofKind.find((each) => each.version === version) ?? ofKind[0];
    if (kind === undefined) {
      const what = `no matches for kind ${JSON.stringify(owner.kind)}`;
      throw new Error(`${what} in version ${JSON.stringify(owner.apiVersion)}`);
    }
    const { plural, namespaced } = kind;
    if (kind.scale === undefined) {
      const resource = group === '' ? plural : `${plural}.${group}`;
      throw new Error(`${resource} does not implement the scale subresource`);
    }
    const type: ResourceType<Scale> = { group, version: kind.version, kind: 'Scale', plural, namespaced };
    try {
      const { metadata, spec } = await this.#client.get(
        type,
        { namespace, name: owner.name },
        { subresource: 'scale' },
      );
      if (metadata.uid !== owner.uid) return undefined;
      return { uid: owner.uid, replicas: spec.replicas ?? 0 };
    } catch (error) {
      if (isApiError(error, 'NotFound')) return undefined;
      throw error;
    }
  }
}

function same(object: Replicated | undefined, owner: OwnerReference): Scaled | undefined {
  if (object?.metadata.uid !== owner.uid) return undefined;
  return { uid: owner.uid, replicas: object.spec.replicas ?? 1 };
}
