/**
 * What to do with one object, given what is known of its owners and dependents. Pure; the cases are
 * upstream's `attemptToDeleteItem`, `processDeletingDependentsItem` and `attemptToOrphan`.
 */

import { unreachable } from '../../base/assert.ts';
import type { KubernetesObject } from '../../api/meta/object.ts';
import type { OwnerReference } from '../../api/types.gen.ts';
import { deletionMode, FOREGROUND, ORPHAN, ownersOf, uidOf, type Node } from './graph.ts';

/** `absent` is certain: the server was asked. `waiting`: being deleted in the foreground. */
export type OwnerState = 'present' | 'absent' | 'waiting';

/** The dependents of the object with this uid. */
export type DependentsOf = (uid: string) => readonly Node[];

export interface OwnedObject {
  readonly object: KubernetesObject;
  readonly dependents: readonly Node[];
}

export type GarbageAction =
  | { readonly type: 'keep' }
  | {
      readonly type: 'delete';
      readonly propagationPolicy: 'Foreground' | 'Background' | 'Orphan';
      /** First write these references, so that a circle of waiting owners can end. */
      readonly unblocked: readonly OwnerReference[] | undefined;
    }
  | { readonly type: 'set-owners'; readonly ownerReferences: readonly OwnerReference[] }
  | { readonly type: 'remove-finalizer'; readonly finalizer: string }
  /** Take this object out of its dependents' references, then remove the finalizer. */
  | { readonly type: 'orphan' }
  | { readonly type: 'look-at'; readonly uids: readonly string[] };

const KEEP: GarbageAction = { type: 'keep' };

/** For an object on its way out; its owners do not matter any more. */
export function planDeleting(object: KubernetesObject, dependentsOf: DependentsOf): GarbageAction {
  const mode = deletionMode(object);
  switch (mode) {
    case 'none':
      return KEEP;
    case 'orphan':
      return { type: 'orphan' };
    case 'foreground': {
      const blocking = blockingOf(uidOf(object), dependentsOf);
      if (blocking.length === 0 || waitsForItself(uidOf(object), dependentsOf))
        return { type: 'remove-finalizer', finalizer: FOREGROUND };
      const idle = blocking.filter((dependent) => deletionMode(dependent.object) !== 'foreground');
      return { type: 'look-at', uids: idle.map((dependent) => uidOf(dependent.object)) };
    }
    default:
      return unreachable(mode);
  }
}

function blockingOf(uid: string, dependentsOf: DependentsOf): readonly Node[] {
  return dependentsOf(uid).filter((dependent) => blocks(dependent, uid));
}

/**
 * Whether all that an object waits for, directly or not, waits for it in turn: then nobody would ever go.
 * Upstream waits for ever when somebody deletes every member of a circle in the foreground, or an object
 * that owns itself.
 */
function waitsForItself(uid: string, dependentsOf: DependentsOf): boolean {
  const waitingFor = new Map<string, string[]>();
  const queue = [uid];
  for (let owner = queue.pop(); owner !== undefined; owner = queue.pop()) {
    for (const { object } of blockingOf(owner, dependentsOf)) {
      if (deletionMode(object) !== 'foreground') return false;
      const owners = waitingFor.get(uidOf(object));
      if (owners !== undefined) owners.push(owner);
      else {
        waitingFor.set(uidOf(object), [owner]);
        if (uidOf(object) !== uid) queue.push(uidOf(object));
      }
    }
  }
  const inCircle = new Set<string>();
  const backwards = [uid];
  for (let member = backwards.pop(); member !== undefined; member = backwards.pop()) {
    if (inCircle.has(member)) continue;
    inCircle.add(member);
    backwards.push(...(waitingFor.get(member) ?? []));
  }
  return waitingFor.has(uid) && inCircle.size === waitingFor.size;
}

function blocks({ object }: Node, owner: string): boolean {
  return ownersOf(object).some(({ uid, blockOwnerDeletion }) => uid === owner && blockOwnerDeletion === true);
}

/** For an object that is not being deleted; `stateOf` tells about each of its references. */
export function planOwned(
  { object, dependents }: OwnedObject,
  stateOf: (reference: OwnerReference) => OwnerState,
): GarbageAction {
  const owners = ownersOf(object);
  if (owners.length === 0) return KEEP;
  const present = owners.filter((owner) => stateOf(owner) === 'present');
  if (present.length === owners.length) return KEEP;
  if (present.length > 0) return { type: 'set-owners', ownerReferences: present };
  const waiting = owners.some((owner) => stateOf(owner) === 'waiting');
  if (waiting && dependents.length > 0) {
    // A dependent that waits itself may wait for this very object: stop blocking, or nobody ever goes.
    const circle = dependents.some((dependent) => deletionMode(dependent.object) === 'foreground');
    const unblocked = circle ? owners.map((owner) => ({ ...owner, blockOwnerDeletion: false })) : undefined;
    return { type: 'delete', propagationPolicy: 'Foreground', unblocked };
  }
  return { type: 'delete', propagationPolicy: policyOf(object), unblocked: undefined };
}

/** What the object's finalizers ask for already. */
function policyOf({
  metadata: { finalizers = [] },
}: KubernetesObject): 'Foreground' | 'Background' | 'Orphan' {
  if (finalizers.includes(ORPHAN)) return 'Orphan';
  return finalizers.includes(FOREGROUND) ? 'Foreground' : 'Background';
}
