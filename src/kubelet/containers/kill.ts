/**
 * Ending containers: preStop hook, stop signal, then the kill when the grace period is over. Sidecars end
 * after the containers they serve, in reverse order (KEP-753).
 */

import { whenAborted } from '../../base/abort.ts';
import { errorText } from '../../base/log.ts';
import type { Pod } from '../../api/types.gen.ts';
import {
  containerName,
  podAddresses,
  runningContainers,
  type ObservedContainer,
  type ObservedPod,
} from '../pods/observed-pod.ts';
import { findContainer, podContainers } from '../pods/pod-containers.ts';
import { runHook } from './hooks.ts';
import type { NodeContext } from './node-context.ts';

/** Everybody gets this long, whatever hooks and other containers have used up of the grace period. */
const WINDOW_MIN_SECONDS = 2;

export interface Kill {
  readonly target: ObservedContainer;
  readonly message: string;
  readonly graceSeconds: number;
}

/** `turn` is waited for between the hook and the stop signal. */
export async function killContainer(
  context: NodeContext,
  pod: Pod,
  observed: ObservedPod,
  { target, message, graceSeconds }: Kill,
  signal: AbortSignal,
  turn: Promise<unknown> = Promise.resolve(),
): Promise<void> {
  const { host, runtime } = context;
  const name = containerName(target);
  const entry = findContainer(pod.spec, name);
  context.tell(pod, entry, 'Normal', 'Killing', message);
  const beganMs = host.clock.monotonicMs();
  const leftMs = (): number => graceSeconds * 1000 - (host.clock.monotonicMs() - beganMs);
  const preStop = entry?.container.lifecycle?.preStop;
  if (entry !== undefined && preStop !== undefined && graceSeconds > 0) {
    const [podIp = ''] = podAddresses(observed);
    const hookTarget = { container: entry.container, containerId: target.id, podIp };
    const limit = new AbortController();
    const timer = host.clock.after(leftMs(), () => limit.abort());
    const problem = await runHook(
      context,
      preStop,
      hookTarget,
      leftMs(),
      AbortSignal.any([signal, limit.signal]),
    );
    timer.cancel();
    if (problem !== undefined) {
      context.tell(pod, entry, 'Warning', 'FailedPreStopHook', 'PreStopHook failed');
      context.logger.info(`preStop hook of ${name} failed: ${problem}`, { pod: observed.uid });
    }
  }
  await Promise.race([turn, host.clock.sleep(Math.max(0, leftMs()), signal)]);
  const window = Math.max(Math.ceil(leftMs() / 1000), graceSeconds > 1 ? WINDOW_MIN_SECONDS : graceSeconds);
  if (!signal.aborted)
    await unlessAborted(runtime.stopContainer(target.id, Math.max(0, window), signal), signal);
}

/** Runtimes may be slow to notice that a call was broken off; what becomes of it then is nobody's concern. */
async function unlessAborted(call: Promise<void>, signal: AbortSignal): Promise<void> {
  const aborted = Promise.withResolvers<void>();
  const stop = whenAborted(signal, aborted.resolve);
  try {
    await Promise.race([call, aborted.promise]);
  } finally {
    stop();
    call.catch(() => {});
  }
}

/** Ends all containers, then the sandboxes. Rejects when the runtime fails, or with an abort. */
export async function endPod(
  context: NodeContext,
  pod: Pod,
  observed: ObservedPod,
  graceSeconds: number,
  signal: AbortSignal,
): Promise<void> {
  const running = runningContainers(observed);
  const sidecars = podContainers(pod.spec).flatMap(({ role, container }) =>
    role === 'sidecar' ? [container.name] : [],
  );
  const kill = (target: ObservedContainer, turn: Promise<unknown>): Promise<void> => {
    const message = `Stopping container ${containerName(target)}`;
    return killContainer(context, pod, observed, { target, message, graceSeconds }, signal, turn);
  };
  const isSidecar = (target: ObservedContainer): boolean => sidecars.includes(containerName(target));
  const plain = running
    .filter((target) => !isSidecar(target))
    .map((target) => kill(target, Promise.resolve()));
  let before: Promise<unknown> = Promise.allSettled(plain);
  const ends = [...plain];
  for (const name of sidecars.toReversed()) {
    const mine = running
      .filter((target) => containerName(target) === name)
      .map((target) => kill(target, before));
    ends.push(...mine);
    before = Promise.allSettled([before, ...mine]);
  }
  const outcomes = await Promise.allSettled(ends);
  const failed = outcomes.find((outcome) => outcome.status === 'rejected');
  if (failed !== undefined) throw new Error('cannot end a container', { cause: failed.reason });
  if (signal.aborted) return;
  for (const { id, state } of observed.sandboxes)
    if (state === 'SANDBOX_READY') await context.runtime.stopPodSandbox(id);
}

/** What cannot be removed is tried again by the caller; it says why. */
export async function removeFromRuntime(context: NodeContext, observed: ObservedPod): Promise<void> {
  try {
    for (const { id } of observed.containers) await context.runtime.removeContainer(id);
    for (const { id } of observed.sandboxes) await context.runtime.removePodSandbox(id);
  } catch (error) {
    throw new Error(`cannot remove what is left of the pod: ${errorText(error)}`, { cause: error });
  }
}
