/**
 * What to do next for one pod; pure. Input: the pod as it is wanted, as the runtime has it, and what the node
 * remembers of earlier attempts. Output: actions to carry out in order, why containers wait, and when to
 * look again.
 *
 * One step at a time: the plan holds at most one start, since what comes after it depends on its outcome.
 *
 * Worked example, a pod with init container `i` and container `a`: nothing observed → runSandbox; sandbox →
 * start i; i runs → nothing; i ended with 0 → start a; a ended with 1 → start a (attempt 1); ended again →
 * `a` waits with CrashLoopBackOff, look again in 10 s; deletionTimestamp → endPod; nothing runs → `ended`.
 */

import { formatDuration } from '../../api/time/time.ts';
import type { Container, Pod, ResourceRequirements } from '../../api/types.gen.ts';
import type { PodSandboxStatus } from '../cri/messages.ts';
import { needsRestart, sameAmounts } from '../resize/resources.ts';
import type { ContainerResize } from '../resize/resize.ts';
import { dueAtMs, type Backoff, type BackoffLimits } from './backoff.ts';
import {
  attemptsOf,
  containerName,
  latestOf,
  readySandbox,
  restartCount,
  runningContainers,
  type ObservedContainer,
  type ObservedPod,
} from './observed-pod.ts';
import { podContainers, shouldRestart, type PodContainer } from './pod-containers.ts';
import { containerHash, hashOf, podText } from './pod-names.ts';

export type ProbeOutcome = 'success' | 'failure' | 'unknown';

export interface ProbeOutcomes {
  readonly startup?: ProbeOutcome;
  readonly liveness?: ProbeOutcome;
  readonly readiness?: ProbeOutcome;
}

/** Why a container does not run: goes into its status as it is. */
export interface Waiting {
  readonly reason: string;
  readonly message: string;
  /** The image that is waited for; of a failure: when it is that of a volume. */
  readonly image?: string;
}

export interface StartFailure extends Waiting {
  /** Pull failures turn into a back-off after a moment, as upstream shows them. */
  readonly isPull: boolean;
  /** There is a container now, which has ended: the crash loop counts it. */
  readonly hasRun: boolean;
  readonly atMs: number;
  readonly retryAtMs: number;
}

export interface PodView {
  readonly pod: Pod;
  readonly observed: ObservedPod;
  readonly nowMs: number;
  /** Set when the pod has to end, whatever its containers do. */
  readonly ending: { readonly graceSeconds: number } | undefined;
  /** By container name; '' is the pod's sandbox and volumes. */
  readonly failures: ReadonlyMap<string, StartFailure>;
  /** By container name. */
  readonly backoffs: ReadonlyMap<string, Backoff>;
  readonly limits: BackoffLimits;
  readonly probes: (containerId: string) => ProbeOutcomes;
  /** What a container was given last; undefined: nobody knows. */
  readonly given: (container: ObservedContainer) => ResourceRequirements | undefined;
}

export type PodAction =
  /** `replaced`: sandboxes that must be ended first. */
  | { readonly type: 'runSandbox'; readonly attempt: number; readonly replaced: readonly string[] }
  | { readonly type: 'startContainer'; readonly container: PodContainer; readonly attempt: number }
  | {
      readonly type: 'killContainer';
      readonly target: ObservedContainer;
      readonly message: string;
      readonly graceSeconds: number;
    }
  /** Also without any: the pod gets the room that its containers are to have. */
  | { readonly type: 'resize'; readonly resizes: readonly ContainerResize[] }
  | { readonly type: 'endPod'; readonly graceSeconds: number }
  | { readonly type: 'removeContainer'; readonly id: string }
  | { readonly type: 'removeSandbox'; readonly id: string };

export interface PodPlan {
  readonly actions: readonly PodAction[];
  readonly waiting: ReadonlyMap<string, Waiting>;
  readonly wakeAtMs: number | undefined;
  /** Nothing of it runs, and nothing will be started. */
  readonly ended: boolean;
}

