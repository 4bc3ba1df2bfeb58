/**
 * How endpoints are spread over slices, with as few writes as possible. Pure; the steps are upstream's
 * reconciler: keep every endpoint where it is, drop what is gone, fill slices that are written anyway, then
 * one that has room, then new ones. A slice that would be deleted is reused before a new one is made.
 *
 * Invariants: each wanted endpoint is in exactly one slice of its group afterwards; no slice has more than
 * `SLICE_MAX`; every address family has at least one slice, an empty one if need be.
 *
 * Example, SLICE_MAX 2, slices A[1 2] B[3]; wanted 2 3 4: A loses 1 and is written, so 4 goes into A, B is
 * untouched.
 */

import { deepEqual } from '../../api/meta/equal.ts';
import type { Endpoint, EndpointSlice, ObjectMeta, OwnerReference, Service } from '../../api/types.gen.ts';
import { namePrefix } from '../pod-template/pod-template.ts';
import { hasClusterIp, HEADLESS_LABEL } from '../service-endpoints/service-endpoints.ts';
import {
  emptyGroup,
  endpointKey,
  groupKey,
  groupKeyOf,
  wantedAddressTypes,
  type EndpointGroup,
} from './endpoints-of.ts';

/** Upstream's default `--max-endpoints-per-slice`. */
export const SLICE_MAX = 100;
export const SERVICE_NAME_LABEL = 'kubernetes.io/service-name';
export const MANAGED_BY_LABEL = 'endpointslice.kubernetes.io/managed-by';
export const MANAGED_BY = 'endpointslice-controller.k8s.io';

const RESERVED_LABELS: ReadonlySet<string> = new Set([SERVICE_NAME_LABEL, MANAGED_BY_LABEL, HEADLESS_LABEL]);

export interface SlicePlan {
  readonly create: readonly EndpointSlice[];
  readonly update: readonly EndpointSlice[];
  readonly delete: readonly EndpointSlice[];
}

/** A slice as it will be; `stored` is what the server has, if anything. */
interface Draft {
  readonly stored: EndpointSlice | undefined;
  readonly group: EndpointGroup;
  readonly endpoints: Endpoint[];
  changed: boolean;
}

export function planSlices(
  service: Service,
  owner: OwnerReference,
  groups: ReadonlyMap<string, EndpointGroup>,
  stored: readonly EndpointSlice[],
): SlicePlan {
  const labels = sliceLabels(service);
  const drafts: Draft[] = [];
  const unwanted: EndpointSlice[] = [];
  const byGroup = Map.groupBy(stored, groupKeyOf);
  for (const [key, slices] of byGroup) if (!groups.has(key)) unwanted.push(...slices);
  for (const [key, group] of groups) {
    drafts.push(...spread(group, byGroup.get(key) ?? [], labels, unwanted));
  }
  for (const addressType of wantedAddressTypes(service)) {
    if (drafts.some((draft) => draft.group.addressType === addressType)) continue;
    drafts.push(placeholder(emptyGroup(addressType), unwanted, labels));
  }
  reuse(drafts, unwanted);
  const changed = drafts.filter((draft) => draft.changed);
  const write = (draft: Draft): EndpointSlice => toSlice(draft, service, owner, labels);
  return {
    create: changed.filter((draft) => draft.stored === undefined).map(write),
    update: changed.filter((draft) => draft.stored !== undefined).map(write),
    delete: unwanted,
  };
}

/** The slices of one group; those that end up empty go to `unwanted`. */
function spread(
  group: EndpointGroup,
  slices: readonly EndpointSlice[],
  labels: ObjectMeta['labels'],
  unwanted: EndpointSlice[],
): readonly Draft[] {
  const left = new Map(group.endpoints);
  const drafts: Draft[] = [];
  for (const stored of slices) {
    const draft = keepWanted(stored, group, left, labels);
    if (draft.endpoints.length === 0) unwanted.push(stored);
    else drafts.push(draft);
  }
  const open = drafts.filter((draft) => draft.changed);
  for (const draft of open.toSorted((a, b) => b.endpoints.length - a.endpoints.length)) fill(draft, left);
  while (left.size > 0) {
    const draft = closestFit(drafts, left.size) ?? { stored: undefined, group, endpoints: [], changed: true };
    fill(draft, left);
    if (!drafts.includes(draft)) drafts.push(draft);
  }
  return drafts;
}

