/** Disruption budgets in a whole cluster, with owners of a custom kind. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { customResourceDefinitions } from '../api/groups/apiextensions/custom-resource-definition/custom-resource-definition.ts';
import { pods } from '../api/groups/core/pod/pod.ts';
import { podDisruptionBudgets } from '../api/groups/policy/pod-disruption-budget/pod-disruption-budget.ts';
import { isApiError } from '../api/meta/api-error.ts';
import type { KubernetesObject, ResourceType } from '../api/meta/object.ts';
import { startCluster } from './start-cluster.ts';

const GROUP = 'example.com';

interface Herd extends KubernetesObject {
  readonly spec: { readonly sheep: number };
}

const herds: ResourceType<Herd> = {
  group: GROUP,
  version: 'v1',
  kind: 'Herd',
  plural: 'herds',
  namespaced: true,
};

test('the scale of a custom resource is what a budget is measured against', async () => {
  const cluster = await startCluster();
  const { client } = cluster;
  const field = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };
  const openAPIV3Schema = { type: 'object', properties: { spec: field, status: field } };
  const paths = { specReplicasPath: '.spec.sheep', statusReplicasPath: '.status.sheep' };
  await client.create(customResourceDefinitions, {
    metadata: { name: `herds.${GROUP}` },
    spec: {
      ...{ group: GROUP, scope: 'Namespaced', names: { plural: 'herds', kind: 'Herd' } },
      versions: [
        {
          ...{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema } },
          subresources: { status: {}, scale: paths },
        },
      ],
    },
  });
  await cluster.settle();
  const place = { name: 'flock', namespace: 'default' };
  const herd = await client.create(herds, { metadata: place, spec: { sheep: 4 } });
  const { uid = '' } = herd.metadata;
  const owner = { apiVersion: `${GROUP}/v1`, kind: 'Herd', name: 'flock', uid, controller: true };
  const labels = { app: 'flock' };
  for (const name of ['a', 'b', 'c', 'd']) {
    await client.create(pods, {
      metadata: { name, namespace: 'default', labels, ownerReferences: [owner] },
      spec: { containers: [{ name: 'sheep', image: 'sheep:1' }] },
    });
  }
  const selector = { matchLabels: labels };
  await client.create(podDisruptionBudgets, { metadata: place, spec: { selector, maxUnavailable: '25%' } });
  await cluster.clock.advance('1m');
  const { status } = await client.get(podDisruptionBudgets, place);
  assert.deepEqual(
    [status.expectedPods, status.desiredHealthy, status.currentHealthy, status.disruptionsAllowed],
    [4, 3, 4, 1],
  );
  const evict = (name: string) => {
    const body = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name, namespace: 'default' } };
    return client.createSubresource(pods, { namespace: 'default', name }, 'eviction', body);
  };
  await evict('a');
  await assert.rejects(evict('b'), (error) => isApiError(error, 'TooManyRequests'));
  await cluster.stop();
});
