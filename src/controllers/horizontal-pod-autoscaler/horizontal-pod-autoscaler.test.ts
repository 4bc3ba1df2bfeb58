import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deployments } from '../../api/groups/apps/deployment/deployment.ts';
import { horizontalPodAutoscalers } from '../../api/groups/autoscaling/horizontal-pod-autoscaler/horizontal-pod-autoscaler.ts';
import { pods } from '../../api/groups/core/pod/pod.ts';
import { BUILT_IN_KINDS } from '../../api/catalog.ts';
import type { Draft } from '../../api/meta/object.ts';
import type { JsonObject, JsonValue } from '../../api/schema/schema.ts';
import { formatTime } from '../../api/time/time.ts';
import type { HorizontalPodAutoscaler } from '../../api/types.gen.ts';
import { startTestCluster, type TestCluster } from '../cluster.fixture.ts';
import { horizontalPodAutoscalerController } from './horizontal-pod-autoscaler.ts';

const WEB = { namespace: 'default', name: 'web' };
const labels = { app: 'web' };

interface Stage {
  readonly cluster: TestCluster;
  /** Milli-CPU of every pod. */
  use(milli: number): void;
  /** What other servers answer, by the start of the path. */
  readonly answers: Map<string, JsonValue>;
  readonly asked: string[];
}

/** A Deployment of `replicas` ready pods, all of which the metrics API knows. */
async function stage(replicas: number): Promise<Stage> {
  let milli = 0;
  const answers = new Map<string, JsonValue>();
  const asked: string[] = [];
  const apis = {
    versionsOf: (group: string) => (group === 'metrics.k8s.io' ? ['v1beta1'] : versions(group)),
    read: async (path: string): Promise<JsonValue> => {
      asked.push(path);
      const answer = [...answers].find(([start]) => path.startsWith(start))?.[1];
      if (answer !== undefined) return answer;
      const { items } = await cluster.client.list(pods, { labelSelector: 'app=web' });
      const timestamp = formatTime(cluster.host.clock.now());
      const containers = [{ name: 'c', usage: { cpu: `${milli}m`, memory: '1Mi' } }];
      return {
        items: items.map(({ metadata }) => ({
          metadata: { name: metadata.name ?? '', namespace: 'default' },
          ...{ timestamp, window: '15s', containers },
        })),
      };
    },
  };
  const versions = (group: string): readonly string[] =>
    [...answers.keys()].some((path) => path.startsWith(`/apis/${group}/v1beta1`)) ? ['v1beta1'] : [];
  const kinds = () => BUILT_IN_KINDS.filter(({ storedAs }) => storedAs === undefined);
  const cluster = await startTestCluster([
    horizontalPodAutoscalerController({ kinds, apis, periodMs: 15_000 }),
  ]);
  const container = { name: 'c', image: 'i', resources: { requests: { cpu: '100m' } } };
  const template = { metadata: { labels }, spec: { containers: [container] } };
  await cluster.client.create(deployments, {
    metadata: WEB,
    spec: { replicas, selector: { matchLabels: labels }, template },
  });
  const counted = { type: 'merge', body: { status: { replicas } } } as const;
  await cluster.client.patch(deployments, WEB, counted, { subresource: 'status' });
  const startTime = '1960-01-01T00:00:00Z';
  for (let i = 0; i < replicas; i++) {
    const metadata = { namespace: 'default', name: `web-${i}`, labels };
    await cluster.client.create(pods, { metadata, spec: template.spec });
    const ready = { type: 'Ready', status: 'True', lastTransitionTime: startTime } as const;
    const status = { phase: 'Running', startTime, conditions: [ready] };
    await cluster.client.patch(
      pods,
      { namespace: 'default', name: `web-${i}` },
      { type: 'merge', body: { status } },
      { subresource: 'status' },
    );
  }
  await cluster.settle();
  return { cluster, use: (value) => void (milli = value), answers, asked };
}

type Spec = HorizontalPodAutoscaler['spec'];

async function autoscale({ cluster }: Stage, spec: Draft<Spec>, name = 'web'): Promise<void> {
  const scaleTargetRef = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' };
  const metadata = { namespace: 'default', name };
  await cluster.client.create(horizontalPodAutoscalers, { metadata, spec: { scaleTargetRef, ...spec } });
  await cluster.settle();
}

