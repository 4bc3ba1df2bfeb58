/**
 * A profile: the plugins by which one scheduler name decides, split by what they look at. Plugins with a
 * signature depend on pod and node alone and run first; the others look at the whole cluster.
 */

import { PodClasses } from './equal-pods.ts';
import type { SchedulerPlugin, WeightedPlugin } from './framework.ts';
import { Scratch } from './scratch.ts';

export interface ProfilePlugin extends WeightedPlugin {
  /** Its place in the profile: where its state stands. */
  readonly index: number;
}

/** How many nodes a preemption looks at; upstream's defaults. */
export interface PreemptionArgs {
  readonly minCandidateNodesPercentage?: number;
  readonly minCandidateNodesAbsolute?: number;
}

export interface ProfileOptions {
  readonly schedulerName: string;
  readonly plugins: readonly WeightedPlugin[];
  readonly percentageOfNodesToScore?: number;
  readonly preemption?: PreemptionArgs;
}

export class Profile {
  readonly schedulerName: string;
  readonly plugins: readonly SchedulerPlugin[];
  readonly byName: ReadonlyMap<string, SchedulerPlugin>;
  /** Filters that depend on pod and node alone, in order. */
  readonly ownFilters: readonly ProfilePlugin[];
  readonly wideFilters: readonly ProfilePlugin[];
  /** Scores that depend on pod and node alone and need no comparison. */
  readonly ownScores: readonly ProfilePlugin[];
  /** Scores that depend on pod and node alone and are compared over all fitting nodes. */
  readonly comparedScores: readonly ProfilePlugin[];
  readonly wideScores: readonly ProfilePlugin[];
  readonly signing: readonly SchedulerPlugin[];
  readonly preBinding: readonly ProfilePlugin[];
  readonly classes = new PodClasses();
  readonly scratch = new Scratch();
  /** 0: by the size of the cluster. */
  readonly percentageOfNodesToScore: number;

  /** Undefined: pods of this profile make no room for themselves. */
  readonly preemption: PreemptionArgs | undefined;

  constructor({ schedulerName, plugins, percentageOfNodesToScore = 0, preemption }: ProfileOptions) {
    this.schedulerName = schedulerName;
    this.percentageOfNodesToScore = percentageOfNodesToScore;
    this.preemption = preemption;
    this.plugins = plugins.map(({ plugin }) => plugin);
    this.byName = new Map(this.plugins.map((plugin) => [plugin.name, plugin]));
    const placed = plugins.map((one, index) => ({ ...one, index }));
    const filters = placed.filter(({ plugin }) => plugin.filter !== undefined);
    const scores = placed.filter(({ plugin, weight }) => plugin.score !== undefined && weight > 0);
    const isOwn = ({ plugin }: ProfilePlugin): boolean => plugin.sign !== undefined;
    this.ownFilters = filters.filter(isOwn);
    this.wideFilters = filters.filter((one) => !isOwn(one));
    this.ownScores = scores.filter((one) => isOwn(one) && one.plugin.normalize === undefined);
    this.comparedScores = scores.filter((one) => isOwn(one) && one.plugin.normalize !== undefined);
    this.wideScores = scores.filter((one) => !isOwn(one));
    this.preBinding = placed.filter(({ plugin }) => plugin.preBind !== undefined);
    this.signing = this.plugins.filter(({ sign }) => sign !== undefined);
  }
}
