/** For tests: a cluster with a StatefulSet `db`, and short words for what happens to it. */

import assert from 'node:assert/strict';
import { statefulSets } from '../../api/groups/apps/stateful-set/stateful-set.ts';
import { persistentVolumeClaims } from '../../api/groups/core/persistent-volume-claim/persistent-volume-claim.ts';
import { pods } from '../../api/groups/core/pod/pod.ts';
import { BUILT_IN_KINDS } from '../../api/catalog.ts';
import type { Draft } from '../../api/meta/object.ts';
import type { StatefulSetSpec } from '../../api/types.gen.ts';
import { runAllPods, startTestCluster, type TestCluster } from '../cluster.fixture.ts';
import { garbageCollector } from '../garbage-collector/garbage-collector.ts';
import { statefulSetController } from './stateful-set.ts';

export const REF = { namespace: 'default', name: 'db' };
export const LABELS = { app: 'db' };
export const CLAIM = {
  metadata: { name: 'data' },
  spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
} as const;

export async function withCluster(run: (cluster: TestCluster) => Promise<void>): Promise<void> {
  const cluster = await startTestCluster([statefulSetController, garbageCollector(() => BUILT_IN_KINDS)]);
  try {
    await run(cluster);
  } finally {
    await cluster.stop();
  }
}

const specOf = (replicas: number, spec: Draft<StatefulSetSpec> = {}): Draft<StatefulSetSpec> => ({
  replicas,
  serviceName: 'db',
  selector: { matchLabels: LABELS },
  template: { metadata: { labels: LABELS }, spec: { containers: [{ name: 'c', image: 'db:1' }] } },
  ...spec,
});

export async function create(cluster: TestCluster, replicas: number, spec: Draft<StatefulSetSpec> = {}) {
  await cluster.client.create(statefulSets, { metadata: REF, spec: specOf(replicas, spec) });
  await cluster.settle();
}

export async function patch(cluster: TestCluster, spec: Draft<StatefulSetSpec>): Promise<void> {
  await cluster.client.patch(statefulSets, REF, { type: 'merge', body: { spec } as never });
  await cluster.settle();
}

export const setImage = (cluster: TestCluster, image: string): Promise<void> =>
  patch(cluster, { template: { spec: { containers: [{ name: 'c', image }] } } });

/** Pods become ready one after the other, as often as new ones come. */
export async function runUntilQuiet(cluster: TestCluster): Promise<void> {
  for (let round = 0; round < 30; round++) {
    const before = await versions(cluster);
    await runAllPods(cluster);
    await cluster.settle();
    if ((await versions(cluster)) === before) return;
  }
  assert.fail('the set never comes to rest');
}

async function versions({ client }: TestCluster): Promise<string> {
  return (await client.list(pods)).items.map(({ metadata }) => metadata.resourceVersion).join();
}

export async function names({ client }: TestCluster): Promise<readonly string[]> {
  const { items } = await client.list(pods);
  return items.map(({ metadata }) => metadata.name ?? '').toSorted();
}

export async function images({ client }: TestCluster): Promise<readonly (string | undefined)[]> {
  const { items } = await client.list(pods);
  return items
    .toSorted((a, b) => ((a.metadata.name ?? '') < (b.metadata.name ?? '') ? -1 : 1))
    .map(({ spec }) => spec.containers[0]?.image);
}

export const getSet = ({ client }: TestCluster) => client.get(statefulSets, REF);
export const getPod = ({ client }: TestCluster, name: string) => client.get(pods, { ...REF, name });
export const getClaim = ({ client }: TestCluster, name: string) =>
  client.get(persistentVolumeClaims, { ...REF, name });
export const claimNames = async ({ client }: TestCluster) =>
  (await client.list(persistentVolumeClaims)).items.map(({ metadata }) => metadata.name);
export const deletePod = async (cluster: TestCluster, name: string) => {
  await cluster.client.delete(pods, { ...REF, name });
  await cluster.settle();
};
export const fail = async (cluster: TestCluster, name: string) => {
  const body = { status: { phase: 'Failed' } };
  await cluster.client.patch(pods, { ...REF, name }, { type: 'merge', body }, { subresource: 'status' });
  await cluster.settle();
};
