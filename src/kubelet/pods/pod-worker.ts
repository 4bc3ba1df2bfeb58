/**
 * The life of one pod on this node: observe, plan, apply, report, again at every change.
 *
 * Inputs: the pod's object and its changes, wake-ups (runtime, probes, referenced objects, time). Outputs:
 * calls of the runtime, events, the pod's status, and in the end its removal from the API and from the
 * machine.
 *
 * Invariants: one step at a time per pod (an operation runs in the background while status goes on); ending
 * a pod interrupts what starts it; nothing of a pod is removed from the runtime before the API has let go
 * of it.
 */

import { errorText } from '../../base/log.ts';
import { deepEqual } from '../../api/meta/equal.ts';
import { timeMs } from '../../api/time/time.ts';
import type { Pod, ResourceRequirements } from '../../api/types.gen.ts';
import type { Timer } from '../../host/host.ts';
import type { NodeContext } from '../containers/node-context.ts';
import { podFacts } from '../containers/start.ts';
import { terminationMessage } from '../containers/termination-message.ts';
import { podStatus } from '../status/pod-status.ts';
import { oldStatus } from '../status/container-statuses.ts';
import type { StatusWriter } from '../status/status-writer.ts';
import { PodAllocation, type ResizeProblem } from '../resize/allocation.ts';
import { isResizing } from '../resize/resources.ts';
import { VolumeError } from '../volumes/volumes.ts';
import { cleanUp, forgetPod } from './clean-up.ts';
import { containerName, latestOf, type ObservedContainer, type ObservedPod } from './observed-pod.ts';
import { graceSeconds, planPod, usableSandbox, type PodPlan, type Waiting } from './plan.ts';
import { findContainer } from './pod-containers.ts';
import { podName, podText, resourcesOf } from './pod-names.ts';
import { PodOperations } from './pod-operations.ts';

/** An API that does not answer must not be asked by every pod every second. */
const RETRY_MIN_MS = 1_000;
const RETRY_MAX_MS = 16_000;
const VOLUMES_RETRY_MS = 60_000;
/** Room may also come from what nobody tells of. */
const RESIZE_RETRY_MS = 30_000;

/** Why the node ends a pod by itself. */
export interface PodFailure {
  readonly reason: string;
  readonly message: string;
}

export interface PodWorkerOptions {
  readonly context: NodeContext;
  readonly statusWriter: StatusWriter;
  /** Why the node cannot give the pod what it asks for. */
  readonly resizeProblem: (pod: Pod) => ResizeProblem | undefined;
  /** Nothing of the pod is left on this machine. */
  readonly onGone: (uid: string) => void;
}

export class PodWorker {
  readonly #context: NodeContext;
  readonly #options: PodWorkerOptions;
  #pod: Pod;
  /** As it is to run here: with the resources that the node could give. */
  #promised: Pod;
  readonly #allocation = new PodAllocation();
  #isRemoved = false;
  #failure: (PodFailure & { readonly graceSeconds: number }) | undefined;
  readonly #operations: PodOperations;
  #waiting: ReadonlyMap<string, Waiting> = new Map();
  readonly #messages = new Map<string, string>();
  #isSyncing = false;
  #isDue = false;
  #syncFailures = 0;
  #isCleaned = false;
  #areVolumesStale = false;
  #renewVolumesAtMs: number | undefined;
  #timer: Timer | undefined;
  #isGone = false;

  constructor(pod: Pod, options: PodWorkerOptions) {
    this.#pod = pod;
    this.#promised = pod;
    this.#options = options;
    this.#context = options.context;
    this.#operations = new PodOperations(options.context, () => this.wake());
  }

  get pod(): Pod {
    return this.#pod;
  }

  get promised(): Pod {
    return this.#promised;
  }

  get isResizePending(): boolean {
    return this.#allocation.pending !== undefined;
  }

  /** The API has no such pod any more. */
  get isRemoved(): boolean {
    return this.#isRemoved;
  }