const replicasOf = async ({ cluster }: Stage): Promise<number | undefined> =>
  (await cluster.client.get(deployments, WEB)).spec.replicas;

const scalerOf = ({ cluster }: Stage, name = 'web'): Promise<HorizontalPodAutoscaler> =>
  cluster.client.get(horizontalPodAutoscalers, { namespace: 'default', name });

async function conditionsOf(at: Stage): Promise<readonly string[]> {
  const { status } = await scalerOf(at);
  return (status.conditions ?? []).map((one) => `${one.type}=${one.status} ${one.reason ?? ''}`);
}

const CPU_50 = {
  type: 'Resource',
  resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 50 } },
};

test('load makes more of them at once, and its end fewer after five minutes', async () => {
  const at = await stage(2);
  at.use(100);
  await autoscale(at, { minReplicas: 1, maxReplicas: 10, metrics: [CPU_50] });
  assert.equal(await replicasOf(at), 4);
  assert.deepEqual(await conditionsOf(at), [
    'AbleToScale=True SucceededRescale',
    'ScalingActive=True ValidMetricFound',
    'ScalingLimited=False DesiredWithinRange',
  ]);
  const { status } = await scalerOf(at);
  assert.deepEqual(status.currentMetrics, [
    {
      type: 'Resource',
      resource: { name: 'cpu', current: { averageUtilization: 100, averageValue: '100m' } },
    },
  ]);
  assert.equal(status.desiredReplicas, 4);
  assert.ok(status.lastScaleTime !== undefined);
  assert.deepEqual(at.cluster.events, [
    'SuccessfulRescale: New size: 4; reason: cpu resource utilization (percentage of request) above target',
  ]);
  at.use(10);
  await at.cluster.advance('4m');
  assert.equal(await replicasOf(at), 4);
  assert.match((await conditionsOf(at)).join(), /AbleToScale=True ScaleDownStabilized/);
  await at.cluster.advance('2m');
  assert.equal(await replicasOf(at), 1);
  assert.equal(at.cluster.events.at(-1), 'SuccessfulRescale: New size: 1; reason: All metrics below target');
  await at.cluster.stop();
});

test('a clock that jumps makes the five minutes neither shorter nor longer', async () => {
  for (const jumpMs of [3_600_000, -3_600_000]) {
    const at = await stage(2);
    at.use(100);
    await autoscale(at, { minReplicas: 1, maxReplicas: 10, metrics: [CPU_50] });
    at.use(10);
    await at.cluster.advance('1m');
    at.cluster.host.clock.jumpWallTime(jumpMs);
    await at.cluster.advance('3m');
    assert.equal(await replicasOf(at), 4);
    await at.cluster.advance('2m');
    assert.equal(await replicasOf(at), 1);
    await at.cluster.stop();
  }
});

test('bounds hold without any metric, and zero replicas mean hands off', async () => {
  const at = await stage(2);
  at.use(50);
  await autoscale(at, { minReplicas: 5, maxReplicas: 10, metrics: [CPU_50] });
  assert.equal(await replicasOf(at), 5);
  const change = (spec: JsonObject) =>
    at.cluster.client.patch(horizontalPodAutoscalers, WEB, { type: 'merge', body: { spec } });
  await change({ minReplicas: 1, maxReplicas: 3 });
  await at.cluster.settle();
  assert.equal(await replicasOf(at), 3, 'a change of the autoscaler is acted on at once');
  await at.cluster.client.patch(deployments, WEB, { type: 'merge', body: { spec: { replicas: 0 } } });
  await at.cluster.advance('1m');
  assert.equal(await replicasOf(at), 0);
  assert.match((await conditionsOf(at)).join(), /ScalingActive=False ScalingDisabled/);
  assert.deepEqual(
    at.cluster.events.map((text) => text.replace(/.*reason: /, '')),
    [
      'Current number of replicas below Spec.MinReplicas',
      'Current number of replicas above Spec.MaxReplicas',
    ],
  );
  await at.cluster.stop();
});

