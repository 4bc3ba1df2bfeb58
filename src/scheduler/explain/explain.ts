/**
 * Why a pod has no node, or has this one: the verdict of every plugin for every node, not only of the first
 * that refuses, the scores of the nodes that fit, and the smallest change that would make one fit. Pure, on a
 * cache of the cluster without the pod.
 */

import type { PodDisruptionBudget, Pod } from '../../api/types.gen.ts';
import type { SchedulerCache } from '../cache/cache.ts';
import type { NodeInfo } from '../cache/node-info.ts';
import { prepare, type PreparedPod } from '../preparation.ts';
import { planPreemption } from '../preemption/preemption.ts';
import type { Profile, ProfilePlugin } from '../profile.ts';
import { smallestChange } from './smallest-change.ts';

export interface PluginVerdict {
  readonly plugin: string;
  readonly reasons: readonly string[];
}

export interface NodeVerdict {
  readonly node: NodeInfo;
  /** Empty: the node fits. */
  readonly refusals: readonly PluginVerdict[];
}

/** Nodes against which the same is said. */
export interface VerdictGroup {
  readonly refusals: readonly PluginVerdict[];
  readonly nodes: readonly string[];
}

export interface NodeScore {
  readonly node: string;
  readonly total: number;
  /** Weighted, by plugin; those that give every node the same are left out. */
  readonly byPlugin: Readonly<Record<string, number>>;
}

export interface Explanation {
  readonly gates: readonly string[];
  readonly nodeCount: number;
  readonly fitting: number;
  /** The largest first. */
  readonly groups: readonly VerdictGroup[];
  /** The best first. */
  readonly scores: readonly NodeScore[];
  readonly preemption: string | undefined;
  readonly smallestChange: string | undefined;
}

export interface ExplainInput {
  readonly pod: Pod;
  readonly cache: SchedulerCache;
  readonly profile: Profile;
  readonly budgets: readonly PodDisruptionBudget[];
}

export function explain(input: ExplainInput): Explanation {
  const { pod, cache, profile } = input;
  const gates = profile.plugins.flatMap(
    (plugin) => plugin.preEnqueue?.(pod) ?? plugin.preEnqueueGroup?.(pod) ?? [],
  );
  const prepared = prepare(pod, cache, profile);
  const verdicts =
    'refusal' in prepared
      ? cache.nodes.map((node) => ({
          node,
          refusals: [{ plugin: prepared.plugin, reasons: [prepared.refusal.reason] }],
        }))
      : cache.nodes.map((node) => judge(pod, node, profile, prepared));
  const fitting = verdicts.filter(({ refusals }) => refusals.length === 0).map(({ node }) => node);
  const isStuck = fitting.length === 0 && !('refusal' in prepared);
  return {
    gates,
    nodeCount: cache.nodes.length,
    fitting: fitting.length,
    groups: groupsOf(verdicts),
    scores: 'refusal' in prepared ? [] : scoresOf(pod, fitting, profile, prepared),
    preemption: isStuck ? preemptionText(input, verdicts) : undefined,
    smallestChange: isStuck ? smallestChange(pod, verdicts) : undefined,
  };
}

function judge(pod: Pod, node: NodeInfo, profile: Profile, prepared: PreparedPod): NodeVerdict {
  const refusals: PluginVerdict[] = [];
  for (const { plugin, index } of [...profile.ownFilters, ...profile.wideFilters]) {
    if (prepared.filters[index] !== true) continue;
    const refusal = plugin.filter?.(prepared.states[index], pod, node);
    if (refusal === undefined) continue;
    const reasons = 'reason' in refusal ? [refusal.reason] : refusal.map(({ reason }) => reason);
    refusals.push({ plugin: plugin.name, reasons });
  }
  return { node, refusals };
}

function groupsOf(verdicts: readonly NodeVerdict[]): readonly VerdictGroup[] {
  const refused = verdicts.filter(({ refusals }) => refusals.length > 0);
  const groups = Map.groupBy(refused, ({ refusals }) => JSON.stringify(refusals));
  return [...groups.values()]
    .map((members) => ({
      refusals: members[0]?.refusals ?? [],
      nodes: members.map(({ node }) => node.name),
    }))
    .toSorted((a, b) => b.nodes.length - a.nodes.length);
}

function scoresOf(
  pod: Pod,
  nodes: readonly NodeInfo[],
  profile: Profile,
  prepared: PreparedPod,
): readonly NodeScore[] {
  const columns = [...profile.ownScores, ...profile.comparedScores, ...profile.wideScores]
    .filter(({ index }) => prepared.scores[index] === true)
    .map((one) => ({ name: one.plugin.name, scores: columnOf(one, pod, nodes, prepared) }));
  const telling = columns.filter(({ scores }) => new Set(scores).size > 1);
  return nodes
    .map((node, i) => ({
      node: node.name,
      total: columns.reduce((sum, { scores }) => sum + (scores[i] ?? 0), 0),
      byPlugin: Object.fromEntries(telling.map(({ name, scores }) => [name, scores[i] ?? 0])),
    }))
    .toSorted((a, b) => b.total - a.total);
}

function columnOf(
  { plugin, weight, index }: ProfilePlugin,
  pod: Pod,
  nodes: readonly NodeInfo[],
  { states }: PreparedPod,
): Float64Array {
  const state = states[index];
  plugin.beforeScores?.(state, pod, nodes);
  const scores = Float64Array.from(nodes, (node) => plugin.score?.(state, pod, node) ?? 0);
  plugin.normalize?.(scores, scores.length, state);
  return scores.map((score) => score * weight);
}

function preemptionText(
  { pod, cache, profile, budgets }: ExplainInput,
  verdicts: readonly NodeVerdict[],
): string | undefined {
  if (profile.preemption === undefined) return undefined;
  const resolvable = verdicts.map(({ node }) => node);
  const args = profile.preemption;
  const plan = planPreemption({ pod, cache, profile, resolvable, budgets, args, integer: () => 0 });
  if (plan.outcome === 'none') return undefined;
  const names = plan.victims.map(({ metadata }) => `${metadata.namespace ?? ''}/${metadata.name ?? ''}`);
  return `on ${plan.node.name}, ${names.join(', ')} of lower priority would make room`;
}
