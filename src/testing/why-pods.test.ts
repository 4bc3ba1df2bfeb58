/** What holds pods, claims and services back, brought about in a whole cluster and told. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deployments } from '../api/groups/apps/deployment/deployment.ts';
import { nodes } from '../api/groups/core/node/node.ts';
import { persistentVolumeClaims } from '../api/groups/core/persistent-volume-claim/persistent-volume-claim.ts';
import { pods } from '../api/groups/core/pod/pod.ts';
import { services } from '../api/groups/core/service/service.ts';
import { podScheduling } from '../api/groups/explain/explain.ts';
import { storageClasses } from '../api/groups/storage/storage-class/storage-class.ts';
import { startCluster } from './start-cluster.ts';
import { container, create, LABELS, NAMESPACE, pod, testCases, why, workload } from './why.fixture.ts';

testCases([
  {
    what: 'an image that cannot be named',
    act: (cluster) => create(cluster, pods, 'p', pod(container({ image: 'I:::' }))),
    ask: [
      ['pods', 'p', /^Pod default\/p is held back: container c cannot get its image I:::/, 'image/cause'],
    ],
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
      await create(cluster, pods, 'member', {
        spec: { containers: [container()], schedulerName: 'mine', schedulingGroup: { podGroupName: 'g' } },
      });
      await create(cluster, pods, 'other', { spec: { containers: [container()], schedulerName: 'mine' } });
      await create(cluster, pods, 'held', {
        spec: { containers: [container()], schedulerName: 'mine', schedulingGroup: { podGroupName: 'g' } },
      });
      const message = 'pod group is unschedulable, waiting for minCount pods from a gang to be scheduled';
      const condition = { type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message };
      const patch = { type: 'strategic', body: { status: { conditions: [condition] } } } as const;
      const ref = { namespace: 'default', name: 'held' };
      await cluster.client.patch(pods, ref, patch, { subresource: 'status' });
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
        'member',
        /it waits for its group g: pods of a group get their nodes together\.$/,
        'gang/cause',
      ],
      [
        'pods',
        'held',
        /it would fit, but its group g cannot go: waiting for minCount pods from a gang to be scheduled\.$/,
        'gang/cause',
      ],
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
    what: 'a node that has fallen silent',
    act: async (cluster) => {
      await create(cluster, pods, 'p', pod(container()));
      await create(cluster, pods, 'going', pod(container()));
      await cluster.settle();
      cluster.stopNode('node-1');
      await cluster.clock.advance('2m');
      await cluster.client.delete(pods, { namespace: NAMESPACE, name: 'going' });
    },
    ask: [
      ['pods', 'p', /its node node-1 is not ready: Kubelet stopped posting node status\.$/, 'node/cause'],
      [
        'pods',
        'going',
        /its time to end is over, and its node has not said that it has ended\.$/,
        'deletion-held/cause',
      ],
    ],
    wait: '1m',
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
]);

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
