/** From a profile of the file to the plugins that run. */

import { parseDuration } from '../../api/time/time.ts';
import { assert } from '../../base/assert.ts';
import type { Preparation, SchedulerPlugin, WeightedPlugin } from '../framework.ts';
import { defaultPlugins, optionalPlugin, type PluginArgs, type PluginContext } from '../plugins/catalog.ts';
import {
  CPU_AND_MEMORY,
  type ResourceWeight,
  type ScoringStrategy,
} from '../plugins/node-resources-fit/strategies.ts';
import { Profile, type PreemptionArgs } from '../profile.ts';
import type { Pod } from '../../api/types.gen.ts';
import type { ArgsByPlugin, EnabledPlugin, Plugins, ResourceSpec, ScoringStrategySpec } from './document.ts';
import { enabledPlugins, type EnabledPlugins } from './plugin-sets.ts';

export interface ProfileInput {
  readonly schedulerName: string;
  readonly percentageOfNodesToScore: number;
  readonly plugins: Plugins;
  readonly args: ArgsByPlugin;
  /** Extended resources that extenders answer for. */
  readonly ignoredResources: readonly string[];
  /** Plugins that feature gates put among the defaults. */
  readonly moreDefaults: readonly string[];
}

/** Parts of the scheduler that go by a plugin's name, too. */
const BUILT_IN: readonly string[] = ['PrioritySort', 'DefaultPreemption', 'DefaultBinder'];

export function makeProfile(context: PluginContext, input: ProfileInput): Profile {
  const { schedulerName, percentageOfNodesToScore, args } = input;
  const catalog = defaultPlugins(context, pluginArgs(input));
  const defaults = [
    ...catalog.map(({ plugin, weight }) => ({ name: plugin.name, weight })),
    ...[...BUILT_IN, ...input.moreDefaults].map((name) => ({ name })),
  ];
  const enabled = enabledPlugins(input.plugins, defaults);
  const plugins = inOrder(enabled).flatMap((name) => {
    const found = catalog.find(({ plugin }) => plugin.name === name) ?? optionalPlugin(name, context);
    return found === undefined ? [] : [weighted(found, enabled)];
  });
  const preempts = enabled.postFilter.some(({ name }) => name === 'DefaultPreemption');
  return new Profile({
    schedulerName,
    percentageOfNodesToScore,
    plugins,
    ...(preempts ? { preemption: preemptionArgs(args) } : {}),
  });
}

/** Whether any point of the profile runs the plugin. */
export function runsPlugin(plugins: Plugins, name: string): boolean {
  return inOrder(enabledPlugins(plugins, [])).includes(name);
}

/** As they filter; those that look at pods before that come first, all others last. */
function inOrder(enabled: EnabledPlugins): readonly string[] {
  const { preEnqueue, filter, postFilter, score, reserve, permit, preBind } = enabled;
  const filtering = new Set(filter.map(({ name }) => name));
  const before = preEnqueue.filter(({ name }) => !filtering.has(name));
  const all = [before, filter, postFilter, score, reserve, permit, preBind].flat();
  return [...new Set(all.map(({ name }) => name))];
}

function weighted({ plugin }: WeightedPlugin, enabled: EnabledPlugins): WeightedPlugin {
  const has = (plugins: readonly EnabledPlugin[]): boolean =>
    plugins.some(({ name }) => name === plugin.name);
  // One that says nothing, or zero, weighs 1.
  const weight = enabled.score.find(({ name }) => name === plugin.name)?.weight;
  const points: EnabledPoints = {
    preEnqueue: has(enabled.preEnqueue),
    filter: has(enabled.filter),
    postFilter: has(enabled.postFilter),
    score: has(enabled.score),
    reserve: has(enabled.reserve),
    permit: has(enabled.permit),
    preBind: has(enabled.preBind),
  };
  return { plugin: restricted(plugin, points), weight: weight === undefined || weight === 0 ? 1 : weight };
}

type EnabledPoints = {
  readonly [
    P in 'preEnqueue' | 'filter' | 'postFilter' | 'score' | 'reserve' | 'permit' | 'preBind'
  ]: boolean;
};

