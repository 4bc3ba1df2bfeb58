/**
 * Autoscalers under trouble: metrics that are absurd, missing, or fail; sizes and bounds that others
 * change; clocks that jump, streams that break, processes that die at any call.
 */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { games } from '../../base/games.fixture.ts';
import { BUILT_IN_KINDS } from '../../api/catalog.ts';
import { deployments } from '../../api/groups/apps/deployment/deployment.ts';
import { horizontalPodAutoscalers } from '../../api/groups/autoscaling/horizontal-pod-autoscaler/horizontal-pod-autoscaler.ts';
import { pods } from '../../api/groups/core/pod/pod.ts';
import type { JsonValue } from '../../api/schema/schema.ts';
import { formatTime } from '../../api/time/time.ts';
import { startTestCluster, type TestCluster } from '../cluster.fixture.ts';
import { endTrouble, makeTrouble, troubleStep } from '../trouble-steps.fixture.ts';
import { horizontalPodAutoscalerController } from './horizontal-pod-autoscaler.ts';

const WEB = { namespace: 'default', name: 'web' };
const labels = { app: 'web' };
const PODS = 3;

const absurd = fc.constantFrom(
  ...['NaN', '-500m', '', '1e30', '9999999999999999999999', '0', 'Infinity', '100m', '25m', 'half'],
);
const bounds = fc.constantFrom([1, 10], [2, 4], [3, 3], [1, 2], [5, 1_000]);

const step = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({ type: fc.constant('use' as const), cpu: fc.array(absurd, { maxLength: 4 }) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      type: fc.constant('answer' as const),
      what: fc.constantFrom(null, {}, [], { items: 7 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('fail' as const) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      type: fc.constant('scale' as const),
      replicas: fc.constantFrom(0, 1, 3, 7, 5_000),
    }),
  },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('bound' as const), bounds }) },
  {
    weight: 4,
    arbitrary: fc.record({ type: fc.constant('wait' as const), by: fc.constantFrom('16s', '40s', '310s') }),
  },
  { weight: 6, arbitrary: troubleStep },
);
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

const scenario = fc.record({
  hasRules: fc.boolean(),
  lagMs: fc.constantFrom(0, 300),
  steps: fc.array(step, { minLength: 5, maxLength: 25, size: 'max' }),
});

class World {
  #cluster: TestCluster | undefined;
  #answer: () => JsonValue = () => this.#metrics(['100m', '100m', '100m']);
  /** All bounds that were asked for since everything was at rest. */
  #bounds: (readonly [number, number])[] = [];
  #last = PODS;

  get cluster(): TestCluster {
    return this.#cluster ?? assert.fail('not begun');
  }

