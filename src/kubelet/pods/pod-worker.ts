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
import { timeMs } from '../../api/time/time.ts';
import type { Pod } from '../../api/types.gen.ts';
import type { Timer } from '../../host/host.ts';
import { endPod, killContainer } from '../containers/kill.ts';
import type { NodeContext } from '../containers/node-context.ts';
import { podFacts, runSandbox, startContainer, type StartRequest } from '../containers/start.ts';
import { terminationMessage } from '../containers/termination-message.ts';
import { podStatus } from '../status/pod-status.ts';
import { oldStatus } from '../status/container-statuses.ts';
import type { StatusWriter } from '../status/status-writer.ts';
import { afterStart, type Backoff } from './backoff.ts';
import { cleanUp, forgetPod } from './clean-up.ts';
import { containerName, latestOf, type ObservedPod } from './observed-pod.ts';
import {
  graceSeconds,
  planPod,
  usableSandbox,
  type PodAction,
  type PodPlan,
  type StartFailure,
  type Waiting,
} from './plan.ts';
import { findContainer } from './pod-containers.ts';
import { podName, podText } from './pod-names.ts';

/** Failing operations (a runtime that does not answer) are tried again after this. */
const RETRY_MS = 1_000;

/** Why the node ends a pod by itself. */
export interface PodFailure {
  readonly reason: string;
  readonly message: string;
}

interface Operation {
  readonly abort: AbortController;
  /** Of an ending pod: what it was promised. */
  readonly graceSeconds: number | undefined;
}

export interface PodWorkerOptions {
  readonly context: NodeContext;
  readonly statusWriter: StatusWriter;
  /** Nothing of the pod is left on this machine. */
  readonly onGone: (uid: string) => void;
}

export class PodWorker {
  readonly #context: NodeContext;
  readonly #options: PodWorkerOptions;
  #pod: Pod;
  #isRemoved = false;
  #failure: (PodFailure & { readonly graceSeconds: number }) | undefined;
  #failures = new Map<string, StartFailure>();
  #backoffs = new Map<string, Backoff>();
  #waiting: ReadonlyMap<string, Waiting> = new Map();
  readonly #messages = new Map<string, string>();
  #operation: Operation | undefined;
  #isSyncing = false;
  #isDue = false;
  #isCleaned = false;
  #areVolumesStale = false;
  #renewVolumesAtMs: number | undefined;
  #retryAtMs = 0;
  #timer: Timer | undefined;
  #isGone = false;

  constructor(pod: Pod, options: PodWorkerOptions) {
    this.#pod = pod;
    this.#options = options;
    this.#context = options.context;
  }

  get pod(): Pod {
    return this.#pod;
  }

  /** The API has no such pod any more. */
  get isRemoved(): boolean {
    return this.#isRemoved;
  }

