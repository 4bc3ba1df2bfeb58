/**
 * One decision: which node for this pod, given the cluster as the cache has it. Pure and synchronous;
 * whatever random it needs comes in.
 *
 * Not every node is looked at in a large cluster: enough fitting ones to choose from are (upstream's
 * `percentageOfNodesToScore`), beginning where the last decision stopped, so that all nodes get their turn.
 */

import type { Pod } from '../api/types.gen.ts';
import type { NodeInfo } from './cache/node-info.ts';
import type { Refusal, WeightedPlugin } from './framework.ts';

const FEASIBLE_MIN = 100;
const PERCENT_MIN = 5;

export type Decision =
  | { readonly outcome: 'node'; readonly nodeName: string; readonly looked: number }
  | { readonly outcome: 'none'; readonly message: string; readonly refusedBy: ReadonlySet<string> };

export interface CycleInput {
  readonly pod: Pod;
  readonly nodes: readonly NodeInfo[];
  readonly plugins: readonly WeightedPlugin[];
  /** Index of the first node to look at. */
  readonly start: number;
  /** Uniform integer below the bound: breaks ties between nodes of equal score. */
  readonly integer: (bound: number) => number;
}

/** How many fitting nodes are enough (upstream's `numFeasibleNodesToFind`). */
export function enoughNodes(count: number): number {
  if (count < FEASIBLE_MIN) return count;
  const percent = Math.max(50 - count / 125, PERCENT_MIN);
  return Math.max(Math.trunc((count * percent) / 100), FEASIBLE_MIN);
}

export function decide(input: CycleInput): Decision {
  const { pod, nodes, plugins, start } = input;
  if (nodes.length === 0) {
    return { outcome: 'none', message: 'no nodes available to schedule pods', refusedBy: allNames(plugins) };
  }
  const states = plugins.map(({ plugin }) => plugin.prepare?.(pod));
  const wanted = enoughNodes(nodes.length);
  const fitting: NodeInfo[] = [];
  const reasons = new Map<string, number>();
  const refusedBy = new Set<string>();
  let looked = 0;
  for (; looked < nodes.length && fitting.length < wanted; looked++) {
    const node = nodes[(start + looked) % nodes.length];
    if (node !== undefined && fits(pod, node, plugins, states, reasons, refusedBy)) fitting.push(node);
  }
  if (fitting.length === 0) {
    return { outcome: 'none', message: unschedulableMessage(nodes.length, reasons), refusedBy };
  }
  const chosen = fitting.length === 1 ? fitting[0] : best(input, fitting, states);
  return { outcome: 'node', nodeName: chosen?.name ?? '', looked };
}

function allNames(plugins: readonly WeightedPlugin[]): ReadonlySet<string> {
  return new Set(plugins.map(({ plugin }) => plugin.name));
}

/** The first plugin that refuses ends the look at a node; all of its reasons count. */
function fits(
  pod: Pod,
  node: NodeInfo,
  plugins: readonly WeightedPlugin[],
  states: readonly unknown[],
  reasons: Map<string, number>,
  refusedBy: Set<string>,
): boolean {
  for (let i = 0; i < plugins.length; i++) {
    const plugin = plugins[i]?.plugin;
    const verdict = plugin?.filter?.(states[i], pod, node);
    if (verdict === undefined) continue;
    refusedBy.add(plugin?.name ?? '');
    const refusals: readonly Refusal[] = 'reason' in verdict ? [verdict] : verdict;
    for (const { reason } of refusals) reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
    return false;
  }
  return true;
}

/** `0/3 nodes are available: 1 node(s) had untolerated taint(s), 2 Insufficient cpu.` */
export function unschedulableMessage(nodeCount: number, reasons: ReadonlyMap<string, number>): string {
  const parts = [...reasons].map(([reason, count]) => `${count} ${reason}`).toSorted();
  return `0/${nodeCount} nodes are available: ${parts.join(', ')}.`;
}

function best(
  { pod, plugins, integer }: CycleInput,
  nodes: readonly NodeInfo[],
  states: readonly unknown[],
): NodeInfo | undefined {
  const totals = new Float64Array(nodes.length);
  const scores = new Float64Array(nodes.length);
  for (const [p, { plugin, weight }] of plugins.entries()) {
    if (plugin.score === undefined || weight === 0) continue;
    for (let i = 0; i < nodes.length; i++) scores[i] = plugin.score(states[p], pod, nodes[i] as NodeInfo);
    plugin.normalize?.(scores, nodes.length);
    for (let i = 0; i < nodes.length; i++) totals[i] = (totals[i] ?? 0) + (scores[i] ?? 0) * weight;
  }
  let chosen = 0;
  let equals = 1;
  for (let i = 1; i < nodes.length; i++) {
    const difference = (totals[i] ?? 0) - (totals[chosen] ?? 0);
    if (difference > 0) {
      chosen = i;
      equals = 1;
    } else if (difference === 0 && integer(++equals) === 0) chosen = i;
  }
  return nodes[chosen];
}

/** The verdict of every plugin for one node, none left out: for explanations. */
export function verdicts(
  pod: Pod,
  node: NodeInfo,
  plugins: readonly WeightedPlugin[],
): readonly { readonly plugin: string; readonly refusals: readonly Refusal[] }[] {
  return plugins.map(({ plugin }) => {
    const verdict = plugin.filter?.(plugin.prepare?.(pod), pod, node);
    return {
      plugin: plugin.name,
      refusals: verdict === undefined ? [] : 'reason' in verdict ? [verdict] : verdict,
    };
  });
}
