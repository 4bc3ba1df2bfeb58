/**
 * The watches under way: each ends when its time is over, its client leaves or the server stops. There are
 * many and they last long, so what is kept of each is little: those whose time ends at about the same time
 * share one timer, and one signal tells of all three ends.
 */

import type { Clock, Timer } from '../../host/host.ts';

/** Shorter times are kept exactly, others to the second, and long ones, which are random anyway, roughly. */
const EXACT_BELOW_MS = 60_000;
const ROUGH_FROM_MS = 1_800_000;

function stepOf(ms: number): number {
  if (ms < EXACT_BELOW_MS) return 0;
  return ms < ROUGH_FROM_MS ? 1_000 : 10_000;
}

export class OpenWatch {
  /** Of the clock that does not jump. */
  readonly dueMs: number;
  readonly #abort = new AbortController();

  constructor(dueMs: number) {
    this.dueMs = dueMs;
  }

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  end(): void {
    this.#abort.abort();
  }
}

interface Group {
  readonly watches: Set<OpenWatch>;
  readonly timer: Timer;
}

export class OpenWatches {
  readonly #clock: Clock;
  readonly #groups = new Map<number, Group>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** A watch that may last so long. Whoever opened it closes it. */
  open(ms: number): OpenWatch {
    const now = this.#clock.monotonicMs();
    const step = stepOf(ms);
    const dueMs = step === 0 ? now + ms : Math.ceil((now + ms) / step) * step;
    let group = this.#groups.get(dueMs);
    if (group === undefined) {
      const timer = this.#clock.after(dueMs - now, () => this.#expire(dueMs));
      group = { watches: new Set(), timer };
      this.#groups.set(dueMs, group);
    }
    const watch = new OpenWatch(dueMs);
    group.watches.add(watch);
    return watch;
  }

  close(watch: OpenWatch): void {
    const group = this.#groups.get(watch.dueMs);
    if (group === undefined || !group.watches.delete(watch) || group.watches.size > 0) return;
    group.timer.cancel();
    this.#groups.delete(watch.dueMs);
  }

  /** Every watch ends after the frame that it is sending. */
  endAll(): void {
    for (const { watches } of this.#groups.values()) for (const watch of watches) watch.end();
  }

  #expire(dueMs: number): void {
    const group = this.#groups.get(dueMs);
    this.#groups.delete(dueMs);
    for (const watch of group?.watches ?? []) watch.end();
  }
}
