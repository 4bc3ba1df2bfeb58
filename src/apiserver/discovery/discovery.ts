/**
 * Discovery: which groups, versions and resources are served, in the legacy documents (one per group-version)
 * and in the aggregated one that newer clients ask for first. Pure: resources in, documents out.
 */

import { ALL_VERBS, type Verb } from '../../api/meta/resource-definition.ts';
import {
  AGGREGATOR_GROUP,
  builtInPriority,
  CUSTOM_PRIORITY,
  type Priority,
} from '../../api/groups/apiregistration/priorities.ts';
import type { RemoteGroupVersion } from '../aggregation/remote-discovery.ts';
import type { Resource } from '../../api/resource.ts';
import type { JsonObject } from '../../api/schema/schema.ts';

export interface GroupVersionResources {
  readonly group: string;
  readonly version: string;
  readonly resources: readonly Resource[];
  /** Set when another server serves it; `resources` is empty then. */
  readonly remote?: RemoteGroupVersion;
}

/** Group-versions in the order in which clients should prefer them, as upstream ranks them. */
export function groupResources(
  resources: readonly Resource[],
  remote: readonly RemoteGroupVersion[] = [],
): readonly GroupVersionResources[] {
  const byKey = new Map<string, { group: string; version: string; resources: Resource[] }>();
  for (const resource of resources) {
    const { group, version } = resource.definition;
    const key = `${group}/${version}`;
    const entry = byKey.get(key) ?? { group, version, resources: [] };
    entry.resources.push(resource);
    byKey.set(key, entry);
  }
  // A server elsewhere takes the place of definitions of the same name.
  const all: GroupVersionResources[] = [...byKey.values()].filter(
    ({ group, version }) => !remote.some((one) => one.group === group && one.version === version),
  );
  for (const one of remote) all.push({ group: one.group, version: one.version, resources: [], remote: one });
  return inOrder(all);
}

function inOrder(all: readonly GroupVersionResources[]): readonly GroupVersionResources[] {
  const ofGroup = new Map<string, number>();
  for (const each of all) {
    ofGroup.set(each.group, Math.max(ofGroup.get(each.group) ?? 0, priorityOf(each).group));
  }
  return all.toSorted((a, b) => {
    const groups = (ofGroup.get(b.group) ?? 0) - (ofGroup.get(a.group) ?? 0);
    if (groups !== 0) return groups;
    if (a.group !== b.group) return a.group < b.group ? -1 : 1;
    return priorityOf(b).version - priorityOf(a).version || versionOrder(a.version, b.version);
  });
}

function priorityOf({ group, version, remote }: GroupVersionResources): Priority {
  if (remote !== undefined) return { group: remote.groupPriority, version: remote.versionPriority };
  if (group === AGGREGATOR_GROUP) return { group: 20_000, version: 18 };
  return builtInPriority(group, version) ?? CUSTOM_PRIORITY;
}

/** `v2` before `v1` before `v1beta2` before `v1alpha1` (upstream's kube-aware version order). */
export function versionOrder(a: string, b: string): number {
  const parse = (version: string): readonly [number, number, number] => {
    const match = /^v(\d+)(?:(alpha|beta)(\d+))?$/.exec(version);
    if (match === null) return [-1, 0, 0];
    const stage = match[2] === undefined ? 2 : match[2] === 'beta' ? 1 : 0;
    return [stage, Number(match[1]), Number(match[3] ?? 0)];
  };
  const [left, right] = [parse(a), parse(b)];
  for (const i of [0, 1, 2] as const) if (left[i] !== right[i]) return right[i] - left[i];
  return a < b ? -1 : a > b ? 1 : 0;
}

/** `GET /apis/<group>/<version>` and `GET /api/v1`. */
export function resourceList({ group, version, resources }: GroupVersionResources): JsonObject {
  return {
    kind: 'APIResourceList',
    ...(group === '' ? {} : { apiVersion: 'v1' }),
    groupVersion: group === '' ? version : `${group}/${version}`,
    resources: resources.toSorted(byPlural).flatMap((resource) => apiResources(resource)),
  };
}

function byPlural(a: Resource, b: Resource): number {
  return a.definition.plural < b.definition.plural ? -1 : 1;
}

