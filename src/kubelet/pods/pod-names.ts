/**
 * How a pod is called in the runtime and on disk: the labels and annotations that upstream's kubelet sets
 * (tools such as crictl and cAdvisor read them) and by which sandboxes and containers are adopted after a
 * restart.
 */

import { createHash } from 'node:crypto';

import type { Container, Pod, ResourceRequirements } from '../../api/types.gen.ts';
import type { StringMap } from '../cri/messages.ts';

export const POD_NAME_LABEL = 'io.kubernetes.pod.name';
export const POD_NAMESPACE_LABEL = 'io.kubernetes.pod.namespace';
export const POD_UID_LABEL = 'io.kubernetes.pod.uid';
export const CONTAINER_NAME_LABEL = 'io.kubernetes.container.name';

const HASH = 'io.kubernetes.container.hash';
const RESTART_COUNT = 'io.kubernetes.container.restartCount';
const MESSAGE_PATH = 'io.kubernetes.container.terminationMessagePath';
const MESSAGE_POLICY = 'io.kubernetes.container.terminationMessagePolicy';
/** Ours: what the container was given when it was made. */
const RESOURCES = 'k8ts.local/container.resources';
const GRACE_SECONDS = 'io.kubernetes.pod.terminationGracePeriod';

export interface PodName {
  readonly uid: string;
  readonly namespace: string;
  readonly name: string;
}

export function podName({ metadata }: Pod): PodName {
  return { uid: metadata.uid ?? '', namespace: metadata.namespace ?? '', name: metadata.name ?? '' };
}

/** As upstream prints pods in messages: `web-1_default(5f3c…)`. */
export function podText(pod: Pod): string {
  const { uid, namespace, name } = podName(pod);
  return `${name}_${namespace}(${uid})`;
}

export function podLabels(pod: Pod): StringMap {
  const { uid, namespace, name } = podName(pod);
  return {
    ...pod.metadata.labels,
    [POD_NAME_LABEL]: name,
    [POD_NAMESPACE_LABEL]: namespace,
    [POD_UID_LABEL]: uid,
  };
}

export function containerLabels(pod: Pod, container: Container): StringMap {
  const { uid, namespace, name } = podName(pod);
  return {
    [POD_NAME_LABEL]: name,
    [POD_NAMESPACE_LABEL]: namespace,
    [POD_UID_LABEL]: uid,
    [CONTAINER_NAME_LABEL]: container.name,
  };
}

export function containerAnnotations(pod: Pod, container: Container, attempt: number): StringMap {
  return {
    [HASH]: containerHash(container),
    [RESTART_COUNT]: String(attempt),
    [MESSAGE_PATH]: container.terminationMessagePath ?? '',
    [MESSAGE_POLICY]: container.terminationMessagePolicy ?? 'File',
    [GRACE_SECONDS]: String(pod.spec.terminationGracePeriodSeconds ?? 30),
    [RESOURCES]: JSON.stringify({
      requests: container.resources.requests,
      limits: container.resources.limits,
    }),
  };
}

/** Undefined for containers of a kubelet that did not write it down. */
export function resourcesOf(annotations: StringMap): ResourceRequirements | undefined {
  const text = annotations[RESOURCES];
  return text === undefined ? undefined : (JSON.parse(text) as ResourceRequirements);
}

export function restartCountOf(annotations: StringMap): number | undefined {
  return numberOf(annotations[RESTART_COUNT]);
}

export function hashOf(annotations: StringMap): string | undefined {
  return annotations[HASH];
}

/** What an orphan was promised, for pods that the API has forgotten. */
export function graceSecondsOf(annotations: StringMap): number | undefined {
  return numberOf(annotations[GRACE_SECONDS]);
}

/** Name and image: the only parts of a container whose change means a new one (upstream `HashContainer`). */
export function containerHash({ name, image = '' }: Container): string {
  return createHash('sha256')
    .update(JSON.stringify([name, image]))
    .digest('hex')
    .slice(0, 8);
}

/** Below the folder of all pods' logs: `default_web-1_5f3c…`. */
export function podLogFolder(logsFolder: string, { uid, namespace, name }: PodName): string {
  return `${logsFolder}/${namespace}_${name}_${uid}`;
}

export function podFolder(rootFolder: string, uid: string): string {
  return `${rootFolder}/pods/${uid}`;
}

function numberOf(text: string | undefined): number | undefined {
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined;
}
