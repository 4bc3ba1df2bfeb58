/**
 * How full a node would be with the pod, in points: few for full ones (LeastAllocated), many (MostAllocated),
 * or by a shape that the configuration draws (RequestedToCapacityRatio). Pure.
 */

import { unreachable } from '../../../base/assert.ts';
import type { NodeInfo } from '../../cache/node-info.ts';
import { amountOf, isScalarResource, type Amounts } from '../../cache/resources.ts';
import type { DeviceView } from '../../devices/device-counts.ts';
import { SCORE_MAX } from '../../framework.ts';

export interface ResourceWeight {
  readonly name: string;
  readonly weight: number;
}

/** Points of a line: how many of 10 points at how many percent of use. Sorted by `utilization`. */
export interface ShapePoint {
  readonly utilization: number;
  readonly score: number;
}

interface Weighed {
  readonly resources: readonly ResourceWeight[];
}

export type ScoringStrategy =
  | (Weighed & { readonly type: 'LeastAllocated' | 'MostAllocated' })
  | (Weighed & { readonly type: 'RequestedToCapacityRatio'; readonly shape: readonly ShapePoint[] });

export const CPU_AND_MEMORY: readonly ResourceWeight[] = [
  { name: 'cpu', weight: 1 },
  { name: 'memory', weight: 1 },
];
export const LEAST_ALLOCATED: ScoringStrategy = { type: 'LeastAllocated', resources: CPU_AND_MEMORY };

/** Points of a shape are of 10. */
const SHAPE_SCORE_MAX = 10;
const FULL_PERCENT = 100;

/** Points for one resource; `capacity` is more than 0. */
type Curve = (used: number, capacity: number) => number;
type Scorer = (wanted: Amounts, node: NodeInfo) => number;

export function scorerOf(strategy: ScoringStrategy, devices: DeviceView): Scorer {
  const { resources } = strategy;
  switch (strategy.type) {
    case 'LeastAllocated':
      return (wanted, node) => {
        const { sum, weights } = weigh(resources, leastUsed, wanted, node, devices);
        return weights === 0 ? 0 : Math.trunc(sum / weights);
      };
    case 'MostAllocated':
      return (wanted, node) => {
        const { sum, weights } = weigh(resources, mostUsed, wanted, node, devices);
        return weights === 0 ? 0 : Math.trunc(sum / weights);
      };
    case 'RequestedToCapacityRatio': {
      const curve = along(strategy.shape);
      return (wanted, node) => {
        const { sum, scoringWeights } = weigh(resources, curve, wanted, node, devices);
        return scoringWeights === 0 ? 0 : Math.round(sum / scoringWeights);
      };
    }
    default:
      return unreachable(strategy);
  }
}

interface Sum {
  readonly sum: number;
  /** Of the resources that the node has. */
  readonly weights: number;
  /** Of those among them that gave any points. */
  readonly scoringWeights: number;
}

function weigh(
  resources: readonly ResourceWeight[],
  curve: Curve,
  wanted: Amounts,
  { assumed, allocatable, node }: NodeInfo,
  devices: DeviceView,
): Sum {
  let sum = 0;
  let weights = 0;
  let scoringWeights = 0;
  for (const { name, weight } of resources) {
    const own = amountOf(wanted, name);
    // A device that the pod does not ask for tells nothing about the node.
    if (own === 0 && isScalarResource(name)) continue;
    const capacity = amountOf(allocatable, name);
    const other = capacity === 0 ? devices.countOn(name, node) : undefined;
    const all = other?.capacity ?? capacity;
    if (all === 0) continue;
    const points = curve((other?.used ?? amountOf(assumed, name)) + own, all);
    sum += points * weight;
    weights += weight;
    if (points > 0) scoringWeights += weight;
  }
  return { sum, weights, scoringWeights };
}

function leastUsed(used: number, capacity: number): number {
  return used > capacity ? 0 : Math.trunc(((capacity - used) * SCORE_MAX) / capacity);
}

function mostUsed(used: number, capacity: number): number {
  return Math.trunc((Math.min(used, capacity) * SCORE_MAX) / capacity);
}

/** Straight lines between the points, level before the first and behind the last. */
function along(shape: readonly ShapePoint[]): Curve {
  const points = shape.map(({ utilization, score }) => ({
    x: utilization,
    y: score * (SCORE_MAX / SHAPE_SCORE_MAX),
  }));
  return (used, capacity) => {
    const percent = used > capacity ? FULL_PERCENT : Math.trunc((used * FULL_PERCENT) / capacity);
    const after = points.findIndex(({ x }) => percent <= x);
    const to = points[after];
    if (to === undefined) return points.at(-1)?.y ?? 0;
    const from = points[after - 1];
    if (from === undefined) return to.y;
    return from.y + Math.trunc(((to.y - from.y) * (percent - from.x)) / (to.x - from.x));
  };
}
