import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Node, Pod, PodDisruptionBudget } from '../../api/types.gen.ts';
import { SchedulerCache } from '../cache/cache.ts';
import { decide } from '../cycle.ts';
import { defaultPlugins } from '../plugins/catalog.ts';
import { contextOf } from '../plugins/context.fixture.ts';
import { Profile } from '../profile.ts';
import { planPreemption, type Preemption } from './preemption.ts';

interface PlacedSpec {
  readonly name: string;
  readonly node: string;
  readonly priority: number;
  readonly cpu?: number;
  readonly started?: string;
  readonly labels?: { readonly [key: string]: string };
}

function node(name: string, cpu: number, taints: readonly object[] = []): Node {
  const allocatable = { cpu: `${cpu}`, memory: '8Gi', pods: '110' };
  const metadata = { name, labels: { 'kubernetes.io/hostname': name } };
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata,
    spec: { taints },
    status: { allocatable },
  } as unknown as Node;
}

function pod(spec: Partial<PlacedSpec>, more: Partial<Pod['spec']> = {}): Pod {
  const { name = 'incoming', node: nodeName, priority = 0, cpu = 1, started, labels = {} } = spec;
  const containers = [{ name: 'c', image: 'i', resources: { requests: { cpu: `${cpu}` } } }];
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, uid: name, namespace: 'default', labels },
    spec: { containers, priority, ...(nodeName === undefined ? {} : { nodeName }), ...more },
    status: started === undefined ? {} : { startTime: started },
  } as unknown as Pod;
}

function preempt(
  nodes: readonly Node[],
  placed: readonly Pod[],
  incoming: Pod,
  budgets: readonly PodDisruptionBudget[] = [],
): { plan: Preemption; cache: SchedulerCache } {
  const cache = new SchedulerCache();
  for (const one of nodes) cache.setNode(one);
  for (const one of placed) cache.setPod(one);
  const plugins = defaultPlugins(contextOf(cache));
  const profile = new Profile({ schedulerName: 'default-scheduler', plugins, preemption: {} });
  const integer = (): number => 0;
  const decision = decide({ pod: incoming, cache, profile, start: 0, integer });
  assert.ok(decision.outcome === 'none', 'it fits without any preemption');
  const { resolvable } = decision;
  const plan = planPreemption({ pod: incoming, cache, profile, resolvable, budgets, args: {}, integer });
  return { plan, cache };
}

function victims(plan: Preemption): readonly string[] {
  return plan.outcome === 'none'
    ? []
    : [plan.node.name, ...plan.victims.map((one) => one.metadata.name ?? '')];
}

function budget(name: string, app: string, disruptionsAllowed: number): PodDisruptionBudget {
  const spec = { selector: { matchLabels: { app } } };
  const metadata = { name, namespace: 'default' };
  return { metadata, spec, status: { disruptionsAllowed } } as unknown as PodDisruptionBudget;
}

test('the most important pods stay as long as the new one fits', () => {
  const placed = [
    pod({ name: 'a', node: 'n', priority: 5 }),
    pod({ name: 'b', node: 'n', priority: 0, started: '2026-01-01T00:00:00Z' }),
    pod({ name: 'c', node: 'n', priority: 0, started: '2026-01-02T00:00:00Z' }),
  ];
  const { plan, cache } = preempt([node('n', 3)], placed, pod({ priority: 10, cpu: 2 }));
  assert.deepEqual(victims(plan), ['n', 'b', 'c']);
  assert.deepEqual(
    [...(cache.node('n')?.pods.keys() ?? [])].toSorted(),
    ['a', 'b', 'c'],
    'nothing has changed',
  );
  assert.equal(cache.node('n')?.requested.milliCpu, 3000);
});

