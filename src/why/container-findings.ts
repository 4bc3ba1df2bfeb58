/** What keeps a container of a pod that has its node. Pure. */

import { unreachable } from '../base/assert.ts';
import { timeMs } from '../api/time/time.ts';
import type { Container, ContainerStatus, Event, Pod } from '../api/types.gen.ts';
import { eventText, objectOf, type Cause, type Finding } from './finding.ts';
import { lastMs, type Graph } from './graph.ts';

const IMAGE_REASONS: readonly string[] = [
  'ErrImagePull', 'ImagePullBackOff', 'InvalidImageName', 'ErrImageNeverPull', 'ImageInspectError',
  'RegistryUnavailable',
]; // prettier-ignore
const START_REASONS: readonly string[] = [
  'CreateContainerError', 'RunContainerError', 'PostStartHookError', 'PreCreateHookError', 'PreStartHookError',
]; // prettier-ignore

export function containerFindings(pod: Pod, graph: Graph): readonly Finding[] {
  const { status, spec } = pod;
  const containers = [...(spec.initContainers ?? []), ...spec.containers];
  const statuses = [...(status.initContainerStatuses ?? []), ...(status.containerStatuses ?? [])];
  return statuses.flatMap((one) => {
    const container = containers.find(({ name }) => name === one.name);
    return container === undefined ? [] : ofContainer({ pod, container, status: one, graph });
  });
}

interface Case {
  readonly pod: Pod;
  readonly container: Container;
  readonly status: ContainerStatus;
  readonly graph: Graph;
}

function ofContainer(one: Case): readonly Finding[] {
  const { waiting, terminated, running } = one.status.state;
  if (waiting !== undefined) return ofWaiting(one, waiting.reason ?? '', waiting.message ?? '');
  if (terminated !== undefined) return ofTerminated(one);
  return running === undefined ? [] : ofRunning(one);
}

function finding(
  { pod }: Case,
  cause: Cause,
  message: string,
  evidence: readonly string[],
  advice: string,
): Finding {
  return { cause, rank: 'cause', object: objectOf('Pod', pod), message, evidence, advice };
}

/** Events about the container itself; those without a field are about the pod. */
function eventsOf({ pod, container, graph }: Case, reasons: readonly string[]): readonly Event[] {
  return graph
    .warnings(pod, reasons)
    .filter(({ involvedObject }) => involvedObject.fieldPath?.includes(`{${container.name}}`) !== false);
}

function ofWaiting(one: Case, reason: string, message: string): readonly Finding[] {
  const { container } = one;
  const detail = message === '' ? '' : `: ${message}`;
  if (IMAGE_REASONS.includes(reason)) return [imageFinding(one, reason, message)];
  if (reason === 'CrashLoopBackOff') return [crashLoop(one)];
  if (reason === 'CreateContainerConfigError') return [configFinding(one, message)];
  if (!START_REASONS.includes(reason)) return [];
  const evidence = [`container ${container.name} waits: ${reason}${detail}`];
  const text = `container ${container.name} cannot be started${detail === '' ? `: ${reason}` : detail}`;
  return [
    finding(one, 'container-start', text, evidence, 'Correct the command or what the container needs.'),
  ];
}

function imageFinding(one: Case, reason: string, message: string): Finding {
  const { container } = one;
  const { image = '' } = container;
  const pulls = eventsOf(one, ['Failed', 'ErrImageNeverPull', 'InspectFailed']).filter(
    ({ message: text = '' }) => !text.startsWith('Error: '),
  );
  const [pull] = pulls;
  const why = reason === 'ImagePullBackOff' ? (pull?.message ?? message) : message;
  return finding(
    one,
    'image',
    `container ${container.name} cannot get its image ${image}${why === '' ? '' : `: ${why}`}`,
    [
      `container ${container.name} waits: ${reason}${message === '' ? '' : `: ${message}`}`,
      ...pulls.slice(0, 1).map(eventText),
    ],
    'Check the name and tag of the image, that its registry can be reached, and imagePullSecrets.',
  );
}

function configFinding(one: Case, message: string): Finding {
  const { container, pod } = one;
  const missing = /^(configmap|secret) "([^"]+)" not found$/.exec(message);
  const kind = missing?.[1] === 'secret' ? 'Secret' : 'ConfigMap';
  const { namespace = '' } = pod.metadata;
  return finding(
    one,
    'missing-config',
    missing === null
      ? `container ${container.name} cannot be configured: ${message}`
      : `container ${container.name} needs the ${kind} ${missing[2] ?? ''}, which does not exist`,
    [`container ${container.name} waits: CreateContainerConfigError: ${message}`],
    missing === null
      ? 'Correct what the container refers to.'
      : `Create the ${kind} ${missing[2] ?? ''} in the namespace ${namespace}, or make the reference optional.`,
  );
}

