/** A `KubeSchedulerConfiguration` as it is written, decoded; what is absent stands for its default. */

import type { NodeAffinity, TopologySpreadConstraint } from '../../api/types.gen.ts';
import type { JsonValue } from '../../api/schema/schema.ts';

export interface KubeSchedulerConfiguration {
  readonly parallelism?: number;
  readonly percentageOfNodesToScore?: number;
  readonly podInitialBackoffSeconds?: number;
  readonly podMaxBackoffSeconds?: number;
  readonly profiles?: readonly KubeSchedulerProfile[];
  readonly extenders?: readonly Extender[];
}

export interface KubeSchedulerProfile {
  readonly schedulerName?: string;
  readonly percentageOfNodesToScore?: number;
  readonly plugins?: Plugins;
  readonly pluginConfig?: readonly PluginConfig[];
}

export const EXTENSION_POINTS = [
  'preEnqueue',
  'queueSort',
  'preFilter',
  'filter',
  'postFilter',
  'preScore',
  'score',
  'reserve',
  'permit',
  'preBind',
  'bind',
  'postBind',
] as const;
export type ExtensionPoint = (typeof EXTENSION_POINTS)[number];

export type Plugins = { readonly [P in ExtensionPoint | 'multiPoint']?: PluginSet };

export interface PluginSet {
  readonly enabled?: readonly EnabledPlugin[];
  readonly disabled?: readonly { readonly name: string }[];
}

export interface EnabledPlugin {
  readonly name: string;
  readonly weight?: number;
}

export interface PluginConfig {
  readonly name: string;
  readonly args?: JsonValue;
}

export interface Extender {
  readonly urlPrefix: string;
  readonly filterVerb?: string;
  readonly preemptVerb?: string;
  readonly prioritizeVerb?: string;
  readonly weight?: number;
  readonly bindVerb?: string;
  readonly enableHTTPS?: boolean;
  readonly tlsConfig?: ExtenderTls;
  /** A duration in Go's form. */
  readonly httpTimeout?: string;
  readonly nodeCacheCapable?: boolean;
  readonly managedResources?: readonly ManagedResource[];
  readonly ignorable?: boolean;
}

export interface ManagedResource {
  readonly name: string;
  readonly ignoredByScheduler?: boolean;
}

export interface ExtenderTls {
  readonly insecure?: boolean;
  readonly serverName?: string;
  readonly certFile?: string;
  readonly keyFile?: string;
  readonly caFile?: string;
  /** Base64 of PEM, as the two below. */
  readonly certData?: string;
  readonly keyData?: string;
  readonly caData?: string;
}

export interface ResourceSpec {
  readonly name: string;
  readonly weight?: number;
}

export interface ShapePointSpec {
  readonly utilization: number;
  readonly score: number;
}

/** The arguments of every plugin that takes some, by its name. */
export interface ArgsByPlugin {
  readonly DefaultPreemption?: {
    readonly minCandidateNodesPercentage?: number;
    readonly minCandidateNodesAbsolute?: number;
  };
  /** Durations in Go's form. */
  readonly DynamicResources?: {
    /** Taken and not used: the search for devices is bounded by its steps, so that it is the same each time. */
    readonly filterTimeout?: string;
    readonly bindingTimeout?: string;
  };
  readonly InterPodAffinity?: {
    readonly hardPodAffinityWeight?: number;
    readonly ignorePreferredTermsOfExistingPods?: boolean;
  };
  readonly NodeAffinity?: { readonly addedAffinity?: NodeAffinity };
  readonly NodeResourcesBalancedAllocation?: { readonly resources?: readonly ResourceSpec[] };
  readonly NodeResourcesFit?: {
    readonly ignoredResources?: readonly string[];
    readonly ignoredResourceGroups?: readonly string[];
    readonly scoringStrategy?: ScoringStrategySpec;
  };
  readonly PodTopologySpread?: {
    readonly defaultConstraints?: readonly TopologySpreadConstraint[];
    readonly defaultingType?: string;
  };
  readonly VolumeBinding?: {
    readonly bindTimeoutSeconds?: number;
    readonly shape?: readonly ShapePointSpec[];
  };
}

export interface ScoringStrategySpec {
  readonly type?: string;
  readonly resources?: readonly ResourceSpec[];
  readonly requestedToCapacityRatio?: { readonly shape?: readonly ShapePointSpec[] };
}
