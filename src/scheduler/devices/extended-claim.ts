/**
 * The claim for extended resources (`example.com/gpu: 2` among a container's requests) that a node does not
 * have, while a device class stands for them: what is to be requested, and which container it is for. Pure.
 *
 * Containers that run for as long as the pod have devices of their own. An init container that ends before
 * others start uses the devices of those that come after it, and what it needs beyond them is shared by all
 * such init containers, which run one after the other.
 *
 * Example: init container a (3), container b (2): b has a request of 2, a uses it and one of 1 more.
 */

import { quantityValue } from '../../api/quantity/quantity.ts';
import type { Container, ContainerExtendedResourceRequest, DeviceRequest, Pod } from '../../api/types.gen.ts';

export interface ExtendedRequests {
  readonly requests: readonly DeviceRequest[];
  /** For the pod's status. */
  readonly mappings: readonly ContainerExtendedResourceRequest[];
}

/** Of one resource: devices for a container. */
interface Share {
  readonly name: string;
  readonly count: number;
}

interface Placed {
  readonly container: Container;
  /** In the order of init containers, then containers. */
  readonly index: number;
  readonly isShortLived: boolean;
}

/** By resource name: the device class that stands for it. */
export type ClassesByResource = ReadonlyMap<string, string>;

export function extendedRequests({ spec }: Pod, classes: ClassesByResource): ExtendedRequests {
  const inits = spec.initContainers ?? [];
  const containers = [...inits, ...spec.containers].map((container, index) => ({
    container,
    index,
    isShortLived: index < inits.length && container.restartPolicy !== 'Always',
  }));
  const requests: DeviceRequest[] = [];
  const mappings: ContainerExtendedResourceRequest[] = [];
  for (const [resource, deviceClassName] of [...classes].toSorted(([a], [b]) => (a < b ? -1 : 1))) {
    const { shares, users } = sharesOf(resource, containers);
    for (const { name, count } of shares)
      requests.push({ name, exactly: { deviceClassName, allocationMode: 'ExactCount', count } });
    for (const [containerName, requestName] of users)
      mappings.push({ containerName, resourceName: resource, requestName });
  }
  return { requests: requests.toSorted((a, b) => (a.name < b.name ? -1 : 1)), mappings };
}

/** `users`: pairs of container and share. */
function sharesOf(
  resource: string,
  containers: readonly Placed[],
): { readonly shares: readonly Share[]; readonly users: readonly (readonly [string, string])[] } {
  const users: [string, string][] = [];
  /** By the place of the container, in order. */
  const own = new Map<number, Share>();
  for (const placed of containers) {
    const count = wantedBy(placed.container, resource);
    if (placed.isShortLived || count === 0) continue;
    const share = { name: shareName(placed, resource), count };
    own.set(placed.index, share);
    users.push([placed.container.name, share.name]);
  }
  let common: Share | undefined;
  const needs = containers.map((placed) => needOf(resource, placed, own));
  for (const { placed, missing } of needs)
    if (missing > (common?.count ?? 0)) common = { name: shareName(placed, resource), count: missing };
  for (const { placed, used, missing } of needs) {
    for (const { name } of used) users.push([placed.container.name, name]);
    if (missing > 0 && common !== undefined) users.push([placed.container.name, common.name]);
  }
  return { shares: [...(common === undefined ? [] : [common]), ...own.values()], users };
}

/** What an init container that ends uses of others, and how much it lacks then. */
function needOf(resource: string, placed: Placed, own: ReadonlyMap<number, Share>) {
  let missing = placed.isShortLived ? wantedBy(placed.container, resource) : 0;
  const used: Share[] = [];
  for (const [index, share] of own) {
    if (missing <= 0) break;
    if (index < placed.index) continue;
    used.push(share);
    missing -= share.count;
  }
  return { placed, used, missing };
}

function requestsOf({ resources }: Container): { readonly [name: string]: string } {
  return resources.requests ?? {};
}

function wantedBy(container: Container, resource: string): number {
  const text = requestsOf(container)[resource];
  return text === undefined ? 0 : quantityValue(text);
}

/** By the places of the container and of the resource among its requests, in the order of their names. */
function shareName({ container, index }: Placed, resource: string): string {
  return `container-${index}-request-${Object.keys(requestsOf(container)).toSorted().indexOf(resource)}`;
}
