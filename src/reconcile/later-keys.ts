/**
 * Keys that become due at a time of their own. One timer serves all: some controllers wait for a hundred
 * thousand things at once, and a timer each would cost more than the things.
 */

import { Heap } from '../base/heap.ts';
import type { Clock, Timer } from '../host/host.ts';

interface Plan {
  readonly key: string;
  /** Of the monotonic clock. */
  readonly atMs: number;
}

/** Plans that were given up stay in the heap until they are this many and more than the others. */
const STALE_MAX = 64;

export class LaterKeys {
  readonly #clock: Clock;
  readonly #due: (key: string) => void;
  readonly #plans = new Map<string, Plan>();
  readonly #heap = new Heap<Plan>((a, b) => a.atMs < b.atMs);
  #timer: Timer | undefined;
  #wakesAtMs = Number.POSITIVE_INFINITY;

  constructor(clock: Clock, due: (key: string) => void) {
    this.#clock = clock;
    this.#due = due;
  }

  /** The earliest time wins. */
  add(key: string, delayMs: number): void {
    const atMs = this.#clock.monotonicMs() + delayMs;
    const planned = this.#plans.get(key);
    if (planned !== undefined && planned.atMs <= atMs) return;
    const plan = { key, atMs };
    this.#plans.set(key, plan);
    this.#heap.push(plan);
    this.#boundStale();
    if (atMs < this.#wakesAtMs) this.#wakeAt(atMs);
  }

  cancel(key: string): void {
    if (this.#plans.delete(key)) this.#boundStale();
  }

  clear(): void {
    this.#plans.clear();
    this.#heap.retain(() => false);
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#wakesAtMs = Number.POSITIVE_INFINITY;
  }

  #isStanding(plan: Plan): boolean {
    return this.#plans.get(plan.key) === plan;
  }

  #boundStale(): void {
    if (this.#heap.size > 2 * this.#plans.size + STALE_MAX)
      this.#heap.retain((plan) => this.#isStanding(plan));
  }

  /** In whole milliseconds: a fraction too early, rounded away again and again, would never become due. */
  #wakeAt(atMs: number): void {
    this.#timer?.cancel();
    this.#wakesAtMs = atMs;
    this.#timer = this.#clock.after(Math.ceil(atMs - this.#clock.monotonicMs()), () => this.#wake());
  }

  #wake(): void {
    this.#wakesAtMs = Number.POSITIVE_INFINITY;
    const nowMs = this.#clock.monotonicMs();
    for (let next = this.#heap.peek(); next !== undefined && next.atMs <= nowMs; next = this.#heap.peek()) {
      this.#heap.pop();
      if (!this.#isStanding(next)) continue;
      this.#plans.delete(next.key);
      this.#due(next.key);
    }
    const next = this.#heap.peek();
    if (next !== undefined && next.atMs < this.#wakesAtMs) this.#wakeAt(next.atMs);
  }
}
