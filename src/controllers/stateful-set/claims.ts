/** What the claims of one pod of a StatefulSet lack: to exist, or to have the right owners. Pure. */

import type { OwnerReference, PersistentVolumeClaim, StatefulSet } from '../../api/types.gen.ts';
import { claimsOf, type Named } from './identity.ts';
import { blocksNewPod, firstOwners, hasOtherController, wantedOwners, type Holder } from './retention.ts';

export interface ClaimPlan {
  readonly missing: readonly Named<PersistentVolumeClaim>[];
  /** Names of those that are being deleted: nothing can be built on them. */
  readonly leaving: readonly string[];
  readonly owners: readonly {
    readonly claim: PersistentVolumeClaim;
    readonly references: readonly OwnerReference[];
  }[];
  /** Names of those that another controller manages. */
  readonly conflicts: readonly string[];
  /** One of them goes with a former pod of the same name. */
  readonly isBlocked: boolean;
  /** All are there and as they should be. */
  readonly isDone: boolean;
}

export function planClaims(
  set: StatefulSet,
  ordinal: number,
  pod: Holder,
  isScaledDown: boolean,
  find: (name: string) => PersistentVolumeClaim | undefined,
): ClaimPlan {
  const missing: Named<PersistentVolumeClaim>[] = [];
  const leaving: string[] = [];
  const owners: { claim: PersistentVolumeClaim; references: readonly OwnerReference[] }[] = [];
  const conflicts: string[] = [];
  let isBlocked = false;
  for (const draft of claimsOf(set, ordinal)) {
    const { name } = draft.metadata;
    const claim = find(name);
    if (claim === undefined) {
      missing.push(withOwners(draft, firstOwners(set)));
      continue;
    }
    if (claim.metadata.deletionTimestamp !== undefined) leaving.push(name);
    if (blocksNewPod(claim, set, pod)) isBlocked = true;
    if (hasOtherController(claim, set, pod)) conflicts.push(name);
    const references = wantedOwners(claim, set, pod, isScaledDown);
    if (references !== undefined) owners.push({ claim, references });
  }
  const isDone = missing.length + leaving.length + owners.length === 0;
  return { missing, leaving, owners, conflicts, isBlocked, isDone };
}

function withOwners(
  claim: Named<PersistentVolumeClaim>,
  ownerReferences: readonly OwnerReference[],
): Named<PersistentVolumeClaim> {
  if (ownerReferences.length === 0) return claim;
  return { ...claim, metadata: { ...claim.metadata, ownerReferences } };
}
