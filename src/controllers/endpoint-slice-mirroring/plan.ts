/**
 * The slices that mirror an Endpoints object. Pure; upstream's mirroring reconciler: one slice per address
 * family and set of ports, with at most `SUBSET_MAX` addresses; a slice that would be deleted is reused
 * before a new one is made. Those of earlier Endpoints of the same name are taken over, or they would be
 * collected with their owner.
 *
 * Example: subsets {10.0.0.1 fd00::1; 80}, {10.0.0.2; 81} → three slices: IPv4 80, IPv6 80, IPv4 81.
 */

import { ipVersion } from '../../api/addresses/ip-version.ts';
import { deepEqual } from '../../api/meta/equal.ts';
import type {
  DiscoveryV1EndpointPort,
  Endpoint,
  EndpointAddress,
  Endpoints,
  EndpointSlice,
  EndpointSubset,
  ObjectMeta,
  OwnerReference,
} from '../../api/types.gen.ts';
import {
  endpointKey,
  groupKey,
  groupKeyOf,
  type AddressType,
  type EndpointGroup,
} from '../endpoint-slice/endpoints-of.ts';
import { MANAGED_BY_LABEL, SERVICE_NAME_LABEL, type SlicePlan } from '../endpoint-slice/plan.ts';
import { controllerOf } from '../ownership/ownership.ts';
import { namePrefix } from '../pod-template/pod-template.ts';
import type { Statement } from '../said-once/said-once.ts';
import { TRIGGER_TIME } from '../service-endpoints/service-endpoints.ts';

/** Upstream's default `--mirroring-max-endpoints-per-subset`. */
export const SUBSET_MAX = 1_000;
export const MANAGED_BY = 'endpointslicemirroring-controller.k8s.io';

const SKIP_LABEL = 'endpointslice.kubernetes.io/skip-mirror';
/** Endpoints that only serve as the lock of an election. */
const LEADER = 'control-plane.alpha.kubernetes.io/leader';
const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';

export interface MirrorPlan extends SlicePlan {
  /** What could not be mirrored. */
  readonly problems: readonly Statement[];
}

type Labels = NonNullable<ObjectMeta['labels']>;

export function isMirrored({ metadata: { labels = {}, annotations = {} } }: Endpoints): boolean {
  return labels[SKIP_LABEL] !== 'true' && annotations[LEADER] === undefined;
}

export function planMirror(
  endpoints: Endpoints,
  owner: OwnerReference,
  stored: readonly EndpointSlice[],
): MirrorPlan {
  const { groups, problems } = wantedGroups(endpoints.subsets ?? []);
  const labels = labelsFor(endpoints);
  const annotations = annotationsFor(endpoints);
  const unwanted = [...stored];
  const take = (matches: (slice: EndpointSlice) => boolean): EndpointSlice | undefined => {
    const at = unwanted.findIndex(matches);
    return at < 0 ? undefined : unwanted.splice(at, 1)[0];
  };
  const kept = [...groups].map(([key, group]) => ({
    group,
    slice: take((slice) => groupKeyOf(slice) === key),
  }));
  const create: EndpointSlice[] = [];
  const update: EndpointSlice[] = [];
  for (const { group, slice } of kept) {
    const isOwned = slice !== undefined && controllerOf(slice)?.uid === owner.uid;
    if (isOwned && isRight(slice, group, labels, annotations)) continue;
    const base = slice ?? take(({ addressType }) => addressType === group.addressType);
    const { namespace = '', name = '' } = endpoints.metadata;
    const fresh = { namespace, generateName: namePrefix(name), ownerReferences: [owner] };
    const next: EndpointSlice = {
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      metadata: { ...(base?.metadata ?? fresh), labels, annotations, ownerReferences: [owner] },
      addressType: group.addressType,
      endpoints: [...group.endpoints.values()].slice(0, SUBSET_MAX),
      ports: group.ports,
    };
    (base === undefined ? create : update).push(next);
  }
  return { create, update, delete: unwanted, problems };
}

