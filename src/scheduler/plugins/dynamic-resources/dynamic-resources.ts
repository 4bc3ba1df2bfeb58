/**
 * DynamicResources: the devices that a pod claims are on the node, or can be given to it there.
 *
 * A pod is not tried before its claims exist. Claims without an allocation get one with the node: it is
 * promised with the decision, so that no other pod gets the same device, and written before the pod is
 * bound. Devices that must be attached to the node first are waited for, then the pod is bound. When nothing
 * fits, an allocation that no other pod uses and that is in the way is given up.
 */

import { matchesTerm } from '../../../api/node-fit/node-affinity.ts';
import {
  canBeReserved,
  isOwnedBy,
  isReservedFor,
  usedClaim,
} from '../../../api/groups/resource/pod-resource-claims.ts';
import { objectKey } from '../../../api/meta/object.ts';
import type { AllocationResult, Node, Pod, ResourceV1ResourceClaim } from '../../../api/types.gen.ts';
import type { Clock, Random } from '../../../host/host.ts';
import type { EventRecorder } from '../../../reconcile/event-recorder.ts';
import { allocationResult, type AllocationContext } from '../../devices/allocation-result.ts';
import type { Given } from '../../devices/allocator.ts';
import { hasBindingConditions, isOverdue, readinessOf } from '../../devices/binding-conditions.ts';
import type { ClaimBinder } from '../../devices/claim-binder.ts';
import type { ClaimWaiting } from '../../devices/claim-waiting.ts';
import type { DeviceCatalog } from '../../devices/device-catalog.ts';
import { plainRequests } from '../../devices/requests.ts';
import type { Preparation, Refusal, SchedulerPlugin } from '../../framework.ts';
import { wakesDynamicResources, WATCHED } from './waking.ts';

const ELSEWHERE: Refusal = { reason: 'resourceclaim not available on the node', resolvable: false };
const NO_DEVICES: Refusal = { reason: 'cannot allocate all claims', resolvable: false };

export interface DynamicResourcesArgs {
  /** How long devices may take to be ready on a node. */
  readonly bindingTimeoutMs: number;
}

const DEFAULT_ARGS: DynamicResourcesArgs = { bindingTimeoutMs: 600_000 };

interface State {
  /** With their devices already. */
  readonly allocated: readonly ResourceV1ResourceClaim[];
  readonly unallocated: readonly ResourceV1ResourceClaim[];
  /** Allocated claims that were in the way on some node. */
  readonly inTheWay: Set<ResourceV1ResourceClaim>;
  /** From reserve on, in the order of `unallocated`. */
  promised: readonly AllocationResult[];
  /** Claims that say that this pod uses them, because this decision wrote it. */
  readonly written: ResourceV1ResourceClaim[];
}

/** What the plugin works with, shared by all profiles. */
export interface DeviceTools {
  readonly catalog: DeviceCatalog;
  readonly binder: ClaimBinder;
  readonly waiting: ClaimWaiting;
  readonly clock: Clock;
  readonly random: Random;
  readonly events: (schedulerName: string) => EventRecorder;
}

export function dynamicResources(
  tools: DeviceTools,
  { bindingTimeoutMs }: DynamicResourcesArgs = DEFAULT_ARGS,
): SchedulerPlugin<State> {
  const { catalog, binder, clock, random } = tools;
  const isUsable = (claim: ResourceV1ResourceClaim, node: Node): boolean =>
    isAvailable(claim, node) && !isLost(claim, bindingTimeoutMs, clock.now());
  return {
    name: 'DynamicResources',
    watches: WATCHED,
    wakesOn: (event, pod) => wakesDynamicResources(event, pod),
    preEnqueue: (pod) => {
      if (pod.spec.resourceClaims === undefined) return undefined;
      const claims = claimsOf(pod, catalog);
      return typeof claims === 'string' ? claims : undefined;
    },
    prepare: (pod) => prepare(pod, catalog),
    filter: ({ allocated, unallocated, inTheWay }, _pod, { node }) => {
      const unusable = allocated.filter((claim) => !isUsable(claim, node));
      const found = unallocated.length > 0 ? catalog.allocate(node, unallocated) : undefined;
      if (found?.outcome === 'problem') return unresolvable(found.reason);
      if (found?.outcome === 'none') return NO_DEVICES;
      for (const claim of unusable) inTheWay.add(claim);
      return unusable.length > 0 ? ELSEWHERE : undefined;
    },
    postFilter: (state, pod) => {
      if (state === undefined || state.allocated.length + state.unallocated.length === 0)
        return 'no new claims to deallocate';
      const idle = [...state.inTheWay].find((claim) => isUsedByNobodyBut(pod, claim));
      if (idle === undefined) return 'still not schedulable';
      binder.deallocate(idle);
      return 'deallocation of ResourceClaim completed';
    },
    reserve: (state, _pod, { node, name }) => {
      if (state.unallocated.length === 0) return undefined;
      const found = catalog.allocate(node, state.unallocated);
      if (found.outcome !== 'found') return NO_DEVICES;
      const context = { nodeName: name, newShareId: () => random.uuid() };
      state.promised = promise(state.unallocated, found.given, catalog, context);
      return undefined;
    },
    unreserve: (state, pod) => {
      if (state.promised.length > 0) for (const claim of state.unallocated) catalog.forget(objectKey(claim));
      state.promised = [];
      for (const claim of state.written.splice(0)) binder.giveBack(pod, claim);
    },
    preBind: async (state, pod, nodeName, signal) => {
      for (const [i, claim] of state.unallocated.entries())
        state.written.push(await binder.bind(pod, claim, state.promised[i]));
      for (const claim of state.allocated)
        if (!isReservedFor(claim, pod)) state.written.push(await binder.bind(pod, claim, undefined));
      const claims = [...state.written, ...state.allocated.filter((claim) => isReservedFor(claim, pod))];
      if (!claims.some(hasBindingConditions)) return;
      const message = `waiting for binding conditions for device on node ${nodeName}`;
      tools.events(pod.spec.schedulerName ?? '').record(pod, 'Normal', 'BindingConditionsPending', message);
      await tools.waiting.untilReady(pod, claims, bindingTimeoutMs, signal);
    },
  };
}