test('what cannot be read is said, and only keeps it from scaling down', async () => {
  const at = await stage(2);
  const broken = {
    type: 'External',
    external: { metric: { name: 'queue' }, target: { type: 'Value', value: '10' } },
  };
  at.use(10);
  await autoscale(at, { maxReplicas: 10, metrics: [broken, CPU_50] });
  assert.equal(await replicasOf(at), 2);
  const why =
    'failed to get external metric queue: unable to get external metric default/queue/nil: unable to fetch metrics ' +
    'from external metrics API: the server could not find the requested resource (get queue.external.metrics.k8s.io)';
  assert.deepEqual(at.cluster.events.slice(0, 2), [
    `FailedGetExternalMetric: ${why}`,
    `FailedComputeMetricsReplicas: invalid metrics (1 invalid out of 2), first error is: failed to get queue external metric value: ${why}`,
  ]);
  assert.match((await conditionsOf(at)).join(), /ScalingActive=False FailedGetExternalMetric/);
  at.use(100);
  await at.cluster.advance('15s');
  assert.equal(await replicasOf(at), 4);
  await at.cluster.stop();
});

test('a target that is not there, one that cannot be scaled, and two autoscalers for the same pods', async () => {
  const at = await stage(1);
  at.use(50);
  const target = (kind: string, name: string, apiVersion = 'apps/v1') => ({ kind, name, apiVersion });
  await autoscale(at, { maxReplicas: 3, scaleTargetRef: target('Deployment', 'gone') }, 'gone');
  await autoscale(at, { maxReplicas: 3, scaleTargetRef: target('DaemonSet', 'web') }, 'daemons');
  await autoscale(at, { maxReplicas: 3, scaleTargetRef: target('Rocket', 'web') }, 'rockets');
  assert.deepEqual(at.cluster.events, [
    'FailedGetScale: deployments.apps "gone" not found',
    'FailedGetScale: the server could not find the requested resource',
    'FailedGetScale: no matches for kind "Rocket" in group "apps"',
  ]);
  await autoscale(at, { maxReplicas: 3 });
  await autoscale(at, { maxReplicas: 3 }, 'twin');
  const ambiguous = 'pods by selector app=web are controlled by multiple HPAs: [default/twin default/web]';
  assert.ok(at.cluster.events.includes(`AmbiguousSelector: ${ambiguous}`));
  await at.cluster.stop();
});

test('metrics of other servers: of pods, of objects, and from outside', async () => {
  const at = await stage(2);
  const custom = '/apis/custom.metrics.k8s.io/v1beta1/namespaces/default';
  const ofPod = (name: string, value: string) => ({
    ...{ describedObject: { kind: 'Pod', name }, timestamp: formatTime(0), value },
  });
  at.answers.set(`${custom}/pods/`, { items: [ofPod('web-0', '20'), ofPod('web-1', '40')] });
  at.answers.set(`${custom}/ingresses.networking.k8s.io/main/qps`, { items: [{ value: '900' }] });
  at.answers.set('/apis/external.metrics.k8s.io/v1beta1/namespaces/default/queue', {
    items: [{ value: '30' }, { value: '12' }],
  });
  await autoscale(at, {
    maxReplicas: 20,
    metrics: [
      {
        type: 'Pods',
        pods: { metric: { name: 'rate' }, target: { type: 'AverageValue', averageValue: '10' } },
      },
      {
        type: 'Object',
        object: {
          describedObject: { apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', name: 'main' },
          metric: { name: 'qps', selector: { matchLabels: { verb: 'GET' } } },
          target: { type: 'Value', value: '600' },
        },
      },
      {
        type: 'External',
        external: { metric: { name: 'queue' }, target: { type: 'AverageValue', averageValue: '10' } },
      },
    ],
  });
  const { status } = await scalerOf(at);
  assert.deepEqual(
    status.currentMetrics.map((one) => one.pods?.current ?? one.object?.current ?? one.external?.current),
    [{ averageValue: '30' }, { value: '900' }, { averageValue: '21' }],
  );
  // The pods ask for six, the queue for five; more than four at once is too fast.
  assert.equal(status.desiredReplicas, 4);
  assert.deepEqual(at.asked.toSorted(), [
    `${custom}/ingresses.networking.k8s.io/main/qps?metricLabelSelector=verb%3DGET`,
    `${custom}/pods/*/rate?labelSelector=app%3Dweb`,
    '/apis/external.metrics.k8s.io/v1beta1/namespaces/default/queue',
  ]);
  await at.cluster.stop();
});