  #metrics(cpu: readonly string[]): JsonValue {
    const timestamp = formatTime(this.cluster.host.clock.now());
    const items = cpu.map((value, i) => ({
      metadata: { name: `web-${i}`, namespace: 'default' },
      ...{ timestamp, window: '15s', containers: [{ name: 'c', usage: { cpu: value } }] },
    }));
    return { items };
  }

  async begin(lagMs: number, hasRules: boolean): Promise<void> {
    const apis = {
      versionsOf: (group: string) => (group === 'metrics.k8s.io' ? ['v1beta1'] : []),
      read: async () => this.#answer(),
    };
    const kinds = () => BUILT_IN_KINDS.filter(({ storedAs }) => storedAs === undefined);
    const controller = horizontalPodAutoscalerController({ kinds, apis, periodMs: 15_000 });
    const afterWrite = () => this.check();
    const cluster = await startTestCluster([controller], { lagMs, afterWrite });
    this.#cluster = cluster;
    const { client } = cluster;
    const container = { name: 'c', image: 'i', resources: { requests: { cpu: '100m' } } };
    const template = { metadata: { labels }, spec: { containers: [container] } };
    const spec = { replicas: PODS, selector: { matchLabels: labels }, template };
    await client.create(deployments, { metadata: WEB, spec });
    const counted = { type: 'merge', body: { status: { replicas: PODS } } } as const;
    await client.patch(deployments, WEB, counted, { subresource: 'status' });
    for (let i = 0; i < PODS; i++) {
      const ref = { namespace: 'default', name: `web-${i}` };
      await client.create(pods, { metadata: { ...ref, labels }, spec: template.spec });
      const startTime = '1960-01-01T00:00:00Z';
      const conditions = [{ type: 'Ready', status: 'True', lastTransitionTime: startTime }];
      const body = { status: { phase: 'Running', startTime, conditions } };
      await client.patch(pods, ref, { type: 'merge', body }, { subresource: 'status' });
    }
    const target = { type: 'Utilization', averageUtilization: 50 };
    const rule = {
      policies: [{ type: 'Percent', value: 50, periodSeconds: 60 }],
      stabilizationWindowSeconds: 30,
    };
    this.#bounds.push([1, 10]);
    await client.create(horizontalPodAutoscalers, {
      metadata: WEB,
      spec: {
        scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' },
        minReplicas: 1,
        maxReplicas: 10,
        metrics: [{ type: 'Resource', resource: { name: 'cpu', target } }],
        ...(hasRules ? { behavior: { scaleUp: rule, scaleDown: rule } } : {}),
      },
    });
  }

  async replicas(): Promise<number> {
    return (await this.cluster.client.get(deployments, WEB)).spec.replicas ?? 1;
  }

  async check(): Promise<void> {
    const replicas = await this.replicas();
    if (replicas === this.#last) return;
    this.#last = replicas;
    const isWithin = this.#bounds.some(([min, max]) => replicas >= min && replicas <= max);
    assert.ok(isWithin, `scaled to ${replicas}`);
  }

  async perform(what: Step): Promise<void> {
    switch (what.type) {
      case 'use':
        this.#answer = () => this.#metrics(what.cpu);
        return;
      case 'answer':
        this.#answer = () => what.what;
        return;
      case 'fail':
        this.#answer = () => {
          throw new Error('no metrics today');
        };
        return;
      case 'scale':
        return this.#scale(what.replicas);
      case 'bound':
        return this.#bound(what.bounds);
      case 'wait':
        await this.cluster.advance(what.by);
        this.#bounds = this.#bounds.slice(-1);
        return;
      default:
        return makeTrouble(this.cluster, what);
    }
  }

  async #scale(replicas: number): Promise<void> {
    this.#last = replicas;
    await this.cluster.client.patch(deployments, WEB, { type: 'merge', body: { spec: { replicas } } });
  }

  async #bound([minReplicas = 1, maxReplicas = 1]: readonly number[]): Promise<void> {
    this.#bounds.push([minReplicas, maxReplicas]);
    const body = { spec: { minReplicas, maxReplicas } };
    await this.cluster.client.patch(horizontalPodAutoscalers, WEB, { type: 'merge', body });
  }

  async checkEnd(): Promise<void> {
    await endTrouble(this.cluster);
    this.#answer = () => this.#metrics(['100m', '100m', '100m']);
    await this.#scale(1);
    await this.cluster.advance('40m');
    const [min, max] = this.#bounds.at(-1) ?? [1, 10];
    // Twice the load that three are to have.
    assert.equal(await this.replicas(), Math.min(Math.max(6, min), max));
    const { status } = await this.cluster.client.get(horizontalPodAutoscalers, WEB);
    assert.equal(status.desiredReplicas, await this.replicas());
  }
}

test('never out of bounds, whatever the metrics say, and right as soon as they are', async () => {
  await fc.assert(
    fc.asyncProperty(scenario, async ({ hasRules, lagMs, steps }) => {
      const world = new World();
      await world.begin(lagMs, hasRules);
      try {
        for (const each of steps) {
          await world.perform(each);
          await world.cluster.host.clock.advance(10);
        }
        await world.checkEnd();
      } finally {
        await world.cluster.stop();
      }
    }),
    games(10),
  );
});
