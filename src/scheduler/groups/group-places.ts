/**
 * The places that pods of a group find in one cycle. Each is taken for real, so that the next pod's decision
 * counts it, and is given back unless the group can go. Pods that would have to be preempted for a place are
 * set aside as long as the place is held.
 */

import { reserve, unreserve, type Placement } from '../binding.ts';
import type { SchedulerCache } from '../cache/cache.ts';
import { refusalWithPromises } from '../filtering.ts';
import { prepare } from '../preparation.ts';
import type { Room } from '../preemption/preemption.ts';
import type { Profile } from '../profile.ts';
import type { QueuedPod } from '../queue/queued-pod.ts';
import type { Pod } from '../../api/types.gen.ts';

export interface Place {
  readonly entry: QueuedPod;
  readonly placement: Placement;
  /** Who has to leave the node first. */
  readonly victims: readonly Pod[];
}

/** Why no place could be taken after all. */
export interface NotTaken {
  readonly reason: string;
  readonly plugin: string;
}

export class GroupPlaces {
  readonly #cache: SchedulerCache;
  #taken: Place[] = [];

  constructor(cache: SchedulerCache) {
    this.#cache = cache;
  }

  get taken(): readonly Place[] {
    return this.#taken;
  }

  take(entry: QueuedPod, placement: Placement, victims: readonly Pod[] = []): NotTaken | undefined {
    const { pod, node } = placement;
    // The promise would count the pod a second time.
    this.#cache.nominations.delete(entry.uid);
    this.#cache.assume(pod, node.name);
    const refused = reserve(placement);
    if (refused === undefined) {
      this.#taken.push({ entry, placement, victims });
      return undefined;
    }
    this.#cache.forget(pod);
    return { reason: refused.refusal.reason, plugin: refused.plugin };
  }

  /** On a node that others leave first. False: it does not fit, even so. */
  takeAfter(entry: QueuedPod, profile: Profile, { node, victims }: Room): boolean {
    const { pod } = entry;
    for (const victim of victims) this.#cache.setAside(victim.metadata.uid ?? '');
    const prepared = prepare(pod, this.#cache, profile);
    if (!('refusal' in prepared)) {
      // What is found out now holds for as long as the victims are away.
      const alone = { ...prepared, podClass: undefined };
      const fits = refusalWithPromises(pod, node, this.#cache, profile, alone) === undefined;
      if (fits && this.take(entry, { pod, node, profile, prepared }, victims) === undefined) return true;
    }
    this.#putBack(victims);
    return false;
  }

  giveBack(): void {
    while (this.#taken.length > 0) this.#release(this.#taken.pop() as Place);
  }

  /** Those that do not need one any more. */
  giveBackUnless(isNeeded: (entry: QueuedPod) => boolean): void {
    const [kept, gone] = [true, false].map((needed) =>
      this.#taken.filter(({ entry }) => isNeeded(entry) === needed),
    );
    this.#taken = kept ?? [];
    for (const place of gone ?? []) this.#release(place);
  }

  #release({ placement, victims }: Place): void {
    unreserve(placement);
    this.#cache.forget(placement.pod);
    this.#putBack(victims);
  }

  #putBack(victims: readonly Pod[]): void {
    for (const victim of victims) this.#cache.putBack(victim.metadata.uid ?? '');
  }
}
