/** Decisions on single pods, by the plugins of their profile and the extenders that are interested in them. */

import type { Logger } from '../base/log.ts';
import type { Metrics } from '../base/metrics.ts';
import { podDisruptionBudgets } from '../api/groups/policy/pod-disruption-budget/pod-disruption-budget.ts';
import type { Pod } from '../api/types.gen.ts';
import type { Informers } from '../client/informer/informer.ts';
import type { Clock, Random } from '../host/host.ts';
import type { SchedulerCache } from './cache/cache.ts';
import { decide, type CycleInput, type Decision } from './cycle.ts';
import {
  decideExtended,
  preemptExtended,
  type ExtendedDecision,
  type Extenders,
} from './extenders/extended-decision.ts';
import type { HttpExtender } from './extenders/extender.ts';
import {
  planPreemption,
  proposePreemptions,
  type Preemption,
  type PreemptionInput,
} from './preemption/preemption.ts';
import type { Profile } from './profile.ts';

export type Placed = Extract<Decision, { readonly outcome: 'node' }>;
export type Refused = Extract<Decision, { readonly outcome: 'none' }>;

/** As the metric has them. */
const RESULTS = { node: 'scheduled', none: 'unschedulable', error: 'error', overtaken: 'error' } as const;
const ATTEMPT_BUCKETS = [0.0001, 0.0005, 0.001, 0.005, 0.01, 0.05, 0.1];

export interface DecisionParts {
  readonly informers: Informers;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

export class Decisions {
  readonly #parts: DecisionParts;
  readonly #cache: SchedulerCache;
  readonly #extenders: readonly HttpExtender[];
  readonly #attempts: ReturnType<typeof attemptMetrics>;
  /** Index of the first node to look at. */
  #start = 0;

  constructor(parts: DecisionParts, cache: SchedulerCache, extenders: readonly HttpExtender[]) {
    this.#parts = parts;
    this.#cache = cache;
    this.#extenders = extenders;
    this.#attempts = attemptMetrics(parts.metrics);
  }

  /** Undefined when none is interested in the pod. */
  extendersFor(pod: Pod, signal: AbortSignal): Extenders | undefined {
    const interested = this.#extenders.filter((extender) => extender.isInterested(pod));
    return interested.length === 0 ? undefined : { interested, logger: this.#parts.logger, signal };
  }

  /** Without extenders. */
  decide(pod: Pod, profile: Profile): Decision {
    return this.#observed(this.#now(), decide(this.#input(pod, profile)));
  }

  async decideExtended(pod: Pod, profile: Profile, extenders: Extenders): Promise<ExtendedDecision> {
    const startedMs = this.#now();
    return this.#observed(startedMs, await decideExtended(this.#input(pod, profile), extenders));
  }

  /** The pod goes there: the next decision begins where this one ended. */
  goOn({ looked }: Placed): void {
    this.#start = (this.#start + looked) % Math.max(this.#cache.nodes.length, 1);
  }

  /** Undefined when the profile does not preempt. */
  preempt(pod: Pod, profile: Profile, decision: Refused): Preemption | undefined {
    const input = this.#preemptionInput(pod, profile, decision);
    return input && planPreemption(input);
  }

  async preemptExtended(
    pod: Pod,
    profile: Profile,
    decision: Refused,
    extenders: Extenders,
  ): Promise<Preemption | undefined> {
    const input = this.#preemptionInput(pod, profile, decision);
    return input && preemptExtended(extenders, input, proposePreemptions(input));
  }

  #now(): number {
    return this.#parts.clock.monotonicMs();
  }

  #observed<D extends ExtendedDecision>(startedMs: number, decision: D): D {
    this.#attempts.observe((this.#now() - startedMs) / 1000, { result: RESULTS[decision.outcome] });
    return decision;
  }

  #input(pod: Pod, profile: Profile): CycleInput {
    const integer = (bound: number): number => this.#parts.random.integer(bound);
    return { pod, cache: this.#cache, profile, start: this.#start, integer };
  }

  #preemptionInput(pod: Pod, profile: Profile, { resolvable }: Refused): PreemptionInput | undefined {
    const { informers, random } = this.#parts;
    const { preemption: args } = profile;
    if (args === undefined || this.#cache.nodes.length === 0) return undefined;
    return {
      pod,
      cache: this.#cache,
      profile,
      resolvable,
      budgets: informers.of(podDisruptionBudgets).list(),
      args,
      integer: (bound) => random.integer(bound),
    };
  }
}

function attemptMetrics(metrics: Metrics) {
  const help = 'Time to decide on one pod, by result';
  return metrics.histogram('scheduler_scheduling_attempt_duration_seconds', help, ATTEMPT_BUCKETS);
}
