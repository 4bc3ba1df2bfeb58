/**
 * Pods that wait out their backoff although something has happened that may help them: a scheduler that has
 * nothing else to do takes them before their time. Those whose time comes first go first, by seconds; within
 * a second the highest priority.
 */

import { Heap } from '../../base/heap.ts';

const WINDOW_MS = 1_000;

export interface WaitingPod {
  readonly pod: { readonly spec: { readonly priority?: number } };
  readonly place: string;
  readonly backoffUntilMs: number;
}

interface Record<T> {
  readonly entry: T;
  readonly untilMs: number;
  readonly priority: number;
}

export class WaitingPods<T extends WaitingPod> {
  readonly #records = new Heap<Record<T>>(isBefore);

  add(entry: T): void {
    this.#dropStale();
    this.#records.push({ entry, untilMs: entry.backoffUntilMs, priority: entry.pod.spec.priority ?? 0 });
  }

  pop(): T | undefined {
    this.#dropStale();
    return this.#records.pop()?.entry;
  }

  /** Their time came, or they went; what is left behind is old and so comes first. */
  #dropStale(): void {
    for (let first = this.#records.peek(); first !== undefined; first = this.#records.peek()) {
      if (first.entry.place === 'backoff' && first.entry.backoffUntilMs === first.untilMs) return;
      this.#records.pop();
    }
  }
}

function isBefore<T>(a: Record<T>, b: Record<T>): boolean {
  const windows = Math.floor(a.untilMs / WINDOW_MS) - Math.floor(b.untilMs / WINDOW_MS);
  if (windows !== 0) return windows < 0;
  return a.priority === b.priority ? a.untilMs < b.untilMs : a.priority > b.priority;
}
