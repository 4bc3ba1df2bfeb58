/**
 * ResourceClaims in quotas: their number, and for each device class how many devices they may come to take.
 *
 * The devices count as well under the names by which pods can ask for them: that of the class
 * (`requests.deviceclass.resource.kubernetes.io/gpu`), and the extended resource for which the class stands
 * (`requests.example.com/gpu`). A claim that the scheduler made for a pod counts there only as far as it
 * takes more than the pod asked for, since the pod counts already.
 *
 * Example: a pod asks for `example.com/gpu: 2`, and its claim for 2 devices of class gpu. The pod takes 2 of
 * `requests.example.com/gpu`; the claim takes 2 of `gpu.deviceclass.resource.k8s.io/devices` and of
 * `requests.deviceclass.resource.kubernetes.io/gpu`.
 */

import { DEVICE_CLASS_RESOURCE_PREFIX } from '../groups/core/resource-names.ts';
import { podOfExtendedClaim } from '../groups/resource/pod-resource-claims.ts';
import { quantityFromValue, subtractQuantities, ZERO_QUANTITY } from '../quantity/quantity.ts';
import { timeMs } from '../time/time.ts';
import type { Pod, ResourceV1ResourceClaim as ResourceClaim } from '../types.gen.ts';
import { add, counts, NO_AMOUNTS, type Amounts } from './amounts.ts';
import type { Evaluator } from './evaluator.ts';
import { podEvaluator } from './pod-evaluator.ts';
import type { Surroundings } from './surroundings.ts';

const COUNT = 'count/resourceclaims.resource.k8s.io';
const OF_CLASS = '.deviceclass.resource.k8s.io/devices';
const REQUESTS = 'requests.';
/** The most devices that a claim can be given: upstream's `AllocationResultsMaxSize`. */
const ALL_MAX = 32;

export function resourceClaimEvaluator(around: Surroundings): Evaluator<ResourceClaim> {
  return {
    counts: (name) => name === COUNT || name.endsWith(OF_CLASS) || comesFromDevices(name, around),
    usage: (claim, nowMs) => usage(claim, around, nowMs),
    chargesUpdate: () => true,
  };
}

/** Whether pods can ask for devices of some class by the name. */
function comesFromDevices(name: string, around: Surroundings): boolean {
  if (!name.startsWith(REQUESTS)) return false;
  const resource = name.slice(REQUESTS.length);
  return around
    .classes()
    .some(
      ({ metadata, spec }) =>
        spec.extendedResourceName === resource ||
        resource === `${DEVICE_CLASS_RESOURCE_PREFIX}${metadata.name ?? ''}`,
    );
}

function usage(claim: ResourceClaim, around: Surroundings, nowMs: number): Amounts {
  const devices = devicesByClass(claim);
  const byClass = [...devices].map(([name, count]) => [name + OF_CLASS, quantityFromValue(count)] as const);
  const requests = requestsFor(devices, around);
  const paid = requests.size === 0 ? NO_AMOUNTS : chargedByPod(claim, around, nowMs);
  const unpaid = [...requests]
    .map(([name, all]) => [name, subtractQuantities(all, paid.get(name) ?? ZERO_QUANTITY)] as const)
    .filter(([, { nanos }]) => nanos > 0n);
  return new Map([...counts({ [COUNT]: 1 }), ...byClass, ...unpaid]);
}

interface Wish {
  readonly deviceClassName: string;
  readonly allocationMode?: string;
  readonly count?: number;
}

function devicesByClass({ spec }: ResourceClaim): ReadonlyMap<string, number> {
  const devices = new Map<string, number>();
  for (const { exactly, firstAvailable = [] } of spec.devices?.requests ?? []) {
    const wishes: readonly Wish[] = exactly === undefined ? firstAvailable : [exactly];
    // Only one of several alternatives is taken: the largest of a class.
    const most = new Map<string, number>();
    for (const { deviceClassName, allocationMode, count = 1 } of wishes) {
      const wanted = allocationMode === 'All' ? ALL_MAX : count;
      most.set(deviceClassName, Math.max(most.get(deviceClassName) ?? 0, wanted));
    }
    for (const [name, count] of most) devices.set(name, (devices.get(name) ?? 0) + count);
  }
  return devices;
}

/** The same devices under the names by which pods can ask for them. */
function requestsFor(devices: ReadonlyMap<string, number>, around: Surroundings): Amounts {
  let requests = NO_AMOUNTS;
  for (const [className, count] of devices) {
    const resource = around.classes().find(({ metadata }) => metadata.name === className)
      ?.spec.extendedResourceName;
    const names = [DEVICE_CLASS_RESOURCE_PREFIX + className, ...(resource === undefined ? [] : [resource])];
    // Two classes can stand for one resource.
    requests = add(requests, counts(Object.fromEntries(names.map((name) => [REQUESTS + name, count]))));
  }
  return requests;
}

/** What counts for the pod already, when the claim is the one that the scheduler made for it. */
function chargedByPod(claim: ResourceClaim, around: Surroundings, nowMs: number): Amounts {
  const owner = podOfExtendedClaim(claim);
  if (owner === undefined) return NO_AMOUNTS;
  const pod = around.pod(claim.metadata.namespace ?? '', owner.name);
  const isPaid = pod !== undefined && pod.metadata.uid === owner.uid && isTheOneOf(pod, claim, around);
  return isPaid ? podEvaluator.usage(pod, nowMs) : NO_AMOUNTS;
}

/**
 * Anybody can make claims that look like the scheduler's. The pod's status names the right one; until then it
 * is the oldest, so that a pod pays for one claim only (kubernetes issue 135404). One that is not there yet
 * is younger than all that are, whatever the clock says.
 */
function isTheOneOf({ metadata, status }: Pod, claim: ResourceClaim, around: Surroundings): boolean {
  const named = status.extendedResourceClaimStatus;
  if (named !== undefined) return named.resourceClaimName === claim.metadata.name;
  const all = around.extendedClaims(claim.metadata.namespace ?? '', metadata.uid ?? '');
  const isThere = all.some((one) => one.metadata.name === claim.metadata.name);
  return isThere ? !all.some((other) => isOlder(other, claim)) : all.length === 0;
}

function isOlder({ metadata: a }: ResourceClaim, { metadata: b }: ResourceClaim): boolean {
  const [made, other] = [timeMs(a.creationTimestamp ?? ''), timeMs(b.creationTimestamp ?? '')];
  return made === other ? (a.name ?? '') < (b.name ?? '') : made < other;
}
