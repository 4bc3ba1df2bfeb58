/**
 * One cycle of a group: each of its pods in turn looks for a place, with the places of those before it taken.
 * A pod that fits nowhere may take one that others of lower priority would have to leave first.
 *
 * Nobody else is decided on meanwhile, but other work gets its turns: what happens in the cluster between two
 * pods counts from the second one on.
 */

import { postFilter } from '../post-filter.ts';
import { unschedulableMessage } from '../cycle.ts';
import type { Decisions, Placed, Refused } from '../decisions.ts';
import type { Extenders } from '../extenders/extended-decision.ts';
import { awaitedRoom, type Preemption } from '../preemption/preemption.ts';
import type { SchedulerCache } from '../cache/cache.ts';
import type { Profile } from '../profile.ts';
import type { QueuedPod } from '../queue/queued-pod.ts';
import type { Pod } from '../../api/types.gen.ts';
import { GroupPlaces } from './group-places.ts';

/** A pod that found no place, or none that is free yet. */
export interface RefusedPod {
  readonly entry: QueuedPod;
  readonly message: string;
  readonly refusedBy: ReadonlySet<string>;
}

export class GroupCycle {
  readonly #cache: SchedulerCache;
  readonly #decisions: Decisions;
  readonly #signal: AbortSignal;
  readonly profile: Profile;
  readonly places: GroupPlaces;
  /** By uid. */
  readonly refused = new Map<string, RefusedPod>();

  constructor(cache: SchedulerCache, profile: Profile, decisions: Decisions, signal: AbortSignal) {
    this.#signal = signal;
    this.#cache = cache;
    this.profile = profile;
    this.#decisions = decisions;
    this.places = new GroupPlaces(cache);
  }

  /** What prevented a decision; undefined: it is made. */
  async decideOn(entry: QueuedPod): Promise<string | undefined> {
    const extenders = this.#decisions.extendersFor(entry.pod, this.#signal);
    const decision =
      extenders === undefined
        ? this.#decisions.decide(entry.pod, this.profile)
        : await this.#decisions.decideExtended(entry.pod, this.profile, extenders);
    switch (decision.outcome) {
      case 'node':
        this.#take(entry, decision);
        return undefined;
      case 'none':
        await this.#refuse(entry, decision, extenders);
        return undefined;
      case 'error':
        return decision.message;
      case 'overtaken':
        return 'the nodes that the extenders allowed do not fit any more';
    }
  }

  /** Whether some of the places are free only when others have left them. */
  get needsRoom(): boolean {
    return this.places.taken.some(({ victims }) => victims.length > 0);
  }

  #take(entry: QueuedPod, decision: Placed): void {
    this.#decisions.goOn(decision);
    const { node, prepared } = decision;
    const placement = { pod: entry.pod, node, profile: this.profile, prepared };
    const notTaken = this.places.take(entry, placement);
    if (notTaken === undefined) return;
    const message = unschedulableMessage(1, new Map([[notTaken.reason, 1]]));
    this.refused.set(entry.uid, { entry, message, refusedBy: new Set([notTaken.plugin]) });
  }

  async #refuse(entry: QueuedPod, decision: Refused, extenders: Extenders | undefined): Promise<void> {
    const { pod } = entry;
    const { nodes } = this.#cache;
    const awaited = awaitedRoom(pod, this.#cache);
    const isAwaiting = awaited !== undefined && this.places.takeAfter(entry, this.profile, awaited);
    const preemption = isAwaiting ? undefined : await this.#preempt(pod, decision, extenders);
    if (preemption?.outcome === 'preempt') this.places.takeAfter(entry, this.profile, preemption);
    const more = nodes.length === 0 ? '' : postFilter(this.profile, pod, decision, preemption);
    const message = `${decision.message}${more}`;
    this.refused.set(entry.uid, { entry, message, refusedBy: decision.refusedBy });
  }

  #preempt(
    pod: Pod,
    decision: Refused,
    extenders: Extenders | undefined,
  ): Preemption | undefined | Promise<Preemption | undefined> {
    return extenders === undefined
      ? this.#decisions.preempt(pod, this.profile, decision)
      : this.#decisions.preemptExtended(pod, this.profile, decision, extenders);
  }
}
