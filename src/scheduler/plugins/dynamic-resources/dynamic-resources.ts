/**
 * DynamicResources: the devices that a pod claims are on the node, or can be given to it there.
 *
 * A pod is not tried before its claims exist. Claims without an allocation get one with the node: it is
 * promised with the decision, so that no other pod gets the same device, and written before the pod is
 * bound. Extended resources that device classes stand for become a claim of their own
 * (`extended-resources.ts`). Devices that must be attached to the node first are waited for, then the pod is bound. When nothing
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
import { hasAlternatives, preferenceOf } from '../../devices/preferences.ts';
import { plainRequests } from '../../devices/requests.ts';
import type { NodeInfo } from '../../cache/node-info.ts';
import { normalizeByHighest, type Preparation, type Refusal, type SchedulerPlugin } from '../../framework.ts';
import { extendedNeedOf, type ExtendedDraft, type ExtendedNeed } from './extended-resources.ts';
import { wakesDynamicResources, WATCHED } from './waking.ts';

const ELSEWHERE: Refusal = { reason: 'resourceclaim not available on the node', resolvable: false };
const NO_DEVICES: Refusal = { reason: 'cannot allocate all claims', resolvable: false };

export interface DynamicResourcesArgs {
  /** How long devices may take to be ready on a node. */
  readonly bindingTimeoutMs: number;
}

const DEFAULT_ARGS: DynamicResourcesArgs = { bindingTimeoutMs: 600_000 };

interface Promised {
  readonly claim: ResourceV1ResourceClaim;
  readonly allocation: AllocationResult;
  /** Of the claim for extended resources, which is yet to be made. */
  readonly draft: ExtendedDraft | undefined;
}

interface State {
  /** With their devices already. */
  readonly allocated: readonly ResourceV1ResourceClaim[];
  readonly unallocated: readonly ResourceV1ResourceClaim[];
  /** Extended resources that may come from devices. */
  readonly extended: ExtendedNeed | undefined;
  /** Allocated claims that were in the way on some node. */
  readonly inTheWay: Set<ResourceV1ResourceClaim>;
  /** How far the wishes of claims come true on nodes that fit, by name; undefined: none has alternatives. */
  readonly preferences: Map<string, number> | undefined;
  /** From reserve on. */
  promised: readonly Promised[];
  /** The claim for extended resources, once it is made. */
  made: ResourceV1ResourceClaim | undefined;
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
    filter: (state, _pod, info) => {
      const { allocated, inTheWay } = state;
      const { node } = info;
      const wanted = wantedOn(state, info);
      if ('reason' in wanted) return wanted;
      const unusable = allocated.filter((claim) => !isUsable(claim, node));
      const found = wanted.length > 0 ? catalog.allocate(node, claimsIn(wanted)) : undefined;
      if (found?.outcome === 'problem') return unresolvable(found.reason);
      if (found?.outcome === 'none') return NO_DEVICES;
      if (found !== undefined) state.preferences?.set(info.name, preferenceOf(claimsIn(wanted), found.given));
      for (const claim of unusable) inTheWay.add(claim);
      return unusable.length > 0 ? ELSEWHERE : undefined;
    },
    score: ({ preferences }, _pod, { name }) => preferences?.get(name) ?? 0,
    normalize: (scores, count) => normalizeByHighest(scores, count, false),
    postFilter: (state, pod) => {
      if (state === undefined || !concerns(state)) return 'no new claims to deallocate';
      const idle = [...state.inTheWay].find((claim) => isUsedByNobodyBut(pod, claim));
      if (idle !== undefined) {
        binder.deallocate(idle);
        return 'deallocation of ResourceClaim completed';
      }
      if (state.extended?.stale === undefined) return 'still not schedulable';
      binder.discard(state.extended.stale);
      return 'deletion of ResourceClaim completed';
    },
    reserve: (state, _pod, info) => {
      const wanted = wantedOn(state, info);
      if ('reason' in wanted) return wanted;
      if (wanted.length === 0) return undefined;
      const found = catalog.allocate(info.node, claimsIn(wanted));
      if (found.outcome !== 'found') return NO_DEVICES;
      const context = { nodeName: info.name, newShareId: () => random.uuid() };
      state.promised = promise(wanted, found.given, catalog, context);
      return undefined;
    },
    unreserve: (state, pod) => {
      for (const { claim } of state.promised) catalog.forget(objectKey(claim));
      state.promised = [];
      for (const claim of state.written.splice(0)) binder.giveBack(pod, claim);
      if (state.made === undefined) return;
      catalog.forget(objectKey(state.made));
      binder.discard(state.made);
      state.made = undefined;
    },
    preBind: async (state, pod, nodeName, signal) => {
      const claims = await write(state, pod, tools);
      if (!claims.some(hasBindingConditions)) return;
      const message = `waiting for binding conditions for device on node ${nodeName}`;
      tools.events(pod.spec.schedulerName ?? '').record(pod, 'Normal', 'BindingConditionsPending', message);
      await tools.waiting.untilReady(pod, claims, bindingTimeoutMs, signal);
    },
  };
}

