/**
 * The pods of this node: one worker for each that the API has bound here or that the runtime still holds.
 *
 * Invariant: a pod whose containers run without the API knowing it (deleted while the agent was away) gets
 * a worker too, which ends it.
 */

import type { Pod } from '../../api/types.gen.ts';
import type { Timer } from '../../host/host.ts';
import type { NodeContext } from '../containers/node-context.ts';
import type { StatusWriter } from '../status/status-writer.ts';
import { rejection, resizeProblem, type Rejection } from './admission.ts';
import { removeLeftovers } from './clean-up.ts';
import { containerName, type ObservedPod } from './observed-pod.ts';
import { graceSecondsOf, podName } from './pod-names.ts';
import { PodWorker } from './pod-worker.ts';
import { RejectionPace } from './rejection-pace.ts';

/** Of orphans whose containers do not say; upstream's default for pods. */
const GRACE_SECONDS = 30;

export class Pods {
  readonly #context: NodeContext;
  readonly #statusWriter: StatusWriter;
  readonly #workers = new Map<string, PodWorker>();
  readonly #pace = new RejectionPace();
  /** Refused pods: they take no room from others. */
  readonly #refused = new Set<string>();
  /** Of those that have not been told so yet: nothing of them may start. */
  readonly #heldBack = new Map<string, Timer>();
  #isStopped = false;

  constructor(context: NodeContext, statusWriter: StatusWriter) {
    this.#context = context;
    this.#statusWriter = statusWriter;
  }

  /** As informers report: `next` undefined means that the API has let go of it. */
  changed(next: Pod | undefined, old: Pod | undefined): void {
    const replaced = old !== undefined && next?.metadata.uid !== old.metadata.uid;
    if (old !== undefined && replaced) this.#workers.get(old.metadata.uid ?? '')?.remove(old);
    if (next === undefined) return;
    const isNew = !this.#workers.has(next.metadata.uid ?? '');
    const worker = this.#workerOf(next);
    if (isNew) this.#admit(next, worker);
    const { uid = '', deletionTimestamp } = next.metadata;
    if (deletionTimestamp !== undefined) this.#letGo(uid);
    if (!this.#heldBack.has(uid)) worker.update(next);
  }

  /** Nobody has to be told any more. */
  #letGo(uid: string): void {
    this.#heldBack.get(uid)?.cancel();
    this.#heldBack.delete(uid);
  }

  /** What runs already has been admitted before. */
  #admit(pod: Pod, worker: PodWorker): void {
    const { view, allocatable } = this.#context;
    const { deletionTimestamp, uid } = pod.metadata;
    const isOver = pod.status.phase === 'Succeeded' || pod.status.phase === 'Failed';
    if (isOver || deletionTimestamp !== undefined || view.get(podName(pod)).sandboxes.length > 0) return;
    const others = this.active().filter(
      ({ metadata }) => metadata.uid !== uid && !this.#refused.has(metadata.uid ?? ''),
    );
    const problem = rejection(pod, others, { allocatable, node: this.#context.node() });
    if (problem === undefined) return;
    this.#context.tell(pod, undefined, 'Warning', problem.reason, problem.message);
    this.#refuse(uid ?? '', problem, worker);
  }

  #refuse(uid: string, problem: Rejection, worker: PodWorker): void {
    const { clock } = this.#context.host;
    this.#refused.add(uid);
    const delayMs = this.#pace.delayMs(clock.monotonicMs());
    if (delayMs === 0) return worker.fail(problem, 1);
    const refuse = (): void => {
      this.#heldBack.delete(uid);
      worker.fail(problem, 1);
    };
    this.#heldBack.set(uid, clock.after(delayMs, refuse));
  }

  wake(uid: string): void {
    if (!this.#heldBack.has(uid)) this.#workers.get(uid)?.wake();
  }

  referencesChanged(uid: string): void {
    if (!this.#heldBack.has(uid)) this.#workers.get(uid)?.referencesChanged();
  }

  get(uid: string): PodWorker | undefined {
    return this.#workers.get(uid);
  }

  find(namespace: string, name: string): Pod | undefined {
    return this.all().find(({ metadata }) => metadata.namespace === namespace && metadata.name === name);
  }

  /** Pods that the API has bound here. */
  all(): readonly Pod[] {
    return [...this.#workers.values()].filter(({ isRemoved }) => !isRemoved).map(({ pod }) => pod);
  }

  /** Those that have not ended. */
  active(): readonly Pod[] {
    return this.all().filter(({ status }) => status.phase !== 'Succeeded' && status.phase !== 'Failed');
  }

  /** What this node has promised to the others that have not ended. */
  #othersOf(uid: string): readonly Pod[] {
    return [...this.#workers]
      .filter(([other, { isRemoved, pod }]) => {
        const isOver = pod.status.phase === 'Succeeded' || pod.status.phase === 'Failed';
        return other !== uid && !isRemoved && !isOver && !this.#refused.has(other);
      })
      .map(([, worker]) => worker.promised);
  }

  /** Once all pods of the API are known: ends what the runtime holds beyond them. */
  async adoptOrphans(): Promise<void> {
    for (const observed of this.#context.view.pods()) this.adoptOrphan(observed);
    await removeLeftovers(this.#context, (uid) => this.#workers.has(uid));
  }

  adoptOrphan(observed: ObservedPod): void {
    if (this.#workers.has(observed.uid)) return;
    const orphan = orphanOf(observed);
    this.#workerOf(orphan).remove(orphan);
  }

  stop(): void {
    this.#isStopped = true;
    for (const timer of this.#heldBack.values()) timer.cancel();
    for (const worker of this.#workers.values()) worker.stop();
  }

  #workerOf(pod: Pod): PodWorker {
    const uid = pod.metadata.uid ?? '';
    const known = this.#workers.get(uid);
    if (known !== undefined) return known;
    const worker = new PodWorker(pod, {
      context: this.#context,
      statusWriter: this.#statusWriter,
      resizeProblem: (resized) => resizeProblem(resized, this.#othersOf(uid), this.#context.allocatable),
      onGone: (gone) => {
        this.#workers.delete(gone);
        // There is more room now.
        for (const other of this.#workers.values()) if (other.isResizePending) other.wake();
        this.#refused.delete(gone);
        this.#letGo(gone);
        this.#statusWriter.forget(gone);
      },
    });
    this.#workers.set(uid, worker);
    if (this.#isStopped) worker.stop();
    return worker;
  }
}

/** The object of a pod of which only the runtime knows. */
function orphanOf({ uid, namespace, name, containers }: ObservedPod): Pod {
  const grace = containers
    .map(({ annotations }) => graceSecondsOf(annotations))
    .find((seconds) => seconds !== undefined);
  const names = [...new Set(containers.map(containerName))];
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { uid, namespace, name },
    spec: {
      containers: names.map((container) => ({ name: container, resources: {} })),
      terminationGracePeriodSeconds: grace ?? GRACE_SECONDS,
    },
    status: {},
  };
}
