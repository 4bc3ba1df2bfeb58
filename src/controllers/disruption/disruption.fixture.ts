/** For tests of disruption budgets: pods of a ReplicaSet whose controller and kubelet the test plays. */

import { BUILT_IN_KINDS } from '../../api/catalog.ts';
import { replicaSets } from '../../api/groups/apps/replica-set/replica-set.ts';
import { pods } from '../../api/groups/core/pod/pod.ts';
import { podDisruptionBudgets } from '../../api/groups/policy/pod-disruption-budget/pod-disruption-budget.ts';
import type { Draft } from '../../api/meta/object.ts';
import type { OwnerReference, Pod, PodDisruptionBudget, ReplicaSet } from '../../api/types.gen.ts';
import { setPodReady, type TestCluster } from '../cluster.fixture.ts';
import { controllerReference } from '../ownership/ownership.ts';
import { disruptionController } from './disruption.ts';

export const BUDGET = { namespace: 'default', name: 'web' };
export const LABELS = { app: 'web' };

export const disruption = disruptionController(() => BUILT_IN_KINDS);

export function createBudget(
  { client }: TestCluster,
  spec: Draft<PodDisruptionBudget['spec']>,
): Promise<PodDisruptionBudget> {
  const selector = { matchLabels: LABELS };
  return client.create(podDisruptionBudgets, { metadata: BUDGET, spec: { selector, ...spec } });
}

export const getBudget = ({ client }: TestCluster): Promise<PodDisruptionBudget> =>
  client.get(podDisruptionBudgets, BUDGET);

export function createSet({ client }: TestCluster, replicas: number): Promise<ReplicaSet> {
  const template = { metadata: { labels: LABELS }, spec: { containers: [{ name: 'c', image: 'web:1' }] } };
  const spec = { replicas, selector: { matchLabels: LABELS }, template };
  return client.create(replicaSets, { metadata: { name: 'web', namespace: 'default' }, spec });
}

export function ownedBy(set: ReplicaSet): OwnerReference {
  return controllerReference(replicaSets, set);
}

export async function createReadyPod(
  { client, host }: TestCluster,
  name: string,
  owner?: OwnerReference,
): Promise<void> {
  const pod = await client.create(pods, {
    metadata: {
      ...{ name, namespace: 'default', labels: LABELS },
      ...(owner === undefined ? {} : { ownerReferences: [owner] }),
    },
    spec: { nodeName: 'n1', containers: [{ name: 'c', image: 'web:1' }] },
  });
  await setPodReady(client, pod, true, host.clock.now());
}

/** Whether it was granted. */
export async function evict({ client }: TestCluster, name: string): Promise<unknown> {
  const body = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name, namespace: 'default' } };
  return client.createSubresource(pods, { namespace: 'default', name }, 'eviction', body);
}

export function isHealthy({ metadata, status }: Pod): boolean {
  const ready = status.conditions?.find(({ type }) => type === 'Ready');
  return metadata.deletionTimestamp === undefined && ready?.status === 'True';
}
