// A test of your own against a whole cluster, in well under a second. Run it in a clone with
//   tools/node --test examples/testing/deployment.test.ts
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deployments } from 'k8ts/kinds/apps/deployment/deployment.ts';
import { startCluster } from 'k8ts/testing';

test('a deployment becomes available, and survives the loss of a node', async () => {
  const cluster = await startCluster({ nodes: 3 });
  const labels = { app: 'web' };
  await cluster.client.create(deployments, {
    metadata: { name: 'web', namespace: 'default' },
    spec: {
      replicas: 3,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [{ name: 'web', image: 'example.org/web:1' }] } },
    },
  });
  await cluster.settle();
  cluster.stopNode('node-1');
  await cluster.clock.advance('8m');
  const { status } = await cluster.client.get(deployments, { namespace: 'default', name: 'web' });
  assert.equal(status.availableReplicas, 3);
  await cluster.stop();
});
