/**
 * The Job controller: runs pods until enough of them have succeeded, or too many have failed.
 *
 * Inputs: Jobs and pods from the informers. Outputs: pods made and deleted, matching orphans adopted, status
 * with counters and conditions, events. `assess.ts` says what the pods mean, `plan.ts` which pods to write,
 * `counting.ts` how ends are counted exactly once.
 *
 * Invariants: no decision on a cache that lags behind this controller's own writes; a pod keeps its tracking
 * finalizer until the status says that it is counted; a finished Job is never written again.
 *
 * Two kinds of keys: a Job's, and `ORPHAN` with a pod's key for pods whose Job will not take the finalizer off.
 */

import { isApiError } from '../../api/meta/api-error.ts';
import { objectKey } from '../../api/meta/object.ts';
import { fromLabelSelector, matches } from '../../api/labels/selector.ts';
import { isFinished, isTrue } from '../../api/groups/batch/job/job-conditions.ts';
import { jobs } from '../../api/groups/batch/job/job.ts';
import { pods } from '../../api/groups/core/pod/pod.ts';
import type { Job, JobStatus, Pod } from '../../api/types.gen.ts';
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
  applyClaims,
  BY_CONTROLLER,
  controllerOf,
  controllerReference,
  indexByController,
  orphansOf,
  planClaims,
  refersTo,
} from '../ownership/ownership.ts';
import { PodControl } from '../pod-control/pod-control.ts';
import { isPodReady } from '../pod-state/pod-state.ts';
import { slowStart } from '../slow-start/slow-start.ts';
import { assess, type Assessment, type JobView, type Verdict } from './assess.ts';
import { NO_BACKOFF, type Backoff } from './backoff.ts';
import { planEnd, planStatus, sameStatus, type Count } from './counting.ts';
import { isTracked, TRACKING_FINALIZER } from './job-pods.ts';
import { finalVerdict, planPods, type PodOutcome, type PodPlan } from './plan.ts';
import { podOfJob } from './pod-of-job.ts';

/** The value of `spec.managedBy` that means this controller. */
const OWN_NAME = 'kubernetes.io/job-controller';
/** Changes of pods and status are gathered for so long, as upstream does; changes of the spec are not. */
const BATCH_MS = 1_000;
/** No Job can be called so: namespaces are not empty. */
const ORPHAN = '/pod/';

export const jobController: ControllerDefinition = {
  name: 'job-controller',
  permissions: [
    { apiGroups: ['batch'], resources: ['jobs'], verbs: ['get', 'list', 'patch', 'update', 'watch'] },
    { apiGroups: ['batch'], resources: ['jobs/status', 'jobs/finalizers'], verbs: ['update'] },
    { apiGroups: [''], resources: ['pods'], verbs: ['create', 'delete', 'list', 'patch', 'watch'] },
    { apiGroups: ['', 'events.k8s.io'], resources: ['events'], verbs: ['create', 'patch', 'update'] },
  ],
  workers: MANY_WORKERS,
  build: (context, enqueue) => new JobReconciler(context, enqueue),
};

class JobReconciler implements Reconciler {
  readonly #context: ControllerContext;
  readonly #jobs: Informer<Job>;
  readonly #pods: Informer<Pod>;
  readonly #podWrites: OwnWrites<Pod>;
  readonly #statusWrites: OwnWrites<Job>;
  readonly #podControl: PodControl;
  readonly #backoffs = new Map<string, Backoff>();

