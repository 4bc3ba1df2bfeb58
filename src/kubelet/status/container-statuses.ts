/**
 * The container statuses of a pod, from what the runtime says, what the node remembers, and the status
 * before; pure.
 *
 * A container that will be started (again) and has a reason to wait is `waiting`, with its last run as
 * `lastState`; without such a reason it shows how it ended.
 */

import { formatTime } from '../../api/time/time.ts';
import type {
  Container,
  ContainerState,
  ContainerStatus,
  Pod,
  ResourceRequirements,
} from '../../api/types.gen.ts';
import { attemptsOf, restartCount, type ObservedContainer, type ObservedPod } from '../pods/observed-pod.ts';
import { hasStarted, type ProbeOutcomes, type Waiting } from '../pods/plan.ts';
import { shouldRestart, type PodContainer } from '../pods/pod-containers.ts';

export interface StatusView {
  readonly pod: Pod;
  readonly observed: ObservedPod;
  readonly waiting: ReadonlyMap<string, Waiting>;
  readonly probes: (containerId: string) => ProbeOutcomes;
  /** What ended containers have left behind (their termination message), by container id. */
  readonly messages: ReadonlyMap<string, string>;
  /** What a container was given last; undefined: what its pod says. */
  readonly given: (container: ObservedContainer) => ResourceRequirements | undefined;
  /** `containerd`, for container ids. */
  readonly runtimeName: string;
  /** No further container will be started. */
  readonly isEnding: boolean;
}

export function containerStatus(
  view: StatusView,
  entry: PodContainer,
  isInitialized: boolean,
): ContainerStatus {
  const { pod, observed, waiting, runtimeName } = view;
  const { container, role } = entry;
  const [last, previous] = attemptsOf(observed, container.name);
  const old = oldStatus(pod, container.name);
  if (last === undefined) return notCreated(view, entry, old, isInitialized);
  const own = stateOf(view, last);
  const before = previous === undefined ? (old?.lastState ?? {}) : stateOf(view, previous);
  const reason = waiting.get(container.name);
  const isWaiting =
    reason !== undefined &&
    last.state !== 'CONTAINER_RUNNING' &&
    !view.isEnding &&
    shouldRestart(pod, entry, last);
  const running = last.state === 'CONTAINER_RUNNING';
  const outcomes = view.probes(last.id);
  const started = running && hasStarted(container, outcomes);
  return {
    name: container.name,
    state: isWaiting ? { waiting: reason } : own,
    lastState: isWaiting && last.state === 'CONTAINER_EXITED' ? own : onlyTerminated(before),
    ready:
      role === 'init' ? succeeded(last) : role !== 'ephemeral' && started && isReady(container, outcomes),
    restartCount: restartCount(last),
    // A bare id says less than what was asked for.
    image: /^(sha256:.*)?$/.test(last.image.image) ? (container.image ?? '') : last.image.image,
    imageID: last.imageRef,
    containerID: `${runtimeName}://${last.id}`,
    started,
    ...(running ? resourcesOf(container, view.given(last) ?? container.resources) : {}),
  };
}

export function isReady({ readinessProbe }: Container, { readiness }: ProbeOutcomes): boolean {
  return readinessProbe === undefined || readiness === 'success';
}

function succeeded({ state, exitCode }: ObservedContainer): boolean {
  return state === 'CONTAINER_EXITED' && exitCode === 0;
}

function notCreated(
  { waiting, isEnding }: StatusView,
  { container, role }: PodContainer,
  old: ContainerStatus | undefined,
  isInitialized: boolean,
): ContainerStatus {
  const isWaitingForInit = !isInitialized || role === 'init' || role === 'sidecar';
  const initial = isWaitingForInit ? 'PodInitializing' : 'ContainerCreating';
  // What has run before and was lost by the runtime keeps how it ended.
  if (old?.state.terminated !== undefined && isEnding) return { ...old, ready: false, started: false };
  return {
    name: container.name,
    state: { waiting: waiting.get(container.name) ?? { reason: initial } },
    lastState:
      old?.state.terminated !== undefined ? { terminated: old.state.terminated } : (old?.lastState ?? {}),
    ready: false,
    restartCount: old?.restartCount ?? 0,
    image: container.image ?? '',
    imageID: '',
    started: false,
  };
}

function stateOf({ runtimeName, messages }: StatusView, container: ObservedContainer): ContainerState {
  const { state, startedAtMs, finishedAtMs, exitCode, reason, message, id } = container;
  switch (state) {
    case 'CONTAINER_RUNNING':
      return { running: { startedAt: formatTime(startedAtMs) } };
    case 'CONTAINER_CREATED':
      return { waiting: { reason: 'ContainerCreating' } };
    case 'CONTAINER_UNKNOWN':
      return {
        terminated: {
          exitCode: 137,
          reason: 'ContainerStatusUnknown',
          message: 'The container could not be located when the pod was terminated',
          containerID: `${runtimeName}://${id}`,
        },
      };
    case 'CONTAINER_EXITED': {
      const own = messages.get(id) ?? '';
      const text = own === '' ? message : own;
      return {
        terminated: {
          exitCode,
          reason: reason === '' ? (exitCode === 0 ? 'Completed' : 'Error') : reason,
          ...(text === '' ? {} : { message: text }),
          startedAt: formatTime(startedAtMs),
          finishedAt: formatTime(finishedAtMs),
          containerID: `${runtimeName}://${id}`,
        },
      };
    }
  }
}

function onlyTerminated(state: ContainerState): ContainerState {
  return state.terminated === undefined ? {} : { terminated: state.terminated };
}

function resourcesOf(
  { resources: { requests: allocated } }: Container,
  { requests, limits }: ResourceRequirements,
): Pick<ContainerStatus, 'resources' | 'allocatedResources'> {
  return {
    resources: {
      ...(limits === undefined ? {} : { limits }),
      ...(requests === undefined ? {} : { requests }),
    },
    ...(allocated === undefined ? {} : { allocatedResources: allocated }),
  };
}

export function oldStatus({ status }: Pod, name: string): ContainerStatus | undefined {
  const { initContainerStatuses = [], containerStatuses = [], ephemeralContainerStatuses = [] } = status;
  return [...initContainerStatuses, ...containerStatuses, ...ephemeralContainerStatuses].find(
    (candidate) => candidate.name === name,
  );
}
