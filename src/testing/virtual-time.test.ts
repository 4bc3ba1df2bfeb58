/** Months pass in seconds: what is to happen in them happens, at its time. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cronJobs } from '../api/groups/batch/cron-job/cron-job.ts';
import { jobs } from '../api/groups/batch/job/job.ts';
import { deployments } from '../api/groups/apps/deployment/deployment.ts';
import { nodes } from '../api/groups/core/node/node.ts';
import { pods } from '../api/groups/core/pod/pod.ts';
import { startCluster } from './start-cluster.ts';

test('400 days of a cluster at work', async () => {
  const cluster = await startCluster({ nodes: 2, heartbeat: '6h' });
  await cluster.settle();
  const { client, clock } = cluster;
  const template = {
    spec: { restartPolicy: 'Never', containers: [{ name: 'c', image: 'i', args: ['true'] }] },
  };
  await client.create(cronJobs, {
    metadata: { name: 'weekly', namespace: 'default' },
    spec: {
      schedule: '0 3 * * 1',
      timeZone: 'Europe/Berlin',
      successfulJobsHistoryLimit: 100,
      jobTemplate: { spec: { template } },
    },
  } as never);
  const labels = { app: 'web' };
  await client.create(deployments, {
    metadata: { name: 'web', namespace: 'default' },
    spec: {
      replicas: 4,
      selector: { matchLabels: labels },
      // A token would be signed anew every hour, which takes most of the time of such a run.
      template: {
        metadata: { labels },
        spec: { automountServiceAccountToken: false, containers: [{ name: 'web', image: 'web:1' }] },
      },
    },
  });
  const began = clock.now();
  await clock.advance('400d');
  const mondays = Array.from({ length: 400 }, (_, day) => new Date(began + day * 86_400_000)).filter(
    (date) => date.getUTCDay() === 1,
  ).length;
  const made = (await client.list(jobs, { namespace: 'default' })).items;
  assert.ok(Math.abs(made.length - mondays) <= 1, `${made.length} jobs in ${mondays} weeks`);
  assert.ok(made.every(({ metadata }) => metadata.name?.startsWith('weekly-')));
  const { status } = await client.get(deployments, { namespace: 'default', name: 'web' });
  assert.equal(status.availableReplicas, 4);
  const ready = (await client.list(nodes)).items.filter((node) =>
    node.status.conditions?.some(({ type, status: verdict }) => type === 'Ready' && verdict === 'True'),
  );
  assert.equal(ready.length, 2);
  await cluster.stop();
});

test('a pod that has ended keeps its node from nothing', async () => {
  const cluster = await startCluster({ nodes: 1, heartbeat: '6h' });
  await cluster.settle();
  await cluster.client.create(pods, {
    metadata: { name: 'once', namespace: 'default' },
    spec: { restartPolicy: 'Never', containers: [{ name: 'c', image: 'i', args: ['true'] }] },
  });
  // Longer than its token would have been good for.
  await cluster.clock.advance('5h');
  const { status } = await cluster.client.get(pods, { namespace: 'default', name: 'once' });
  assert.equal(status.phase, 'Succeeded');
  assert.ok((cluster.clock.nextTimerAt() ?? Infinity) - cluster.clock.now() > 1_000);
  await cluster.stop();
});

test('with rare heartbeats a node that falls silent is missed later, not never', async () => {
  const cluster = await startCluster({ nodes: 2, heartbeat: '1h' });
  await cluster.settle();
  const isReady = async (): Promise<boolean> => {
    const { status } = await cluster.client.get(nodes, { name: 'node-1' });
    return status.conditions?.some((one) => one.type === 'Ready' && one.status === 'True') ?? false;
  };
  await cluster.clock.advance('2h');
  cluster.stopNode('node-1');
  await cluster.clock.advance('3h');
  assert.equal(await isReady(), true);
  await cluster.clock.advance('3h');
  assert.equal(await isReady(), false);
  await cluster.stop();
});
