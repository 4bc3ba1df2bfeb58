/**
 * The garbage collector: deletes objects whose owners are all gone, lets owners wait for their dependents
 * (foreground deletion), and cuts dependents loose (orphaning).
 *
 * Input: every deletable kind, through informers; `kinds` is asked again when a definition changes, since
 * custom kinds come and go. Invariant: nothing is deleted for want of an owner unless the server itself said
 * that the owner is not there; an informer that lags, or never heard of a kind, only costs a question.
 */

import { isApiError } from '../../api/meta/api-error.ts';
import { customResourceDefinitions } from '../../api/groups/apiextensions/custom-resource-definition/custom-resource-definition.ts';
import type { KubernetesObject, ResourceType } from '../../api/meta/object.ts';
import { ALL_VERBS, type Verb } from '../../api/meta/resource-definition.ts';
import type { JsonObject } from '../../api/schema/schema.ts';
import type { OwnerReference } from '../../api/types.gen.ts';
import type { ObjectRef } from '../../client/client.ts';
import {
  MANY_WORKERS,
  type ControllerContext,
  type ControllerDefinition,
  type Enqueue,
  type ReconcileResult,
  type Reconciler,
} from '../../reconcile/controller.ts';
import { couldOwn, deletionMode, groupOf, ORPHAN, OwnerGraph, ownersOf, uidOf, type Node } from './graph.ts';
import { planDeleting, planOwned, type GarbageAction, type OwnerState } from './plan.ts';

/** A kind whose objects can own, be owned and be deleted. */
export interface CollectableType extends ResourceType {
  /** Absent: all. */
  readonly verbs?: readonly Verb[];
}

/** Not a uid, so it cannot be mistaken for one. */
const FOLLOW_KINDS = 'kinds';
const FOLLOW_KINDS_MS = 5_000;
const UNKNOWN_KIND_RETRY_MS = 30_000;
/** Upstream's bound of remembered absent owners. */
const ABSENT_MAX = 500;
/** Objects per page while looking for dependents. */
const PAGE = 1_000;
const NEEDED_VERBS: readonly Verb[] = ['delete', 'list', 'watch', 'patch'];

export function garbageCollector(kinds: () => readonly CollectableType[]): ControllerDefinition {
  return {
    name: 'generic-garbage-collector',
    permissions: [
      {
        apiGroups: ['*'],
        resources: ['*'],
        verbs: ['delete', 'get', 'list', 'patch', 'update', 'watch'],
      },
      { apiGroups: ['', 'events.k8s.io'], resources: ['events'], verbs: ['create', 'patch', 'update'] },
    ],
    workers: MANY_WORKERS,
    build: (context, enqueue) => new GarbageCollector(context, enqueue, kinds),
  };
}

class GarbageCollector implements Reconciler {
  readonly #context: ControllerContext;
  readonly #enqueue: Enqueue;
  readonly #kinds: () => readonly CollectableType[];
  readonly #graph = new OwnerGraph();
  readonly #absent = new AbsentOwners();
  readonly #followed = new Map<string, { readonly type: CollectableType; unsubscribe(): void }>();

  constructor(context: ControllerContext, enqueue: Enqueue, kinds: () => readonly CollectableType[]) {
    this.#context = context;
    this.#enqueue = enqueue;
    this.#kinds = kinds;
    this.#followKinds();
    // The server serves a kind, or stops to, a moment after its definition says so.
    context.informers.of(customResourceDefinitions).subscribe(() => {
      enqueue(FOLLOW_KINDS);
      enqueue(FOLLOW_KINDS, FOLLOW_KINDS_MS);
    });
  }

