/**
 * What makes a pod a member of a StatefulSet: its name and ordinal, labels, host name, and the claims that
 * are its own. Pure; names are upstream's (`stateful_set_utils.go`).
 *
 * Example: ordinal 1 of `db` with a claim template `data` is the pod `db-1` with the host name `db-1` and
 * the volume `data`, which is the claim `data-db-1`.
 */

import type { Draft } from '../../api/meta/object.ts';
import type { OwnerReference, PersistentVolumeClaim, Pod, StatefulSet, Volume } from '../../api/types.gen.ts';
import { podFromTemplate } from '../pod-template/pod-template.ts';

export const POD_NAME_LABEL = 'statefulset.kubernetes.io/pod-name';
export const POD_INDEX_LABEL = 'apps.kubernetes.io/pod-index';
/** On pods: the name of the revision that they run. */
export const REVISION_LABEL = 'controller-revision-hash';

const MEMBER = /^(.*)-([0-9]+)$/s;
/** Ordinals are 32-bit numbers. */
const ORDINAL_MAX = 2 ** 31 - 1;

/** The ordinal in a pod's name; undefined when the set would not call it so. */
export function ordinalOf(set: StatefulSet, { metadata }: Pod): number | undefined {
  const [, parent, digits = ''] = MEMBER.exec(metadata.name ?? '') ?? [];
  const ordinal = Number(digits);
  return parent === set.metadata.name && ordinal <= ORDINAL_MAX ? ordinal : undefined;
}

export function isMember(set: StatefulSet, { metadata }: Pod): boolean {
  return MEMBER.exec(metadata.name ?? '')?.[1] === set.metadata.name;
}

export function startOrdinal({ spec }: StatefulSet): number {
  return spec.ordinals?.start ?? 0;
}

export function replicasOf({ spec }: StatefulSet): number {
  return spec.replicas ?? 1;
}

export function isInRange(set: StatefulSet, ordinal: number): boolean {
  const start = startOrdinal(set);
  return ordinal >= start && ordinal < start + replicasOf(set);
}

export function podName(set: StatefulSet, ordinal: number): string {
  return `${set.metadata.name ?? ''}-${ordinal}`;
}

export function revisionOf({ metadata }: Pod): string {
  return metadata.labels?.[REVISION_LABEL] ?? '';
}

/** By the name of their template, which is the name of the volume in the pod. */
export function claimNames(set: StatefulSet, ordinal: number): ReadonlyMap<string, string> {
  const templates = set.spec.volumeClaimTemplates ?? [];
  const suffix = podName(set, ordinal);
  return new Map(templates.map(({ metadata: { name = '' } }) => [name, `${name}-${suffix}`]));
}

/** An object to be made, whose name is known. */
export type Named<T> = Draft<T> & { readonly metadata: { readonly name: string } };

export function claimsOf(set: StatefulSet, ordinal: number): readonly Named<PersistentVolumeClaim>[] {
  const { namespace } = set.metadata;
  const suffix = podName(set, ordinal);
  return (set.spec.volumeClaimTemplates ?? []).map(({ metadata, spec }) => ({
    metadata: {
      ...metadata,
      name: `${metadata.name ?? ''}-${suffix}`,
      namespace,
      labels: { ...metadata.labels, ...set.spec.selector.matchLabels },
    },
    spec,
  }));
}

/** `set` with the template of `revision`. */
export function newPod(
  set: StatefulSet,
  revision: string,
  ordinal: number,
  owner: OwnerReference,
): Named<Pod> {
  const { template, serviceName } = set.spec;
  const { metadata, spec } = podFromTemplate(template, set.metadata.namespace ?? '', owner);
  const name = podName(set, ordinal);
  return {
    metadata: {
      ...metadata,
      name,
      labels: { ...metadata?.labels, ...identityLabels(set, ordinal), [REVISION_LABEL]: revision },
    },
    spec: {
      ...spec,
      hostname: name,
      ...(serviceName === '' ? {} : { subdomain: serviceName }),
      volumes: withClaims(set, ordinal, template.spec.volumes ?? []),
    },
  };
}

function identityLabels(set: StatefulSet, ordinal: number) {
  return { [POD_NAME_LABEL]: podName(set, ordinal), [POD_INDEX_LABEL]: String(ordinal) };
}

/** Volumes of the template that are called like a claim give way to it. */
function withClaims(set: StatefulSet, ordinal: number, volumes: readonly Volume[]): readonly Volume[] {
  const names = claimNames(set, ordinal);
  const claimed = [...names].map(([name, claimName]) => ({ name, persistentVolumeClaim: { claimName } }));
  return [...claimed, ...volumes.filter(({ name }) => !names.has(name))];
}

/** The pod with its identity and storage as they should be; the very same when they are. */
export function withIdentity(set: StatefulSet, pod: Pod, ordinal: number): Pod {
  const labelled =
    pod.metadata.labels?.[POD_NAME_LABEL] === pod.metadata.name
      ? pod
      : {
          ...pod,
          metadata: {
            ...pod.metadata,
            labels: { ...pod.metadata.labels, ...identityLabels(set, ordinal) },
          },
        };
  if (hasClaims(set, pod, ordinal)) return labelled;
  return {
    ...labelled,
    spec: { ...pod.spec, volumes: withClaims(set, ordinal, pod.spec.volumes ?? []) },
  };
}

function hasClaims(set: StatefulSet, { spec }: Pod, ordinal: number): boolean {
  return [...claimNames(set, ordinal)].every(([name, claimName]) => {
    const volume = spec.volumes?.find((candidate) => candidate.name === name);
    return volume?.persistentVolumeClaim?.claimName === claimName;
  });
}
