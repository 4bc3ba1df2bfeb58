/**
 * The queue of a controller: keys to look at, each at most once, never the same key to two workers.
 * Namespaces take turns.
 *
 * A key that is added while it is worked on is handed out again when that work is done. Keys can be added for
 * later; the earliest time wins. Failures are counted per key, for exponential backoff.
 *
 * Example: add(a) add(b) add(a) → take() = a, take() = b; add(a) while a is in work; done(a) → take() = a.
 */

import type { Clock } from '../host/host.ts';
import { LaterKeys } from './later-keys.ts';
import { ReadyKeys } from './ready-keys.ts';

const BACKOFF_MIN_MS = 5;
/** Upstream's per-item limiter ends at 1000 s, which is far too patient for people who fixed the cause. */
const BACKOFF_MAX_MS = 60_000;

export class Workqueue {
  readonly #ready = new ReadyKeys();
  /** As many as there are workers. */
  readonly #working: string[] = [];
  readonly #again = new Set<string>();
  readonly #later: LaterKeys;
  readonly #failures = new Map<string, number>();
  readonly #waiting: ((key: string | undefined) => void)[] = [];
  #closed = false;

  constructor(clock: Clock) {
    this.#later = new LaterKeys(clock, (key) => this.add(key));
  }

  /** Keys that wait to be taken. */
  get length(): number {
    return this.#ready.size;
  }

  /** Nothing waits, and nothing is in work; what is due later does not count. */
  get idle(): boolean {
    return this.#ready.size === 0 && this.#working.length === 0;
  }

  add(key: string, delayMs = 0): void {
    if (this.#closed) return;
    if (delayMs > 0) return this.#later.add(key, delayMs);
    this.#later.cancel(key);
    if (this.#working.includes(key)) {
      this.#again.add(key);
      return;
    }
    if (this.#ready.has(key)) return;
    const waiting = this.#waiting.shift();
    if (waiting === undefined) this.#ready.add(key);
    else {
      this.#working.push(key);
      waiting(key);
    }
  }

  addFailed(key: string): number {
    const failures = this.#failures.get(key) ?? 0;
    this.#failures.set(key, failures + 1);
    const delayMs = Math.min(BACKOFF_MIN_MS * 2 ** Math.min(failures, 30), BACKOFF_MAX_MS);
    this.add(key, delayMs);
    return delayMs;
  }

  forget(key: string): void {
    this.#failures.delete(key);
  }

  /** The next key, waiting for one; undefined after `close`. */
  take(): Promise<string | undefined> {
    if (this.#closed) return Promise.resolve(undefined);
    const key = this.#ready.take();
    if (key === undefined) return new Promise((resolve) => this.#waiting.push(resolve));
    this.#working.push(key);
    return Promise.resolve(key);
  }

  done(key: string): void {
    const at = this.#working.indexOf(key);
    if (at >= 0) this.#working.splice(at, 1);
    if (this.#again.delete(key)) this.add(key);
  }

  close(): void {
    this.#closed = true;
    this.#later.clear();
    this.#ready.clear();
    for (const waiting of this.#waiting.splice(0)) waiting(undefined);
  }
}
