/**
 * Carries out a pod's plan: one operation at a time, in the background. What came of it (failures, delays
 * of the crash loop) is remembered for the next plan.
 *
 * Invariant: when a pod is to end, or to end sooner, whatever is under way is broken off first.
 */

import { errorText } from '../../base/log.ts';
import type { Pod, ResourceRequirements } from '../../api/types.gen.ts';
import { endPod, killContainer } from '../containers/kill.ts';
import type { NodeContext } from '../containers/node-context.ts';
import { runSandbox, startContainer, type StartRequest } from '../containers/start.ts';
import { resizeContainers, type ContainerResize } from '../resize/resize.ts';
import { afterStart, type Backoff } from './backoff.ts';
import { latestOf, type ObservedContainer, type ObservedPod } from './observed-pod.ts';
import { graceSeconds, usableSandbox, type PodAction, type StartFailure } from './plan.ts';
import { podName, podText } from './pod-names.ts';

/** After a runtime that did not answer. */
const RETRY_MS = 1_000;
/** After a kernel that refused other amounts, as it does when more memory is in use than there is to be. */
const RESIZE_RETRY_MS = 10_000;

interface Operation {
  readonly pod: Pod;
  readonly observed: ObservedPod;
  readonly abort: AbortController;
  /** Of an ending pod: what it was promised. */
  readonly graceSeconds: number;
}

export class PodOperations {
  readonly #context: NodeContext;
  readonly #onDone: () => void;
  #failures: ReadonlyMap<string, StartFailure> = new Map();
  readonly #backoffs = new Map<string, Backoff>();
  /** What running containers were given since they were made, by id. */
  readonly #resized = new Map<string, ResourceRequirements>();
  #resizeProblem: string | undefined;
  #resizeRetryAtMs = 0;
  #current: Operation | undefined;
  #retryAtMs = 0;

  constructor(context: NodeContext, onDone: () => void) {
    this.#context = context;
    this.#onDone = onDone;
  }

  get isBusy(): boolean {
    return this.#current !== undefined;
  }

  /** By container; '' is the sandbox. */
  get failures(): ReadonlyMap<string, StartFailure> {
    return this.#failures;
  }

  get backoffs(): ReadonlyMap<string, Backoff> {
    return this.#backoffs;
  }

  /** What this process has given a container since it was made; undefined: nothing. */
  given({ id }: ObservedContainer): ResourceRequirements | undefined {
    return this.#resized.get(id);
  }

  /** Why the last attempt at a resize came to nothing. */
  get resizeProblem(): string | undefined {
    return this.#resizeProblem;
  }

  /** Nothing is begun before. */
  get retryAtMs(): number {
    return this.#retryAtMs;
  }

  /** No container gets other amounts before. */
  get resizeRetryAtMs(): number {
    return this.#resizeRetryAtMs;
  }