const unresolvable = (reason: string): Refusal => ({ reason, resolvable: false });

function concerns({ allocated, unallocated, extended }: State): boolean {
  return allocated.length + unallocated.length > 0 || extended !== undefined;
}

type Wanted = Omit<Promised, 'allocation'>;

const claimsIn = (wanted: readonly Wanted[]): readonly ResourceV1ResourceClaim[] =>
  wanted.map(({ claim }) => claim);

/** What is to be allocated on the node: claims, and perhaps one for extended resources. */
function wantedOn({ unallocated, extended }: State, info: NodeInfo): readonly Wanted[] | Refusal {
  const claims = unallocated.map((claim) => ({ claim, draft: undefined }));
  const draft = extended?.on(info);
  if (draft === undefined) return claims;
  return 'reason' in draft ? draft : [...claims, { claim: draft.claim, draft }];
}

/** Writes what was decided; all claims that the pod has then. */
async function write(
  state: State,
  pod: Pod,
  { binder, catalog }: DeviceTools,
): Promise<readonly ResourceV1ResourceClaim[]> {
  const { written, allocated } = state;
  for (const { claim, allocation, draft } of state.promised) {
    if (draft === undefined) {
      written.push(await binder.bind(pod, claim, allocation));
      continue;
    }
    state.made = await binder.create(claim);
    catalog.promiseMoved(claim, state.made);
    state.made = await binder.bind(pod, state.made, allocation);
    const resourceClaimName = state.made.metadata.name ?? '';
    await binder.recordExtended(pod, { requestMappings: draft.mappings, resourceClaimName });
  }
  for (const claim of allocated)
    if (!isReservedFor(claim, pod)) written.push(await binder.bind(pod, claim, undefined));
  const had = allocated.filter((claim) => isReservedFor(claim, pod));
  return [...written, ...had, ...(state.made === undefined ? [] : [state.made])];
}

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
  const extended = extendedNeedOf(pod, catalog);
  // Asked why a placed pod is where it is: its devices are those that it has.
  const own = isPlaced(pod) ? extended?.stale : undefined;
  const state: State = {
    allocated: [...claims.filter(isAllocated), ...(own === undefined ? [] : [own])],
    unallocated: claims.filter((claim) => !isAllocated(claim)),
    extended: own === undefined ? extended : undefined,
    inTheWay: new Set(),
    preferences: claims.some(hasAlternatives) ? new Map() : undefined,
    promised: [],
    made: undefined,
    written: [],
  };
  return { state, filters: concerns(state), scores: state.preferences !== undefined };
}

function isPlaced({ status }: Pod): boolean {
  return (status.conditions ?? []).some((one) => one.type === 'PodScheduled' && one.status === 'True');
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
  wanted: readonly Wanted[],
  given: readonly (readonly Given[])[],
  catalog: DeviceCatalog,
  context: AllocationContext,
): readonly Promised[] {
  return wanted.map(({ claim, draft }, i) => {
    const allocation = allocationResult(claim, given[i] ?? [], context);
    catalog.promise(claim, allocation);
    return { claim, allocation, draft };
  });
}
