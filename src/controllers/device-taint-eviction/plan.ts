/** Until when a pod may keep the devices of a claim. Pure. */

import { toleratesDeviceTaint } from '../../api/groups/resource/device-taints.ts';
import { timeMs } from '../../api/time/time.ts';
import type {
  Device,
  DeviceRequestAllocationResult,
  DeviceTaint,
  Pod,
  ResourceSlice,
  ResourceV1ResourceClaim,
} from '../../api/types.gen.ts';

/** The slices of a pool; outdated ones may be among them. */
export interface SlicesOfPool {
  (driver: string, pool: string): readonly ResourceSlice[];
}

/** Milliseconds since 1970; undefined: as long as it likes. */
export function evictionTimeMs(
  pod: Pod,
  claims: readonly ResourceV1ResourceClaim[],
  slicesOf: SlicesOfPool,
): number | undefined {
  if ((pod.spec.nodeName ?? '') === '' || isOver(pod)) return undefined;
  const times = claims
    .filter(({ status }) => status.reservedFor?.some(({ uid }) => uid === pod.metadata.uid) === true)
    .flatMap(({ status }) => status.allocation?.devices.results ?? [])
    .flatMap((result) => timesOf(result, deviceOf(result, slicesOf)));
  return times.length === 0 ? undefined : Math.min(...times);
}

function isOver({ metadata, status }: Pod): boolean {
  return (
    metadata.deletionTimestamp !== undefined || status.phase === 'Succeeded' || status.phase === 'Failed'
  );
}

function deviceOf(
  { driver, pool, device }: DeviceRequestAllocationResult,
  slicesOf: SlicesOfPool,
): Device | undefined {
  const slices = slicesOf(driver, pool);
  const newest = Math.max(...slices.map(({ spec }) => spec.pool.generation));
  return slices
    .filter(({ spec }) => spec.pool.generation === newest)
    .flatMap(({ spec }) => spec.devices ?? [])
    .find(({ name }) => name === device);
}

function timesOf({ tolerations = [] }: DeviceRequestAllocationResult, device?: Device): readonly number[] {
  return (device?.taints ?? []).flatMap((taint) => {
    if (taint.effect !== 'NoExecute') return [];
    const matching = tolerations.filter((toleration) => toleratesDeviceTaint(toleration, taint));
    if (matching.length === 0) return [addedMs(taint)];
    // The shortest one counts, and one without a limit does not shorten anything.
    const limits = matching.flatMap(({ tolerationSeconds }) => tolerationSeconds ?? []);
    return limits.length === 0 ? [] : [addedMs(taint) + Math.max(0, Math.min(...limits)) * 1000];
  });
}

/** A taint that nobody dated has been there for ever. */
function addedMs({ timeAdded }: DeviceTaint): number {
  return timeAdded === undefined ? 0 : timeMs(timeAdded);
}