  #followKinds(): void {
    const kinds = this.#kinds();
    const wanted = new Map(kinds.filter(isCollectable).map((type) => [`${type.group}/${type.plural}`, type]));
    for (const [key, { type, unsubscribe }] of this.#followed) {
      if (wanted.has(key)) continue;
      unsubscribe();
      this.#followed.delete(key);
      for (const object of this.#graph.objectsOf(type)) this.#wake(this.#graph.remove(object));
    }
    for (const [key, type] of wanted) {
      if (this.#followed.has(key)) continue;
      const informer = this.#context.informers.of(type);
      const unsubscribe = informer.subscribe((next, old) => this.#observe(type, next, old));
      this.#followed.set(key, { type, unsubscribe });
    }
  }

  #observe(
    type: CollectableType,
    next: KubernetesObject | undefined,
    old: KubernetesObject | undefined,
  ): void {
    const replaced = old !== undefined && (next === undefined || uidOf(next) !== uidOf(old));
    if (replaced) this.#wake(this.#graph.remove(old));
    if (next !== undefined) this.#wake(this.#graph.put({ type, object: next }));
  }

  #wake(uids: readonly string[]): void {
    for (const uid of uids) this.#enqueue(uid);
  }

  async reconcile(uid: string): Promise<ReconcileResult> {
    if (uid === FOLLOW_KINDS) {
      this.#followKinds();
      return {};
    }
    const node = this.#graph.get(uid);
    if (node === undefined) return {};
    if (node.object.metadata.deletionTimestamp !== undefined) {
      const plan = planDeleting(node.object, (owner) => this.#graph.dependentsOf(owner));
      await this.#apply(node, plan);
      return {};
    }
    const owned = { object: node.object, dependents: this.#graph.dependentsOf(uid) };
    const states = new Map<OwnerReference, OwnerState>();
    for (const owner of ownersOf(node.object)) {
      const state = await this.#stateOf(node, owner);
      // Nobody can tell whether an owner of an unknown kind is there.
      if (state === 'unknown-kind') return { requeueAfterMs: UNKNOWN_KIND_RETRY_MS };
      states.set(owner, state);
    }
    await this.#apply(
      node,
      planOwned(owned, (owner) => states.get(owner) ?? 'present'),
    );
    return {};
  }

  async #stateOf(node: Node, owner: OwnerReference): Promise<OwnerState | 'unknown-kind'> {
    const known = this.#graph.get(owner.uid);
    const { namespace } = node.object.metadata;
    if (known !== undefined) {
      if (couldOwn(known, owner, namespace)) return stateOf(known.object);
      this.#reportMismatch(node.object, owner);
    }
    const type = this.#typeOf(owner);
    if (type === undefined || (type.namespaced && !node.type.namespaced)) return 'unknown-kind';
    const ref = { namespace: type.namespaced ? namespace : undefined, name: owner.name };
    if (this.#absent.has(owner, namespace)) return 'absent';
    const live = await this.#get(type, ref);
    if (live !== undefined && uidOf(live) === owner.uid) return stateOf(live);
    this.#absent.add(owner, namespace);
    return 'absent';
  }

  #reportMismatch(object: KubernetesObject, owner: OwnerReference): void {
    const { apiVersion, kind, name, uid } = owner;
    const { namespace } = object.metadata;
    const reference = `[${apiVersion}/${kind}, namespace: ${namespace ?? ''}, name: ${name}, uid: ${uid}]`;
    const where = namespace === undefined ? '' : ` in namespace ${JSON.stringify(namespace)}`;
    const message = `ownerRef ${reference} does not exist${where}`;
    this.#context.events.record(object, 'Warning', 'OwnerRefInvalidNamespace', message);
  }

