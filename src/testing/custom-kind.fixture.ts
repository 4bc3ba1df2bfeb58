/** For tests of custom resources: a cluster with definitions, and what it refuses. */

import assert from 'node:assert/strict';
import { customResourceDefinitions } from '../api/groups/apiextensions/custom-resource-definition/custom-resource-definition.ts';
import { ApiError } from '../api/meta/api-error.ts';
import type { Draft, KubernetesObject, ResourceType } from '../api/meta/object.ts';
import type {
  CustomResourceDefinition,
  CustomResourceDefinitionNames,
  CustomResourceDefinitionVersion,
} from '../api/types.gen.ts';
import { startCluster, type TestCluster } from './start-cluster.ts';

export type CustomObject = KubernetesObject & {
  readonly spec?: { readonly [key: string]: unknown };
  readonly status?: { readonly [key: string]: unknown };
};

export const GROUP = 'stable.example.com';
export const NAMES: CustomResourceDefinitionNames = {
  plural: 'crontabs',
  kind: 'CronTab',
  shortNames: ['ct'],
};

export function cronTabs(version = 'v1'): ResourceType<CustomObject> {
  return { group: GROUP, version, kind: 'CronTab', plural: 'crontabs', namespaced: true };
}

export function definitionOf(
  versions: readonly CustomResourceDefinitionVersion[],
  names: CustomResourceDefinitionNames = NAMES,
): Draft<CustomResourceDefinition> {
  const metadata = { name: `${names.plural}.${GROUP}` };
  return { metadata, spec: { group: GROUP, scope: 'Namespaced', names, versions } };
}

export async function clusterWith(
  ...definitions: readonly Draft<CustomResourceDefinition>[]
): Promise<TestCluster> {
  const cluster = await startCluster();
  for (const each of definitions) await cluster.client.create(customResourceDefinitions, each);
  await cluster.settle();
  return cluster;
}

export async function refusal(promise: Promise<unknown>): Promise<{ code: number; message: string }> {
  try {
    await promise;
  } catch (error) {
    assert.ok(error instanceof ApiError, String(error));
    return { code: error.code, message: error.message };
  }
  return assert.fail('nothing was refused');
}
