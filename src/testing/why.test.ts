/** Every cause that `explain.k8ts.dev` knows, brought about in a whole cluster and told. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deployments } from '../api/groups/apps/deployment/deployment.ts';
import { daemonSets } from '../api/groups/apps/daemon-set/daemon-set.ts';
import { statefulSets } from '../api/groups/apps/stateful-set/stateful-set.ts';
import { horizontalPodAutoscalers } from '../api/groups/autoscaling/horizontal-pod-autoscaler/horizontal-pod-autoscaler.ts';
import { cronJobs } from '../api/groups/batch/cron-job/cron-job.ts';
import { jobs } from '../api/groups/batch/job/job.ts';
import { nodes } from '../api/groups/core/node/node.ts';
import { persistentVolumeClaims } from '../api/groups/core/persistent-volume-claim/persistent-volume-claim.ts';
import { pods } from '../api/groups/core/pod/pod.ts';
import { resourceQuotas } from '../api/groups/core/resource-quota/resource-quota.ts';
import { services } from '../api/groups/core/service/service.ts';
import { podScheduling, progressOf, type ExplainedPlural } from '../api/groups/explain/explain.ts';
import { podDisruptionBudgets } from '../api/groups/policy/pod-disruption-budget/pod-disruption-budget.ts';
import { storageClasses } from '../api/groups/storage/storage-class/storage-class.ts';
import type { KubernetesObject, ResourceType } from '../api/meta/object.ts';
import type { Progress } from '../api/types.gen.ts';
import { startCluster, type TestCluster } from './start-cluster.ts';

const NAMESPACE = 'default';
const LABELS = { app: 'web' };

async function create<T extends KubernetesObject>(
  { client }: TestCluster,
  type: ResourceType<T>,
  name: string,
  body: object,
  metadata: object = {},
): Promise<void> {
  const namespace = type.namespaced ? { namespace: NAMESPACE } : {};
  await client.create(type, { metadata: { name, ...namespace, ...metadata }, ...body } as never);
}

const container = (more: object = {}): object => ({ name: 'c', image: 'i', ...more });
const template = (...containers: readonly object[]): object => ({
  metadata: { labels: LABELS },
  spec: { containers: containers.length === 0 ? [container()] : containers },
});
const workload = (replicas: number, ...containers: readonly object[]): object => ({
  spec: { replicas, selector: { matchLabels: LABELS }, template: template(...containers) },
});
const pod = (...containers: readonly object[]): object => ({ spec: { containers } });

function why({ client }: TestCluster, plural: ExplainedPlural, name: string): Promise<Progress> {
  return client.get(progressOf(plural), { namespace: NAMESPACE, name }, { subresource: 'progress' });
}

interface Case {
  readonly what: string;
  readonly act: (cluster: TestCluster) => Promise<void>;
  /** Plural, name, and what the answer must be. */
  readonly ask: readonly (readonly [ExplainedPlural, string, RegExp, ...string[]])[];
  readonly wait?: string;
}

