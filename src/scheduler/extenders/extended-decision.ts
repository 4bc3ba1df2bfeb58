/**
 * A decision on a pod that extenders want to be asked about: between the filters and the scores, and between
 * the scores and the choice, answers are waited for while the cluster moves on. So the nodes that are left in
 * the end are looked at once more, and only those that still fit are chosen from.
 */

import { errorText, type Logger } from '../../base/log.ts';
import type { Pod } from '../../api/types.gen.ts';
import type { NodeInfo } from '../cache/node-info.ts';
import { noneFits, survey, type CycleInput, type Decision, type Survey } from '../cycle.ts';
import { refusalWithPromises } from '../filtering.ts';
import { SCORE_MAX } from '../framework.ts';
import { prepare } from '../preparation.ts';
import { chosenPreemption, type Preemption, type Proposals } from '../preemption/preemption.ts';
import { highest, totals } from '../scoring.ts';
import type { HttpExtender } from './extender.ts';

/** Stands for the extenders among the plugins that refused a pod. */
export const EXTENDER = 'Extender';

/** Extenders give up to 10 points. */
const EXTENDER_SCORE_MAX = 10;

export type ExtendedDecision =
  | Decision
  /** An extender that must be asked did not answer. */
  | { readonly outcome: 'error'; readonly message: string }
  /** What the extenders allowed does not fit any more. */
  | { readonly outcome: 'overtaken' };

export interface Extenders {
  /** Those that are interested in the pod. */
  readonly interested: readonly HttpExtender[];
  readonly logger: Logger;
  readonly signal: AbortSignal;
}

export async function decideExtended(input: CycleInput, extenders: Extenders): Promise<ExtendedDecision> {
  const surveyed = survey(input);
  if ('outcome' in surveyed) return surveyed;
  const filtered = await filterBy(extenders, input.pod, surveyed);
  if (typeof filtered === 'string') return { outcome: 'error', message: filtered };
  if (filtered.length === 0) return noneFits(input, surveyed);
  const points = filtered.length > 1 ? await pointsBy(extenders, input.pod, filtered) : new Map();
  return choose(input, filtered, points, surveyed.looked);
}

/** The nodes that every extender allows, or why there is no answer. */
async function filterBy(
  { interested, logger, signal }: Extenders,
  pod: Pod,
  { fitting, refused }: Survey,
): Promise<readonly NodeInfo[] | string> {
  let nodes: readonly NodeInfo[] = fitting;
  for (const extender of interested) {
    if (nodes.length === 0) break;
    try {
      const verdict = await extender.filter(pod, nodes, signal);
      for (const node of nodes) {
        const reason = verdict.unresolvable.get(node.name) ?? verdict.failed.get(node.name);
        if (verdict.nodes.includes(node)) continue;
        const resolvable = !verdict.unresolvable.has(node.name);
        // One that is passed over in silence is refused all the same.
        const refusals = {
          reason: reason ?? `node(s) were refused by extender ${extender.name}`,
          resolvable,
        };
        refused.add(node, { refusals, plugin: EXTENDER });
      }
      nodes = verdict.nodes;
    } catch (error) {
      if (!extender.isIgnorable) return errorText(error);
      logger.warn(`extender passed over, since it is ignorable: ${errorText(error)}`, { url: extender.name });
    }
  }
  return nodes;
}

/** By node. An extender that fails here gives no points. */
async function pointsBy(
  { interested, logger, signal }: Extenders,
  pod: Pod,
  nodes: readonly NodeInfo[],
): Promise<ReadonlyMap<string, number>> {
  const points = new Map<string, number>();
  await Promise.all(
    interested.map(async (extender) => {
      try {
        for (const { host, score } of await extender.prioritize(pod, nodes, signal)) {
          const own = score * extender.weight * (SCORE_MAX / EXTENDER_SCORE_MAX);
          points.set(host, (points.get(host) ?? 0) + own);
        }
      } catch (error) {
        logger.warn(`extender gave no scores: ${errorText(error)}`, { url: extender.name });
      }
    }),
  );
  return points;
}

function choose(
  { pod, cache, profile, integer }: CycleInput,
  allowed: readonly NodeInfo[],
  points: ReadonlyMap<string, number>,
  looked: number,
): ExtendedDecision {
  const prepared = prepare(pod, cache, profile);
  if ('refusal' in prepared) return { outcome: 'overtaken' };
  const fitting = allowed.filter(
    (node) =>
      cache.node(node.name) === node &&
      refusalWithPromises(pod, node, cache, profile, prepared) === undefined,
  );
  const scores = totals(pod, fitting, profile, prepared);
  for (const [i, { name }] of fitting.entries()) scores[i] = (scores[i] ?? 0) + (points.get(name) ?? 0);
  const node = fitting[highest(scores, fitting.length, integer)];
  return node === undefined ? { outcome: 'overtaken' } : { outcome: 'node', node, looked, prepared };
}

/** Which of the proposed preemptions the extenders leave, and the best of these. */
export async function preemptExtended(
  { interested, logger, signal }: Extenders,
  { pod, cache }: Pick<CycleInput, 'pod' | 'cache'>,
  proposals: Proposals,
): Promise<Preemption> {
  let { candidates } = proposals;
  for (const extender of interested) {
    if (!extender.preempts || candidates.length === 0) continue;
    try {
      candidates = await extender.preempt(pod, candidates, cache, signal);
    } catch (error) {
      if (!extender.isIgnorable) return { outcome: 'none', message: `preemption: ${errorText(error)}.` };
      logger.warn(`extender passed over, since it is ignorable: ${errorText(error)}`, { url: extender.name });
    }
  }
  return chosenPreemption({ ...proposals, candidates });
}