const unresolvable = (reason: string): Refusal => ({ reason, resolvable: false });

/** The claims of the pod, or why it cannot be tried yet. */
function claimsOf(pod: Pod, catalog: DeviceCatalog): readonly ResourceV1ResourceClaim[] | string {
  const claims: ResourceV1ResourceClaim[] = [];
  const { namespace = '' } = pod.metadata;
  for (const one of pod.spec.resourceClaims ?? []) {
    const used = usedClaim(pod, one);
    if (used.state === 'not needed') continue;
    if (used.state === 'not made') return `pod "${objectKey(pod)}": ResourceClaim not created yet`;
    const claim = catalog.claim(namespace, used.name);
    if (claim === undefined) return `resourceclaim.resource.k8s.io "${used.name}" not found`;
    if (claim.metadata.deletionTimestamp !== undefined)
      return `resourceclaim "${used.name}" is being deleted`;
    if (used.isGenerated && !isOwnedBy(claim, pod))
      return `ResourceClaim ${objectKey(claim)} was not created for pod ${objectKey(pod)} (pod is not owner)`;
    claims.push(claim);
  }
  return claims;
}

function prepare(pod: Pod, catalog: DeviceCatalog): Preparation<State> {
  const claims = pod.spec.resourceClaims === undefined ? [] : claimsOf(pod, catalog);
  if (typeof claims === 'string') return { refusal: unresolvable(claims) };
  for (const claim of claims) {
    const problem = problemOf(claim, pod, catalog);
    if (problem !== undefined) return { refusal: unresolvable(problem) };
  }
  const isAllocated = ({ status }: ResourceV1ResourceClaim): boolean => status.allocation !== undefined;
  return {
    state: {
      allocated: claims.filter(isAllocated),
      unallocated: claims.filter((claim) => !isAllocated(claim)),
      inTheWay: new Set(),
      promised: [],
      written: [],
    },
    filters: claims.length > 0,
  };
}

function problemOf(claim: ResourceV1ResourceClaim, pod: Pod, catalog: DeviceCatalog): string | undefined {
  if (claim.status.allocation !== undefined)
    return canBeReserved(claim) || isReservedFor(claim, pod) ? undefined : 'resourceclaim in use';
  if (catalog.isPromised(claim))
    return `resource claim ${objectKey(claim)} is in the process of being allocated`;
  const requests = plainRequests(claim, (name) => catalog.deviceClass(name));
  return typeof requests === 'string' ? requests : undefined;
}

function isAvailable({ status }: ResourceV1ResourceClaim, node: Node): boolean {
  const selector = status.allocation?.nodeSelector;
  return selector === undefined || selector.nodeSelectorTerms.some((term) => matchesTerm(term, node));
}

/** Its devices failed, or took too long to get ready. */
function isLost(claim: ResourceV1ResourceClaim, timeoutMs: number, nowMs: number): boolean {
  const { state } = readinessOf(claim);
  return state === 'failed' || (state === 'waiting' && isOverdue(claim, timeoutMs, nowMs));
}

function isUsedByNobodyBut({ metadata: { uid } }: Pod, { status }: ResourceV1ResourceClaim): boolean {
  const { reservedFor = [] } = status;
  return reservedFor.length === 0 || (reservedFor.length === 1 && reservedFor[0]?.uid === uid);
}

function promise(
  claims: readonly ResourceV1ResourceClaim[],
  given: readonly (readonly Given[])[],
  catalog: DeviceCatalog,
  context: AllocationContext,
): readonly AllocationResult[] {
  return claims.map((claim, i) => {
    const allocation = allocationResult(claim, given[i] ?? [], context);
    catalog.promise(claim, allocation);
    return allocation;
  });
}
