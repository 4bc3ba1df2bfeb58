/** Nodes without a machine, whose kubelet is played: those of fleets, and those that kwok would play. */

import type { Node } from '../../../types.gen.ts';

export const FLEET_GROUP = 'fleet.k8ts.dev';
export const FLEET_LABEL = `${FLEET_GROUP}/name`;
const KWOK_ANNOTATION = 'kwok.x-k8s.io/node';

export function isPlayed(node: Node): boolean {
  return node.metadata.labels?.[FLEET_LABEL] !== undefined || isKwokNode(node);
}

/** One that no fleet has: kwok's Stages, where there are some, say how it is played. */
export function isKwokNode({ metadata }: Node): boolean {
  return metadata.labels?.[FLEET_LABEL] === undefined && metadata.annotations?.[KWOK_ANNOTATION] === 'fake';
}