test('nobody goes from a node that is too small for the new one anyway', () => {
  const placed = [pod({ name: 'a', node: 'small', priority: 0 })];
  const { plan } = preempt([node('small', 3)], placed, pod({ priority: 10, cpu: 9 }));
  assert.ok(plan.outcome === 'none');
  assert.match(plan.message, /1 Preemption is not helpful for scheduling/);
});

test('the node that hurts least is chosen', () => {
  const cases: readonly (readonly [string, readonly Pod[], readonly string[]])[] = [
    [
      'lower priority of the most important victim',
      [pod({ name: 'a', node: 'n1', priority: 5 }), pod({ name: 'b', node: 'n2', priority: 3 })],
      ['n2', 'b'],
    ],
    [
      'fewer victims',
      [
        pod({ name: 'a1', node: 'n1', cpu: 0.5 }),
        pod({ name: 'a2', node: 'n1', cpu: 0.5 }),
        pod({ name: 'b', node: 'n2' }),
      ],
      ['n2', 'b'],
    ],
    [
      'the victim that started last',
      [
        pod({ name: 'a', node: 'n1', started: '2026-01-01T00:00:00Z' }),
        pod({ name: 'b', node: 'n2', started: '2026-01-02T00:00:00Z' }),
      ],
      ['n2', 'b'],
    ],
  ];
  for (const [what, placed, expected] of cases) {
    const { plan } = preempt([node('n1', 1), node('n2', 1)], placed, pod({ priority: 10 }));
    assert.deepEqual(victims(plan), expected, what);
  }
});

test('budgets are kept where any node allows it, and broken where none does', () => {
  const placed = [
    pod({ name: 'a', node: 'n1', labels: { app: 'web' } }),
    pod({ name: 'b', node: 'n2', priority: 5 }),
  ];
  const nodes = [node('n1', 1), node('n2', 1)];
  const incoming = pod({ priority: 10 });
  assert.deepEqual(victims(preempt(nodes, placed, incoming, [budget('w', 'web', 0)]).plan), ['n2', 'b']);
  assert.deepEqual(victims(preempt(nodes, placed, incoming, [budget('w', 'web', 1)]).plan), ['n1', 'a']);
  const alone = preempt([node('n1', 1)], placed.slice(0, 1), incoming, [budget('w', 'web', 0)]);
  assert.deepEqual(victims(alone.plan), ['n1', 'a']);
});

test('a pod whose company is refused preempts the one that refuses it', () => {
  const term = { topologyKey: 'kubernetes.io/hostname', labelSelector: { matchLabels: { app: 'new' } } };
  const podAntiAffinity = { requiredDuringSchedulingIgnoredDuringExecution: [term] };
  const placed = [
    pod({ name: 'a', node: 'n' }, { affinity: { podAntiAffinity } }),
    pod({ name: 'b', node: 'n' }),
  ];
  const { plan } = preempt([node('n', 8)], placed, pod({ priority: 1, labels: { app: 'new' } }));
  assert.deepEqual(victims(plan), ['n', 'a']);
});

test('why there is no preemption', () => {
  const full = [pod({ name: 'a', node: 'n', priority: 5 })];
  const messageOf = ({ plan }: { plan: Preemption }): string => (plan.outcome === 'none' ? plan.message : '');
  assert.equal(
    messageOf(preempt([node('n', 1)], full, pod({ priority: 5 }))),
    'preemption: 0/1 nodes are available: 1 No preemption victims found for incoming pod.',
  );
  const taints = [{ key: 'k', effect: 'NoSchedule' }];
  assert.equal(
    messageOf(preempt([node('n', 1), node('t', 9, taints)], full, pod({ priority: 5 }))),
    'preemption: 0/2 nodes are available: 1 No preemption victims found for incoming pod, ' +
      '1 Preemption is not helpful for scheduling.',
  );
  assert.equal(
    messageOf(preempt([node('n', 1)], full, pod({ priority: 9 }, { preemptionPolicy: 'Never' }))),
    'preemption: not eligible due to preemptionPolicy=Never.',
  );
});