/** Dead containers kept per name, for `lastState` and `kubectl logs --previous`; the newest one counts. */
const ATTEMPTS_KEPT = 2;
const PULL_BACKOFF_SHOWN_AFTER_MS = 1_000;

export function planPod(view: PodView): PodPlan {
  const { pod, observed } = view;
  if (view.ending !== undefined) return planEnd(observed, view.ending.graceSeconds);
  if (isFinished(pod, observed)) return planEnd(observed, graceSeconds(pod));
  const sandbox = usableSandbox(pod, observed);
  if (sandbox === undefined) return planSandbox(view);
  const kills = planKills(view);
  const starts = planStarts(view, sandbox);
  return {
    actions: [...kills, ...planResize(view, starts.actions), ...starts.actions, ...planRemovals(observed)],
    waiting: starts.waiting,
    wakeAtMs: starts.wakeAtMs,
    ended: false,
  };
}

export function graceSeconds({ spec }: Pod): number {
  return spec.terminationGracePeriodSeconds ?? 30;
}

/** Every container has ended for good, or an init container has failed for good. */
export function isFinished(pod: Pod, observed: ObservedPod): boolean {
  const isOver = (entry: PodContainer): boolean => {
    const last = latestOf(observed, entry.container.name);
    return last !== undefined && last.state === 'CONTAINER_EXITED' && !shouldRestart(pod, entry, last);
  };
  const entries = podContainers(pod.spec);
  const initFailed = entries.some(
    (entry) =>
      entry.role === 'init' && isOver(entry) && latestOf(observed, entry.container.name)?.exitCode !== 0,
  );
  return initFailed || entries.filter(({ role }) => role === 'regular').every(isOver);
}

function planEnd(observed: ObservedPod, grace: number): PodPlan {
  const ended =
    runningContainers(observed).length === 0 &&
    observed.sandboxes.every(({ state }) => state === 'SANDBOX_NOTREADY');
  return {
    actions: ended ? [] : [{ type: 'endPod', graceSeconds: grace }],
    waiting: new Map(),
    wakeAtMs: undefined,
    ended,
  };
}

/** The sandbox to run containers in; undefined when a new one is needed. */
export function usableSandbox({ spec }: Pod, observed: ObservedPod): PodSandboxStatus | undefined {
  const newest = readySandbox(observed);
  if (newest === undefined) return undefined;
  if (observed.sandboxes.filter(({ state }) => state === 'SANDBOX_READY').length > 1) return undefined;
  if (spec.hostNetwork !== true && (newest.network?.ip ?? '') === '') return undefined;
  return newest;
}

function planSandbox({ observed, failures, nowMs }: PodView): PodPlan {
  const failure = failures.get('');
  const isDue = failure === undefined || failure.retryAtMs <= nowMs;
  const [newest] = observed.sandboxes;
  const action: PodAction = {
    type: 'runSandbox',
    attempt: newest === undefined ? 0 : newest.metadata.attempt + 1,
    replaced: observed.sandboxes.map(({ id }) => id),
  };
  return {
    actions: isDue ? [action] : [],
    waiting: new Map(),
    wakeAtMs: isDue ? undefined : failure.retryAtMs,
    ended: false,
  };
}

function planKills(view: PodView): readonly PodAction[] {
  return podContainers(view.pod.spec).flatMap((entry): PodAction[] => {
    const { container, role } = entry;
    const target = latestOf(view.observed, container.name);
    if (target === undefined || role === 'ephemeral') return [];
    const cause = killCause(view, container, target);
    if (cause === undefined) return [];
    return [{ type: 'killContainer', target, ...cause }];
  });
}