  apply(pod: Pod, planned: readonly PodAction[], observed: ObservedPod): void {
    const nowMs = this.#context.host.clock.now();
    const actions = planned.filter(({ type }) => type !== 'resize' || nowMs >= this.#resizeRetryAtMs);
    const [first] = actions;
    if (first === undefined) return;
    const grace = first.type === 'endPod' ? first.graceSeconds : Infinity;
    if (this.#current !== undefined) {
      if (grace < this.#current.graceSeconds) this.#current.abort.abort();
      return;
    }
    if (nowMs < this.#retryAtMs) return;
    this.#current = { pod, observed, abort: new AbortController(), graceSeconds: grace };
    void this.#run(actions, this.#current);
  }

  stop(): void {
    this.#current?.abort.abort();
  }

  /** What has failed may work now; refused pulls keep their delay. */
  forgetFailures(): void {
    this.#failures = new Map([...this.#failures].filter(([, failure]) => failure.isPull));
    this.#resizeRetryAtMs = 0;
  }

  async #run(actions: readonly PodAction[], operation: Operation): Promise<void> {
    const { host, view, logger } = this.#context;
    const { pod, observed, abort } = operation;
    try {
      const kills = actions.filter((action) => action.type === 'killContainer');
      await Promise.all(kills.map((kill) => killContainer(this.#context, pod, observed, kill, abort.signal)));
      // What was planned beside a kill is planned anew, from what came of it.
      if (kills.length === 0) for (const action of actions) await this.#perform(action, operation);
    } catch (error) {
      if (!abort.signal.aborted) {
        logger.warn(`an operation on pod ${podText(pod)} failed: ${errorText(error)}`);
        this.#retryAtMs = host.clock.now() + RETRY_MS;
      }
    }
    try {
      await view.refresh(podName(pod));
    } catch (error) {
      logger.warn(`cannot look at pod ${podText(pod)}: ${errorText(error)}`);
    }
    this.#current = undefined;
    this.#onDone();
  }

  async #perform(action: PodAction, operation: Operation): Promise<void> {
    const { pod, observed, abort } = operation;
    const { signal } = abort;
    const context = this.#context;
    if (signal.aborted) return;
    switch (action.type) {
      case 'runSandbox': {
        if (action.replaced.length > 0) await this.#replaceSandboxes(operation);
        const outcome = await runSandbox(context, this.#request('', operation), action.attempt);
        return this.#takeOutcome('', outcome, signal);
      }
      case 'startContainer': {
        const { name } = action.container.container;
        const sandbox = usableSandbox(pod, observed);
        if (sandbox === undefined) return;
        const request = this.#request(name, operation);
        const outcome = await startContainer(context, request, sandbox, action.container, action.attempt);
        if (outcome === undefined || outcome.hasRun) this.#countStart(name, observed);
        return this.#takeOutcome(name, outcome, signal);
      }
      case 'resize':
        return this.#resize(pod, observed, action.resizes);
      case 'endPod':
        return endPod(context, pod, observed, action.graceSeconds, signal);
      case 'removeContainer':
        return context.runtime.removeContainer(action.id);
      case 'removeSandbox':
        return context.runtime.removePodSandbox(action.id);
      case 'killContainer':
        return killContainer(context, pod, observed, action, signal);
    }
  }

  /** What cannot be had is tried again later, and holds nothing else back. */
  async #resize(pod: Pod, observed: ObservedPod, resizes: readonly ContainerResize[]): Promise<void> {
    const known = new Set(observed.containers.map(({ id }) => id));
    for (const id of this.#resized.keys()) if (!known.has(id)) this.#resized.delete(id);
    try {
      await resizeContainers(this.#context, pod, resizes, (id, given) => this.#resized.set(id, given));
      this.#resizeProblem = undefined;
    } catch (error) {
      this.#resizeProblem = errorText(error);
      this.#resizeRetryAtMs = this.#context.host.clock.now() + RESIZE_RETRY_MS;
    }
  }

  async #replaceSandboxes({ pod, observed, abort }: Operation): Promise<void> {
    const message = 'Pod sandbox changed, it will be killed and re-created.';
    this.#context.tell(pod, undefined, 'Normal', 'SandboxChanged', message);
    await endPod(this.#context, pod, observed, graceSeconds(pod), abort.signal);
    // Their network lives until they are stopped, also when they have ended by themselves.
    for (const { id, state } of observed.sandboxes)
      if (state === 'SANDBOX_NOTREADY') await this.#context.runtime.stopPodSandbox(id);
  }

  #request(key: string, { pod, observed, abort }: Operation): StartRequest {
    return { pod, observed, previous: this.#failures.get(key), signal: abort.signal };
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
    const failures = new Map(this.#failures);
    failures.delete(key);
    if (outcome !== undefined) failures.set(key, outcome);
    this.#failures = failures;
    // A new sandbox is a new chance for what failed in the old one.
    if (outcome === undefined && key === '') this.forgetFailures();
  }
}
