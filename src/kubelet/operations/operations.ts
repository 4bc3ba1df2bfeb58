/**
 * What the API server asks of this node: logs, commands in containers, forwarded ports.
 *
 * Inputs: the node's pods and runtime. Outputs: the streams; `ApiError` for what cannot be done, in
 * upstream's words. A runtime without streams (simulated nodes) answers commands from their script,
 * attaching from the log.
 */

import { badRequestError, notFoundError, internalError } from '../../api/meta/api-error.ts';
import type { ContainerStatus, Pod } from '../../api/types.gen.ts';
import { errorText } from '../../base/log.ts';
import type {
  ContainerRef,
  ExecOptions,
  ExecResult,
  LogOptions,
  NodeOperations,
  PortStream,
  ProcessStreams,
} from '../../client/node-operations.ts';
import { CriError } from '../cri/cri.ts';
import type { RunningNode } from '../kubelet.ts';
import { readLog } from '../logs/read-log.ts';
import { attemptsOf, readySandbox, type ObservedContainer, type ObservedPod } from '../pods/observed-pod.ts';
import { oldStatus } from '../status/container-statuses.ts';
import { removeLocalPath } from '../volumes/local-path.ts';
import { openRuntimePort, runRuntimeStream } from '../streaming/runtime-streams.ts';

/** `running` is undefined until the kubelet has started. */
export function createNodeOperations(running: () => RunningNode | undefined): NodeOperations {
  const node = (): RunningNode => {
    const found = running();
    if (found === undefined) throw internalError('the node has not started yet');
    return found;
  };
  return {
    async *logs(ref, options, signal) {
      const { context } = node();
      const container = loggedContainer(node(), ref, options);
      const isOver = (): boolean => {
        const now = attemptsOf(observedPod(node(), ref), ref.container).find(({ id }) => id === container.id);
        return now?.state !== 'CONTAINER_RUNNING';
      };
      const file = context.logs.open(container);
      yield* readLog(file, options, { clock: context.host.clock, signal, isOver });
    },
    exec: (ref, options, streams, signal) => exec(node(), ref, options, streams, signal),
    attach: (ref, tty, streams, signal) => attach(node(), ref, tty, streams, signal),
    portForward: (ref, port, signal) => portForward(node(), ref, port, signal),
    removeLocalPath: (path) => removeLocalPath(node().context.system.files, path),
  };
}

async function exec(
  node: RunningNode,
  ref: ContainerRef,
  { command, tty }: ExecOptions,
  streams: ProcessStreams,
  signal: AbortSignal,
): Promise<ExecResult> {
  const { runtime } = node.context;
  const { id: containerId } = runningContainer(node, ref);
  try {
    const url = await runtime.exec({ containerId, cmd: command, tty, ...wanted(streams, tty) });
    return await runRuntimeStream(url, streams, signal);
  } catch (error) {
    if (!(error instanceof CriError) || error.code !== 'Unimplemented') return { error: errorText(error) };
  }
  const { stdout, stderr, exitCode } = await runtime.execSync(containerId, command, 0, signal);
  await streams.stdout?.(stdout);
  await (streams.stderr ?? streams.stdout)?.(stderr);
  return { exitCode };
}

async function attach(
  node: RunningNode,
  ref: ContainerRef,
  tty: boolean,
  streams: ProcessStreams,
  signal: AbortSignal,
): Promise<ExecResult> {
  const { runtime } = node.context;
  const { id: containerId } = runningContainer(node, ref);
  try {
    const url = await runtime.attach({ containerId, tty, ...wanted(streams, tty) });
    return await runRuntimeStream(url, streams, signal);
  } catch (error) {
    if (!(error instanceof CriError) || error.code !== 'Unimplemented') return { error: errorText(error) };
  }
  const options: LogOptions = { follow: true, previous: false, timestamps: false, tailLines: 0 };
  const operations = createNodeOperations(() => node);
  for await (const chunk of operations.logs(ref, options, signal)) await streams.stdout?.(chunk);
  return { exitCode: 0 };
}

async function portForward(
  node: RunningNode,
  ref: Omit<ContainerRef, 'container'>,
  port: number,
  signal: AbortSignal,
): Promise<PortStream> {
  const sandbox = readySandbox(observedPod(node, ref));
  if (sandbox === undefined)
    throw badRequestError(
      `unable to forward port because pod is not running. Current status=${phaseOf(node, ref)}`,
    );
  try {
    const url = await node.context.runtime.portForward(sandbox.id, [port]);
    return await openRuntimePort(url, port, signal);
  } catch (error) {
    if (error instanceof CriError && error.code === 'Unimplemented')
      throw badRequestError('a simulated node has no ports to forward', error);
    throw internalError(errorText(error), error);
  }
}

function wanted({ stdin, stdout, stderr }: ProcessStreams, tty: boolean) {
  return { stdin: stdin !== undefined, stdout: stdout !== undefined, stderr: !tty && stderr !== undefined };
}

type PodRef = Omit<ContainerRef, 'container'>;

function podOf(node: RunningNode, { uid, namespace, pod }: PodRef): Pod {
  const found = uid === '' ? node.pods.find(namespace, pod) : node.pods.get(uid)?.pod;
  if (found === undefined) throw notFoundError({ group: '', resource: 'pods' }, pod);
  return found;
}

function observedPod(node: RunningNode, ref: PodRef): ObservedPod {
  const uid = podOf(node, ref).metadata.uid ?? '';
  return node.context.view.get({ uid, namespace: ref.namespace, name: ref.pod });
}

function phaseOf(node: RunningNode, ref: PodRef): string {
  return podOf(node, ref).status.phase ?? 'Pending';
}

function runningContainer(node: RunningNode, ref: ContainerRef): ObservedContainer {
  const [newest] = attemptsOf(observedPod(node, ref), ref.container);
  if (newest === undefined) throw badRequestError(`container not found ("${ref.container}")`);
  if (newest.state !== 'CONTAINER_RUNNING')
    throw badRequestError(`cannot exec in a stopped container: "${ref.container}" does not run`);
  return newest;
}

/** The attempt whose log is meant, from the pod's status, as upstream chooses it. */
function loggedContainer(node: RunningNode, ref: ContainerRef, { previous }: LogOptions): ObservedContainer {
  const where = `container "${ref.container}" in pod "${ref.pod}"`;
  const status = oldStatus(podOf(node, ref), ref.container);
  const attempts = attemptsOf(observedPod(node, ref), ref.container);
  const id = status === undefined ? undefined : idOf(status, previous);
  const found =
    id === undefined
      ? previous
        ? undefined
        : attempts[0]
      : (attempts.find((container) => id.endsWith(container.id)) ?? (previous ? undefined : attempts[0]));
  if (found !== undefined) return found;
  if (previous) throw badRequestError(`previous terminated ${where} not found`);
  const reason = status?.state.waiting?.reason ?? 'ContainerCreating';
  throw badRequestError(`${where} is waiting to start: ${reason}`);
}

function idOf({ state, lastState }: ContainerStatus, previous: boolean): string | undefined {
  if (previous) return lastState.terminated?.containerID;
  if (state.terminated !== undefined) return state.terminated.containerID;
  return state.running === undefined ? lastState.terminated?.containerID : undefined;
}
