/**
 * Every plugin, in the order in which they filter, with the weights of their scores (upstream's defaults).
 * A profile is made from these names.
 */

import type { SchedulerCache } from '../cache/cache.ts';
import type { SchedulerPlugin, WeightedPlugin } from '../framework.ts';
import type { PodGroups } from '../groups/pod-groups.ts';
import { Profile } from '../profile.ts';
import {
  balancedAllocation,
  type BalancedAllocationArgs,
} from './balanced-allocation/balanced-allocation.ts';
import { GANG_SCHEDULING, gangScheduling } from './gang-scheduling/gang-scheduling.ts';
import {
  dynamicResources,
  type DeviceTools,
  type DynamicResourcesArgs,
} from './dynamic-resources/dynamic-resources.ts';
import { imageLocality } from './image-locality/image-locality.ts';
import { interPodAffinity, type InterPodAffinityArgs } from './inter-pod-affinity/inter-pod-affinity.ts';
import { nodeAffinity, type NodeAffinityArgs } from './node-affinity/node-affinity.ts';
import { nodeName } from './node-name/node-name.ts';
import { nodePorts } from './node-ports/node-ports.ts';
import { nodeResourcesFit, type NodeResourcesFitArgs } from './node-resources-fit/node-resources-fit.ts';
import { nodeUnschedulable } from './node-unschedulable/node-unschedulable.ts';
import {
  podTopologySpread,
  type PodTopologySpreadArgs,
  type WorkloadSelector,
} from './pod-topology-spread/pod-topology-spread.ts';
import { schedulingGates } from './scheduling-gates/scheduling-gates.ts';
import { taintToleration } from './taint-toleration/taint-toleration.ts';
import { nodeVolumeLimits } from './node-volume-limits/node-volume-limits.ts';
import { volumeBinding, type VolumeBindingArgs } from './volume-binding/volume-binding.ts';
import { volumeRestrictions } from './volume-restrictions/volume-restrictions.ts';
import { volumeZone } from './volume-zone/volume-zone.ts';
import type { VolumeBinder } from '../volumes/volume-binder.ts';
import type { VolumeCatalog } from '../volumes/volume-catalog.ts';

/** What plugins may look at beside pod and node. */
export interface PluginContext {
  readonly cache: SchedulerCache;
  readonly workloadSelector: WorkloadSelector;
  readonly volumes: VolumeCatalog;
  readonly volumeBinder: VolumeBinder;
  /** Read only when a profile asks for them: their kind may not be served. */
  readonly podGroups: () => PodGroups;
  readonly devices: DeviceTools;
}

/** By the plugin's name, as in `pluginConfig`. */
export interface PluginArgs {
  readonly DynamicResources?: DynamicResourcesArgs;
  readonly InterPodAffinity?: InterPodAffinityArgs;
  readonly NodeAffinity?: NodeAffinityArgs;
  readonly NodeResourcesBalancedAllocation?: BalancedAllocationArgs;
  readonly NodeResourcesFit?: NodeResourcesFitArgs;
  readonly PodTopologySpread?: PodTopologySpreadArgs;
  readonly VolumeBinding?: VolumeBindingArgs;
}

/** The one profile of a cluster that configures nothing. */
export function defaultProfiles(context: PluginContext): readonly Profile[] {
  return [
    new Profile({ schedulerName: 'default-scheduler', plugins: defaultPlugins(context), preemption: {} }),
  ];
}

export function defaultPlugins(
  { cache, workloadSelector, volumes, volumeBinder, devices }: PluginContext,
  args: PluginArgs = {},
): readonly WeightedPlugin[] {
  return [
    weighted(schedulingGates),
    weighted(nodeUnschedulable),
    weighted(nodeName),
    weighted(taintToleration, 3),
    weighted(nodeAffinity(args.NodeAffinity), 2),
    weighted(nodePorts),
    weighted(nodeResourcesFit(args.NodeResourcesFit, devices.catalog), 1),
    weighted(volumeRestrictions(cache, volumes)),
    weighted(nodeVolumeLimits(volumes)),
    weighted(volumeBinding(volumes, volumeBinder, args.VolumeBinding)),
    weighted(volumeZone(volumes)),
    weighted(podTopologySpread(cache, workloadSelector, args.PodTopologySpread), 2),
    weighted(interPodAffinity(cache, args.InterPodAffinity), 2),
    weighted(dynamicResources(devices, args.DynamicResources), 1),
    weighted(balancedAllocation(args.NodeResourcesBalancedAllocation, devices.catalog), 1),
    weighted(imageLocality(cache), 1),
  ];
}

/** Plugins that run only when a profile names them. */
export function optionalPlugin(name: string, context: PluginContext): WeightedPlugin | undefined {
  return name === GANG_SCHEDULING ? weighted(gangScheduling(context.podGroups())) : undefined;
}

/** Erases the type of the state that a plugin hands to itself. */
function weighted<S>(plugin: SchedulerPlugin<S>, weight = 0): WeightedPlugin {
  return { plugin: plugin as unknown as SchedulerPlugin, weight };
}
