/**
 * How the engine collects garbage in a process that runs for long (decision 0012), and when it is told so.
 *
 * On the command line these flags cost a start 40 ms of processor time: code is compiled anew where the flags
 * are not those that it was compiled under, and Node's own parts were compiled under none. So they are set when a
 * process has started, and what it compiled until then is put away before.
 */

import { flushCompileCache } from 'node:module';
import { setFlagsFromString } from 'node:v8';
import type { Clock } from '../host/host.ts';
import { letMainThreadGoFirst } from './collector-threads.ts';

/**
 * Of the pinned engine: full collections at growth by 250 %, not at every 64 MB of buffers, and left to the
 * engine's threads as far as these keep up; nothing is old when it is made.
 */
const COLLECTION_FLAGS = [
  '--external-memory-accounted-in-global-limit',
  '--heap-growing-percent=250',
  '--no-allocation-site-pretenuring',
  '--page-promotion-threshold=0',
  '--predictable',
] as const;
const PINNED = 'v26.';
const STARTED_MS = 1_500;

/** Called at the start of a process that runs for long. `keepCode` puts compiled code away under the old flags. */
export function collectForLongRun(clock: Clock, keepCode: () => Promise<void> = async () => {}): void {
  clock.after(STARTED_MS, () => {
    flushCompileCache();
    void keepCode();
    setCollectionFlags();
    letMainThreadGoFirst(clock);
  });
}

/** At once: for a process whose compiled code is not kept. */
export function setCollectionFlags(): void {
  // An older Node that stands in for the pinned one does not know them.
  if (!process.version.startsWith(PINNED)) return;
  for (const flag of COLLECTION_FLAGS) setFlagsFromString(flag);
}