/** `cause/rank` of each finding, in order, stands behind the summary. */
const CASES: readonly Case[] = [
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
    what: 'an image that cannot be named',
    act: (cluster) => create(cluster, pods, 'p', pod(container({ image: 'I:::' }))),
    ask: [
      ['pods', 'p', /^Pod default\/p is held back: container c cannot get its image I:::/, 'image/cause'],
    ],
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
    what: 'probes that fail',
    act: async (cluster) => {
      const probe = { exec: { command: ['sh', '-c', 'echo broken; exit 1'] }, periodSeconds: 2 };
      await create(cluster, pods, 'ready', pod(container({ readinessProbe: probe })));
      await create(
        cluster,
        pods,
        'alive',
        pod(container({ livenessProbe: { ...probe, failureThreshold: 100 } })),
      );
      await create(
        cluster,
        pods,
        'start',
        pod(container({ startupProbe: { ...probe, failureThreshold: 100 } })),
      );
    },
    ask: [
      [
        'pods',
        'ready',
        /container c does not pass its readiness probe: Readiness probe failed: broken\.$/,
        'probe/cause',
      ],
      [
        'pods',
        'alive',
        /^Pod default\/alive is as it is to be: it is ready on node-1\.$/,
        // It has failures left before it is restarted.
        'probe/note',
      ],
      [
        'pods',
        'start',
        /container c does not pass its startup probe: Startup probe failed: broken\.$/,
        'probe/cause',
      ],
    ],
    wait: '20s',
  },
  {
    what: 'a ConfigMap and a Secret that are not there',
    act: async (cluster) => {
      const envFrom = [{ configMapRef: { name: 'settings' } }];
      await create(cluster, pods, 'map', pod(container({ envFrom })));
      const valueFrom = { secretKeyRef: { name: 'password', key: 'k' } };
      await create(cluster, pods, 'secret', pod(container({ env: [{ name: 'A', valueFrom }] })));
      await create(cluster, pods, 'mount', {
        spec: {
          containers: [container({ volumeMounts: [{ name: 'v', mountPath: '/v' }] })],
          volumes: [{ name: 'v', configMap: { name: 'files' } }],
        },
      });
    },
    ask: [
      ['pods', 'map', /needs the ConfigMap settings, which does not exist\.$/, 'missing-config/cause'],
      ['pods', 'secret', /needs the Secret password, which does not exist\.$/, 'missing-config/cause'],
      [
        'pods',
        'mount',
        /a volume needs the ConfigMap files, which does not exist\.$/,
        'missing-config/cause',
      ],
    ],
    wait: '1m',
  },
  {
    what: 'pods without a node',
    act: async (cluster) => {
      const resources = { requests: { cpu: '99' } };
      await create(cluster, deployments, 'web', workload(3, container({ resources })));
      await create(cluster, pods, 'gated', {
        spec: { containers: [container()], schedulingGates: [{ name: 'a.b/c' }] },
      });
      await create(cluster, pods, 'other', { spec: { containers: [container()], schedulerName: 'mine' } });
    },
    ask: [
      [
        'deployments',
        'web',
        /Pod default\/web-\S+ and 2 more: no node takes it: 0\/1 nodes are available: 1 Insufficient cpu\./,
        'unschedulable/cause',
      ],
      ['pods', 'gated', /it is not scheduled before its gates are gone: a\.b\/c\.$/, 'gated/cause'],
      [
        'pods',
        'other',
        /no scheduler has decided about it yet \(schedulerName mine\)\.$/,
        'unschedulable/cause',
      ],
    ],
  },
  {
    what: 'claims',
    act: async (cluster) => {
      const resources = { requests: { storage: '1Gi' } };
      const claim = (storageClassName: string): object => ({
        spec: { accessModes: ['ReadWriteOnce'], resources, storageClassName },
      });
      await create(cluster, storageClasses, 'late', {
        provisioner: 'x',
        volumeBindingMode: 'WaitForFirstConsumer',
      });
      await create(cluster, storageClasses, 'now', { provisioner: 'x', volumeBindingMode: 'Immediate' });
      for (const name of ['late', 'now', 'none'])
        await create(cluster, persistentVolumeClaims, name, claim(name));
      const volumes = [{ name: 'v', persistentVolumeClaim: { claimName: 'gone' } }];
      await create(cluster, pods, 'p', {
        spec: { containers: [container()], nodeSelector: { a: 'b' }, volumes },
      });
    },
    ask: [
      ['persistentvolumeclaims', 'none', /its storage class none does not exist\.$/, 'claim/cause'],
      [
        'persistentvolumeclaims',
        'now',
        /is held back: it is not bound: no volume matches it yet\.$/,
        'claim/cause',
      ],
      ['persistentvolumeclaims', 'late', /^PersistentVolumeClaim default\/late is on its way/, 'claim/note'],
      [
        'pods',
        'p',
        /it needs the PersistentVolumeClaim gone, which does not exist\.$/,
        'claim/cause',
        'unschedulable/effect',
      ],
    ],
  },
  {
    what: 'services',
    act: async (cluster) => {
      const ports = [{ port: 80 }];
      await create(cluster, services, 'wrong', { spec: { selector: { app: 'wbe' }, ports } });
      await create(cluster, services, 'right', { spec: { selector: LABELS, ports } });
      await create(cluster, services, 'port', {
        spec: { selector: LABELS, ports: [{ port: 80, targetPort: 'http' }] },
      });
      await create(cluster, services, 'unready', { spec: { selector: { app: 'bad' }, ports } });
      await create(cluster, pods, 'good', pod(container()), { labels: LABELS });
      await create(cluster, pods, 'bad', pod(container({ imagePullPolicy: 'Never', image: 'never' })), {
        labels: { app: 'bad' },
      });
    },
    ask: [
      [
        'services',
        'right',
        /^Service default\/right is as it is to be: 1 of the 1 pods that it selects are ready\.$/,
      ],
      ['services', 'wrong', /is held back: its selector app=wbe matches no pod\.$/, 'no-endpoints/cause'],
      [
        'services',
        'port',
        /the container port named http, and no container has one\.$/,
        'no-endpoints/cause',
      ],
      [
        'services',
        'unready',
        /Pod default\/bad: container c cannot get its image/,
        'image/cause',
        'no-endpoints/effect',
      ],
    ],
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
    what: 'deletions that are held',
    act: async (cluster) => {
      await create(cluster, pods, 'p', pod(container()), { finalizers: ['example.com/wait'] });
      await cluster.settle();
      await cluster.client.delete(pods, { namespace: NAMESPACE, name: 'p' });
    },
    ask: [
      [
        'pods',
        'p',
        /it goes only when its finalizers are gone: example\.com\/wait\.$/,
        'deletion-held/cause',
      ],
    ],
    wait: '1m',
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
];

