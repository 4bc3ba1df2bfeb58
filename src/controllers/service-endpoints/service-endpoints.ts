/**
 * Which pods stand behind a Service, and how: what the EndpointSlice and Endpoints controllers have in
 * common. Pure.
 */

import { deepEqual } from '../../api/meta/equal.ts';
import { timeMs } from '../../api/time/time.ts';
import type { ObjectReference, Pod, Service, ServicePort } from '../../api/types.gen.ts';
import { isPodFinished, isPodReady, podCondition } from '../pod-state/pod-state.ts';

/** When the pods behind a Service changed, for measuring how long it takes until the network knows. */
export const TRIGGER_TIME = 'endpoints.kubernetes.io/last-change-trigger-time';
export const HEADLESS_LABEL = 'service.kubernetes.io/headless';

/** A Service without a selector has endpoints that somebody else writes. */
export function selectsPods({ spec }: Service): boolean {
  return spec.type !== 'ExternalName' && Object.keys(spec.selector ?? {}).length > 0;
}

export function hasClusterIp({ spec }: Service): boolean {
  return spec.clusterIP !== undefined && spec.clusterIP !== '' && spec.clusterIP !== 'None';
}

/**
 * Has an address, and could answer: not finished, and still wanted unless those on their way out count too.
 */
export function canHaveEndpoint(pod: Pod, includeTerminating: boolean): boolean {
  if (isPodFinished(pod) || podAddresses(pod).length === 0) return false;
  return includeTerminating || pod.metadata.deletionTimestamp === undefined;
}

export function podAddresses({ status }: Pod): readonly string[] {
  if (status.podIPs !== undefined && status.podIPs.length > 0) return status.podIPs.map(({ ip }) => ip);
  return status.podIP === undefined || status.podIP === '' ? [] : [status.podIP];
}

/** The number under which a pod serves a port of the Service; undefined when it has no port of that name. */
export function podPort(
  { spec }: Pod,
  { port, targetPort = port, protocol = 'TCP' }: ServicePort,
): number | undefined {
  if (typeof targetPort === 'number') return targetPort === 0 ? port : targetPort;
  const sidecars = (spec.initContainers ?? []).filter(({ restartPolicy }) => restartPolicy === 'Always');
  for (const { ports = [] } of [...spec.containers, ...sidecars]) {
    const found = ports.find((p) => p.name === targetPort && (p.protocol ?? 'TCP') === protocol);
    if (found !== undefined) return found.containerPort;
  }
  return undefined;
}

/** The name of the pod within the Service's DNS name. */
export function endpointHostname({ spec }: Pod, service: Service): string | undefined {
  const { hostname = '', subdomain } = spec;
  return hostname !== '' && subdomain === service.metadata.name ? hostname : undefined;
}

export function podReference({ metadata }: Pod): ObjectReference {
  const { namespace = '', name = '', uid = '' } = metadata;
  return { kind: 'Pod', namespace, name, uid };
}

/** Most changes of a pod do not matter here. */
export function changesEndpoints(next: Pod | undefined, old: Pod | undefined): boolean {
  if (next === undefined || old === undefined) return true;
  return (
    !deepEqual(next.metadata.labels, old.metadata.labels) ||
    next.metadata.deletionTimestamp !== old.metadata.deletionTimestamp ||
    next.metadata.uid !== old.metadata.uid ||
    isPodReady(next) !== isPodReady(old) ||
    isPodFinished(next) !== isPodFinished(old) ||
    next.spec.nodeName !== old.spec.nodeName ||
    !deepEqual(podAddresses(next), podAddresses(old))
  );
}

/**
 * Remembers per Service when it and its pods last changed, to tell since when a new state was due. Matches
 * upstream's `TriggerTimeTracker`: of all changes since the last look, the earliest counts.
 */
export class TriggerTimes {
  readonly #seen = new Map<string, ReadonlyMap<string, number>>();

  /** Milliseconds; undefined when nothing with a time changed. */
  next(key: string, service: Service, behind: readonly Pod[]): number | undefined {
    const before = this.#seen.get(key);
    const now = new Map<string, number>();
    note(now, '', service.metadata.creationTimestamp);
    for (const pod of behind) {
      note(now, pod.metadata.name ?? '', podCondition(pod, 'Ready')?.lastTransitionTime);
    }
    this.#seen.set(key, now);
    const changed = [...now].filter(([name, ms]) => ms > (before?.get(name) ?? 0)).map(([, ms]) => ms);
    return changed.length === 0 ? undefined : Math.min(...changed);
  }

  forget(key: string): void {
    this.#seen.delete(key);
  }
}

function note(times: Map<string, number>, name: string, time: string | undefined): void {
  if (time !== undefined) times.set(name, timeMs(time));
}
