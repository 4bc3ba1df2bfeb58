/**
 * Snapshots of the store, made in a thread of their own: for as long as it takes to write everything that
 * the cluster is, the server goes on undisturbed.
 */

import { whenAborted } from '../base/abort.ts';
import { Worker, type ResourceLimits } from 'node:worker_threads';
import type { Merger, MergeOutcome } from '../store/embedded/merge.ts';

/** Room for the place of some two million changed keys; the files themselves pass through. */
const LIMITS: ResourceLimits = { maxOldGenerationSizeMb: 512, maxYoungGenerationSizeMb: 16 };

/** Rejects when the thread cannot start, runs out of memory, or is ended by `signal`. */
export const mergeInThread: Merger = (order, signal) => {
  const { promise, resolve, reject } = Promise.withResolvers<MergeOutcome>();
  const program = import.meta.url.endsWith('.ts') ? './snapshot-thread.ts' : './snapshot-thread.mjs';
  const thread = new Worker(new URL(program, import.meta.url), { workerData: order, resourceLimits: LIMITS });
  let outcome: MergeOutcome | undefined;
  let failure: unknown;
  thread.once('message', (message: MergeOutcome) => {
    outcome = message;
  });
  thread.once('error', (error) => {
    failure = error;
  });
  // Only now are its files closed.
  thread.once('exit', (code) => {
    stopListening();
    if (outcome === undefined) reject(new Error(`the thread ended with ${code}`, { cause: failure }));
    else resolve(outcome);
  });
  const stopListening = whenAborted(signal, () => void thread.terminate());
  return promise;
};