function apiResources({ definition }: Resource): JsonObject[] {
  const { plural, singular, namespaced, kind, shortNames, categories } = definition;
  const own: JsonObject = {
    name: plural,
    singularName: singular,
    namespaced,
    kind,
    verbs: sorted(definition.verbs ?? ALL_VERBS),
    ...(shortNames.length === 0 ? {} : { shortNames }),
    ...(categories.length === 0 ? {} : { categories }),
  };
  const below = subresourcesOf(definition).map((sub) => ({
    name: `${plural}/${sub.name}`,
    singularName: '',
    namespaced,
    ...(sub.group === undefined ? {} : { group: sub.group }),
    ...(sub.version === undefined ? {} : { version: sub.version }),
    kind: sub.kind,
    verbs: sorted(sub.verbs),
  }));
  return [own, ...below];
}

interface Subresource {
  readonly name: string;
  readonly kind: string;
  readonly group?: string;
  readonly version?: string;
  readonly verbs: readonly Verb[];
}

export function subresourcesOf(definition: Resource['definition']): readonly Subresource[] {
  const verbs: readonly Verb[] = ['get', 'patch', 'update'];
  const all: Subresource[] = [...(definition.subresources ?? [])];
  if (definition.hasStatus) all.push({ name: 'status', kind: definition.kind, verbs });
  if (definition.scale !== undefined)
    all.push({ name: 'scale', kind: 'Scale', group: 'autoscaling', version: 'v1', verbs });
  return all.toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

function sorted(verbs: readonly Verb[]): readonly Verb[] {
  return verbs.toSorted();
}

/** `GET /apis` */
export function groupList(all: readonly GroupVersionResources[]): JsonObject {
  return {
    kind: 'APIGroupList',
    apiVersion: 'v1',
    groups: groupsOf(all).map((group) => groupDocument(group)),
  };
}

/** `GET /apis/<group>`; undefined when there is no such group. */
export function singleGroup(all: readonly GroupVersionResources[], name: string): JsonObject | undefined {
  const group = groupsOf(all).find((g) => g.name === name);
  return group === undefined ? undefined : { kind: 'APIGroup', apiVersion: 'v1', ...groupDocument(group) };
}

interface Group {
  readonly name: string;
  readonly versions: readonly GroupVersionResources[];
}

function groupsOf(all: readonly GroupVersionResources[]): readonly Group[] {
  const names = [...new Set(all.map((gv) => gv.group))].filter((name) => name !== '');
  return names.map((name) => ({ name, versions: all.filter((gv) => gv.group === name) }));
}

function groupDocument({ name, versions }: Group): JsonObject {
  const entries = versions.map(({ version }) => ({ groupVersion: `${name}/${version}`, version }));
  return { name, versions: entries, preferredVersion: entries[0] ?? null };
}

/** `GET /api` */
export function coreVersions(address: string): JsonObject {
  const serverAddressByClientCIDRs = [{ clientCIDR: '0.0.0.0/0', serverAddress: address }];
  return { kind: 'APIVersions', versions: ['v1'], serverAddressByClientCIDRs };
}

/** The aggregated documents behind `/api` and `/apis` (`apidiscovery.k8s.io/v2`). */
export function aggregated(all: readonly GroupVersionResources[], core: boolean): JsonObject {
  const names = [...new Set(all.map((gv) => gv.group))].filter((name) => (name === '') === core);
  return {
    kind: 'APIGroupDiscoveryList',
    apiVersion: 'apidiscovery.k8s.io/v2',
    metadata: {},
    items: names.map((name) => ({
      metadata: name === '' ? { creationTimestamp: null } : { name, creationTimestamp: null },
      versions: all.filter((gv) => gv.group === name).map(aggregatedVersion),
    })),
  };
}

function aggregatedVersion({ version, resources, remote }: GroupVersionResources): JsonObject {
  if (remote !== undefined) {
    return { version, resources: remote.resources, freshness: remote.isCurrent ? 'Current' : 'Stale' };
  }
  return { version, resources: resources.toSorted(byPlural).map(aggregatedResource), freshness: 'Current' };
}

function aggregatedResource({ definition }: Resource): JsonObject {
  const { group, version, kind, plural, singular, namespaced, shortNames, categories } = definition;
  const below = subresourcesOf(definition).map((sub) => ({
    subresource: sub.name,
    responseKind: { group: sub.group ?? group, version: sub.version ?? version, kind: sub.kind },
    verbs: sorted(sub.verbs),
  }));
  return {
    resource: plural,
    responseKind: { group, version, kind },
    scope: namespaced ? 'Namespaced' : 'Cluster',
    singularResource: singular,
    verbs: sorted(definition.verbs ?? ALL_VERBS),
    ...(shortNames.length === 0 ? {} : { shortNames }),
    ...(categories.length === 0 ? {} : { categories }),
    ...(below.length === 0 ? {} : { subresources: below }),
  };
}
