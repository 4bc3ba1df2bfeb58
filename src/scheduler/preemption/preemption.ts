/**
 * Preemption: when no node fits a pod, which pods of lower priority must go from which node so that it fits
 * (upstream's DefaultPreemption). Pure: every question is a what-if on the cache.
 *
 * On each node in question all pods of lower priority are taken away; if the pod fits then, they are let
 * back, the most important first, as long as it still fits: those that could not come back are the victims.
 *
 * Example: the pod needs 2 CPUs; the node has 3, used by a (priority 5, 1 CPU), b (0, 1 CPU) and c (0, 1
 * CPU). Without all three it fits. a comes back and it still fits; b comes back no more, nor does c: the
 * victims are b and c.
 */

import type { Pod, PodDisruptionBudget } from '../../api/types.gen.ts';
import type { SchedulerCache } from '../cache/cache.ts';
import type { NodeInfo } from '../cache/node-info.ts';
import { unschedulableMessage } from '../cycle.ts';
import { refusalWithPromises } from '../filtering.ts';
import { prepare, type PreparedPod } from '../preparation.ts';
import type { PreemptionArgs, Profile } from '../profile.ts';
import { splitByBudgets } from './budgets.ts';
import { cheapest, moreImportantFirst, type Candidate } from './candidates.ts';

export interface PreemptionInput {
  readonly pod: Pod;
  readonly cache: SchedulerCache;
  readonly profile: Profile;
  /** Where taking pods away may help. */
  readonly resolvable: readonly NodeInfo[];
  readonly budgets: readonly PodDisruptionBudget[];
  readonly args: PreemptionArgs;
  readonly integer: (bound: number) => number;
}

export type Preemption =
  | ({ readonly outcome: 'preempt' } & Room)
  | { readonly outcome: 'none'; readonly message: string };

const NO_VICTIMS = 'No preemption victims found for incoming pod';
const NOT_HELPFUL = 'Preemption is not helpful for scheduling';

/** Every preemption that would do, and what is said when none is left. */
export interface Proposals {
  readonly candidates: readonly Candidate[];
  readonly message: string;
}

export function planPreemption(input: PreemptionInput): Preemption {
  return chosenPreemption(proposePreemptions(input));
}

export function chosenPreemption({ candidates, message }: Proposals): Preemption {
  const chosen = cheapest(candidates);
  if (chosen === undefined) return { outcome: 'none', message };
  return { outcome: 'preempt', node: chosen.node, victims: chosen.victims };
}

export function proposePreemptions(input: PreemptionInput): Proposals {
  const { pod, cache, resolvable } = input;
  const ineligible = reasonAgainst(pod, cache);
  if (ineligible !== undefined) return { candidates: [], message: `preemption: ${ineligible}.` };
  const reasons = new Map<string, number>();
  const candidates = cache.hasBelow(pod.spec.priority ?? 0)
    ? candidatesOf(input, reasons)
    : count(reasons, NO_VICTIMS, resolvable.length);
  count(reasons, NOT_HELPFUL, cache.nodes.length - resolvable.length);
  const message = unschedulableMessage(cache.nodes.length, reasons);
  return { candidates, message: `preemption: ${message}` };
}

/** One that is promised a node already waits for those who leave it. */
function reasonAgainst(pod: Pod, cache: SchedulerCache): string | undefined {
  if (pod.spec.preemptionPolicy === 'Never') return 'not eligible due to preemptionPolicy=Never';
  const isAwaiting = awaitedRoom(pod, cache) !== undefined;
  return isAwaiting ? 'not eligible due to a terminating pod on the nominated node' : undefined;
}

export interface Room {
  readonly node: NodeInfo;
  readonly victims: readonly Pod[];
}

/** The node that the pod is promised, and the pods of lower priority that are about to leave it, if any are. */
export function awaitedRoom(pod: Pod, cache: SchedulerCache): Room | undefined {
  const promised = cache.nominations.nodeOf(pod.metadata.uid ?? '') ?? pod.status.nominatedNodeName ?? '';
  const node = promised === '' ? undefined : cache.node(promised);
  if (node === undefined) return undefined;
  const victims = lowerPods(pod, node).filter(({ metadata }) => metadata.deletionTimestamp !== undefined);
  return victims.length === 0 ? undefined : { node, victims };
}

const CANDIDATES_PERCENT = 10;
const CANDIDATES_MIN = 100;

function candidatesOf(input: PreemptionInput, reasons: Map<string, number>): readonly Candidate[] {
  const { pod, cache, profile, resolvable, args, integer } = input;
  const prepared = prepare(pod, cache, profile);
  if ('refusal' in prepared || resolvable.length === 0) return [];
  // Results of what-ifs are nothing for the next pod.
  const alone = { ...prepared, podClass: undefined };
  const { minCandidateNodesPercentage = CANDIDATES_PERCENT, minCandidateNodesAbsolute = CANDIDATES_MIN } =
    args;
  const share = Math.trunc((resolvable.length * minCandidateNodesPercentage) / 100);
  const wanted = Math.min(Math.max(share, minCandidateNodesAbsolute), resolvable.length);
  const start = integer(resolvable.length);
  const candidates: Candidate[] = [];
  let keepsBudgets = false;
  for (let i = 0; i < resolvable.length; i++) {
    const node = resolvable[(start + i) % resolvable.length] as NodeInfo;
    const candidate = tryNode(input, node, alone);
    if (typeof candidate === 'string') {
      count(reasons, candidate, 1);
      continue;
    }
    candidates.push(candidate);
    keepsBudgets ||= candidate.violations === 0;
    if (keepsBudgets && candidates.length >= wanted) break;
  }
  return candidates;
}

function count(reasons: Map<string, number>, reason: string, more: number): readonly Candidate[] {
  if (more > 0) reasons.set(reason, (reasons.get(reason) ?? 0) + more);
  return [];
}

function lowerPods({ spec }: Pod, node: NodeInfo): readonly Pod[] {
  const priority = spec.priority ?? 0;
  return [...node.pods.values()].filter((other) => (other.spec.priority ?? 0) < priority);
}

/** The victims on one node, or why there are none. */
function tryNode(
  { pod, cache, profile, budgets }: PreemptionInput,
  node: NodeInfo,
  prepared: PreparedPod,
): Candidate | string {
  const lower = lowerPods(pod, node);
  if (lower.length === 0) return NO_VICTIMS;
  const refusal = (): string | undefined => {
    const refused = refusalWithPromises(pod, node, cache, profile, prepared);
    if (refused === undefined) return undefined;
    return 'reason' in refused.refusals
      ? refused.refusals.reason
      : refused.refusals.map(({ reason }) => reason).join(', ');
  };
  return cache.whatIf((change) => {
    for (const other of lower) change.remove(node, other);
    const reason = refusal();
    if (reason !== undefined) return reason;
    const victims: Pod[] = [];
    const { violating, others } = splitByBudgets(lower.toSorted(moreImportantFirst), budgets);
    const letBack = (other: Pod): boolean => {
      change.add(node, other);
      if (refusal() === undefined) return true;
      change.remove(node, other);
      victims.push(other);
      return false;
    };
    let violations = 0;
    for (const other of violating) if (!letBack(other)) violations++;
    for (const other of others) letBack(other);
    // Somebody else than the plugins refuses it: who leaves does not matter to them.
    if (victims.length === 0) return NO_VICTIMS;
    return { node, victims: victims.toSorted(moreImportantFirst), violations };
  });
}
