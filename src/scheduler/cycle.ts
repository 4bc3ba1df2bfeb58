/**
 * One decision: which node for this pod, given the cluster as the cache has it. Pure and synchronous;
 * whatever random it needs comes in.
 *
 * Not every node is looked at in a large cluster: enough fitting ones to choose from are (upstream's
 * `percentageOfNodesToScore`), beginning where the last decision stopped, so that all nodes get their turn.
 */

import type { Pod } from '../api/types.gen.ts';
import type { SchedulerCache } from './cache/cache.ts';
import type { NodeInfo } from './cache/node-info.ts';
import { refusalWithPromises } from './filtering.ts';
import type { NodeRefusal } from './framework.ts';
import { prepare, type PreparedPod } from './preparation.ts';
import type { Profile } from './profile.ts';
import { quickLook } from './quick-look.ts';
import { best } from './scoring.ts';

const FEASIBLE_MIN = 100;
const PERCENT_MIN = 5;

export interface CycleInput {
  readonly pod: Pod;
  readonly cache: SchedulerCache;
  readonly profile: Profile;
  /** Index of the first node to look at. */
  readonly start: number;
  /** Uniform integer below the bound: breaks ties between nodes of equal score. */
  readonly integer: (bound: number) => number;
}

export type Decision =
  | {
      readonly outcome: 'node';
      readonly node: NodeInfo;
      readonly looked: number;
      readonly prepared: PreparedPod;
    }
  | {
      readonly outcome: 'none';
      readonly message: string;
      /** By plugin name. */
      readonly refusedBy: ReadonlySet<string>;
      /** Nodes where removing other pods could help. */
      readonly resolvable: readonly NodeInfo[];
      /** By the place of the plugin; shorter when one refused the pod before it looked at nodes. */
      readonly states: readonly unknown[];
    };

/** How many fitting nodes are enough (upstream's `numFeasibleNodesToFind`). */
export function enoughNodes(count: number, percentage = 0): number {
  if (count < FEASIBLE_MIN || percentage >= 100) return count;
  const percent = percentage > 0 ? percentage : Math.max(50 - count / 125, PERCENT_MIN);
  return Math.max(Math.trunc((count * percent) / 100), FEASIBLE_MIN);
}

export function decide(input: CycleInput): Decision {
  const prepared = preparedFor(input);
  if ('outcome' in prepared) return prepared;
  const node = promisedNode(input, prepared);
  return node === undefined ? look(input, prepared) : { outcome: 'node', node, looked: 0, prepared };
}

function preparedFor({
  pod,
  cache,
  profile,
}: CycleInput): PreparedPod | Extract<Decision, { readonly outcome: 'none' }> {
  const count = cache.nodes.length;
  if (count === 0) {
    const everyone = profile.plugins.map(({ name }) => name);
    return refusedEverywhere('no nodes available to schedule pods', everyone, []);
  }
  const prepared = prepare(pod, cache, profile);
  if (!('refusal' in prepared)) return prepared;
  const message = `0/${count} nodes are available: ${prepared.refusal.reason}.`;
  return refusedEverywhere(message, [prepared.plugin], prepared.states);
}

function refusedEverywhere(
  message: string,
  plugins: readonly string[],
  states: readonly unknown[],
): Extract<Decision, { readonly outcome: 'none' }> {
  return { outcome: 'none', message, refusedBy: new Set(plugins), resolvable: [], states };
}

/** The node that the pod was promised, if it still fits. */
function promisedNode({ pod, cache, profile }: CycleInput, prepared: PreparedPod): NodeInfo | undefined {
  const name = cache.nominations.nodeOf(pod.metadata.uid ?? '') ?? pod.status.nominatedNodeName ?? '';
  const node = name === '' ? undefined : cache.node(name);
  if (node === undefined || prepared.only?.has(name) === false) return undefined;
  return refusalWithPromises(pod, node, cache, profile, prepared) === undefined ? node : undefined;
}

