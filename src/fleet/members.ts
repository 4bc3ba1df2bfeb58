/** By the rules of which fleet a node is played. */

import { timeMs } from '../api/time/time.ts';
import type { Node } from '../api/types.gen.ts';
import { FLEET_GROUP, FLEET_LABEL } from '../api/groups/core/node/played-node.ts';
import { lot } from './delays.ts';
import type { FleetBehavior, NodeFleet } from './node-fleet.ts';
import type { Membership } from './outages.ts';

export const NUMBER_LABEL = `${FLEET_GROUP}/number`;

const NO_BEHAVIOR: FleetBehavior = {};

/** `fleetOf` knows the fleets by name. */
export function membershipOf(
  { metadata }: Node,
  fleetOf: (name: string) => NodeFleet | undefined,
): Membership {
  const fleet = fleetOf(metadata.labels?.[FLEET_LABEL] ?? '');
  return {
    behavior: fleet?.spec.behavior ?? NO_BEHAVIOR,
    replicas: fleet?.spec.replicas ?? 1,
    createdMs: timeMs((fleet ?? { metadata }).metadata.creationTimestamp ?? '1970-01-01T00:00:00Z'),
    nodeName: metadata.name ?? '',
    number: Number(metadata.labels?.[NUMBER_LABEL] ?? 0),
  };
}

/** Of a node without a machine, in 100.64.0.0/10. */
export function playedAddress(nodeName: string): string {
  const number = Math.floor(lot(nodeName, 'address') * 2 ** 22);
  return `100.${64 + (number >> 16)}.${(number >> 8) & 255}.${number & 255}`;
}
