/** The machine's clock. */

import type { Clock, Timer } from '../host.ts';

/** Node's timers fire at once for longer delays, so long waits are made of several legs. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

export function createNodeClock(): Clock {
  return { now: () => Date.now(), monotonicMs: () => performance.now(), after, sleep };
}

function after(delayMs: number, run: () => void): Timer {
  return arm(delayMs, false, run);
}

function sleep(delayMs: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted === true) return resolve();
    const finish = (): void => {
      timer.cancel();
      signal?.removeEventListener('abort', finish);
      resolve();
    };
    // Somebody awaits it, so unlike `after` it keeps the process alive.
    const timer = arm(delayMs, true, finish);
    signal?.addEventListener('abort', finish, { once: true });
  });
}

function arm(delayMs: number, keepsAlive: boolean, run: () => void): Timer {
  if (delayMs <= 0) {
    const immediate = setImmediate(run);
    if (!keepsAlive) immediate.unref();
    return { cancel: () => clearImmediate(immediate) };
  }
  const deadline = performance.now() + delayMs;
  let handle: NodeJS.Timeout | undefined;
  const leg = (ms: number): void => {
    handle = setTimeout(
      () => {
        const left = deadline - performance.now();
        if (ms === LONGEST_TIMER_MS && left > 0) leg(Math.min(left, LONGEST_TIMER_MS));
        else run();
      },
      Math.max(0, ms),
    );
    if (!keepsAlive) handle.unref();
  };
  leg(Math.min(delayMs, LONGEST_TIMER_MS));
  return { cancel: () => clearTimeout(handle) };
}
