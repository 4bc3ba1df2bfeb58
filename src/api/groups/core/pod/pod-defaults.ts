/**
 * Defaults of a pod that depend on other fields (upstream's `pkg/apis/core/v1/defaults.go` and the
 * conversions beside it). `defaultPodSpec` holds for pods and templates alike, `defaultPod` adds what only
 * pods get. Pure and idempotent; the same object comes back when nothing was missing.
 */

import { formatQuantity, quantityOf, roundUpQuantity } from '../../../quantity/quantity.ts';
import type {
  Container,
  EphemeralContainer,
  Pod,
  PodSpec,
  PodTemplateSpec,
  ResourceRequirements,
  Volume,
} from '../../../types.gen.ts';
import { bySpec } from './by-spec.ts';

type ResourceList = { readonly [name: string]: string };
type AnyContainer = Container | EphemeralContainer;

export function defaultPod(pod: Pod): Pod {
  const spec = completeSpec(pod.spec);
  const status = defaultAddresses(pod.status);
  return spec === pod.spec && status === pod.status ? pod : { ...pod, spec, status };
}

const completeSpec = bySpec((spec) => defaultRunningSpec(defaultPodSpec(spec)));

export function defaultPodTemplate(template: PodTemplateSpec): PodTemplateSpec {
  const spec = defaultPodSpec(template.spec);
  return spec === template.spec ? template : { ...template, spec };
}

export function defaultPodSpec(spec: PodSpec): PodSpec {
  return merge(spec, {
    ...defaultAccount(spec),
    ...changed('volumes', spec.volumes, defaultVolume),
    ...changed('containers', spec.containers, defaultContainer),
    ...changed('initContainers', spec.initContainers, defaultContainer),
    ...changed('ephemeralContainers', spec.ephemeralContainers, defaultContainer),
    ...(spec.overhead === undefined ? {} : { overhead: rounded(spec.overhead) }),
  });
}

/** The old name of the field and the new one always say the same. */
function defaultAccount({ serviceAccount = '', serviceAccountName = '' }: PodSpec): Partial<PodSpec> {
  const name = serviceAccountName === '' ? serviceAccount : serviceAccountName;
  return name === '' ? {} : { serviceAccount: name, serviceAccountName: name };
}

function defaultVolume(volume: Volume): Volume {
  const { image } = volume;
  if (image !== undefined && image.pullPolicy === undefined)
    return { ...volume, image: { ...image, pullPolicy: pullPolicy(image.reference ?? '') } };
  return Object.keys(volume).length > 1 ? volume : { ...volume, emptyDir: {} };
}

function defaultContainer<T extends AnyContainer>(container: T): T {
  const next: Partial<AnyContainer> = {
    ...(container.imagePullPolicy === undefined
      ? { imagePullPolicy: pullPolicy(container.image ?? '') }
      : {}),
    resources: defaultResources(container.resources),
  };
  return merge(container, next as Partial<T>);
}

/** Images that may change under their name are pulled each time. */
function pullPolicy(image: string): 'Always' | 'IfNotPresent' {
  if (image === '') return 'IfNotPresent';
  const digest = image.indexOf('@');
  const name = digest < 0 ? image : image.slice(0, digest);
  const colon = name.lastIndexOf(':');
  const tag = colon < 0 ? '' : name.slice(colon + 1);
  // What follows the port of a registry is no tag.
  if (tag !== '' && !tag.includes('/')) return tag === 'latest' ? 'Always' : 'IfNotPresent';
  return digest < 0 ? 'Always' : 'IfNotPresent';
}

function defaultResources(resources: ResourceRequirements): ResourceRequirements {
  const { limits, requests } = resources;
  return merge(resources, {
    ...(limits === undefined ? {} : { limits: rounded(limits) }),
    ...(requests === undefined ? {} : { requests: rounded(requests) }),
  });
}

/** Nothing finer than a thousandth is kept. */
function rounded(list: ResourceList): ResourceList {
  if (!Object.values(list).some((text) => /[nu]$|e-/i.test(text))) return list;
  const round = (text: string): string => formatQuantity(roundUpQuantity(quantityOf(text), -3));
  return Object.fromEntries(Object.entries(list).map(([name, text]) => [name, round(text)]));
}

function defaultRunningSpec(spec: PodSpec): PodSpec {
  const requests = (container: Container): Container => requestsFromLimits(container);
  const sized = merge(spec, {
    ...changed('containers', spec.containers, requests),
    ...changed('initContainers', spec.initContainers, requests),
    ...(spec.enableServiceLinks === undefined ? { enableServiceLinks: true } : {}),
  });
  const placed = merge(sized, podRequests(sized));
  if (placed.hostNetwork !== true) return placed;
  return merge(placed, {
    ...changed('containers', placed.containers, hostPorts),
    ...changed('initContainers', placed.initContainers, hostPorts),
  });
}

function requestsFromLimits(container: Container): Container {
  const { limits, requests } = container.resources;
  const missing = Object.entries(limits ?? {}).filter(([name]) => requests?.[name] === undefined);
  if (missing.length === 0) return container;
  const resources = { ...container.resources, requests: { ...requests, ...Object.fromEntries(missing) } };
  return { ...container, resources };
}

/** Limits of the whole pod imply requests of the whole pod, unless its containers say what they request. */
function podRequests(spec: PodSpec): Partial<PodSpec> {
  const limits = spec.resources?.limits;
  if (spec.resources === undefined || limits === undefined) return {};
  const requests: { [name: string]: string } = { ...spec.resources.requests };
  let added = false;
  for (const [name, limit] of Object.entries(limits)) {
    const all = [...spec.containers, ...(spec.initContainers ?? [])];
    if (requests[name] !== undefined || all.some((c) => c.resources.requests?.[name] !== undefined)) continue;
    requests[name] = limit;
    added = true;
  }
  return added ? { resources: { ...spec.resources, requests } } : {};
}

/** In the node's own network a port of the container is a port of the node. */
function hostPorts(container: Container): Container {
  const ports = container.ports?.map((port) =>
    (port.hostPort ?? 0) === 0 ? { ...port, hostPort: port.containerPort } : port,
  );
  return ports === undefined ? container : merge(container, changedList('ports', container.ports, ports));
}

/** `podIP` is the first of `podIPs`, whichever of the two a node reported. */
function defaultAddresses(status: Pod['status']): Pod['status'] {
  const first = status.podIPs?.[0]?.ip ?? '';
  if (first !== '' && (status.podIP ?? '') === '') return { ...status, podIP: first };
  if ((status.podIP ?? '') !== '' && first === '') return { ...status, podIPs: [{ ip: status.podIP ?? '' }] };
  return status;
}

function changed<K extends string, T>(
  key: K,
  list: readonly T[] | undefined,
  change: (item: T) => T,
): object {
  return list === undefined ? {} : changedList(key, list, list.map(change));
}

function changedList<T>(key: string, list: readonly T[] | undefined, next: readonly T[]): object {
  return list !== undefined && next.some((item, i) => item !== list[i]) ? { [key]: next } : {};
}

/** `object` with the changes; the very same when they change nothing. */
function merge<T extends object>(object: T, changes: Partial<T>): T {
  for (const key in changes) if (changes[key] !== object[key]) return { ...object, ...changes };
  return object;
}
