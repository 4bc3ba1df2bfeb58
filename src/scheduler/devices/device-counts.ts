/**
 * How many devices of a class a node has, and how many of them somebody has: what a node's own capacity and
 * the requests of its pods are for resources that it has itself. Pure.
 *
 * A device counts once, whoever has it alone or in part; one whose pool is still being changed counts too.
 */

import type { DeviceSelection } from '../../api/groups/resource/device-selection.ts';
import type { DeviceClass, Node, Pod } from '../../api/types.gen.ts';
import { podAmounts } from '../cache/resources.ts';
import type { PooledDevice } from './pools.ts';

export interface DeviceCount {
  readonly capacity: number;
  readonly used: number;
}

/** What plugins that go by amounts of resources see of devices. */
export interface DeviceView {
  /** Whether a device class stands for the resource: nodes without it are DynamicResources' business. */
  hasClass(resource: string): boolean;
  /** Of the class that stands for the resource; undefined: none does, or nobody can tell. */
  countOn(resource: string, node: Node): DeviceCount | undefined;
  /** Another one whenever a count may be another one. */
  readonly version: number;
}

export const NO_DEVICE_VIEW: DeviceView = { hasClass: () => false, countOn: () => undefined, version: 0 };

/**
 * For `sign` of plugins that score these resources: devices are given and taken without any change of their
 * node, so pods that may get some have results in common only while all devices are as they were.
 */
export function signDevices(pod: Pod, scored: readonly string[], devices: DeviceView): string {
  const { scalars } = podAmounts(pod).requested;
  if (scalars === undefined) return '';
  const isScored = scored.some((name) => scalars.has(name) && devices.hasClass(name));
  return isScored ? ` at ${devices.version}` : '';
}

/** Undefined: a selector of the class fails. */
export function countDevices(
  devices: readonly PooledDevice[],
  { spec: { selectors = [] } }: DeviceClass,
  selection: DeviceSelection,
  isUsed: (id: string) => boolean,
): DeviceCount | undefined {
  let capacity = 0;
  let used = 0;
  for (const { device, driver, id } of devices) {
    let isOfClass = true;
    for (const { cel } of selectors) {
      const answer = selection.matches(cel?.expression ?? '', device, driver);
      if ('error' in answer) return undefined;
      if (!answer.matches) {
        isOfClass = false;
        break;
      }
    }
    if (!isOfClass) continue;
    capacity++;
    if (isUsed(id)) used++;
  }
  return { capacity, used };
}
