/** The kind `NodeFleet`: nodes without machines, in numbers. */

import type { KubernetesObject, ResourceType } from '../api/meta/object.ts';
import { FLEET_GROUP } from '../api/groups/core/node/played-node.ts';
import type { LabelSelector, Taint } from '../api/types.gen.ts';

export interface NodeFleet extends KubernetesObject {
  readonly spec: NodeFleetSpec;
  readonly status?: NodeFleetStatus;
}

export interface NodeFleetSpec {
  readonly replicas: number;
  /** Labels and annotations of every node. */
  readonly template?: {
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly taints?: readonly Taint[];
  };
  /** Quantities by resource; `cpu`, `memory` and `pods` have defaults. */
  readonly capacity?: Readonly<Record<string, string>>;
  /** Values of `topology.kubernetes.io/zone`, given to the nodes in turn. */
  readonly zones?: readonly string[];
  readonly region?: string;
  readonly behavior?: FleetBehavior;
}

/** Durations as Go writes them: `1s`, `5m`. */
export interface FleetBehavior {
  readonly podStart?: Delay;
  readonly podStop?: Delay;
  /** How long a pod runs that is to end: one whose restart policy is not `Always`. */
  readonly podRun?: Delay;
  /** The first rule that selects a pod decides; none: it runs as it should. */
  readonly podFailures?: readonly PodFailure[];
  readonly nodeLoss?: NodeLoss;
  readonly rollingRestart?: RollingRestart;
}

export interface Delay {
  readonly duration?: string;
  /** Up to so much more, evenly spread. */
  readonly jitter?: string;
}

export interface PodFailure {
  readonly selector?: LabelSelector;
  /** Share of the selected pods that fail, in percent. */
  readonly percent: number;
  /** After their start. */
  readonly after?: Delay;
  readonly exitCode?: number;
}

/** Each node falls silent once in every period, at a time of its own. */
export interface NodeLoss {
  readonly period: string;
  readonly duration: string;
}

/** One node after the other is silent for `duration`; the next one begins an `interval` later. */
export interface RollingRestart {
  readonly interval: string;
  readonly duration: string;
}

export interface NodeFleetStatus {
  readonly observedGeneration?: number;
  readonly replicas?: number;
  readonly readyReplicas?: number;
}

export const nodeFleets: ResourceType<NodeFleet> = {
  group: FLEET_GROUP,
  version: 'v1alpha1',
  kind: 'NodeFleet',
  plural: 'nodefleets',
  namespaced: false,
};