  #typeOf({ apiVersion, kind }: OwnerReference): CollectableType | undefined {
    const group = groupOf(apiVersion);
    return this.#kinds().find((type) => type.kind === kind && type.group === group);
  }

  async #get(type: ResourceType, ref: ObjectRef): Promise<KubernetesObject | undefined> {
    return unlessGone(this.#context.client.get(type, ref));
  }

  async #apply(node: Node, action: GarbageAction): Promise<void> {
    switch (action.type) {
      case 'keep':
        return;
      case 'look-at':
        return this.#wake(action.uids);
      case 'set-owners':
        return this.#patch(node, { ownerReferences: action.ownerReferences });
      case 'remove-finalizer':
        return this.#removeFinalizer(node, action.finalizer);
      case 'orphan':
        return this.#orphan(node);
      case 'delete':
        // The new version comes back as an event, which leads here again.
        if (action.unblocked !== undefined && isBlocking(node)) {
          return this.#patch(node, { ownerReferences: action.unblocked });
        }
        return this.#delete(node, action.propagationPolicy);
    }
  }

  async #delete(
    { type, object }: Node,
    propagationPolicy: 'Foreground' | 'Background' | 'Orphan',
  ): Promise<void> {
    const { namespace, name = '', uid = '', resourceVersion = '' } = object.metadata;
    const preconditions = { uid, resourceVersion };
    await unlessGone(
      this.#context.client.delete(type, { namespace, name }, { propagationPolicy, preconditions }),
    );
  }

  /**
   * Asks the server: an informer that lags would hide a dependent, which would then be collected instead of
   * kept, since its owner is gone by the time it shows. (Upstream trusts its informers here.)
   */
  async #orphan(owner: Node): Promise<void> {
    const found = await Promise.all(
      [...this.#followed.values()].map(({ type }) => this.#liveDependents(owner, type)),
    );
    await Promise.all(
      found.flat().map((dependent) => {
        const references = ownersOf(dependent.object).filter(({ uid }) => uid !== uidOf(owner.object));
        return this.#patch(dependent, { ownerReferences: references });
      }),
    );
    await this.#removeFinalizer(owner, ORPHAN);
  }

  async #liveDependents({ type: ownerType, object: owner }: Node, type: CollectableType): Promise<Node[]> {
    if (ownerType.namespaced && !type.namespaced) return [];
    const { namespace } = owner.metadata;
    const found: Node[] = [];
    let token: string | undefined;
    do {
      const page = await unlessGone(
        this.#context.client.list(type, {
          ...(ownerType.namespaced && namespace !== undefined ? { namespace } : {}),
          limit: PAGE,
          ...(token === undefined ? {} : { continue: token }),
        }),
      );
      for (const object of page?.items ?? []) {
        if (ownersOf(object).some(({ uid }) => uid === uidOf(owner))) found.push({ type, object });
      }
      token = page?.continue;
    } while (token !== undefined);
    return found;
  }

  async #removeFinalizer(node: Node, finalizer: string): Promise<void> {
    const finalizers = (node.object.metadata.finalizers ?? []).filter((present) => present !== finalizer);
    await this.#patch(node, { finalizers });
  }

  /** The version goes along: what was decided on an outdated object is refused and decided again. */
  async #patch(
    { type, object }: Node,
    change: {
      readonly ownerReferences?: readonly OwnerReference[];
      readonly finalizers?: readonly string[];
    },
  ): Promise<void> {
    const { namespace, name = '', uid = '', resourceVersion = '' } = object.metadata;
    const body = { metadata: { uid, resourceVersion, ...change } } as unknown as JsonObject;
    await unlessGone(this.#context.client.patch(type, { namespace, name }, { type: 'merge', body }));
  }
}

/** Owners that the server did not know, by what the references said; the oldest are forgotten. */
class AbsentOwners {
  readonly #keys = new Set<string>();

  has(owner: OwnerReference, namespace: string | undefined): boolean {
    return this.#keys.has(this.#key(owner, namespace));
  }

  add(owner: OwnerReference, namespace: string | undefined): void {
    this.#keys.add(this.#key(owner, namespace));
    if (this.#keys.size > ABSENT_MAX) for (const oldest of this.#keys) if (this.#keys.delete(oldest)) break;
  }

  #key({ apiVersion, kind, name, uid }: OwnerReference, namespace = ''): string {
    return `${uid}/${apiVersion}/${kind}/${namespace}/${name}`;
  }
}

function isCollectable({ group, kind, verbs = ALL_VERBS }: CollectableType): boolean {
  if (kind === 'Event' && (group === '' || group === 'events.k8s.io')) return false;
  return NEEDED_VERBS.every((verb) => verbs.includes(verb));
}

function stateOf(owner: KubernetesObject): OwnerState {
  return deletionMode(owner) === 'foreground' ? 'waiting' : 'present';
}

function isBlocking({ object }: Node): boolean {
  return ownersOf(object).some(({ blockOwnerDeletion }) => blockOwnerDeletion === true);
}

async function unlessGone<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if (isApiError(error, 'NotFound')) return undefined;
    throw error;
  }
}