/** The plugin without the points at which it is not enabled. What it prepares is for those that are left. */
function restricted(plugin: SchedulerPlugin, points: EnabledPoints): SchedulerPlugin {
  if (Object.values(points).every(Boolean)) return plugin;
  const off = { value: undefined };
  const prepare = plugin.prepare?.bind(plugin);
  return Object.create(plugin, {
    ...(points.preEnqueue ? {} : { preEnqueue: off, preEnqueueGroup: off }),
    ...(points.filter ? {} : { filter: off, prepare: { value: prepare && withoutFilter(prepare) } }),
    ...(points.postFilter ? {} : { postFilter: off }),
    ...(points.score ? {} : { score: off, beforeScores: off, normalize: off }),
    ...(points.reserve ? {} : { reserve: off, unreserve: off }),
    ...(points.permit ? {} : { permit: off }),
    ...(points.preBind ? {} : { preBind: off }),
  }) as SchedulerPlugin;
}

/** What the preparation says against nodes is said for the filter. */
function withoutFilter(prepare: (pod: Pod) => Preparation<unknown>): (pod: Pod) => Preparation<unknown> {
  return (pod) => {
    const prepared = prepare(pod);
    if ('refusal' in prepared) return { state: undefined, filters: false, scores: false, concerns: false };
    const { state, scores = true, filters = true, concerns = filters } = prepared;
    return { state, filters: false, scores, concerns };
  };
}

function pluginArgs({ args, ignoredResources }: ProfileInput): PluginArgs {
  const { InterPodAffinity, NodeAffinity, NodeResourcesFit, PodTopologySpread } = args;
  const balanced = args.NodeResourcesBalancedAllocation?.resources ?? [];
  const { scoringStrategy, ...fit } = NodeResourcesFit ?? {};
  return {
    ...(InterPodAffinity === undefined ? {} : { InterPodAffinity }),
    ...(NodeAffinity === undefined ? {} : { NodeAffinity }),
    ...(balanced.length === 0
      ? {}
      : { NodeResourcesBalancedAllocation: { resources: balanced.map(({ name }) => name) } }),
    NodeResourcesFit: {
      ...fit,
      ignoredResources: [...(fit.ignoredResources ?? []), ...ignoredResources],
      ...(scoringStrategy === undefined ? {} : { scoringStrategy: strategyOf(scoringStrategy) }),
    },
    PodTopologySpread: {
      defaultingType: PodTopologySpread?.defaultingType === 'List' ? 'List' : 'System',
      defaultConstraints: PodTopologySpread?.defaultConstraints ?? [],
    },
    ...(args.DynamicResources?.bindingTimeout === undefined
      ? {}
      : { DynamicResources: { bindingTimeoutMs: durationMs(args.DynamicResources.bindingTimeout) } }),
    VolumeBinding: { bindTimeoutSeconds: args.VolumeBinding?.bindTimeoutSeconds ?? BIND_TIMEOUT_SECONDS },
  };
}

const BIND_TIMEOUT_SECONDS = 600;
const MILLI_NANOS = 1_000_000n;

/** Validated before. */
function durationMs(text: string): number {
  const nanos = parseDuration(text);
  assert(typeof nanos === 'bigint', `${text} is a duration`);
  return Number(nanos / MILLI_NANOS);
}

function strategyOf(spec: ScoringStrategySpec): ScoringStrategy {
  const resources = weights(spec.resources ?? []);
  switch (spec.type) {
    case 'RequestedToCapacityRatio':
      return { type: spec.type, resources, shape: spec.requestedToCapacityRatio?.shape ?? [] };
    case 'MostAllocated':
      return { type: spec.type, resources };
    default:
      return { type: 'LeastAllocated', resources };
  }
}

function weights(resources: readonly ResourceSpec[]): readonly ResourceWeight[] {
  return resources.length === 0
    ? CPU_AND_MEMORY
    : resources.map(({ name, weight = 1 }) => ({ name, weight: weight === 0 ? 1 : weight }));
}

function preemptionArgs({ DefaultPreemption }: ArgsByPlugin): PreemptionArgs {
  return DefaultPreemption ?? {};
}
