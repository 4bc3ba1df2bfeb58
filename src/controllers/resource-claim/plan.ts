/**
 * What a pod's ResourceClaims need, and what a claim needs whose pods come and go. Pure.
 *
 * A claim of a template belongs to one pod and goes with it. Any claim is given back when the last pod that
 * had it reserved is done: what was allocated to it is free for others, and the next pod gets it anew.
 */

import {
  ALLOCATION_FINALIZER,
  canBeReserved,
  isOwnedBy,
  isReservedFor,
  usedClaim,
} from '../../api/groups/resource/pod-resource-claims.ts';
import type { Draft } from '../../api/meta/object.ts';
import type {
  Pod,
  PodResourceClaim,
  PodResourceClaimStatus,
  ResourceClaimConsumerReference,
  ResourceClaimTemplate,
  ResourceV1ResourceClaim,
} from '../../api/types.gen.ts';

/** On a generated claim: for which of the pod's claims it was made. */
export const POD_CLAIM_NAME = 'resource.kubernetes.io/pod-claim-name';

export type ClaimNeed =
  /** `made`: to be recorded in the pod's status. */
  | { readonly need: 'nothing'; readonly made: string | undefined }
  | { readonly need: 'create'; readonly claim: Draft<ResourceV1ResourceClaim> }
  | { readonly need: 'template'; readonly name: string };

export interface PodView {
  readonly pod: Pod;
  claim(name: string): ResourceV1ResourceClaim | undefined;
  template(name: string): ResourceClaimTemplate | undefined;
  /** Claims whose controller is the pod. */
  readonly owned: readonly ResourceV1ResourceClaim[];
}

const NOTHING: ClaimNeed = { need: 'nothing', made: undefined };

/** What one of the pod's claims needs. */
export function needOf(view: PodView, one: PodResourceClaim): ClaimNeed {
  const { pod } = view;
  const used = usedClaim(pod, one);
  const { resourceClaimTemplateName: templateName } = one;
  if (used.state === 'not needed' || templateName === undefined) return NOTHING;
  if (used.state === 'named') {
    const present = view.claim(used.name);
    if (present !== undefined && isOwnedBy(present, pod)) return NOTHING;
  }
  // Made already, but the status was not written.
  const made = view.owned.find(({ metadata }) => metadata.annotations?.[POD_CLAIM_NAME] === one.name);
  if (made !== undefined) return { need: 'nothing', made: made.metadata.name ?? '' };
  const template = view.template(templateName);
  if (template === undefined) return { need: 'template', name: templateName };
  return { need: 'create', claim: claimFrom(template, pod, one.name) };
}

function claimFrom(template: ResourceClaimTemplate, pod: Pod, name: string): Draft<ResourceV1ResourceClaim> {
  const { metadata, spec } = template.spec;
  const owner = { apiVersion: 'v1', kind: 'Pod', name: pod.metadata.name ?? '', uid: pod.metadata.uid ?? '' };
  return {
    metadata: {
      generateName: generatedNameOf(pod.metadata.name ?? '', name),
      namespace: pod.metadata.namespace,
      labels: metadata?.labels,
      annotations: { ...metadata?.annotations, [POD_CLAIM_NAME]: name },
      ownerReferences: [{ ...owner, controller: true, blockOwnerDeletion: true }],
    },
    spec,
  };
}

/** Leaves room for the random end of a name of 63 characters. */
const PREFIX_MAX = 57;

/** Too long ones lose something of both parts, so that both still show. */
function generatedNameOf(pod: string, claim: string): string {
  const whole = `${pod}-${claim}-`;
  if (whole.length <= PREFIX_MAX) return whole;
  const share = (text: string): string =>
    text.slice(0, Math.trunc((text.length * PREFIX_MAX) / whole.length));
  return `${share(pod)}-${share(claim)}`;
}

/** What the pod's status says of its claims, with what was made for it now. */
export function statusesWith(
  { status }: Pod,
  made: ReadonlyMap<string, string>,
): readonly PodResourceClaimStatus[] {
  const kept = (status.resourceClaimStatuses ?? []).filter(({ name }) => !made.has(name));
  return [...kept, ...[...made].map(([name, resourceClaimName]) => ({ name, resourceClaimName }))];
}

/** Claims to be reserved for a pod that somebody bound without asking for its devices. */
export function unreserved({ pod, claim }: PodView): readonly ResourceV1ResourceClaim[] {
  if ((pod.spec.nodeName ?? '') === '' || isDone(pod)) return [];
  return (pod.spec.resourceClaims ?? []).flatMap((one) => {
    const used = usedClaim(pod, one);
    const present = used.state === 'named' ? claim(used.name) : undefined;
    if (present === undefined || used.state !== 'named') return [];
    if (used.isGenerated && !isOwnedBy(present, pod)) return [];
    const isOpen = present.status.allocation !== undefined && canBeReserved(present);
    return isOpen && !isReservedFor(present, pod) ? [present] : [];
  });
}

/** No container of it runs, nor ever will. */
export function isDone({ metadata, spec, status }: Pod): boolean {
  if (status.phase === 'Succeeded' || status.phase === 'Failed') return true;
  return metadata.deletionTimestamp !== undefined && (spec.nodeName ?? '') === '';
}

export interface ClaimPlan {
  /** Undefined: the status stays. */
  readonly status: ResourceV1ResourceClaim['status'] | undefined;
  /** Afterwards. */
  readonly removesFinalizer: boolean;
  /** Last of all: it was made for a pod that is done. */
  readonly deletes: boolean;
}

/** `find` has the pod of a reservation, or of the owner, as it is. */
export function planClaim(
  claim: ResourceV1ResourceClaim,
  find: (name: string) => Pod | undefined,
): ClaimPlan {
  const { metadata, status } = claim;
  const reserved = status.reservedFor ?? [];
  const valid = reserved.filter((one) => isStillUsing(one, find));
  const isHeld = metadata.finalizers?.includes(ALLOCATION_FINALIZER) === true;
  const isLeaving = metadata.deletionTimestamp !== undefined;
  const isFree = valid.length === 0;
  // The last one has just left, or nobody came and the claim is to go.
  const deallocates = isHeld && isFree && (reserved.length > 0 || isLeaving);
  const { allocation, ...rest } = status;
  const next = { ...(deallocates || allocation === undefined ? rest : status), reservedFor: valid };
  const isSame = valid.length === reserved.length && !(deallocates && allocation !== undefined);
  return {
    status: isSame ? undefined : next,
    // The scheduler writes the finalizer first: alone it means that an allocation is on its way.
    removesFinalizer: deallocates,
    deletes: isFree && !isLeaving && isOwnerDone(claim, find),
  };
}

function isStillUsing(
  { apiGroup = '', resource, name, uid }: ResourceClaimConsumerReference,
  find: (name: string) => Pod | undefined,
): boolean {
  // Of others than pods nothing is known.
  if (apiGroup !== '' || resource !== 'pods') return true;
  const pod = find(name);
  return pod !== undefined && pod.metadata.uid === uid && !isDone(pod);
}

/** When its pod is gone, the garbage collector takes the claim. */
function isOwnerDone(
  { metadata: { ownerReferences = [] } }: ResourceV1ResourceClaim,
  find: (name: string) => Pod | undefined,
): boolean {
  const owner = ownerReferences.find(
    ({ apiVersion, kind, controller }) => controller === true && apiVersion === 'v1' && kind === 'Pod',
  );
  const pod = owner === undefined ? undefined : find(owner.name);
  return pod !== undefined && (pod.metadata.uid !== owner?.uid || isDone(pod));
}