/** Containers that run get what they are to have; one that starts anew for it needs the room first. */
function planResize({ pod, observed, given }: PodView, starts: readonly PodAction[]): readonly PodAction[] {
  const isStarted = ({ name }: Container): boolean =>
    starts.some((start) => start.type === 'startContainer' && start.container.container.name === name);
  const changed = podContainers(pod.spec).flatMap(({ container, role }): readonly ContainerResize[] => {
    const target = latestOf(observed, container.name);
    const before = target === undefined || role === 'ephemeral' ? undefined : given(target);
    if (target === undefined || before === undefined || sameAmounts(before, container.resources)) return [];
    return [{ target, container, before }];
  });
  const resizes = changed.filter(
    ({ target, container, before }) =>
      target.state === 'CONTAINER_RUNNING' && !needsRestart(container, before),
  );
  const isDue = resizes.length > 0 || changed.some(({ container }) => isStarted(container));
  return isDue ? [{ type: 'resize', resizes }] : [];
}

function killCause(
  { pod, probes, given }: PodView,
  container: Container,
  target: ObservedContainer,
): { readonly message: string; readonly graceSeconds: number } | undefined {
  const grace = graceSeconds(pod);
  const { name } = container;
  if (target.state === 'CONTAINER_UNKNOWN') {
    const message = `Container ${name} is in unknown state, try killing it before restart`;
    return { message, graceSeconds: grace };
  }
  if (target.state !== 'CONTAINER_RUNNING') return undefined;
  const hash = hashOf(target.annotations);
  if (hash !== undefined && hash !== containerHash(container))
    return { message: `Container ${name} definition changed, will be restarted`, graceSeconds: grace };
  const before = given(target);
  if (before !== undefined && needsRestart(container, before))
    return { message: `Container ${name} resize requires restart`, graceSeconds: grace };
  const { startup, liveness } = probes(target.id);
  const failed = liveness === 'failure' ? 'liveness' : startup === 'failure' ? 'startup' : undefined;
  if (failed === undefined) return undefined;
  const probe = failed === 'liveness' ? container.livenessProbe : container.startupProbe;
  const restarts = (container.restartPolicy ?? pod.spec.restartPolicy ?? 'Always') !== 'Never';
  const message = `Container ${name} failed ${failed} probe${restarts ? ', will be restarted' : ''}`;
  return { message, graceSeconds: probe?.terminationGracePeriodSeconds ?? grace };
}

interface Starts {
  readonly actions: readonly PodAction[];
  readonly waiting: ReadonlyMap<string, Waiting>;
  readonly wakeAtMs: number | undefined;
}

function planStarts(view: PodView, sandbox: PodSandboxStatus): Starts {
  const waiting = new Map<string, Waiting>();
  const actions: PodAction[] = [];
  let wakeAtMs: number | undefined;
  for (const entry of startable(view, sandbox)) {
    const hold = holdBack(view, entry);
    if (hold !== undefined) {
      waiting.set(entry.container.name, hold.waiting);
      wakeAtMs = Math.min(wakeAtMs ?? Number.POSITIVE_INFINITY, hold.untilMs);
    } else if (actions.length === 0) {
      actions.push({ type: 'startContainer', container: entry, attempt: nextAttempt(view, entry) });
    }
  }
  return { actions, waiting, wakeAtMs };
}

/** The containers whose turn it is and that do not run: one init container, or any of the regular ones. */
function startable({ pod, observed, probes }: PodView, sandbox: PodSandboxStatus): readonly PodContainer[] {
  const inSandbox = (name: string): ObservedContainer | undefined =>
    attemptsOf(observed, name).find(({ podSandboxId }) => podSandboxId === sandbox.id);
  const isInitialized = pod.spec.containers.some(({ name }) => inSandbox(name) !== undefined);
  const found: PodContainer[] = [];
  for (const entry of podContainers(pod.spec)) {
    const { role, container } = entry;
    const last = role === 'init' || role === 'sidecar' ? inSandbox(container.name) : undefined;
    switch (role) {
      case 'sidecar': {
        const isUp = last?.state === 'CONTAINER_RUNNING';
        if (!isUp) found.push(entry);
        if (isInitialized) break;
        const isStarted = isUp && hasStarted(container, probes(last.id));
        if (!isStarted) return found;
        break;
      }
      case 'init':
        if (isInitialized || (last?.state === 'CONTAINER_EXITED' && last.exitCode === 0)) break;
        if (shouldRestart(pod, entry, last)) found.push(entry);
        return found;
      case 'regular':
      case 'ephemeral':
        if (shouldRestart(pod, entry, latestOf(observed, container.name))) found.push(entry);
    }
  }
  return found;
}