  constructor(context: ControllerContext, enqueue: Enqueue) {
    const { informers, clock } = context;
    this.#context = context;
    indexByController(informers, pods);
    this.#jobs = informers.of(jobs);
    this.#pods = informers.of(pods);
    this.#podWrites = new OwnWrites(this.#pods, clock, enqueue);
    this.#statusWrites = new OwnWrites(this.#jobs, clock);
    this.#podControl = new PodControl(context, this.#podWrites);
    this.#jobs.subscribe((next, old, key) => {
      const isSameSpec = next !== undefined && next.metadata.generation === old?.metadata.generation;
      enqueue(key, isSameSpec ? BATCH_MS : 0);
      // A backup: a Job is finished only when all its pods were counted.
      const gone = next === undefined ? old : isFinished(next.status.conditions) ? next : undefined;
      if (gone !== undefined) this.#offerPodsOf(gone, enqueue);
    });
    this.#pods.subscribe((next, old) => this.#onPod(next, old, enqueue));
  }

  #offerPodsOf({ metadata }: Job, enqueue: Enqueue): void {
    for (const pod of this.#pods.byIndex(BY_CONTROLLER, metadata.uid ?? '')) {
      if (isTracked(pod)) enqueue(`${ORPHAN}${objectKey(pod)}`);
    }
  }

  #onPod(next: Pod | undefined, old: Pod | undefined, enqueue: Enqueue): void {
    for (const pod of [next, old]) {
      const job = pod === undefined ? undefined : this.#jobOf(pod);
      if (job !== undefined) enqueue(objectKey(job), BATCH_MS);
    }
    if (next === undefined) return;
    const isLeft = controllerOf(next) === undefined;
    const job = this.#jobOf(next);
    const isLeaving = next.metadata.deletionTimestamp !== undefined;
    const isForsaken = isLeaving && (job === undefined || isFinished(job.status.conditions));
    if (isTracked(next) && (isLeft || isForsaken)) enqueue(`${ORPHAN}${objectKey(next)}`);
    if (isLeft) this.#offerOrphan(next, enqueue);
  }

  #offerOrphan({ metadata }: Pod, enqueue: Enqueue): void {
    for (const job of this.#jobs.list(metadata.namespace)) {
      const selector = fromLabelSelector(job.spec.selector);
      if (selector !== undefined && matches(selector, metadata.labels)) enqueue(objectKey(job), BATCH_MS);
    }
  }

  /** The Job that the pod's controller reference means; one of the same name made later is another one. */
  #jobOf(pod: Pod): Job | undefined {
    const owner = controllerOf(pod);
    if (owner === undefined || !refersTo(owner, jobs)) return undefined;
    const job = this.#jobs.get(pod.metadata.namespace ?? '', owner.name);
    return job?.metadata.uid === owner.uid ? job : undefined;
  }

  async reconcile(key: string): Promise<ReconcileResult> {
    if (key.startsWith(ORPHAN)) return this.#reconcileOrphan(key.slice(ORPHAN.length));
    const job = this.#jobs.getByKey(key);
    if (job === undefined || isFinished(job.status.conditions)) {
      this.#podWrites.forget(key);
      this.#statusWrites.forget(key);
      this.#backoffs.delete(key);
      return {};
    }
    if (isManagedByOthers(job)) return {};
    if (!this.#podWrites.caughtUp(key) || !this.#statusWrites.caughtUp(key)) {
      return { requeueAfterMs: CATCH_UP_MS };
    }
    return this.#reconcileJob(key, job);
  }

  async #reconcileOrphan(podKey: string): Promise<ReconcileResult> {
    const pod = this.#pods.getByKey(podKey);
    if (pod === undefined || !isTracked(pod)) return {};
    const owner = controllerOf(pod);
    if (owner !== undefined && !refersTo(owner, jobs)) return {};
    const job = this.#jobOf(pod);
    // Adopted meanwhile, or somebody else's business.
    if (job !== undefined && (isManagedByOthers(job) || !isFinished(job.status.conditions))) return {};
    await this.#takeFinalizer(pod);
    return {};
  }

  async #reconcileJob(key: string, job: Job): Promise<ReconcileResult> {
    const { clock } = this.#context;
    const owned = await this.#claim(key, job);
    const backoff = this.#backoffs.get(key) ?? NO_BACKOFF;
    const view: JobView = { job, pods: owned, backoff, nowMs: clock.now() };
    const assessment = assess(view);
    const plan = planPods(view, assessment);
    const after = await this.#apply(key, view, assessment, plan);
    const verdict = finalVerdict(job, assessment, after);
    const count = planStatus(view, assessment, after, verdict);
    const counted = await this.#writeStatus(key, job, count.status);
    this.#backoffs.set(key, assessment.backoff);
    this.#reportSuspension(job, counted.status);
    await this.#finish(key, counted, view, count, verdict);
    if (after.error !== undefined) throw after.error;
    const waitMs = plan.type === 'wait' ? Math.max(plan.forMs, BATCH_MS) : Infinity;
    const requeueAfterMs = Math.min(
      waitMs,
      verdict === undefined ? (assessment.deadlineInMs ?? Infinity) : Infinity,
    );
    return requeueAfterMs === Infinity ? {} : { requeueAfterMs };
  }

  async #claim(key: string, job: Job): Promise<readonly Pod[]> {
    const { uid = '', namespace = '' } = job.metadata;
    const selector = fromLabelSelector(job.spec.selector) ?? [];
    const candidates = [
      ...this.#pods.byIndex(BY_CONTROLLER, uid),
      ...this.#pods.byIndex(BY_CONTROLLER, orphansOf(namespace)),
    ];
    return applyClaims(
      this.#context.client,
      planClaims(job, selector, candidates),
      pods,
      job,
      jobs,
      (written) => this.#podWrites.wrote(key, written),
      TRACKING_FINALIZER,
    );
  }

  async #apply(key: string, { job }: JobView, assessment: Assessment, plan: PodPlan): Promise<PodOutcome> {
    const { active, terminating, held } = assessment;
    const before = { active: active.length, ready: active.filter(isPodReady).length, terminating };
    switch (plan.type) {
      case 'keep':
      case 'wait':
        return before;
      case 'create': {
        const { indexes } = plan;
        const owner = controllerReference(jobs, job);
        const { succeeded, error } = await slowStart(indexes.length, (i) => {
          const index = indexes[i];
          const replaced = index === undefined ? undefined : held.get(index);
          return this.#podControl.create(key, job, podOfJob(job, owner, index, replaced));
        });
        return { ...before, active: before.active + succeeded, ...(error === undefined ? {} : { error }) };
      }
      case 'delete': {
        const { uncounted } = plan;
        const results = await Promise.allSettled(
          plan.pods.map((pod) => this.#remove(key, job, pod, uncounted)),
        );
        const gone = plan.pods.filter((_pod, i) => results[i]?.status === 'fulfilled');
        const failure = results.find((result) => result.status === 'rejected');
        return {
          active: before.active - gone.length,
          ready: before.ready - gone.filter(isPodReady).length,
          terminating: terminating + gone.length,
          ...(failure === undefined ? {} : { error: failure.reason }),
        };
      }
    }
  }

  async #remove(key: string, job: Job, pod: Pod, uncounted: boolean): Promise<void> {
    // Only as it was seen: had it succeeded meanwhile, its success would be lost.
    if (uncounted && isTracked(pod)) await this.#takeFinalizer(pod, key, pod.metadata.resourceVersion);
    await this.#podControl.delete(key, job, pod);
  }

  async #takeFinalizer(pod: Pod, key?: string, resourceVersion?: string): Promise<void> {
    const { namespace, name = '', uid = '' } = pod.metadata;
    const metadata = {
      uid,
      '$deleteFromPrimitiveList/finalizers': [TRACKING_FINALIZER],
      ...(resourceVersion === undefined ? {} : { resourceVersion }),
    };
    try {
      const patch = { type: 'strategic', body: { metadata } } as const;
      const written = await this.#context.client.patch(pods, { namespace, name }, patch);
      if (key !== undefined) this.#podWrites.wrote(key, written);
    } catch (error) {
      if (!isApiError(error, 'NotFound')) throw error;
      if (key !== undefined) this.#podWrites.gone(key, pod);
    }
  }

  /** Takes the finalizers off, counts, and says so when that was the end of the Job. */
  async #finish(
    key: string,
    counted: Job,
    { pods: owned, nowMs }: JobView,
    { release, isPartial }: Count,
    verdict: Verdict | undefined,
  ): Promise<void> {
    const results = await Promise.allSettled(release.map((pod) => this.#takeFinalizer(pod, key)));
    const released = new Set(release.filter((_pod, i) => results[i]?.status === 'fulfilled'));
    const failure = results.find((result) => result.status === 'rejected');
    const left = owned.filter((pod) => isTracked(pod) && !released.has(pod));
    const tracked = new Set(left.map(({ metadata }) => metadata.uid ?? ''));
    const end = failure === undefined && !isPartial ? verdict : undefined;
    const { status, isFinished: finished } = planEnd(counted, counted.status, tracked, end, nowMs);
    const written = await this.#writeStatus(key, counted, status);
    if (failure !== undefined) throw failure.reason;
    if (finished && verdict !== undefined) this.#reportEnd(written, verdict);
  }

  async #writeStatus(key: string, job: Job, status: JobStatus): Promise<Job> {
    if (sameStatus(job.status, status)) return job;
    const written = await this.#context.client.update(jobs, { ...job, status }, { subresource: 'status' });
    this.#statusWrites.wrote(key, written);
    return written;
  }

  #reportSuspension(before: Job, status: JobStatus): void {
    const { events } = this.#context;
    const [was, is] = [before.status, status].map(({ conditions }) => isTrue(conditions, 'Suspended'));
    if (is === true && was !== true) events.record(before, 'Normal', 'Suspended', 'Job suspended');
    if (was === true && is !== true) events.record(before, 'Normal', 'Resumed', 'Job resumed');
  }

  #reportEnd(job: Job, { outcome, reason, message }: Verdict): void {
    const { events } = this.#context;
    if (outcome === 'failed') return events.record(job, 'Warning', reason, message);
    const { completions } = job.spec;
    if (completions !== undefined && (job.status.succeeded ?? 0) > completions) {
      const text = 'Too many succeeded pods running after completion count reached';
      events.record(job, 'Warning', 'TooManySucceededPods', text);
    }
    events.record(job, 'Normal', 'Completed', 'Job completed');
  }
}

function isManagedByOthers({ spec }: Job): boolean {
  return spec.managedBy !== undefined && spec.managedBy !== OWN_NAME;
}
