/**
 * The probes of all containers on the node: one loop per container and kind, from the container's start to
 * its end.
 *
 * Outputs: the outcome of each kind per container id, a call of `onChange` with the pod when one changes,
 * and an event for every failure. Liveness and readiness begin when the startup probe has succeeded; a
 * failed liveness or startup probe stays failed for that container, which is then replaced.
 */

import type { Pod, Probe } from '../../api/types.gen.ts';
import type { Clock } from '../../host/host.ts';
import type { ObservedContainer, ObservedPod } from '../pods/observed-pod.ts';
import { containerName } from '../pods/observed-pod.ts';
import type { ProbeOutcome, ProbeOutcomes } from '../pods/plan.ts';
import { podContainers, type PodContainer } from '../pods/pod-containers.ts';
import { runProbe, type ProbePorts, type ProbeResult, type ProbeTarget } from './probe.ts';

export type ProbeKind = 'startup' | 'liveness' | 'readiness';

const KINDS: readonly ProbeKind[] = ['startup', 'liveness', 'readiness'];
const TITLES: Readonly<Record<ProbeKind, string>> = {
  startup: 'Startup',
  liveness: 'Liveness',
  readiness: 'Readiness',
};

export interface ProbesOptions {
  readonly clock: Clock;
  readonly ports: ProbePorts;
  readonly onChange: (podUid: string) => void;
  readonly onUnhealthy: (pod: Pod, container: PodContainer, message: string) => void;
}

interface Tracked {
  readonly podUid: string;
  readonly stop: AbortController;
  readonly running: Set<ProbeKind>;
  /** The pod ends: only its readiness still matters, to those who drain it. */
  isEnding: boolean;
  outcomes: ProbeOutcomes;
}

const NONE: ProbeOutcomes = {};

export class Probes {
  readonly #options: ProbesOptions;
  readonly #containers = new Map<string, Tracked>();

  constructor(options: ProbesOptions) {
    this.#options = options;
  }

  outcomes(containerId: string): ProbeOutcomes {
    return this.#containers.get(containerId)?.outcomes ?? NONE;
  }

  /**
   * Starts what is to be probed and stops what has ended. `wasReady` names containers that were ready
   * before this process started: they stay so until a probe says otherwise.
   */
  track(
    pod: Pod,
    observed: ObservedPod,
    podIp: string,
    isEnding: boolean,
    wasReady: (name: string) => boolean,
  ): void {
    const running = observed.containers.filter(({ state }) => state === 'CONTAINER_RUNNING');
    for (const [id, tracked] of this.#containers) {
      if (tracked.podUid !== observed.uid) continue;
      tracked.isEnding = isEnding;
      if (running.every((container) => container.id !== id)) this.#drop(id);
    }
    if (isEnding) return;
    const entries = podContainers(pod.spec);
    for (const container of running) {
      const entry = entries.find((candidate) => candidate.container.name === containerName(container));
      if (entry !== undefined) this.#trackContainer(pod, entry, container, podIp, wasReady);
    }
  }

  forget(podUid: string): void {
    for (const [id, tracked] of this.#containers) if (tracked.podUid === podUid) this.#drop(id);
  }

  #drop(id: string): void {
    this.#containers.get(id)?.stop.abort();
    this.#containers.delete(id);
  }

  #trackContainer(
    pod: Pod,
    entry: PodContainer,
    observed: ObservedContainer,
    podIp: string,
    wasReady: (name: string) => boolean,
  ): void {
    const { container } = entry;
    if (KINDS.every((kind) => probeOf(entry, kind) === undefined)) return;
    let tracked = this.#containers.get(observed.id);
    if (tracked === undefined) {
      const outcomes: ProbeOutcomes = wasReady(container.name)
        ? { startup: 'success', readiness: 'success' }
        : {};
      tracked = {
        podUid: pod.metadata.uid ?? '',
        stop: new AbortController(),
        running: new Set(),
        isEnding: false,
        outcomes,
      };
      this.#containers.set(observed.id, tracked);
    }
    const hasStarted = container.startupProbe === undefined || tracked.outcomes.startup === 'success';
    for (const kind of KINDS) {
      const probe = probeOf(entry, kind);
      const isTurn = kind === 'startup' ? !hasStarted : hasStarted;
      if (probe === undefined || tracked.running.has(kind) || !isTurn) continue;
      tracked.running.add(kind);
      const target: ProbeTarget = { pod, container, containerId: observed.id, podIp };
      void this.#loop(kind, probe, entry, target, observed.startedAtMs, tracked);
    }
  }

  async #loop(
    kind: ProbeKind,
    probe: Probe,
    entry: PodContainer,
    target: ProbeTarget,
    startedAtMs: number,
    tracked: Tracked,
  ): Promise<void> {
    const { clock, ports } = this.#options;
    const { signal } = tracked.stop;
    await clock.sleep(startedAtMs + (probe.initialDelaySeconds ?? 0) * 1000 - clock.now(), signal);
    const streak: Streak = { result: undefined, length: 0 };
    while (!signal.aborted) {
      const result = await runProbe(ports, probe, target);
      if (signal.aborted || (tracked.isEnding && kind !== 'readiness')) return;
      if (result.type !== 'success' && !tracked.isEnding) this.#tell(kind, entry, target, result);
      const outcome = judge(streak, result, probe);
      if (outcome !== undefined && tracked.outcomes[kind] !== outcome) {
        tracked.outcomes = { ...tracked.outcomes, [kind]: outcome };
        this.#options.onChange(tracked.podUid);
      }
      if (kind === 'startup' && outcome === 'success') return;
      if (kind !== 'readiness' && outcome === 'failure') return;
      await clock.sleep((probe.periodSeconds ?? 10) * 1000, signal);
    }
  }

  #tell(
    kind: ProbeKind,
    entry: PodContainer,
    { pod }: ProbeTarget,
    result: Exclude<ProbeResult, { type: 'success' }>,
  ): void {
    const verb = result.type === 'failure' ? 'failed' : 'errored';
    this.#options.onUnhealthy(pod, entry, `${TITLES[kind]} probe ${verb}: ${result.message}`);
  }
}

interface Streak {
  result: 'success' | 'failure' | undefined;
  length: number;
}

/** The outcome once enough equal results have come in a row; undefined before. */
export function judge(
  streak: { result: 'success' | 'failure' | undefined; length: number },
  result: ProbeResult,
  { successThreshold = 1, failureThreshold = 3 }: Probe,
): ProbeOutcome | undefined {
  if (result.type === 'error') return undefined;
  streak.length = streak.result === result.type ? streak.length + 1 : 1;
  streak.result = result.type;
  const wanted = result.type === 'success' ? successThreshold : failureThreshold;
  return streak.length >= wanted ? result.type : undefined;
}

function probeOf({ role, container }: PodContainer, kind: ProbeKind): Probe | undefined {
  if (role === 'init' || role === 'ephemeral') return undefined;
  switch (kind) {
    case 'startup':
      return container.startupProbe;
    case 'liveness':
      return container.livenessProbe;
    case 'readiness':
      return container.readinessProbe;
  }
}
