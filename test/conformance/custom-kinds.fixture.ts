/** For conformance tests of custom resources: definitions, and where their objects are. */

import assert from 'node:assert/strict';
import { condition, type Api, type Fields } from './api.fixture.ts';

export const DEFINITIONS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';

export interface CustomKind {
  readonly group: string;
  readonly kind: string;
  readonly plural: string;
  readonly definition: string;
  /** Of the objects in a version. */
  readonly url: (version: string, namespace?: string) => string;
}

export interface CustomVersion {
  readonly name: string;
  readonly served?: boolean;
  readonly schema?: object;
  readonly more?: object;
}

export interface CustomOptions {
  readonly scope?: 'Cluster' | 'Namespaced';
  readonly labels?: object;
  readonly spec?: object;
}

export const FREE = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };

export function customKind(group: string, kind: string): CustomKind {
  const plural = `${kind.toLowerCase()}s`;
  return {
    group,
    kind,
    plural,
    definition: `${DEFINITIONS}/${plural}.${group}`,
    url: (version, namespace) =>
      `/apis/${group}/${version}/${namespace === undefined ? '' : `namespaces/${namespace}/`}${plural}`,
  };
}

/** The first version is stored. */
export function definitionOf(
  { group, kind, plural }: CustomKind,
  versions: readonly CustomVersion[],
  { scope = 'Cluster', labels = {}, spec = {} }: CustomOptions = {},
): object {
  return {
    metadata: { name: `${plural}.${group}`, labels },
    spec: {
      group,
      scope,
      names: { plural, singular: kind.toLowerCase(), kind, listKind: `${kind}List` },
      versions: versions.map(({ name, served = true, schema = FREE, more = {} }, i) => ({
        name,
        served,
        storage: i === 0,
        schema: { openAPIV3Schema: schema },
        ...more,
      })),
      ...spec,
    },
  };
}

/** Made, established and served. */
export async function serve(
  api: Api,
  kind: CustomKind,
  versions: readonly CustomVersion[],
  options: CustomOptions = {},
): Promise<Fields> {
  await api.post(DEFINITIONS, definitionOf(kind, versions, options));
  return api.eventually(async () => {
    const definition = await api.get(kind.definition);
    assert.equal(condition(definition, 'Established')?.status, 'True');
    for (const { name, served = true } of versions) if (served) await api.get(kind.url(name));
    return definition;
  });
}
