/** Nodes and pods played by kwok's Stages, in a whole cluster. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { customResourceDefinitions } from '../api/groups/apiextensions/custom-resource-definition/custom-resource-definition.ts';
import { events } from '../api/groups/core/event/event.ts';
import { nodes } from '../api/groups/core/node/node.ts';
import { pods } from '../api/groups/core/pod/pod.ts';
import type { Node, Pod } from '../api/types.gen.ts';
import { stageDefinition } from '../fleet/definition.ts';
import { stages, type StageSpec } from '../fleet/stages/stage.ts';
import { startCluster, type TestCluster } from './start-cluster.ts';

const POD = { apiGroup: 'v1', kind: 'Pod' };
const NODE = { apiGroup: 'v1', kind: 'Node' };
const ALIVE = { key: '.metadata.deletionTimestamp', operator: 'DoesNotExist' };
const READY = '.status.conditions.[] | select( .type == "Ready" ) | .status';

const NODE_START: StageSpec = {
  resourceRef: NODE,
  selector: { matchExpressions: [{ key: READY, operator: 'NotIn', values: ['True'] }] },
  next: {
    statusTemplate: `
      {{ $now := Now }}
      phase: Running
      conditions:
      {{ range NodeConditions }}
      - type: {{ .type | Quote }}
        status: {{ .status | Quote }}
        reason: {{ .reason | Quote }}
        message: {{ .message | Quote }}
        lastHeartbeatTime: {{ $now | Quote }}
        lastTransitionTime: {{ $now | Quote }}
      {{ end }}
      addresses:
      {{ with .status.addresses }}
      {{ YAML . 1 }}
      {{ else }}
      - { type: InternalIP, address: {{ NodeIP | Quote }} }
      - { type: Hostname, address: {{ NodeName | Quote }} }
      {{ end }}`,
  },
};

const POD_START: StageSpec = {
  resourceRef: POD,
  selector: { matchExpressions: [ALIVE, { key: '.status.podIP', operator: 'DoesNotExist' }] },
  delay: {
    durationMilliseconds: 5_000,
    durationFrom: { expressionFrom: '.metadata.annotations["x.io/delay"]' },
  },
  next: {
    event: { type: 'Normal', reason: 'Played', message: 'Started {{ len .spec.containers }} container' },
    statusTemplate: `
      {{ $now := Now }}
      phase: Running
      hostIP: {{ NodeIPWith .spec.nodeName | Quote }}
      podIP: {{ PodIPWith .spec.nodeName ( or .spec.hostNetwork false ) ( or .metadata.uid "" ) | Quote }}
      startTime: {{ $now | Quote }}
      conditions:
      - { type: Ready, status: "True", lastTransitionTime: {{ $now | Quote }} }
      containerStatuses:
      {{ range .spec.containers }}
      - name: {{ .name | Quote }}
        image: {{ .image | Quote }}
        ready: true
        restartCount: 0
        state:
          running:
            startedAt: {{ $now | Quote }}
      {{ end }}`,
  },
};

const POD_END: StageSpec = {
  resourceRef: POD,
  selector: {
    matchLabels: { short: 'yes' },
    matchExpressions: [ALIVE, { key: '.status.phase', operator: 'In', values: ['Running'] }],
  },
  delay: { durationMilliseconds: 60_000, jitterDurationMilliseconds: 90_000 },
  next: {
    statusTemplate: 'phase: Succeeded',
    patches: [
      { root: 'metadata', template: 'labels: { short: "no" }', type: 'merge' },
      { template: '[{ op: add, path: /metadata/annotations, value: { seen: "yes" } }]', type: 'json' },
    ],
  },
};

const POD_GONE: StageSpec = {
  resourceRef: POD,
  selector: { matchExpressions: [{ key: ALIVE.key, operator: 'Exists' }] },
  next: { finalizers: { empty: true }, delete: true },
};

async function withStages(all: Readonly<Record<string, StageSpec>>): Promise<TestCluster> {
  const cluster = await startCluster({ nodes: 0 });
  await cluster.settle();
  await cluster.client.create(customResourceDefinitions, stageDefinition());
  await cluster.settle();
  for (const [name, spec] of Object.entries(all))
    await cluster.client.create(stages, { metadata: { name }, spec });
  await cluster.client.create(nodes, {
    metadata: { name: 'played', annotations: { 'kwok.x-k8s.io/node': 'fake' } },
    status: {
      capacity: { cpu: '4', memory: '8Gi', pods: '20' },
      allocatable: { cpu: '4', memory: '8Gi', pods: '20' },
    },
  });
  await cluster.settle();
  return cluster;
}

const createPod = (
  { client }: TestCluster,
  name: string,
  more: Partial<Pod['metadata']> = {},
): Promise<Pod> =>
  client.create(pods, {
    metadata: { name, namespace: 'default', ...more },
    spec: { restartPolicy: 'Never', containers: [{ name: 'c', image: 'i:1' }] },
  });

const podNamed = ({ client }: TestCluster, name: string): Promise<Pod> =>
  client.get(pods, { namespace: 'default', name });

const isReady = ({ status }: Node): boolean =>
  (status.conditions ?? []).some(({ type, status: value }) => type === 'Ready' && value === 'True');

const said = async ({ client }: TestCluster, reason: string): Promise<readonly string[]> =>
  (await client.list(events)).items
    .filter((event) => event.reason === reason)
    .map(({ message = '' }) => message);

test('nodes and pods go from stage to stage, each after its delay', async () => {
  const cluster = await withStages({
    'node-start': NODE_START,
    'pod-start': POD_START,
    'pod-end': POD_END,
    'pod-gone': POD_GONE,
  });
  const { client, clock } = cluster;
  const node = await client.get(nodes, { name: 'played' });
  assert.equal(isReady(node), true);
  assert.equal(node.status.nodeInfo?.kubeletVersion ?? '', '', 'nobody else writes its status');
  await createPod(cluster, 'slow', { annotations: { 'x.io/delay': '40s' }, finalizers: ['x.io/hold'] });
  await createPod(cluster, 'short', { labels: { short: 'yes' } });
  await clock.advance('4s');
  assert.equal((await podNamed(cluster, 'short')).status.phase, 'Pending');
  await clock.advance('4s');
  const started = await podNamed(cluster, 'short');
  assert.equal(started.status.phase, 'Running');
  assert.match(started.status.podIP ?? '', /^100\.64\./);
  assert.deepEqual(await said(cluster, 'Played'), ['Started 1 container']);
  assert.equal((await podNamed(cluster, 'slow')).status.phase, 'Pending');
  await clock.advance('45s');
  const slow = await podNamed(cluster, 'slow');
  assert.equal(slow.status.phase, 'Running');
  assert.notEqual(slow.status.podIP, started.status.podIP);
  await clock.advance('50s');
  const ended = await podNamed(cluster, 'short');
  assert.deepEqual([ended.status.phase, ended.metadata.labels?.['short']], ['Succeeded', 'no']);
  assert.equal(ended.metadata.annotations?.['seen'], 'yes');
  await client.delete(pods, { namespace: 'default', name: 'slow' });
  await cluster.settle();
  assert.deepEqual(
    (await client.list(pods, { namespace: 'default' })).items.map(({ metadata }) => metadata.name),
    ['short'],
  );
  await clock.advance('10m');
  assert.equal(isReady(await client.get(nodes, { name: 'played' })), true, 'its Lease is renewed');
  await cluster.stop();
});

test('what is not supported is refused, and nothing else is done instead', async () => {
  const selector = { matchExpressions: [{ key: '.status | length', operator: 'Exists' }] };
  const cluster = await withStages({
    odd: { resourceRef: POD, selector, next: { delete: true } },
    lease: { resourceRef: { apiGroup: 'coordination.k8s.io/v1', kind: 'Lease' }, next: {} },
  });
  await createPod(cluster, 'a');
  await cluster.clock.advance('1m');
  assert.deepEqual((await said(cluster, 'StageNotSupported')).toSorted(), [
    'stages of coordination.k8s.io/v1 Lease are not supported, only of Pods and Nodes',
    'the expression ".status | length" is not supported',
  ]);
  assert.equal((await podNamed(cluster, 'a')).status.phase, 'Pending');
  const { client } = cluster;
  assert.equal(isReady(await client.get(nodes, { name: 'played' })), true, 'no Stage is about nodes');
  await client.delete(stages, { name: 'odd' });
  await cluster.settle();
  assert.equal(
    (await podNamed(cluster, 'a')).status.phase,
    'Succeeded',
    'without Stages it is played as before',
  );
  await cluster.stop();
});

test('a template that fails is said, and played again when the Stage is mended', async () => {
  const broken = {
    ...POD_START,
    delay: {},
    next: { statusTemplate: 'phase: {{ index .status.nothing 0 }}' },
  };
  const cluster = await withStages({ 'pod-start': broken });
  await createPod(cluster, 'a');
  await cluster.clock.advance('1m');
  assert.deepEqual(await said(cluster, 'StageFailed'), [
    'Stage pod-start could not be played: index of untyped nil',
  ]);
  const current = await cluster.client.get(stages, { name: 'pod-start' });
  await cluster.client.update(stages, { ...current, spec: POD_START });
  await cluster.clock.advance('10s');
  assert.equal((await podNamed(cluster, 'a')).status.phase, 'Running');
  await cluster.stop();
});
