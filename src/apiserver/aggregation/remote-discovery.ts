/** Discovery documents of aggregated API servers, in the aggregated form; pure. */

import type { JsonObject, JsonValue } from '../../api/schema/schema.ts';

/** A group-version that another server serves, as discovery shows it. */
export interface RemoteGroupVersion {
  readonly group: string;
  readonly version: string;
  readonly groupPriority: number;
  readonly versionPriority: number;
  /** `APIResourceDiscovery`; empty while the server never answered. */
  readonly resources: readonly JsonValue[];
  /** Whether the server answered when it was last asked. */
  readonly isCurrent: boolean;
}

/** Resources by `group/version`. */
export type RemoteResources = ReadonlyMap<string, readonly JsonValue[]>;

/** Of an `APIGroupDiscoveryList`; undefined when the document is none. */
export function fromAggregated(document: JsonValue): RemoteResources | undefined {
  if (!isObject(document) || document['kind'] !== 'APIGroupDiscoveryList') return undefined;
  const found = new Map<string, readonly JsonValue[]>();
  for (const group of listOf(document['items'])) {
    const metadata = isObject(group) ? group['metadata'] : undefined;
    const name = isObject(metadata) && typeof metadata['name'] === 'string' ? metadata['name'] : '';
    for (const version of listOf(isObject(group) ? group['versions'] : undefined)) {
      if (!isObject(version)) continue;
      found.set(`${name}/${String(version['version'])}`, listOf(version['resources']));
    }
  }
  return found;
}

/** Of an `APIResourceList`, whose subresources stand beside their resources. */
export function fromLegacy(group: string, version: string, document: JsonValue): readonly JsonValue[] {
  const all = listOf(isObject(document) ? document['resources'] : undefined).filter(isObject);
  const nameOf = (resource: JsonObject): string => String(resource['name'] ?? '');
  const kindOf = (resource: JsonObject): JsonObject => ({
    group: resource['group'] ?? group,
    version: resource['version'] ?? version,
    kind: resource['kind'] ?? '',
  });
  return all
    .filter((resource) => !nameOf(resource).includes('/'))
    .map((resource) => {
      const own = `${nameOf(resource)}/`;
      const below = all
        .filter((candidate) => nameOf(candidate).startsWith(own))
        .map((candidate) => ({
          subresource: nameOf(candidate).slice(own.length),
          responseKind: kindOf(candidate),
          verbs: listOf(candidate['verbs']),
        }));
      return {
        resource: nameOf(resource),
        responseKind: kindOf(resource),
        scope: resource['namespaced'] === true ? 'Namespaced' : 'Cluster',
        singularResource: resource['singularName'] ?? '',
        verbs: listOf(resource['verbs']),
        ...given('shortNames', resource['shortNames']),
        ...given('categories', resource['categories']),
        ...(below.length === 0 ? {} : { subresources: below }),
      };
    });
}

/** A kind as discovery tells of it. */
export interface RemoteType {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly plural: string;
  readonly namespaced: boolean;
  readonly verbs: readonly string[];
}

/**
 * The namespaced kinds of other servers, each in the first version that has it, and the `group/version`s of
 * which nobody knows now what they have.
 */
export function namespacedTypes(served: readonly RemoteGroupVersion[]): {
  readonly types: readonly RemoteType[];
  readonly stale: readonly string[];
} {
  const types = new Map<string, RemoteType>();
  const byPriority = served.toSorted((a, b) => b.versionPriority - a.versionPriority);
  for (const { group, version, resources } of byPriority.filter(({ isCurrent }) => isCurrent)) {
    for (const resource of resources) {
      if (!isObject(resource) || resource['scope'] !== 'Namespaced') continue;
      const { responseKind, verbs } = resource;
      const plural = String(resource['resource']);
      const kind = isObject(responseKind) ? String(responseKind['kind'] ?? '') : '';
      const key = `${plural}.${group}`;
      const type = { group, version, kind, plural, namespaced: true, verbs: listOf(verbs).map(String) };
      if (!types.has(key)) types.set(key, type);
    }
  }
  const stale = served.filter(({ isCurrent }) => !isCurrent);
  return { types: [...types.values()], stale: stale.map(({ group, version }) => `${group}/${version}`) };
}

function given(name: string, value: JsonValue | undefined): JsonObject {
  return value === undefined ? {} : { [name]: value };
}

function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function listOf(value: JsonValue | undefined): readonly JsonValue[] {
  return Array.isArray(value) ? (value as readonly JsonValue[]) : [];
}
