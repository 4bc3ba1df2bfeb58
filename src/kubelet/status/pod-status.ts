/**
 * The status of a pod as the kubelet reports it; pure. `waiting`, probe outcomes and messages come from the
 * pod's worker, the rest from the runtime and from the status before (times of transitions, where things
 * started).
 */

import { formatTime } from '../../api/time/time.ts';
import type { PodStatus } from '../../api/types.gen.ts';
import { runningContainers, podAddresses } from '../pods/observed-pod.ts';
import { usableSandbox } from '../pods/plan.ts';
import { podContainers } from '../pods/pod-containers.ts';
import { containerStatus, type StatusView } from './container-statuses.ts';
import { podConditions, type ResizeState } from './pod-conditions.ts';
import { podPhase } from './pod-phase.ts';

export interface PodStatusView extends StatusView {
  readonly nowMs: number;
  readonly hostIps: readonly string[];
  readonly resize: ResizeState;
  /** Set when the node has ended the pod by itself (deadline, eviction, refusal). */
  readonly failure: { readonly reason: string; readonly message: string } | undefined;
}

export type KubeletPodStatus = Omit<PodStatus, 'qosClass' | 'nominatedNodeName'>;

export function podStatus(view: PodStatusView): KubeletPodStatus {
  const { pod, observed, failure, nowMs } = view;
  const now = formatTime(nowMs);
  const entries = podContainers(pod.spec);
  const statusesOf = (isInitialized: boolean, ...roles: readonly string[]) =>
    entries
      .filter(({ role }) => roles.includes(role))
      .map((entry) => containerStatus(view, entry, isInitialized));
  const inits = statusesOf(true, 'init', 'sidecar');
  const isInitialized = inits.every(({ ready, started }) => ready || started === true);
  const regulars = statusesOf(isInitialized, 'regular');
  const ephemerals = statusesOf(true, 'ephemeral');
  const computed = podPhase(pod, inits, regulars, view.isEnding);
  // A pod that was refused has no containers to tell about.
  const isRefused = failure !== undefined && observed.sandboxes.length + observed.containers.length === 0;
  const phase = settledPhase(view, failure === undefined ? computed : 'Failed');
  const hasSandbox = usableSandbox(pod, observed) !== undefined;
  const { generation } = pod.metadata;
  return {
    ...(generation === undefined ? {} : { observedGeneration: generation }),
    phase,
    ...failure,
    conditions: podConditions({ pod, phase, inits, regulars, hasSandbox, resize: view.resize }, now),
    ...addresses(view),
    startTime: pod.status.startTime ?? now,
    ...(inits.length === 0 || isRefused ? {} : { initContainerStatuses: inits }),
    ...(isRefused ? {} : { containerStatuses: regulars }),
    ...(ephemerals.length === 0 ? {} : { ephemeralContainerStatuses: ephemerals }),
  };
}

/** A pod is not over while something of it runs; and one that is over stays so. */
function settledPhase({ pod, observed }: PodStatusView, phase: NonNullable<PodStatus['phase']>) {
  const before = pod.status.phase;
  if (before === 'Succeeded' || before === 'Failed') return before;
  const isOver = phase === 'Succeeded' || phase === 'Failed';
  if (!isOver || runningContainers(observed).length === 0) return phase;
  return before === 'Pending' ? 'Pending' : 'Running';
}

function addresses({ pod, observed, hostIps }: PodStatusView): Partial<KubeletPodStatus> {
  const [hostIP] = hostIps;
  const own =
    pod.spec.hostNetwork === true && observed.sandboxes.length > 0 ? hostIps : podAddresses(observed);
  // A pod that ended keeps the address by which it was known.
  const ips = own.length > 0 ? own : (pod.status.podIPs ?? []).map(({ ip }) => ip);
  const [podIP] = ips;
  return {
    ...(hostIP === undefined ? {} : { hostIP, hostIPs: hostIps.map((ip) => ({ ip })) }),
    ...(podIP === undefined ? {} : { podIP, podIPs: ips.map((ip) => ({ ip })) }),
  };
}