/** Takes the endpoints that stay out of `left`. */
function keepWanted(
  stored: EndpointSlice,
  group: EndpointGroup,
  left: Map<string, Endpoint>,
  labels: ObjectMeta['labels'],
): Draft {
  const present = stored.endpoints ?? [];
  const endpoints: Endpoint[] = [];
  let changed = !deepEqual(stored.metadata.labels, labels);
  for (const endpoint of present) {
    const key = endpointKey(endpoint);
    const wanted = left.get(key);
    if (wanted === undefined) continue;
    left.delete(key);
    endpoints.push(wanted);
    if (!deepEqual(wanted, endpoint)) changed = true;
  }
  return { stored, group, endpoints, changed: changed || endpoints.length !== present.length };
}

function fill(draft: Draft, left: Map<string, Endpoint>): void {
  for (const [key, endpoint] of left) {
    if (draft.endpoints.length >= SLICE_MAX) return;
    draft.endpoints.push(endpoint);
    draft.changed = true;
    left.delete(key);
  }
}

/** The fullest slice that has room for all of them, so that the fewest slices are touched. */
function closestFit(drafts: readonly Draft[], count: number): Draft | undefined {
  if (count >= SLICE_MAX) return undefined;
  const fitting = drafts.filter(({ endpoints }) => endpoints.length + count <= SLICE_MAX);
  return fitting.toSorted((a, b) => b.endpoints.length - a.endpoints.length)[0];
}

/** A slice without endpoints, so that readers find the Service; one that is there already stays untouched. */
function placeholder(group: EndpointGroup, unwanted: EndpointSlice[], labels: ObjectMeta['labels']): Draft {
  const wantedKey = groupKey(group.addressType, group.ports);
  const at = unwanted.findIndex(
    (slice) => groupKeyOf(slice) === wantedKey && (slice.endpoints ?? []).length === 0,
  );
  const [stored] = at < 0 ? [] : unwanted.splice(at, 1);
  const changed = stored === undefined || !deepEqual(stored.metadata.labels, labels);
  return { stored, group, endpoints: [], changed };
}

/** Replaces creations by changes of slices that would be deleted, within an address family. */
function reuse(drafts: Draft[], unwanted: EndpointSlice[]): void {
  for (const [i, draft] of drafts.entries()) {
    if (draft.stored !== undefined) continue;
    const at = unwanted.findIndex(({ addressType }) => addressType === draft.group.addressType);
    const [stored] = at < 0 ? [] : unwanted.splice(at, 1);
    if (stored !== undefined) drafts[i] = { ...draft, stored };
  }
}

function toSlice(
  { stored, group, endpoints }: Draft,
  service: Service,
  owner: OwnerReference,
  labels: ObjectMeta['labels'],
): EndpointSlice {
  const { namespace = '', name = '' } = service.metadata;
  const fresh = { namespace, generateName: namePrefix(name), ownerReferences: [owner] };
  const metadata = { ...(stored?.metadata ?? fresh), ...(labels === undefined ? {} : { labels }) };
  const { addressType, ports } = group;
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata,
    addressType,
    endpoints,
    ports,
  };
}

/** The Service's own labels travel along. */
function sliceLabels(service: Service): ObjectMeta['labels'] {
  const own = Object.entries(service.metadata.labels ?? {}).filter(([name]) => !RESERVED_LABELS.has(name));
  return {
    ...Object.fromEntries(own),
    [SERVICE_NAME_LABEL]: service.metadata.name ?? '',
    [MANAGED_BY_LABEL]: MANAGED_BY,
    ...(hasClusterIp(service) ? {} : { [HEADLESS_LABEL]: '' }),
  };
}