/** Without a startup probe a container has started as soon as it runs. */
export function hasStarted({ startupProbe }: Container, { startup }: ProbeOutcomes): boolean {
  return startupProbe === undefined || startup === 'success';
}

function holdBack(
  view: PodView,
  { container }: PodContainer,
): { readonly waiting: Waiting; readonly untilMs: number } | undefined {
  const { nowMs, pod } = view;
  const failure = view.failures.get(container.name);
  if (failure !== undefined && nowMs < failure.retryAtMs) return holdFailed(failure, container, nowMs);
  const last = latestOf(view.observed, container.name);
  if (last?.state !== 'CONTAINER_EXITED' || hashOf(last.annotations) !== containerHash(container))
    return undefined;
  const backoff = view.backoffs.get(container.name);
  const untilMs = dueAtMs(backoff, last.finishedAtMs, nowMs, view.limits);
  if (backoff === undefined || untilMs === undefined) return undefined;
  const delay = formatDuration(BigInt(backoff.delayMs) * 1_000_000n);
  const message = `back-off ${delay} restarting failed container=${container.name} pod=${podText(pod)}`;
  return { waiting: { reason: 'CrashLoopBackOff', message }, untilMs };
}

function holdFailed(
  failure: StartFailure,
  { image: own = '' }: Container,
  nowMs: number,
): { readonly waiting: Waiting; readonly untilMs: number } {
  const { reason, message, retryAtMs, atMs, image = own } = failure;
  if (!failure.isPull) return { waiting: { reason, message }, untilMs: retryAtMs };
  const shownFromMs = atMs + PULL_BACKOFF_SHOWN_AFTER_MS;
  if (nowMs < shownFromMs) return { waiting: { reason, message }, untilMs: Math.min(shownFromMs, retryAtMs) };
  const text = `Back-off pulling image "${image}": ${reason}: ${message}`;
  return { waiting: { reason: 'ImagePullBackOff', message: text, image }, untilMs: retryAtMs };
}

/**
 * Also after the runtime lost everything (a new machine, a wiped disk), counts go on from the API's status.
 */
function nextAttempt({ pod, observed }: PodView, { container }: PodContainer): number {
  const last = latestOf(observed, container.name);
  if (last !== undefined) return restartCount(last) + 1;
  const { initContainerStatuses = [], containerStatuses = [] } = pod.status;
  const status = [...initContainerStatuses, ...containerStatuses].find(({ name }) => name === container.name);
  return status?.containerID === undefined ? 0 : status.restartCount + 1;
}

/** Dead attempts nobody asks for any more, and old sandboxes once they are empty. */
function planRemovals(observed: ObservedPod): readonly PodAction[] {
  const seen = new Map<string, number>();
  const removed = new Set<string>();
  for (const container of observed.containers) {
    const name = containerName(container);
    const count = (seen.get(name) ?? 0) + 1;
    seen.set(name, count);
    if (count > ATTEMPTS_KEPT && container.state !== 'CONTAINER_RUNNING') removed.add(container.id);
  }
  const kept = observed.containers.filter(({ id }) => !removed.has(id));
  const sandboxes = observed.sandboxes
    .slice(1)
    .filter(({ id, state }) => state !== 'SANDBOX_READY' && kept.every((c) => c.podSandboxId !== id));
  return [
    ...[...removed].map((id): PodAction => ({ type: 'removeContainer', id })),
    ...sandboxes.map(({ id }): PodAction => ({ type: 'removeSandbox', id })),
  ];
}
