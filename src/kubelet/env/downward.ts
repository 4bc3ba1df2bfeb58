/** What a pod may read of itself: `fieldRef` and `resourceFieldRef`, in variables and in files; pure. */

import { quantityOf } from '../../api/quantity/quantity.ts';
import type { Container, ObjectFieldSelector, Pod, ResourceFieldSelector } from '../../api/types.gen.ts';

export interface PodFacts {
  readonly pod: Pod;
  readonly hostIps: readonly string[];
  readonly podIps: readonly string[];
  /** What a container without limits could take at most, by resource name. */
  readonly allocatable: Readonly<Record<string, string>>;
}

export type Value = { readonly value: string } | { readonly error: string };

export function fieldValue(facts: PodFacts, { fieldPath }: ObjectFieldSelector): Value {
  const { pod, hostIps, podIps } = facts;
  const { metadata, spec } = pod;
  const [, list, key] = /^metadata\.(labels|annotations)\['(.*)'\]$/.exec(fieldPath) ?? [];
  if (list !== undefined && key !== undefined) {
    const map = list === 'labels' ? metadata.labels : metadata.annotations;
    return { value: map?.[key] ?? '' };
  }
  const values: Readonly<Record<string, string | undefined>> = {
    'metadata.name': metadata.name,
    'metadata.namespace': metadata.namespace,
    'metadata.uid': metadata.uid,
    'metadata.labels': formatMap(metadata.labels ?? {}),
    'metadata.annotations': formatMap(metadata.annotations ?? {}),
    'spec.nodeName': spec.nodeName,
    'spec.serviceAccountName': spec.serviceAccountName,
    'status.hostIP': hostIps[0],
    'status.hostIPs': hostIps.join(','),
    'status.podIP': podIps[0],
    'status.podIPs': podIps.join(','),
  };
  if (!(fieldPath in values)) return { error: `unsupported fieldPath: ${fieldPath}` };
  return { value: values[fieldPath] ?? '' };
}

/** Sorted lines `key="value"`, values escaped as in Go. */
function formatMap(map: Readonly<Record<string, string>>): string {
  return Object.keys(map)
    .sort()
    .map((key) => `${key}=${JSON.stringify(map[key])}`)
    .join('\n');
}

/** Whole units of the divisor (of cores and bytes when it is absent), rounded up. */
export function resourceValue(
  { pod, allocatable }: PodFacts,
  container: Container,
  { resource, divisor }: Pick<ResourceFieldSelector, 'resource' | 'divisor'>,
): Value {
  const [kind, name] = splitOnce(resource);
  if ((kind !== 'limits' && kind !== 'requests') || name === '')
    return { error: `Unsupported container resource : ${resource}` };
  const { limits = {}, requests = {} } = resized(pod, container).resources;
  const text = kind === 'limits' ? (limits[name] ?? allocatable[name] ?? '0') : (requests[name] ?? '0');
  const unit = quantityOf(divisor === '' || divisor === '0' ? '1' : divisor).nanos;
  const { nanos } = quantityOf(text);
  return { value: String((nanos + unit - 1n) / unit) };
}

export function containerOf({ spec }: Pod, name: string): Container | undefined {
  return [...(spec.initContainers ?? []), ...spec.containers].find((container) => container.name === name);
}

function resized(pod: Pod, container: Container): Container {
  return containerOf(pod, container.name) ?? container;
}

function splitOnce(resource: string): readonly [string, string] {
  const dot = resource.indexOf('.');
  return dot < 0 ? [resource, ''] : [resource.slice(0, dot), resource.slice(dot + 1)];
}