  update(pod: Pod): void {
    this.#pod = pod;
    this.wake();
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

  /** A ConfigMap or Secret that it uses has changed. */
  referencesChanged(): void {
    this.#areVolumesStale = true;
    this.#forgetFailures();
    this.wake();
  }

  /** The agent stops; containers run on. */
  stop(): void {
    this.#isGone = true;
    this.#timer?.cancel();
    this.#operation?.abort.abort();
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
      } catch (error) {
        this.#context.logger.warn(`cannot sync pod ${podText(this.#pod)}: ${errorText(error)}`);
        this.#wakeIn(RETRY_MS);
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
    const plan = planPod({
      pod: this.#pod,
      observed,
      nowMs,
      ending: this.#ending(),
      failures: this.#failures,
      backoffs: this.#backoffs,
      limits: settings.crashLoop,
      probes: (id) => probes.outcomes(id),
    });
    this.#takeWaiting(plan.waiting);
    this.#apply(plan, observed, nowMs);
    await this.#readMessages(observed);
    await this.#refreshVolumes(observed, nowMs);
    if (!this.#isRemoved) await this.#report(plan, observed);
    if (plan.ended && this.#operation === undefined) await this.#finish(observed);
    this.#arm(plan.wakeAtMs, nowMs);
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

  #apply(plan: PodPlan, observed: ObservedPod, nowMs: number): void {
    const [first] = plan.actions;
    if (this.#operation !== undefined) {
      const shorter =
        (this.#operation.graceSeconds ?? Infinity) >
        (first?.type === 'endPod' ? first.graceSeconds : Infinity);
      if (first?.type === 'endPod' && shorter) this.#operation.abort.abort();
      return;
    }
    if (first === undefined || nowMs < this.#retryAtMs) return;
    const grace = first.type === 'endPod' ? first.graceSeconds : undefined;
    const operation: Operation = { abort: new AbortController(), graceSeconds: grace };
    this.#operation = operation;
    void this.#run(plan.actions, observed, operation.abort.signal);
  }

  async #run(actions: readonly PodAction[], observed: ObservedPod, signal: AbortSignal): Promise<void> {
    const { host, view, logger } = this.#context;
    try {
      const kills = actions.filter((action) => action.type === 'killContainer');
      await Promise.all(kills.map((kill) => killContainer(this.#context, this.#pod, observed, kill, signal)));
      // What was planned beside a kill is planned anew, from what came of it.
      if (kills.length === 0) for (const action of actions) await this.#perform(action, observed, signal);
    } catch (error) {
      if (!signal.aborted) {
        logger.warn(`an operation on pod ${podText(this.#pod)} failed: ${errorText(error)}`);
        this.#retryAtMs = host.clock.now() + RETRY_MS;
        this.#wakeIn(RETRY_MS);
      }
    }
    try {
      await view.refresh(podName(this.#pod));
    } catch (error) {
      logger.warn(`cannot look at pod ${podText(this.#pod)}: ${errorText(error)}`);
    }
    this.#operation = undefined;
    this.wake();
  }

  async #perform(action: PodAction, observed: ObservedPod, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return;
    const context = this.#context;
    switch (action.type) {
      case 'runSandbox': {
        if (action.replaced.length > 0) await this.#replaceSandboxes(observed, signal);
        const outcome = await runSandbox(context, this.#request('', observed, signal), action.attempt);
        return this.#takeOutcome('', outcome, signal);
      }
      case 'startContainer': {
        const { name } = action.container.container;
        const sandbox = usableSandbox(this.#pod, observed);
        if (sandbox === undefined) return;
        const request = this.#request(name, observed, signal);
        const outcome = await startContainer(context, request, sandbox, action.container, action.attempt);
        if (outcome === undefined || outcome.hasRun) this.#countStart(name, observed);
        return this.#takeOutcome(name, outcome, signal);
      }
      case 'endPod':
        return endPod(context, this.#pod, observed, action.graceSeconds, signal);
      case 'removeContainer':
        this.#messages.delete(action.id);
        return context.runtime.removeContainer(action.id);
      case 'removeSandbox':
        return context.runtime.removePodSandbox(action.id);
      case 'killContainer':
        return killContainer(context, this.#pod, observed, action, signal);
    }
  }

  async #replaceSandboxes(observed: ObservedPod, signal: AbortSignal): Promise<void> {
    const message = 'Pod sandbox changed, it will be killed and re-created.';
    this.#context.tell(this.#pod, undefined, 'Normal', 'SandboxChanged', message);
    await endPod(this.#context, this.#pod, observed, graceSeconds(this.#pod), signal);
    // Their network lives until they are stopped, also when they have ended by themselves.
    for (const { id, state } of observed.sandboxes)
      if (state === 'SANDBOX_NOTREADY') await this.#context.runtime.stopPodSandbox(id);
  }

  #request(key: string, observed: ObservedPod, signal: AbortSignal): StartRequest {
    return { pod: this.#pod, observed, previous: this.#failures.get(key), signal };
  }

  /**
   * A start after an end counts towards the crash loop; the very first one, and one that came to nothing,
   * do not.
   */
  #countStart(name: string, observed: ObservedPod): void {
    const last = latestOf(observed, name);
    if (last?.state !== 'CONTAINER_EXITED') return;
    const { host, settings } = this.#context;
    const before = this.#backoffs.get(name);
    this.#backoffs.set(name, afterStart(before, last.finishedAtMs, host.clock.now(), settings.crashLoop));
  }

  #takeOutcome(key: string, outcome: StartFailure | undefined, signal: AbortSignal): void {
    if (signal.aborted) return;
    if (outcome !== undefined) this.#failures.set(key, outcome);
    else {
      this.#failures.delete(key);
      // A new sandbox is a new chance for what failed in the old one.
      if (key === '') this.#forgetFailures();
    }
  }

  #forgetFailures(): void {
    this.#failures = new Map([...this.#failures].filter(([, failure]) => failure.isPull));
  }

  /** Back-offs are told once, when they begin. */
  #takeWaiting(next: ReadonlyMap<string, Waiting>): void {
    for (const [name, { reason, message }] of next) {
      if (this.#waiting.get(name)?.message === message) continue;
      const entry = findContainer(this.#pod.spec, name);
      if (reason === 'CrashLoopBackOff') {
        const text = `Back-off restarting failed container ${name} in pod ${podText(this.#pod)}`;
        this.#context.tell(this.#pod, entry, 'Warning', 'BackOff', text);
      } else if (reason === 'ImagePullBackOff') {
        const text = `Back-off pulling image "${entry?.container.image ?? ''}"`;
        this.#context.tell(this.#pod, entry, 'Normal', 'BackOff', text);
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
    for (const ended of observed.containers) {
      if (ended.state !== 'CONTAINER_EXITED' || this.#messages.has(ended.id)) continue;
      const container = findContainer(this.#pod.spec, containerName(ended))?.container;
      const text = container && (await terminationMessage(system.files, logs, container, ended));
      if (text !== undefined && text !== '') this.#messages.set(ended.id, text);
    }
  }

  async #refreshVolumes(observed: ObservedPod, nowMs: number): Promise<void> {
    const isDue = this.#areVolumesStale || nowMs >= (this.#renewVolumesAtMs ?? Infinity);
    const isUp = usableSandbox(this.#pod, observed) !== undefined && this.#ending() === undefined;
    if (!isUp || (!isDue && this.#renewVolumesAtMs !== undefined)) return;
    this.#areVolumesStale = false;
    this.#renewVolumesAtMs = Infinity;
    try {
      const facts = podFacts(this.#context, this.#pod, observed);
      this.#renewVolumesAtMs = (await this.#context.volumes.mount(facts)).renewAtMs ?? Infinity;
    } catch (error) {
      this.#context.tell(this.#pod, undefined, 'Warning', 'FailedMount', errorText(error));
      this.#renewVolumesAtMs = nowMs + 60_000;
    }
  }

  async #report(plan: PodPlan, observed: ObservedPod): Promise<void> {
    const { host, settings, probes, runtimeName } = this.#context;
    const isEnding = this.#ending() !== undefined || plan.ended || plan.actions[0]?.type === 'endPod';
    const failure = this.#failure;
    const status = podStatus({
      pod: this.#pod,
      observed,
      waiting: new Map(
        [...this.#failures, ...plan.waiting].map(([name, { reason, message }]) => [
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
    if (written !== undefined && !this.#isRemoved && isNewer(written, this.#pod)) this.#pod = written;
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
    const retry = this.#retryAtMs > nowMs ? this.#retryAtMs : Infinity;
    const at = Math.min(wakeAtMs ?? Infinity, deadline, retry, this.#renewVolumesAtMs ?? Infinity);
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