function look(input: CycleInput, prepared: PreparedPod): Decision {
  const { cache, profile } = input;
  const wanted = enoughNodes(cache.nodes.length, profile.percentageOfNodesToScore);
  const quick = quickLook(input, prepared, wanted);
  if (quick !== undefined) return { outcome: 'node', ...quick, prepared };
  const surveyed = surveyNodes(input, prepared, wanted);
  const node = best(input, surveyed.fitting, prepared);
  if (node === undefined) return noneFits(input, surveyed);
  return { outcome: 'node', node, looked: surveyed.looked, prepared };
}

/** The nodes that fit, before any is chosen. */
export interface Survey {
  readonly fitting: readonly NodeInfo[];
  readonly refused: Reasons;
  readonly looked: number;
  readonly prepared: PreparedPod;
}

/** The first half of a decision, for those who want to be asked in between; or the decision that nothing fits. */
export function survey(input: CycleInput): Survey | Extract<Decision, { readonly outcome: 'none' }> {
  const prepared = preparedFor(input);
  if ('outcome' in prepared) return prepared;
  const { cache, profile } = input;
  const node = promisedNode(input, prepared);
  if (node !== undefined) return { fitting: [node], refused: new Reasons(), looked: 0, prepared };
  return surveyNodes(input, prepared, enoughNodes(cache.nodes.length, profile.percentageOfNodesToScore));
}

function surveyNodes(input: CycleInput, prepared: PreparedPod, wanted: number): Survey {
  const { pod, cache, profile, start } = input;
  const nodes = prepared.only === undefined ? cache.nodes : nodesNamed(cache, prepared.only);
  const fitting: NodeInfo[] = [];
  const refused = new Reasons();
  let looked = 0;
  for (; looked < nodes.length && fitting.length < wanted; looked++) {
    const node = nodes[(start + looked) % nodes.length] as NodeInfo;
    const refusal = refusalWithPromises(pod, node, cache, profile, prepared);
    if (refusal === undefined) fitting.push(node);
    else refused.add(node, refusal);
  }
  refused.addOutside(cache.nodes.length - nodes.length, prepared.onlyBy);
  return { fitting, refused, looked: prepared.only === undefined ? looked : 0, prepared };
}

export function noneFits(
  { cache }: Pick<CycleInput, 'cache'>,
  { refused, prepared: { states } }: Survey,
): Extract<Decision, { readonly outcome: 'none' }> {
  const message = unschedulableMessage(cache.nodes.length, refused.counts);
  return { outcome: 'none', message, refusedBy: refused.plugins, resolvable: refused.resolvable, states };
}

function nodesNamed(cache: SchedulerCache, names: ReadonlySet<string>): readonly NodeInfo[] {
  const nodes: NodeInfo[] = [];
  for (const name of names) {
    const node = cache.node(name);
    if (node !== undefined) nodes.push(node);
  }
  return nodes;
}

/** Why nodes were refused, added up. */
export class Reasons {
  readonly counts = new Map<string, number>();
  readonly plugins = new Set<string>();
  readonly resolvable: NodeInfo[] = [];

  add(node: NodeInfo, { refusals, plugin }: NodeRefusal): void {
    this.plugins.add(plugin);
    if ('reason' in refusals) {
      this.#count(refusals.reason, 1);
      if (refusals.resolvable) this.resolvable.push(node);
      return;
    }
    for (const { reason } of refusals) this.#count(reason, 1);
    if (refusals.every(({ resolvable }) => resolvable)) this.resolvable.push(node);
  }

  /** Nodes that plugins ruled out by naming others. */
  addOutside(count: number, plugins: readonly string[]): void {
    if (plugins.length === 0) return;
    for (const plugin of plugins) this.plugins.add(plugin);
    if (count > 0) this.#count(`node(s) didn't satisfy plugin(s) [${plugins.join(' ')}]`, count);
  }

  #count(reason: string, more: number): void {
    this.counts.set(reason, (this.counts.get(reason) ?? 0) + more);
  }
}

/** `0/3 nodes are available: 1 node(s) had untolerated taint(s), 2 Insufficient cpu.` */
export function unschedulableMessage(nodeCount: number, reasons: ReadonlyMap<string, number>): string {
  const parts = [...reasons].map(([reason, count]) => `${count} ${reason}`).toSorted();
  return `0/${nodeCount} nodes are available: ${parts.join(', ')}.`;
}
