/** What holds workloads back, brought about in a whole cluster and told. */

import assert from 'node:assert/strict';
import { apiServices } from '../api/groups/apiregistration/api-service/api-service.ts';
import { deployments } from '../api/groups/apps/deployment/deployment.ts';
import { daemonSets } from '../api/groups/apps/daemon-set/daemon-set.ts';
import { statefulSets } from '../api/groups/apps/stateful-set/stateful-set.ts';
import { horizontalPodAutoscalers } from '../api/groups/autoscaling/horizontal-pod-autoscaler/horizontal-pod-autoscaler.ts';
import { cronJobs } from '../api/groups/batch/cron-job/cron-job.ts';
import { jobs } from '../api/groups/batch/job/job.ts';
import { configMaps } from '../api/groups/core/config-map/config-map.ts';
import { namespaces } from '../api/groups/core/namespace/namespace.ts';
import { nodes } from '../api/groups/core/node/node.ts';
import { resourceQuotas } from '../api/groups/core/resource-quota/resource-quota.ts';
import { podDisruptionBudgets } from '../api/groups/policy/pod-disruption-budget/pod-disruption-budget.ts';
import { container, create, LABELS, NAMESPACE, testCases, why, workload } from './why.fixture.ts';

testCases([
  {
    what: 'nothing is wrong',
    act: (cluster) => create(cluster, deployments, 'web', workload(2)),
    ask: [
      [
        'deployments',
        'web',
        /^Deployment default\/web is as it is to be: 2 of 2 replicas are updated, 2 are available\.$/,
      ],
    ],
  },
  {
    what: 'a paused deployment',
    act: async (cluster) => {
      await create(cluster, deployments, 'web', {
        spec: { ...(workload(1) as { spec: object }).spec, paused: true },
      });
    },
    ask: [
      ['deployments', 'web', /is held back: it is paused: changes are not rolled out\.$/, 'paused/cause'],
    ],
  },
  {
    what: 'a namespace that nothing holds',
    act: async () => {},
    ask: [['namespaces', NAMESPACE, /^Namespace default is as it is to be: it is active\.$/]],
  },
  {
    what: 'a namespace with an object that somebody holds, and a server that does not answer',
    act: async (cluster) => {
      const { client } = cluster;
      await client.create(namespaces, { metadata: { name: 'going' } });
      const metadata = { name: 'held', namespace: 'going', finalizers: ['example.com/hold'] };
      await client.create(configMaps, { metadata });
      const service = { namespace: 'nowhere', name: 'nobody' };
      await create(cluster, apiServices, 'v1.example.com', {
        spec: { group: 'example.com', version: 'v1', service, groupPriorityMinimum: 9, versionPriority: 9 },
      });
      await cluster.settle();
      await client.delete(namespaces, { name: 'going' });
    },
    ask: [
      [
        'namespaces',
        'going',
        /^Namespace going is held back: Discovery failed for some groups, 1 failing: .*example\.com\/v1/,
        'deletion-held/cause',
        'deletion-held/cause',
        'deletion-held/effect',
      ],
    ],
    wait: '30s',
  },
  {
    what: 'a quota',
    act: async (cluster) => {
      await create(cluster, resourceQuotas, 'q', { spec: { hard: { pods: '1' } } });
      await cluster.settle();
      await create(cluster, deployments, 'web', workload(3));
    },
    ask: [
      [
        'deployments',
        'web',
        /ReplicaSet default\/web-\w+: the quota q does not allow more: pods=1 requested, pods=1 used, limited to pods=1\.$/,
        'quota/cause',
      ],
    ],
  },
  {
    what: 'a service account that is not there',
    act: (cluster) =>
      create(cluster, deployments, 'web', {
        spec: {
          selector: { matchLabels: LABELS },
          template: {
            metadata: { labels: LABELS },
            spec: { serviceAccountName: 'nobody', containers: [container()] },
          },
        },
      }),
    ask: [
      ['deployments', 'web', /its service account default\/nobody does not exist\.$/, 'create-failed/cause'],
    ],
  },
  {
    what: 'an image that must not be pulled, in a rollout whose deadline passes',
    act: async (cluster) => {
      const { spec } = workload(2) as { spec: object };
      await create(cluster, deployments, 'web', { spec: { ...spec, progressDeadlineSeconds: 30 } });
      await cluster.settle();
      const containers = [{ name: 'c', image: 'i:2', imagePullPolicy: 'Never' }];
      const body = { spec: { template: { spec: { containers } } } };
      await cluster.client.patch(
        deployments,
        { namespace: NAMESPACE, name: 'web' },
        { type: 'strategic', body },
      );
    },
    ask: [
      [
        'deployments',
        'web',
        /Pod default\/web-\S+: container c cannot get its image i:2: /,
        'image/cause',
        'progress-deadline/effect',
        'rollout-waits/effect',
      ],
      ['replicasets', 'web-new', /cannot get its image/, 'image/cause'],
    ],
    wait: '2m',
  },
  {
    what: 'a crash loop',
    act: (cluster) =>
      create(
        cluster,
        deployments,
        'web',
        workload(2, container({ command: ['sh', '-c', 'sleep 1; exit 3'] })),
      ),
    ask: [
      [
        'deployments',
        'web',
        /Pod default\/web-\S+ and 1 more: container c ends again and again with exit code 3 \(Error\)\.$/,
        'crash-loop/cause',
      ],
    ],
    wait: '1m',
  },
  {
    what: 'jobs',
    act: async (cluster) => {
      const failing = {
        metadata: {},
        spec: { restartPolicy: 'Never', containers: [container({ command: ['sh', '-c', 'exit 2'] })] },
      };
      await create(cluster, jobs, 'failed', { spec: { backoffLimit: 0, template: failing } });
      await create(cluster, jobs, 'held', { spec: { suspend: true, template: failing } });
      await create(cluster, cronJobs, 'nightly', {
        spec: { suspend: true, schedule: '0 0 * * *', jobTemplate: { spec: { template: failing } } },
      });
    },
    ask: [
      [
        'jobs',
        'failed',
        /Pod default\/failed-\w+: container c ended with exit code 2 \(Error\)\.$/,
        'container-failed/cause',
        'job-failed/effect',
      ],
      ['jobs', 'held', /^Job default\/held is held back: it is suspended\.$/, 'paused/cause'],
      ['cronjobs', 'nightly', /it is suspended: no jobs are made\.$/, 'paused/cause'],
    ],
    wait: '1m',
  },
  {
    what: 'pods that come one after the other, and a daemon nowhere',
    act: async (cluster) => {
      const { spec } = workload(3, container({ imagePullPolicy: 'Never', image: 'never' })) as {
        spec: object;
      };
      await create(cluster, statefulSets, 'db', { spec: { ...spec, serviceName: 'db' } });
      const labels = { app: 'agent' };
      await create(cluster, daemonSets, 'agent', {
        spec: {
          selector: { matchLabels: labels },
          template: { metadata: { labels }, spec: { nodeSelector: { a: 'b' }, containers: [container()] } },
        },
      });
    },
    ask: [
      [
        'statefulsets',
        'db',
        /Pod default\/db-0: container c cannot get its image/,
        'image/cause',
        'rollout-waits/effect',
      ],
      ['daemonsets', 'agent', /is as it is to be: 0 of 0 nodes have a ready pod of it/, 'no-nodes/note'],
    ],
  },
  {
    what: 'a budget that lets nobody go from a node that is being emptied',
    act: async (cluster) => {
      await create(cluster, deployments, 'web', workload(1));
      await create(cluster, podDisruptionBudgets, 'b', {
        spec: { minAvailable: 1, selector: { matchLabels: LABELS } },
      });
      await cluster.settle();
      assert.match((await why(cluster, 'deployments', 'web')).summary, /is as it is to be/);
      const body = { spec: { unschedulable: true } };
      await cluster.client.patch(nodes, { name: 'node-1' }, { type: 'merge', body });
    },
    ask: [
      [
        'deployments',
        'web',
        /PodDisruptionBudget default\/b: it lets no pod be evicted now: 1 of its pods are healthy, 1 must be, and node-1 is being emptied\.$/,
        'eviction-blocked/cause',
      ],
    ],
  },
  {
    what: 'an autoscaler without a target',
    act: (cluster) =>
      create(cluster, horizontalPodAutoscalers, 'h', {
        spec: { maxReplicas: 3, scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'gone' } },
      }),
    ask: [
      [
        'horizontalpodautoscalers',
        'h',
        /the HPA controller was unable to get the target's current scale/,
        'autoscaling/cause',
      ],
    ],
    wait: '1m',
  },
]);
