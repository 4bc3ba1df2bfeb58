/**
 * The CronJob controller: makes a Job whenever a schedule says so, and keeps a short history of them.
 *
 * Inputs: CronJobs and Jobs from the informers. Outputs: Jobs made and deleted, status, events. `schedule.ts`
 * knows the times, `plan.ts` decides, this file reads and writes.
 *
 * Invariant: no decision on a cache that lags behind this controller's own writes; beyond that the name of a
 * Job, made of its time, is the lock that keeps a run from being started twice.
 */

import { errorText } from '../../base/log.ts';
import { isApiError } from '../../api/meta/api-error.ts';
import { deepEqual } from '../../api/meta/equal.ts';
import type { ObjectRef } from '../../client/client.ts';
import { cronJobs } from '../../api/groups/batch/cron-job/cron-job.ts';
import { jobs } from '../../api/groups/batch/job/job.ts';
import type { CronJob, CronJobStatus, Job, ObjectReference } from '../../api/types.gen.ts';
import type { Informer } from '../../client/informer/informer.ts';
import {
  MANY_WORKERS,
  type ControllerContext,
  type ControllerDefinition,
  type Enqueue,
  type ReconcileResult,
  type Reconciler,
} from '../../reconcile/controller.ts';
import { CATCH_UP_MS, OwnWrites } from '../own-writes/own-writes.ts';
import {
  BY_CONTROLLER,
  controllerOf,
  controllerReference,
  indexByController,
  isControlledBy,
  refersTo,
} from '../ownership/ownership.ts';
import { isNamespaceTerminating } from '../pod-control/pod-control.ts';
import {
  follow,
  jobFor,
  planRun,
  remember,
  surplusHistory,
  withoutActive,
  withStarted,
  type CronEvent,
} from './plan.ts';
import { nextLookMs, Timetables } from './schedule.ts';

export const cronJobController: ControllerDefinition = {
  name: 'cronjob-controller',
  permissions: [
    { apiGroups: ['batch'], resources: ['cronjobs'], verbs: ['get', 'list', 'update', 'watch'] },
    { apiGroups: ['batch'], resources: ['cronjobs/status', 'cronjobs/finalizers'], verbs: ['update'] },
    { apiGroups: ['batch'], resources: ['jobs'], verbs: ['create', 'delete', 'get', 'list', 'watch'] },
    { apiGroups: ['', 'events.k8s.io'], resources: ['events'], verbs: ['create', 'patch', 'update'] },
  ],
  workers: MANY_WORKERS,
  build: (context, enqueue) => new CronJobReconciler(context, enqueue),
};

class CronJobReconciler implements Reconciler {
  readonly #context: ControllerContext;
  readonly #cronJobs: Informer<CronJob>;
  readonly #jobs: Informer<Job>;
  readonly #jobWrites: OwnWrites<Job>;
  readonly #statusWrites: OwnWrites<CronJob>;
  readonly #timetables = new Timetables();

