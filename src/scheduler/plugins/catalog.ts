/** The plugins in the order in which they filter, with the weights of their scores (upstream's defaults). */

import type { SchedulerPlugin, WeightedPlugin } from '../framework.ts';
import { balancedAllocation } from './balanced-allocation/balanced-allocation.ts';
import { imageLocality } from './image-locality/image-locality.ts';
import { nodeAffinity } from './node-affinity/node-affinity.ts';
import { nodeName } from './node-name/node-name.ts';
import { nodePorts } from './node-ports/node-ports.ts';
import { nodeResourcesFit } from './node-resources-fit/node-resources-fit.ts';
import { nodeUnschedulable } from './node-unschedulable/node-unschedulable.ts';
import { schedulingGates } from './scheduling-gates/scheduling-gates.ts';
import { taintToleration } from './taint-toleration/taint-toleration.ts';

/** Erases the type of the state that a plugin hands to itself. */
function plugin<S>(typed: SchedulerPlugin<S>): SchedulerPlugin {
  return typed as unknown as SchedulerPlugin;
}

export const DEFAULT_PLUGINS: readonly WeightedPlugin[] = [
  { plugin: schedulingGates, weight: 0 },
  { plugin: nodeUnschedulable, weight: 0 },
  { plugin: nodeName, weight: 0 },
  { plugin: plugin(taintToleration), weight: 3 },
  { plugin: plugin(nodeAffinity), weight: 2 },
  { plugin: plugin(nodePorts), weight: 0 },
  { plugin: plugin(nodeResourcesFit), weight: 1 },
  { plugin: plugin(balancedAllocation), weight: 1 },
  { plugin: plugin(imageLocality), weight: 1 },
];
