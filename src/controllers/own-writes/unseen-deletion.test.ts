/**
 * What a controller made is deleted before its cache shows it, and the watch breaks meanwhile: a new list
 * shows no change at all, and still it is made again.
 */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { daemonSets } from '../../api/groups/apps/daemon-set/daemon-set.ts';
import { deployments } from '../../api/groups/apps/deployment/deployment.ts';
import { replicaSets } from '../../api/groups/apps/replica-set/replica-set.ts';
import { statefulSets } from '../../api/groups/apps/stateful-set/stateful-set.ts';
import { controllerRevisions } from '../../api/groups/apps/controller-revision/controller-revision.ts';
import { endpoints } from '../../api/groups/core/endpoints/endpoints.ts';
import { nodes } from '../../api/groups/core/node/node.ts';
import { pods } from '../../api/groups/core/pod/pod.ts';
import { services } from '../../api/groups/core/service/service.ts';
import { endpointSlices } from '../../api/groups/discovery/endpoint-slice/endpoint-slice.ts';
import type { KubernetesObject, ResourceType } from '../../api/meta/object.ts';
import type { DirectClient } from '../../client/direct/direct-client.ts';
import type { ControllerDefinition } from '../../reconcile/controller.ts';
import { startTestCluster } from '../cluster.fixture.ts';
import { daemonSetController } from '../daemon-set/daemon-set.ts';
import { deploymentController } from '../deployment/deployment.ts';
import { endpointSliceController } from '../endpoint-slice/endpoint-slice.ts';
import { endpointsController } from '../endpoints/endpoints.ts';
import { replicaSetController } from '../replica-set/replica-set.ts';
import { statefulSetController } from '../stateful-set/stateful-set.ts';

const LAG_MS = 300;
const metadata = { namespace: 'default', name: 'web' };
const labels = { app: 'web' };
const spec = {
  selector: { matchLabels: labels },
  template: { metadata: { labels }, spec: { containers: [{ name: 'web', image: 'web' }] } },
};

interface Case {
  readonly controller: ControllerDefinition;
  readonly made: ResourceType;
  begin(client: DirectClient): Promise<unknown>;
}

const CASES: readonly Case[] = [
  {
    controller: replicaSetController,
    made: pods,
    begin: (client) => client.create(replicaSets, { metadata, spec: { ...spec, replicas: 1 } }),
  },
  {
    controller: deploymentController,
    made: replicaSets,
    begin: (client) => client.create(deployments, { metadata, spec: { ...spec, replicas: 1 } }),
  },
  {
    controller: daemonSetController,
    made: pods,
    begin: async (client) => {
      await client.create(nodes, { metadata: { name: 'node' } });
      return client.create(daemonSets, { metadata, spec });
    },
  },
  {
    controller: daemonSetController,
    made: controllerRevisions,
    begin: (client) => client.create(daemonSets, { metadata, spec }),
  },
  {
    controller: statefulSetController,
    made: pods,
    begin: (client) => client.create(statefulSets, { metadata, spec: { ...spec, serviceName: 'web' } }),
  },
  {
    controller: endpointSliceController,
    made: endpointSlices,
    begin: (client) =>
      client.create(services, { metadata, spec: { selector: labels, ports: [{ port: 80 }] } }),
  },
  {
    controller: endpointsController,
    made: endpoints,
    begin: (client) =>
      client.create(services, { metadata, spec: { selector: labels, ports: [{ port: 80 }] } }),
  },
];

for (const { controller, made, begin } of CASES) {
  test(`${controller.name} makes ${made.plural} again that were deleted unseen`, async () => {
    const cluster = await startTestCluster([controller], { lagMs: { [made.plural]: LAG_MS } });
    const { client } = cluster;
    const living = async (): Promise<readonly KubernetesObject[]> => (await client.list(made)).items;
    await cluster.settle();
    await begin(client);
    for (let ms = 0; (await living()).length === 0; ms += 10) {
      assert.ok(ms < 5000, 'nothing is made');
      await cluster.advance(10);
    }
    const [first] = await living();
    const { namespace = '', name = '', uid } = first?.metadata ?? {};
    await client.delete(made, { namespace, name }, { gracePeriodSeconds: 0 });
    cluster.breakStreams(true);
    await cluster.advance('10s');
    const [again] = await living();
    assert.ok(again !== undefined && again.metadata.uid !== uid, 'it is made again');
    await cluster.stop();
  });
}