  constructor(context: ControllerContext, enqueue: Enqueue) {
    const { informers, clock } = context;
    this.#context = context;
    indexByController(informers, jobs);
    this.#cronJobs = informers.of(cronJobs);
    this.#jobs = informers.of(jobs);
    this.#jobWrites = new OwnWrites(this.#jobs, clock, enqueue);
    this.#statusWrites = new OwnWrites(this.#cronJobs, clock);
    this.#cronJobs.subscribe((next, old, key) => enqueue(key, this.#delayMs(key, next, old)));
    this.#jobs.subscribe((next, old) => {
      for (const job of [next, old]) {
        const owner = job === undefined ? undefined : controllerOf(job);
        if (refersTo(owner, cronJobs)) enqueue(`${job?.metadata.namespace ?? ''}/${owner?.name ?? ''}`);
      }
    });
  }

  /** A new schedule counts from its next time on, not for times that went by under the old one. */
  #delayMs(key: string, next: CronJob | undefined, old: CronJob | undefined): number {
    if (next === undefined || old === undefined) return 0;
    const { schedule, timeZone } = next.spec;
    if (schedule === old.spec.schedule && timeZone === old.spec.timeZone) return 0;
    const timetable = this.#timetables.of(key, next);
    return timetable.ok ? (nextLookMs(next, timetable, this.#context.clock.now()) ?? 0) : 0;
  }

  async reconcile(key: string): Promise<ReconcileResult> {
    const { clock } = this.#context;
    const cronJob = this.#cronJobs.getByKey(key);
    if (cronJob === undefined) {
      this.#jobWrites.forget(key);
      this.#statusWrites.forget(key);
      this.#timetables.forget(key);
      return {};
    }
    if (!this.#jobWrites.caughtUp(key) || !this.#statusWrites.caughtUp(key)) {
      return { requeueAfterMs: CATCH_UP_MS };
    }
    const followed = await this.#follow(key, cronJob);
    const nowMs = clock.now();
    const plan = planRun(followed, this.#timetables.of(key, cronJob), nowMs);
    this.#report(cronJob, plan.events);
    const progress = { current: followed };
    try {
      if (plan.startMs !== undefined) await this.#start(key, progress, plan.startMs, plan.replaces);
    } finally {
      await this.#writeStatus(key, cronJob, progress.current.status);
    }
    if (plan.timetable === undefined) return {};
    const requeueAfterMs = nextLookMs(progress.current, plan.timetable, nowMs);
    return requeueAfterMs === undefined ? {} : { requeueAfterMs };
  }

  /** Cleans the history up and notes what has become of its Jobs. */
  async #follow(key: string, cronJob: CronJob): Promise<CronJob> {
    const own = this.#jobs.byIndex(BY_CONTROLLER, cronJob.metadata.uid ?? '');
    let status = remember(cronJob, own);
    for (const job of surplusHistory(cronJob, own)) {
      if (await this.#delete(key, cronJob, job)) status = withoutActive(status, job.metadata.uid);
    }
    const known = new Set(own.map(({ metadata }) => metadata.uid));
    const unknown = (status.active ?? []).filter(({ uid }) => !known.has(uid));
    const missing: ObjectReference[] = [];
    for (const reference of unknown) if (await this.#isMissing(reference)) missing.push(reference);
    const outcome = follow(status, own, missing);
    this.#report(cronJob, outcome.events);
    return { ...cronJob, status: outcome.status };
  }

  async #isMissing(reference: ObjectReference): Promise<boolean> {
    try {
      await this.#context.client.get(jobs, refOf(reference));
      return false;
    } catch (error) {
      if (isApiError(error, 'NotFound')) return true;
      throw error;
    }
  }

  async #delete(key: string, cronJob: CronJob, job: Job): Promise<boolean> {
    const { name = '', uid = '' } = job.metadata;
    try {
      const request = { propagationPolicy: 'Background', preconditions: { uid } } as const;
      await this.#context.client.delete(jobs, refOf(job.metadata), request);
      this.#jobWrites.deleted(key, job);
      this.#report(cronJob, [{ type: 'Normal', reason: 'SuccessfulDelete', message: `Deleted job ${name}` }]);
      return true;
    } catch (error) {
      const message = `Deleted job: ${errorText(error)}`;
      this.#report(cronJob, [{ type: 'Warning', reason: 'FailedDelete', message }]);
      return false;
    }
  }

  /** `progress` holds the CronJob with the status as far as it has come, also when this throws. */
  async #start(key: string, progress: { current: CronJob }, atMs: number, replaces: boolean): Promise<void> {
    if (replaces) await this.#replace(key, progress);
    const cronJob = progress.current;
    const job = await this.#create(key, cronJob, atMs);
    if (job === undefined) return;
    const isListed = (cronJob.status.active ?? []).some(({ uid }) => uid === job.metadata.uid);
    if (!isListed) progress.current = { ...cronJob, status: withStarted(cronJob.status, job, atMs) };
  }

  async #replace(key: string, progress: { current: CronJob }): Promise<void> {
    for (const reference of progress.current.status.active ?? []) {
      const cronJob = progress.current;
      let job: Job;
      try {
        job = await this.#context.client.get(jobs, refOf(reference));
      } catch (error) {
        const message = `Get job: ${errorText(error)}`;
        this.#report(cronJob, [{ type: 'Warning', reason: 'FailedGet', message }]);
        throw error;
      }
      if (!(await this.#delete(key, cronJob, job))) {
        throw new Error(`could not replace job ${reference.namespace ?? ''}/${reference.name ?? ''}`);
      }
      progress.current = { ...cronJob, status: withoutActive(cronJob.status, reference.uid) };
    }
  }

  /** The Job of this time, made now or by an earlier attempt; undefined when it is somebody else's. */
  async #create(key: string, cronJob: CronJob, atMs: number): Promise<Job | undefined> {
    const { client } = this.#context;
    const draft = jobFor(cronJob, controllerReference(cronJobs, cronJob), atMs);
    try {
      const job = await client.create(jobs, draft);
      this.#jobWrites.wrote(key, job);
      const message = `Created job ${job.metadata.name ?? ''}`;
      this.#report(cronJob, [{ type: 'Normal', reason: 'SuccessfulCreate', message }]);
      return job;
    } catch (error) {
      if (isApiError(error, 'AlreadyExists')) {
        const present = await client.get(jobs, refOf({ ...cronJob.metadata, name: draft.metadata?.name }));
        return isControlledBy(present, cronJob) ? present : undefined;
      }
      if (!isNamespaceTerminating(error)) {
        const message = `Error creating job: ${errorText(error)}`;
        this.#report(cronJob, [{ type: 'Warning', reason: 'FailedCreate', message }]);
      }
      throw error;
    }
  }

  async #writeStatus(key: string, cronJob: CronJob, status: CronJobStatus): Promise<void> {
    if (deepEqual(status, cronJob.status)) return;
    const written = await this.#context.client.update(
      cronJobs,
      { ...cronJob, status },
      { subresource: 'status' },
    );
    this.#statusWrites.wrote(key, written);
  }

  #report(cronJob: CronJob, events: readonly CronEvent[]): void {
    for (const { type, reason, message } of events) {
      this.#context.events.record(cronJob, type, reason, message);
    }
  }
}

function refOf({ namespace, name }: { namespace?: string; name?: string | undefined }): ObjectRef {
  return { namespace, name: name ?? '' };
}