  update(pod: Pod): void {
    this.#take(pod);
    this.wake();
  }

  #take(pod: Pod): void {
    // The answer to an own write may have come before the informer's news of an older one.
    if (isNewer(this.#pod, pod)) return;
    const before = this.#pod;
    this.#pod = pod;
    // Files, variables and paths may be made of what the pod says of itself.
    if (!saysTheSame(before, pod)) this.referencesChanged();
  }

  /** The API has let go of the pod: end what runs of it, and remove what is left. */
  remove(last: Pod): void {
    this.#pod = last;
    this.#isRemoved = true;
    this.wake();
  }

  /** Ends the pod as failed, for the node's own reasons. */
  fail(failure: PodFailure, grace: number): void {
    this.#failure ??= { ...failure, graceSeconds: grace };
    this.wake();
  }

  /** Something that its volumes and variables are made of has changed. */
  referencesChanged(): void {
    this.#areVolumesStale = true;
    this.#operations.forgetFailures();
    this.wake();
  }

  /** The agent stops; containers run on. */
  stop(): void {
    this.#isGone = true;
    this.#timer?.cancel();
    this.#operations.stop();
  }

  wake(): void {
    if (this.#isGone) return;
    if (this.#isSyncing) {
      this.#isDue = true;
      return;
    }
    this.#isSyncing = true;
    void this.#syncUntilDone();
  }

  async #syncUntilDone(): Promise<void> {
    do {
      this.#isDue = false;
      try {
        await this.#sync();
        this.#syncFailures = 0;
      } catch (error) {
        this.#context.logger.warn(`cannot sync pod ${podText(this.#pod)}: ${errorText(error)}`);
        this.#wakeIn(Math.min(RETRY_MIN_MS * 2 ** this.#syncFailures++, RETRY_MAX_MS));
      }
    } while (this.#isDue && !this.#isGone);
    this.#isSyncing = false;
  }

  async #sync(): Promise<void> {
    const { host, view, settings, probes } = this.#context;
    const observed = view.get(podName(this.#pod));
    const nowMs = host.clock.now();
    this.#checkDeadline(nowMs);
    this.#trackProbes(observed);
    this.#promise(observed);
    const plan = planPod({
      pod: this.#promised,
      observed,
      nowMs,
      ending: this.#ending(),
      failures: this.#operations.failures,
      backoffs: this.#operations.backoffs,
      limits: settings.crashLoop,
      probes: (id) => probes.outcomes(id),
      given: this.#given,
    });
    this.#takeWaiting(plan.waiting);
    this.#operations.apply(this.#promised, plan.actions, observed);
    await this.#readMessages(observed);
    await this.#refreshVolumes(observed, nowMs);
    if (!this.#isRemoved) await this.#report(plan, observed);
    if (plan.ended && !this.#operations.isBusy) await this.#finish(observed);
    this.#arm(plan.wakeAtMs, nowMs);
  }

  /** What a container was given last: by this process, as an earlier one reported, or when it was made. */
  readonly #given = (container: ObservedContainer): ResourceRequirements | undefined => {
    const status = oldStatus(this.#pod, containerName(container));
    const reported = status?.containerID?.endsWith(container.id) === true ? status.resources : undefined;
    return this.#operations.given(container) ?? reported ?? resourcesOf(container.annotations);
  };

  #promise(observed: ObservedPod): void {
    const given = (name: string): ResourceRequirements | undefined => {
      const latest = latestOf(observed, name);
      return latest?.state === 'CONTAINER_RUNNING' ? this.#given(latest) : undefined;
    };
    const problemOf = (pod: Pod): ResizeProblem | undefined =>
      this.#ending() === undefined ? this.#options.resizeProblem(pod) : undefined;
    const waited = this.isResizePending;
    this.#promised = this.#allocation.decide(this.#pod, given, problemOf);
    if (waited && !this.isResizePending) this.#areVolumesStale = true;
  }

  #ending(): { readonly graceSeconds: number } | undefined {
    const { metadata, status } = this.#pod;
    const { deletionGracePeriodSeconds: deletionGrace } = metadata;
    if (this.#isRemoved) return { graceSeconds: Math.max(1, deletionGrace ?? graceSeconds(this.#pod)) };
    if (metadata.deletionTimestamp !== undefined)
      return { graceSeconds: Math.max(1, deletionGrace ?? graceSeconds(this.#pod)) };
    if (this.#failure !== undefined) return this.#failure;
    if (status.phase === 'Succeeded' || status.phase === 'Failed')
      return { graceSeconds: graceSeconds(this.#pod) };
    return undefined;
  }

  /** Back-offs are told once, when they begin. */
  #takeWaiting(next: ReadonlyMap<string, Waiting>): void {
    for (const [name, { reason, message, image = '' }] of next) {
      if (this.#waiting.get(name)?.message === message) continue;
      const entry = findContainer(this.#pod.spec, name);
      if (reason === 'CrashLoopBackOff') {
        const text = `Back-off restarting failed container ${name} in pod ${podText(this.#pod)}`;
        this.#context.tell(this.#pod, entry, 'Warning', 'BackOff', text);
      } else if (reason === 'ImagePullBackOff') {
        // The image of a volume is the pod's affair.
        const whose = image === entry?.container.image ? entry : undefined;
        this.#context.tell(this.#pod, whose, 'Normal', 'BackOff', `Back-off pulling image "${image}"`);
        this.#context.tell(this.#pod, entry, 'Warning', 'Failed', 'Error: ImagePullBackOff');
      }
    }
    this.#waiting = next;
  }

  #trackProbes(observed: ObservedPod): void {
    const { probes } = this.#context;
    const [podIp = ''] = podFacts(this.#context, this.#pod, observed).podIps;
    probes.track(this.#pod, observed, podIp, this.#ending() !== undefined, (name) => {
      const old = oldStatus(this.#pod, name);
      return old?.ready === true && old.containerID?.endsWith(latestOf(observed, name)?.id ?? ' ') === true;
    });
  }

  async #readMessages(observed: ObservedPod): Promise<void> {
    const { system, logs } = this.#context;
    for (const id of this.#messages.keys())
      if (observed.containers.every((container) => container.id !== id)) this.#messages.delete(id);
    for (const ended of observed.containers) {
      if (ended.state !== 'CONTAINER_EXITED' || this.#messages.has(ended.id)) continue;
      const container = findContainer(this.#pod.spec, containerName(ended))?.container;
      const text = container && (await terminationMessage(system.files, logs, container, ended));
      this.#messages.set(ended.id, text ?? '');
    }
  }

  async #refreshVolumes(observed: ObservedPod, nowMs: number): Promise<void> {
    const isDue = this.#areVolumesStale || nowMs >= (this.#renewVolumesAtMs ?? Infinity);
    const isUp = usableSandbox(this.#pod, observed) !== undefined && this.#ending() === undefined;
    if (!isUp || (!isDue && this.#renewVolumesAtMs !== undefined)) return;
    // A start that is under way may still write what was true when it began.
    this.#areVolumesStale = this.#operations.isBusy;
    this.#renewVolumesAtMs = Infinity;
    try {
      const facts = podFacts(this.#context, this.#promised, observed);
      this.#renewVolumesAtMs = (await this.#context.volumes.mount(facts)).renewAtMs ?? Infinity;
    } catch (error) {
      this.#context.tell(
        this.#pod,
        undefined,
        'Warning',
        'FailedMount',
        error instanceof VolumeError ? error.message : errorText(error),
      );
      this.#renewVolumesAtMs = nowMs + VOLUMES_RETRY_MS;
    }
  }

  async #report(plan: PodPlan, observed: ObservedPod): Promise<void> {
    const { host, settings, probes, runtimeName } = this.#context;
    const isEnding = this.#ending() !== undefined || plan.ended || plan.actions[0]?.type === 'endPod';
    const failure = this.#failure;
    const { pending } = this.#allocation;
    const { resizeProblem } = this.#operations;
    const inProgress =
      !isEnding && isResizing(this.#promised, observed, this.#given) ? { problem: resizeProblem } : undefined;
    const status = podStatus({
      pod: this.#promised,
      observed,
      given: this.#given,
      resize: { pending: isEnding ? undefined : pending, inProgress },
      waiting: new Map(
        [...this.#operations.failures, ...plan.waiting].map(([name, { reason, message }]) => [
          name,
          { reason, message },
        ]),
      ),
      probes: (id) => probes.outcomes(id),
      messages: this.#messages,
      runtimeName,
      isEnding,
      nowMs: host.clock.now(),
      hostIps: settings.nodeIps,
      failure: failure === undefined ? undefined : { reason: failure.reason, message: failure.message },
    });
    const written = await this.#options.statusWriter.write(this.#pod, status);
    if (written !== undefined && !this.#isRemoved) this.#take(written);
  }

  async #finish(observed: ObservedPod): Promise<void> {
    const { uid } = podName(this.#pod);
    if (!this.#isCleaned) {
      await cleanUp(this.#context, uid);
      this.#isCleaned = true;
    }
    if (this.#isRemoved) {
      await forgetPod(this.#context, this.#pod, observed);
      this.#isGone = true;
      this.#timer?.cancel();
      this.#options.onGone(uid);
    } else if (this.#pod.metadata.deletionTimestamp !== undefined) {
      await this.#options.statusWriter.release(this.#pod);
    }
  }

  #checkDeadline(nowMs: number): void {
    const { activeDeadlineSeconds } = this.#pod.spec;
    const { startTime } = this.#pod.status;
    if (activeDeadlineSeconds === undefined || startTime === undefined || this.#ending() !== undefined)
      return;
    const leftMs = timeMs(startTime) + activeDeadlineSeconds * 1000 - nowMs;
    if (leftMs > 0) return;
    const message = 'Pod was active on the node longer than the specified deadline';
    this.#context.tell(this.#pod, undefined, 'Normal', 'DeadlineExceeded', message);
    this.#failure = { reason: 'DeadlineExceeded', message, graceSeconds: graceSeconds(this.#pod) };
  }

  #arm(wakeAtMs: number | undefined, nowMs: number): void {
    const { activeDeadlineSeconds } = this.#pod.spec;
    const { startTime } = this.#pod.status;
    const hasDeadline = activeDeadlineSeconds !== undefined && startTime !== undefined;
    const deadline =
      hasDeadline && this.#ending() === undefined
        ? timeMs(startTime) + activeDeadlineSeconds * 1000
        : Infinity;
    // What is overdue now waits for something else to happen: a pod that has ended renews no volumes.
    const ifLater = (atMs: number): number => (atMs > nowMs ? atMs : Infinity);
    const at = Math.min(
      wakeAtMs ?? Infinity,
      deadline,
      ifLater(this.#operations.retryAtMs),
      ifLater(this.#operations.resizeRetryAtMs),
      this.isResizePending ? nowMs + RESIZE_RETRY_MS : Infinity,
      ifLater(this.#renewVolumesAtMs ?? Infinity),
    );
    this.#timer?.cancel();
    if (at !== Infinity) this.#wakeIn(Math.max(at - nowMs, 1));
  }

  #wakeIn(delayMs: number): void {
    this.#timer?.cancel();
    this.#timer = this.#context.host.clock.after(delayMs, () => this.wake());
  }
}

function isNewer(a: Pod, b: Pod): boolean {
  const version = ({ metadata }: Pod): number => Number(metadata.resourceVersion ?? '0');
  return a.metadata.uid === b.metadata.uid && version(a) > version(b);
}

function saysTheSame({ metadata: a }: Pod, { metadata: b }: Pod): boolean {
  return (
    a.generation === b.generation && deepEqual(a.labels, b.labels) && deepEqual(a.annotations, b.annotations)
  );
}