for (const { what, act, ask, wait } of CASES) {
  test(what, async () => {
    const cluster = await startCluster();
    await cluster.settle();
    await act(cluster);
    await (wait === undefined ? cluster.settle() : cluster.clock.advance(wait));
    for (const [plural, name, summary, ...findings] of ask) {
      const answer = await why(cluster, plural, await fullName(cluster, plural, name));
      assert.match(answer.summary, summary);
      const found = (answer.findings ?? []).map(({ cause, rank }) => `${cause}/${rank}`);
      assert.deepEqual(found, findings, JSON.stringify(answer.findings, null, 2));
      assert.equal(
        answer.isHeld,
        findings.some((one) => !one.endsWith('/note')),
      );
      for (const { rank, advice } of answer.findings ?? []) assert.ok(rank !== 'cause' || advice !== '');
    }
    await cluster.stop();
  });
}

/** `web-new`: the newest ReplicaSet of `web`, whose name nobody knows before. */
async function fullName(cluster: TestCluster, plural: ExplainedPlural, name: string): Promise<string> {
  if (plural !== 'replicasets') return name;
  const { items } = await cluster.client.list(pods, { namespace: NAMESPACE });
  const waiting = items.find(({ status }) => status.phase === 'Pending');
  return waiting?.metadata.ownerReferences?.[0]?.name ?? name;
}

test('what the scheduler says of every node is asked of the running one', async () => {
  const cluster = await startCluster({ nodes: 3 });
  const { client } = cluster;
  await cluster.settle();
  const ask = (name: string) =>
    client.get(podScheduling, { namespace: NAMESPACE, name }, { subresource: 'scheduling' });
  await client.patch(nodes, { name: 'node-1' }, { type: 'merge', body: { spec: { unschedulable: true } } });
  await create(cluster, pods, 'big', pod(container({ resources: { requests: { cpu: '9' } } })));
  await create(cluster, pods, 'small', pod(container({ resources: { requests: { cpu: '1' } } })));
  await cluster.settle();
  const big = await ask('big');
  assert.deepEqual([big.nodeCount, big.fittingNodes, big.nodeName], [3, 0, undefined]);
  assert.equal(big.refusals?.length, 2);
  assert.match(big.smallestChange ?? '', /^\d+m more cpu \(then node-[23] would fit\)$/);
  const small = await ask('small');
  assert.equal(small.fittingNodes, 2);
  assert.match(small.nodeName ?? '', /^node-[23]$/);
  assert.equal(small.scores?.length, 2);
  // Asking changes nothing: the same answer again, and the pod is still counted.
  assert.deepEqual(await ask('small'), small);
  await create(cluster, pods, 'fills', pod(container({ resources: { requests: { cpu: '4' } } })));
  await cluster.settle();
  const other = (await client.get(pods, { namespace: NAMESPACE, name: 'fills' })).spec.nodeName;
  assert.notEqual(other, small.nodeName);
  await create(cluster, pods, 'mine', { spec: { containers: [container()], schedulerName: 'mine' } });
  await assert.rejects(
    ask('mine'),
    /no scheduler of this server decides about pods of the schedulerName mine/,
  );
  await assert.rejects(why(cluster, 'pods', 'none'), /pods "none" not found/);
  await cluster.stop();
});