function crashLoop(one: Case): Finding {
  const { container, status } = one;
  const last = status.lastState.terminated ?? status.state.terminated;
  const probes = eventsOf(one, ['Unhealthy']).slice(0, 1);
  const how = last === undefined ? 'ends again and again' : `ends again and again with ${endOf(last)}`;
  return finding(
    one,
    'crash-loop',
    `container ${container.name} ${how}`,
    [
      `container ${container.name} was restarted ${status.restartCount} times`,
      ...(last?.message === undefined ? [] : [`its last words: ${last.message.trim()}`]),
      ...probes.map(eventText),
    ],
    crashAdvice(one, last?.reason ?? ''),
  );
}

function endOf({
  exitCode,
  reason = '',
  signal = 0,
}: {
  exitCode: number;
  reason?: string;
  signal?: number;
}): string {
  const by = signal > 0 ? `signal ${signal}` : `exit code ${exitCode}`;
  return reason === '' ? by : `${by} (${reason})`;
}

function crashAdvice({ pod, container }: Case, reason: string): string {
  const { namespace = '', name = '' } = pod.metadata;
  if (reason === 'OOMKilled')
    return `Raise the memory limit of container ${container.name}, or have it use less.`;
  return `Read its log: kubectl logs -n ${namespace} ${name} -c ${container.name} --previous`;
}

function ofTerminated(one: Case): readonly Finding[] {
  const { pod, container, status } = one;
  const { terminated } = status.state;
  if (terminated === undefined || terminated.exitCode === 0) return [];
  const { namespace = '', name = '' } = pod.metadata;
  return [
    finding(
      one,
      'container-failed',
      `container ${container.name} ended with ${endOf(terminated)}`,
      terminated.message === undefined ? [] : [`its last words: ${terminated.message.trim()}`],
      `Read its log: kubectl logs -n ${namespace} ${name} -c ${container.name}`,
    ),
  ];
}

type ProbeKind = 'Startup' | 'Readiness' | 'Liveness';

/** What is older tells nothing about a container that runs. */
const RECENT_MS = 600_000;

function ofRunning(one: Case): readonly Finding[] {
  const { container, status, graph } = one;
  const unhealthy = eventsOf(one, ['Unhealthy']).filter(
    (event) => graph.all.nowMs - lastMs(event) < RECENT_MS,
  );
  const failing = (kind: ProbeKind): Event | undefined =>
    unhealthy.find(({ message = '' }) => message.startsWith(`${kind} probe`));
  const isStarting = container.startupProbe !== undefined && status.started !== true;
  const kind: ProbeKind | undefined = isStarting
    ? 'Startup'
    : !status.ready && container.readinessProbe !== undefined
      ? 'Readiness'
      : failing('Liveness') === undefined
        ? undefined
        : 'Liveness';
  return kind === undefined ? restartFindings(one) : [probeFinding(one, kind, failing(kind))];
}

/** Between two crashes it runs. */
function restartFindings(one: Case): readonly Finding[] {
  const { status, graph } = one;
  const last = status.lastState.terminated;
  if (last === undefined || last.exitCode === 0 || last.finishedAt === undefined) return [];
  return graph.all.nowMs - timeMs(last.finishedAt) < RECENT_MS ? [crashLoop(one)] : [];
}

function probeFinding(one: Case, kind: ProbeKind, event: Event | undefined): Finding {
  const { container, status } = one;
  const name = `container ${container.name}`;
  const restarted = status.restartCount > 0 ? [`${name} was restarted ${status.restartCount} times`] : [];
  return finding(
    one,
    'probe',
    event === undefined
      ? `${name} has not passed its ${kind.toLowerCase()} probe yet`
      : `${name} does not pass its ${kind.toLowerCase()} probe: ${event.message ?? ''}`,
    [...(event === undefined ? [] : [eventText(event)]), ...restarted],
    probeAdvice(kind),
  );
}

function probeAdvice(kind: ProbeKind): string {
  switch (kind) {
    case 'Startup':
      return 'Give it more time (failureThreshold of the startup probe), or correct what the probe asks.';
    case 'Readiness':
      return 'Find out why it is not ready (its log), or correct what the readiness probe asks.';
    case 'Liveness':
      return 'Find out why it hangs (its log), or give the liveness probe more time.';
    default:
      return unreachable(kind);
  }
}
