/**
 * The thread of `merge-in-thread.ts`: makes one snapshot and ends. It takes the time that others leave: at
 * their priority the main thread waited for the cores, and so did threads that collect garbage, at whose end
 * there was much more of it (decision 0013).
 */

import { getPriority, setPriority } from 'node:os';
import { parentPort, workerData } from 'node:worker_threads';
import { present } from '../base/assert.ts';
import { createNodeClock } from '../host/node/clock.ts';
import { createNodeDisk } from '../host/node/disk.ts';
import { blockingCalls } from '../host/node/file-calls.ts';
import { createNodeRandom } from '../host/node/random.ts';
import { mergeSnapshot, type MergeOrder } from '../store/embedded/merge.ts';

/** Lower than that of threads that collect garbage (`collector-threads.ts`). */
const PRIORITY = 15;
/** A third of a core: whoever has the other core shares caches and the disk with this thread all the same. */
const REST = 2;

makeWay();
const host = { clock: createNodeClock(), disk: createNodeDisk(blockingCalls), random: createNodeRandom() };
const order = workerData as MergeOrder;
// Whoever wants it to end earlier ends the thread.
const outcome = await mergeSnapshot(host, order, new AbortController().signal, REST);
present(parentPort, 'the parent').postMessage(outcome);

/** Linux sets the priority of the thread that calls, other systems that of the process. */
function makeWay(): void {
  if (process.platform !== 'linux') return;
  try {
    setPriority(Math.max(PRIORITY, getPriority()));
  } catch {
    // Where a sandbox forbids it, a snapshot at the usual priority is better than none.
  }
}
