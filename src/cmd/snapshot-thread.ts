/** The thread of `merge-in-thread.ts`: makes one snapshot and ends. */

import { parentPort, workerData } from 'node:worker_threads';
import { present } from '../base/assert.ts';
import { createNodeClock } from '../host/node/clock.ts';
import { createNodeDisk } from '../host/node/disk.ts';
import { createNodeRandom } from '../host/node/random.ts';
import { mergeSnapshot, type MergeOrder } from '../store/embedded/merge.ts';

const host = { clock: createNodeClock(), disk: createNodeDisk(), random: createNodeRandom() };
const order = workerData as MergeOrder;
// Whoever wants it to end earlier ends the thread.
const outcome = await mergeSnapshot(host, order, new AbortController().signal);
present(parentPort, 'the parent').postMessage(outcome);