function isRight(slice: EndpointSlice, group: EndpointGroup, labels: Labels, annotations: Labels): boolean {
  const present = slice.endpoints ?? [];
  // One that somebody wrote twice stands for none that is missing.
  const distinct = new Set(present.map(endpointKey));
  return (
    present.length === Math.min(group.endpoints.size, SUBSET_MAX) &&
    distinct.size === present.length &&
    present.every((endpoint) => deepEqual(group.endpoints.get(endpointKey(endpoint)), endpoint)) &&
    deepEqual(slice.metadata.labels ?? {}, labels) &&
    deepEqual(slice.metadata.annotations ?? {}, annotations)
  );
}

interface WantedGroups {
  readonly groups: ReadonlyMap<string, EndpointGroup>;
  readonly problems: readonly Statement[];
}

function wantedGroups(subsets: readonly EndpointSubset[]): WantedGroups {
  const groups = new Map<string, EndpointGroup>();
  let malformed = 0;
  let skipped = 0;
  for (const subset of subsets) {
    const ports = portsOf(subset);
    const all = [
      ...(subset.addresses ?? []).map((address) => ({ address, ready: true })),
      ...(subset.notReadyAddresses ?? []).map((address) => ({ address, ready: false })),
    ];
    const valid = all.filter(({ address }) => ipVersion(address.ip) !== 0);
    malformed += all.length - valid.length;
    const mirrored = valid.slice(0, SUBSET_MAX);
    skipped += all.length - mirrored.length;
    for (const { address, ready } of mirrored) {
      const addressType: AddressType = ipVersion(address.ip) === 6 ? 'IPv6' : 'IPv4';
      const key = groupKey(addressType, ports);
      const group = groups.get(key) ?? { addressType, ports, endpoints: new Map<string, Endpoint>() };
      groups.set(key, group);
      const endpoint = endpointOf(address, ready);
      group.endpoints.set(endpointKey(endpoint), endpoint);
    }
  }
  return { groups, problems: problemsOf(malformed, skipped) };
}

/** `skipped` counts the malformed ones as well, as upstream does. */
function problemsOf(malformed: number, skipped: number): readonly Statement[] {
  const problems: Statement[] = [];
  if (malformed > 0) {
    const message = `Skipped ${malformed} invalid IP addresses when mirroring to EndpointSlices`;
    problems.push({ type: 'Warning', reason: 'InvalidIPAddress', message });
  }
  if (skipped > malformed) {
    const limit = `A max of ${SUBSET_MAX} addresses can be mirrored to EndpointSlices per Endpoints subset`;
    const message = `${limit}. ${skipped} addresses were skipped`;
    problems.push({ type: 'Warning', reason: 'TooManyAddressesToMirror', message });
  }
  return problems;
}

function portsOf({ ports = [] }: EndpointSubset): readonly DiscoveryV1EndpointPort[] {
  return ports.map(({ name = '', port, protocol = 'TCP', appProtocol }) => ({
    name,
    port,
    protocol,
    ...(appProtocol === undefined ? {} : { appProtocol }),
  }));
}

function endpointOf({ ip, hostname = '', nodeName, targetRef }: EndpointAddress, ready: boolean): Endpoint {
  return {
    addresses: [ip],
    conditions: { ready },
    ...(hostname === '' ? {} : { hostname }),
    ...(targetRef === undefined ? {} : { targetRef }),
    ...(nodeName === undefined ? {} : { nodeName }),
  };
}

function labelsFor({ metadata: { name = '', labels = {} } }: Endpoints): Labels {
  return { ...labels, [SERVICE_NAME_LABEL]: name, [MANAGED_BY_LABEL]: MANAGED_BY };
}

function annotationsFor({ metadata: { annotations = {} } }: Endpoints): Labels {
  const { [TRIGGER_TIME]: _time, [LAST_APPLIED]: _applied, ...others } = annotations;
  return others;
}
