/**
 * Whether the devices of a claim can be used yet. A device may have to be attached to its node first: it says
 * by which conditions its driver will tell, in the claim's status, that this is done, or that it failed. Pure.
 */

import type {
  AllocatedDeviceStatus,
  DeviceRequestAllocationResult,
  ResourceV1ResourceClaim,
} from '../../api/types.gen.ts';
import { timeMs } from '../../api/time/time.ts';

export type Readiness =
  | { readonly state: 'ready' }
  | { readonly state: 'waiting' }
  | { readonly state: 'failed'; readonly message: string };

const READY: Readiness = { state: 'ready' };
const WAITING: Readiness = { state: 'waiting' };

export function hasBindingConditions({ status }: ResourceV1ResourceClaim): boolean {
  return (status.allocation?.devices.results ?? []).some(isConditional);
}

export function readinessOf({ metadata, status }: ResourceV1ResourceClaim): Readiness {
  if (status.allocation === undefined) return WAITING;
  for (const result of status.allocation.devices.results ?? []) {
    if (!isConditional(result)) continue;
    const told = (status.devices ?? []).find((device) => isOf(device, result));
    if (told === undefined) return WAITING;
    const isTrue = (type: string) =>
      told.conditions.find((one) => one.type === type && one.status === 'True');
    for (const type of result.bindingFailureConditions ?? []) {
      const failed = isTrue(type);
      if (failed === undefined) continue;
      const why = `reason=${failed.reason}, message=${JSON.stringify(failed.message)}`;
      return { state: 'failed', message: `claim ${metadata.name ?? ''} binding failed: ${why}` };
    }
    if (!(result.bindingConditions ?? []).every((type) => isTrue(type) !== undefined)) return WAITING;
  }
  return READY;
}

/** Its devices were to be ready by now. */
export function isOverdue(claim: ResourceV1ResourceClaim, timeoutMs: number, nowMs: number): boolean {
  const { allocationTimestamp } = claim.status.allocation ?? {};
  if (allocationTimestamp === undefined || !hasBindingConditions(claim)) return false;
  return timeMs(allocationTimestamp) + timeoutMs < nowMs;
}

function isConditional({ bindingConditions = [] }: DeviceRequestAllocationResult): boolean {
  return bindingConditions.length > 0;
}

function isOf(told: AllocatedDeviceStatus, result: DeviceRequestAllocationResult): boolean {
  return (
    told.driver === result.driver &&
    told.pool === result.pool &&
    told.device === result.device &&
    told.shareID === result.shareID
  );
}
