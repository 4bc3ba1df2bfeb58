/**
 * Deletes finished Jobs `ttlSecondsAfterFinished` after their end, with all that belongs to them.
 *
 * Input: Jobs from the informer. Before a deletion the Job is read from the server, since its time to live
 * may have been prolonged at the last moment.
 */

import { isApiError } from '../../api/meta/api-error.ts';
import { objectKey, splitKey } from '../../api/meta/object.ts';
import { jobs } from '../../api/groups/batch/job/job.ts';
import { timeMs } from '../../api/time/time.ts';
import type { Job } from '../../api/types.gen.ts';
import type { Informer } from '../../client/informer/informer.ts';
import {
  MANY_WORKERS,
  type ControllerContext,
  type ControllerDefinition,
  type Enqueue,
  type ReconcileResult,
  type Reconciler,
} from '../../reconcile/controller.ts';

export const ttlAfterFinishedController: ControllerDefinition = {
  name: 'ttl-after-finished-controller',
  permissions: [{ apiGroups: ['batch'], resources: ['jobs'], verbs: ['delete', 'get', 'list', 'watch'] }],
  workers: MANY_WORKERS,
  build: (context, enqueue) => new TtlReconciler(context, enqueue),
};

/** Milliseconds until the Job is to go, 0 when it is due; undefined: it stays. */
export function timeToLiveMs({ metadata, spec, status }: Job, nowMs: number): number | undefined {
  const { ttlSecondsAfterFinished } = spec;
  const end = status.conditions?.find(
    ({ type, status: value }) => (type === 'Complete' || type === 'Failed') && value === 'True',
  );
  const finishedAt = end?.lastTransitionTime;
  if (metadata.deletionTimestamp !== undefined || ttlSecondsAfterFinished === undefined) return undefined;
  if (finishedAt === undefined) return undefined;
  return Math.max(0, timeMs(finishedAt) + ttlSecondsAfterFinished * 1000 - nowMs);
}

class TtlReconciler implements Reconciler {
  readonly #context: ControllerContext;
  readonly #jobs: Informer<Job>;

  constructor(context: ControllerContext, enqueue: Enqueue) {
    this.#context = context;
    this.#jobs = context.informers.of(jobs);
    this.#jobs.subscribe((next) => {
      if (next !== undefined && timeToLiveMs(next, context.clock.now()) !== undefined) {
        enqueue(objectKey(next));
      }
    });
  }

  async reconcile(key: string): Promise<ReconcileResult> {
    const { client, clock } = this.#context;
    const job = this.#jobs.getByKey(key);
    const leftMs = job === undefined ? undefined : timeToLiveMs(job, clock.now());
    if (leftMs === undefined) return {};
    const { ttlSecondsAfterFinished = 0 } = job?.spec ?? {};
    // By a clock that was turned back more is left than there ever was; who looks again sees when it is set
    // right.
    if (leftMs > 0) return { requeueAfterMs: Math.min(leftMs, Math.max(ttlSecondsAfterFinished, 1) * 1000) };
    const ref = splitKey(key);
    try {
      const fresh = await client.get(jobs, ref);
      // Prolonged meanwhile, or another Job of the same name: its events bring it back here.
      if (timeToLiveMs(fresh, clock.now()) !== 0) return {};
      const { uid = '', resourceVersion = '' } = fresh.metadata;
      const preconditions = { uid, resourceVersion };
      await client.delete(jobs, ref, { propagationPolicy: 'Foreground', preconditions });
    } catch (error) {
      if (!isApiError(error, 'NotFound')) throw error;
    }
    return {};
  }
}
