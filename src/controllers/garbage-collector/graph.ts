/**
 * Who depends on whom: every object of the cluster by uid, and its dependents. Fed by informers; answers
 * which objects a change makes worth a look.
 *
 * Invariants: an object is under exactly its `ownerReferences`' uids; an owner that is not known (yet, any
 * more, or in another namespace) needs no node of its own, its uid alone holds its dependents together.
 *
 * Example: pod p (owner set s) is seen before s. `put(p)` returns p, since its owner is unknown: someone has
 * to ask the server. Then `put(s)` returns nothing. `remove(s)` returns p.
 */

import { present } from '../../base/assert.ts';
import type { KubernetesObject, ResourceType } from '../../api/meta/object.ts';
import type { OwnerReference } from '../../api/types.gen.ts';

export const FOREGROUND = 'foregroundDeletion';
export const ORPHAN = 'orphan';

export interface Node {
  readonly type: ResourceType;
  readonly object: KubernetesObject;
}

export class OwnerGraph {
  readonly #objects = new Map<string, KubernetesObject>();
  /** By API version and kind: a node of its own for each object would be one more that lives as long. */
  readonly #types = new Map<string, Map<string, ResourceType>>();
  /** Owner's uid → uids of its dependents. */
  readonly #dependents = new Map<string, Set<string>>();

  get(uid: string): Node | undefined {
    const object = this.#objects.get(uid);
    return object === undefined ? undefined : { type: this.#typeOf(object), object };
  }

  objectsOf({ group, plural }: ResourceType): readonly KubernetesObject[] {
    return [...this.#objects.values()].filter((object) => {
      const type = this.#typeOf(object);
      return type.group === group && type.plural === plural;
    });
  }

  dependentsOf(uid: string): readonly Node[] {
    const uids = this.#dependents.get(uid);
    if (uids === undefined) return [];
    return [...uids].map((dependent) => this.get(dependent)).filter((node) => node !== undefined);
  }

  hasDependents(uid: string): boolean {
    return this.#dependents.has(uid);
  }

  /** A new or changed object; returns the uids to look at. */
  put({ type, object }: Node): readonly string[] {
    const uid = uidOf(object);
    const old = this.#objects.get(uid);
    this.#objects.set(uid, object);
    this.#noteType(type, object);
    const owners = ownersOf(object);
    const formerOwners = old === undefined ? [] : ownersOf(old);
    const wake = new Set<string>();
    const { namespace } = object.metadata;
    if (owners !== formerOwners) this.#relink({ uid, namespace }, owners, formerOwners, wake);
    const mode = deletionMode(object);
    if (mode !== 'none' && (old === undefined || deletionMode(old) !== mode)) {
      wake.add(uid);
      if (mode === 'foreground') for (const dependent of this.#dependents.get(uid) ?? []) wake.add(dependent);
    }
    return [...wake];
  }

  /** An object is gone; returns the uids to look at: its dependents, and owners that waited for it. */
  remove(object: KubernetesObject): readonly string[] {
    const uid = uidOf(object);
    const wake = new Set(this.#dependents.get(uid));
    const known = this.#objects.get(uid);
    if (known !== undefined) {
      this.#objects.delete(uid);
      this.#relink({ uid, namespace: undefined }, [], ownersOf(known), wake);
      wake.delete(uid);
    }
    return [...wake];
  }

  #relink(
    { uid, namespace }: { readonly uid: string; readonly namespace: string | undefined },
    owners: readonly OwnerReference[],
    former: readonly OwnerReference[],
    wake: Set<string>,
  ): void {
    const kept = new Set(owners.map((owner) => owner.uid));
    for (const owner of former) {
      const blocksNoMore =
        owner.blockOwnerDeletion === true &&
        !owners.some((next) => next.uid === owner.uid && next.blockOwnerDeletion === true);
      if (blocksNoMore) this.#wakeWaitingOwner(owner.uid, wake);
      if (!kept.has(owner.uid)) this.#unlink(owner.uid, uid);
    }
    for (const owner of owners) {
      this.#link(owner.uid, uid);
      const node = this.get(owner.uid);
      if (node === undefined || deletionMode(node.object) === 'foreground') wake.add(uid);
      else if (!former.some((old) => old.uid === owner.uid) && !couldOwn(node, owner, namespace))
        wake.add(uid);
    }
  }

  #wakeWaitingOwner(uid: string, wake: Set<string>): void {
    const owner = this.#objects.get(uid);
    if (owner !== undefined && deletionMode(owner) === 'foreground') wake.add(uid);
  }

  #typeOf({ apiVersion, kind }: KubernetesObject): ResourceType {
    return present(this.#types.get(apiVersion)?.get(kind), `type of ${kind} in ${apiVersion}`);
  }

  #noteType(type: ResourceType, { apiVersion, kind }: KubernetesObject): void {
    const kinds = this.#types.get(apiVersion);
    if (kinds === undefined) this.#types.set(apiVersion, new Map([[kind, type]]));
    else if (kinds.get(kind) !== type) kinds.set(kind, type);
  }

  #link(owner: string, dependent: string): void {
    const dependents = this.#dependents.get(owner);
    if (dependents === undefined) this.#dependents.set(owner, new Set([dependent]));
    else dependents.add(dependent);
  }

  #unlink(owner: string, dependent: string): void {
    const dependents = this.#dependents.get(owner);
    dependents?.delete(dependent);
    if (dependents?.size === 0) this.#dependents.delete(owner);
  }
}

const NO_OWNERS: readonly OwnerReference[] = [];

export function ownersOf({ metadata }: KubernetesObject): readonly OwnerReference[] {
  return metadata.ownerReferences ?? NO_OWNERS;
}

export function uidOf({ metadata }: KubernetesObject): string {
  return metadata.uid ?? '';
}

/**
 * How an object that is being deleted wants its dependents treated; `none` while it is not, or when it waits
 * for others.
 */
export function deletionMode({ metadata }: KubernetesObject): 'none' | 'foreground' | 'orphan' {
  if (metadata.deletionTimestamp === undefined) return 'none';
  if (metadata.finalizers?.includes(ORPHAN) === true) return 'orphan';
  return metadata.finalizers?.includes(FOREGROUND) === true ? 'foreground' : 'none';
}

/**
 * Whether a reference from an object in `namespace` names this object by what it is, not by its uid alone.
 */
export function couldOwn(
  { type, object }: Node,
  reference: OwnerReference,
  namespace: string | undefined,
): boolean {
  return (
    type.kind === reference.kind &&
    groupOf(reference.apiVersion) === type.group &&
    object.metadata.name === reference.name &&
    (!type.namespaced || object.metadata.namespace === namespace)
  );
}

export function groupOf(apiVersion: string): string {
  const slash = apiVersion.indexOf('/');
  return slash < 0 ? '' : apiVersion.slice(0, slash);
}
