/**
 * What a node without a machine answers to `kubectl logs`, `exec`, `attach` and `port-forward`: the same as a
 * simulated node, which also runs nothing. Its containers print what their command lines foretell
 * (`kubelet/cri/memory/shell.ts`), from the start that the pod's status tells.
 *
 * Inputs: Node and Pod objects as they are now. Nothing is kept: thousands of nodes cost nothing here.
 */

import { isPlayed } from '../api/groups/core/node/played-node.ts';
import { badRequestError, notFoundError } from '../api/meta/api-error.ts';
import type { KubernetesObject } from '../api/meta/object.ts';
import { timeMs } from '../api/time/time.ts';
import type { Container, ContainerState, Node, Pod } from '../api/types.gen.ts';
import type {
  ContainerRef,
  ExecResult,
  LogOptions,
  NodeOperations,
  ProcessStreams,
} from '../client/node-operations.ts';
import type { Clock } from '../host/host.ts';
import { defaultExec } from '../kubelet/cri/memory/behaviour.ts';
import type { LogLine } from '../kubelet/cri/memory/container.ts';
import { runCommand } from '../kubelet/cri/memory/shell.ts';
import { createMemoryLogs } from '../kubelet/logs/memory-logs.ts';
import { readLog } from '../kubelet/logs/read-log.ts';
import type { Store } from '../store/store.ts';

export interface PlayedNodeParts {
  readonly clock: Clock;
  /** Undefined when there is no such object. */
  readonly nodeOf: (name: string) => Node | undefined;
  readonly podOf: (namespace: string, name: string) => Pod | undefined;
}

/** As they stand in the store. */
export function objectsIn(store: Pick<Store<KubernetesObject>, 'get'>): Omit<PlayedNodeParts, 'clock'> {
  const at = (key: string): unknown => store.get(`/registry/core/${key}`)?.value;
  return {
    nodeOf: (name) => at(`nodes/${name}`) as Node | undefined,
    podOf: (namespace, name) => at(`pods/${namespace}/${name}`) as Pod | undefined,
  };
}

/** Undefined for a node with a kubelet, and for one that has fallen silent. */
export function playedOperations(nodeName: string, parts: PlayedNodeParts): NodeOperations | undefined {
  const node = parts.nodeOf(nodeName);
  if (node === undefined || !isPlayed(node) || isSilent(node)) return undefined;
  return {
    logs: (ref, options, signal) => logs(parts, ref, options, signal),
    exec: (ref, { command }, streams, signal) => exec(parts, ref, command, streams, signal),
    attach: async (ref, _tty, streams, signal) => {
      requireRunning(parts, ref);
      const options: LogOptions = { follow: true, previous: false, timestamps: false, tailLines: 0 };
      for await (const chunk of logs(parts, ref, options, signal)) await streams.stdout?.(chunk);
      return { exitCode: 0 };
    },
    portForward: async () => {
      throw badRequestError('a simulated node has no ports to forward');
    },
    // A folder that never was.
    removeLocalPath: async () => undefined,
  };
}

function isSilent({ status }: Node): boolean {
  return (status.conditions ?? []).some((one) => one.type === 'Ready' && one.status === 'Unknown');
}

async function* logs(
  parts: PlayedNodeParts,
  ref: ContainerRef,
  options: LogOptions,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  const { clock } = parts;
  const where = `container "${ref.container}" in pod "${ref.pod}"`;
  const pod = podOf(parts, ref);
  if (options.previous) throw badRequestError(`previous terminated ${where} not found`);
  const { waiting, running, terminated } = stateOf(pod, ref);
  if (running === undefined && terminated === undefined) {
    throw badRequestError(`${where} is waiting to start: ${waiting?.reason ?? 'ContainerCreating'}`);
  }
  const startedMs = msOf(running?.startedAt ?? terminated?.startedAt ?? pod.status.startTime);
  const lines = outputOf(containerOf(pod, ref), startedMs);
  const untilMs = (): number => {
    const now = stateNow(parts, ref);
    return now?.terminated === undefined ? clock.now() : msOf(now.terminated.finishedAt);
  };
  const memory = createMemoryLogs(() => lines.filter(({ timeMs: atMs }) => atMs <= untilMs()));
  const isOver = (): boolean => stateNow(parts, ref)?.running === undefined;
  yield* readLog(memory.open({ id: '', logPath: '' }), options, { clock, signal, isOver });
}

async function exec(
  parts: PlayedNodeParts,
  ref: ContainerRef,
  command: readonly string[],
  streams: ProcessStreams,
  signal: AbortSignal,
): Promise<ExecResult> {
  requireRunning(parts, ref);
  const { stdout = '', stderr = '', exitCode = 0, delayMs = 0 } = defaultExec(command);
  if (delayMs > 0) await parts.clock.sleep(delayMs, signal);
  await streams.stdout?.(Buffer.from(stdout));
  await (streams.stderr ?? streams.stdout)?.(Buffer.from(stderr));
  return { exitCode };
}

function outputOf(
  { command = [], args = [] }: Pick<Container, 'command' | 'args'>,
  startedMs: number,
): readonly LogLine[] {
  const { output } = runCommand([...command, ...args]);
  return output.map(({ afterMs, stream, text }) => ({ timeMs: startedMs + afterMs, stream, text }));
}

/** Throws for a container that does not run. */
function requireRunning(parts: PlayedNodeParts, ref: ContainerRef): void {
  const { running, terminated } = stateOf(podOf(parts, ref), ref);
  if (running !== undefined) return;
  throw badRequestError(
    terminated === undefined
      ? `container not found ("${ref.container}")`
      : `cannot exec in a stopped container: "${ref.container}" does not run`,
  );
}

function podOf({ podOf: find }: PlayedNodeParts, { namespace, pod: name, uid }: ContainerRef): Pod {
  const pod = find(namespace, name);
  const isMeant = pod !== undefined && (uid === '' || pod.metadata.uid === uid);
  if (!isMeant) throw notFoundError({ group: '', resource: 'pods' }, name);
  return pod;
}

/** Undefined when the pod is gone, be it while somebody reads. */
function stateNow(parts: PlayedNodeParts, ref: ContainerRef): ContainerState | undefined {
  const pod = parts.podOf(ref.namespace, ref.pod);
  const isMeant = pod !== undefined && (ref.uid === '' || pod.metadata.uid === ref.uid);
  return isMeant ? stateOf(pod, ref) : undefined;
}

function stateOf({ status }: Pod, { container }: ContainerRef): ContainerState {
  const all = [
    ...(status.containerStatuses ?? []),
    ...(status.initContainerStatuses ?? []),
    ...(status.ephemeralContainerStatuses ?? []),
  ];
  return all.find(({ name }) => name === container)?.state ?? {};
}

function containerOf({ spec }: Pod, { container }: ContainerRef): Pick<Container, 'command' | 'args'> {
  const all = [...spec.containers, ...(spec.initContainers ?? []), ...(spec.ephemeralContainers ?? [])];
  return all.find(({ name }) => name === container) ?? {};
}

function msOf(time: string | undefined): number {
  return time === undefined ? 0 : timeMs(time);
}
