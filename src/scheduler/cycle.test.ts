import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { games } from '../base/games.fixture.ts';
import type { Node, Pod, Taint, Toleration } from '../api/types.gen.ts';
import { SchedulerCache } from './cache/cache.ts';
import { decide, enoughNodes } from './cycle.ts';
import { Profile } from './profile.ts';
import { defaultPlugins } from './plugins/catalog.ts';
import { contextOf } from './plugins/context.fixture.ts';
import { toleratesTaint } from '../api/node-fit/taints.ts';

interface NodeSpec {
  readonly name: string;
  readonly cpu?: string;
  readonly memory?: string;
  readonly pods?: string;
  readonly labels?: { readonly [key: string]: string };
  readonly taints?: readonly Taint[];
  readonly unschedulable?: boolean;
}

function node({
  name,
  cpu = '4',
  memory = '8Gi',
  pods = '110',
  labels = {},
  taints = [],
  unschedulable,
}: NodeSpec): Node {
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name, labels },
    spec: { taints, ...(unschedulable === undefined ? {} : { unschedulable }) },
    status: { allocatable: { cpu, memory, pods } },
  } as unknown as Node;
}

let sequence = 0;
function pod(spec: Partial<Pod['spec']> & { readonly cpu?: string; readonly memory?: string } = {}): Pod {
  const { cpu, memory, ...rest } = spec;
  const requests = { ...(cpu === undefined ? {} : { cpu }), ...(memory === undefined ? {} : { memory }) };
  const name = `p${sequence++}`;
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: 'default', uid: name },
    spec: { containers: [{ name: 'c', image: 'i', resources: { requests } }], ...rest },
    status: {},
  } as unknown as Pod;
}

function cacheOf(...nodes: readonly NodeSpec[]): SchedulerCache {
  const cache = new SchedulerCache();
  for (const spec of nodes) cache.setNode(node(spec));
  return cache;
}

function profileOf(cache: SchedulerCache): Profile {
  const plugins = defaultPlugins(contextOf(cache));
  return new Profile({ schedulerName: 'default-scheduler', plugins });
}

function place(cache: SchedulerCache, wanted: Pod): string {
  const decision = decide({
    pod: wanted,
    cache,
    profile: profileOf(cache),
    start: 0,
    integer: () => 1,
  });
  if (decision.outcome === 'none') return decision.message;
  cache.assume(wanted, decision.node.name);
  return decision.node.name;
}

test('a pod that fits nowhere gets the counts of every reason', () => {
  const taints: Taint[] = [{ key: 'k', value: 'v', effect: 'NoSchedule' }];
  const cache = cacheOf({ name: 'a', cpu: '1' }, { name: 'b', cpu: '1' }, { name: 'c', taints });
  assert.equal(
    place(cache, pod({ cpu: '2' })),
    '0/3 nodes are available: 1 node(s) had untolerated taint(s), 2 Insufficient cpu.',
  );
  assert.equal(place(new SchedulerCache(), pod()), 'no nodes available to schedule pods');
});

test('one plugin may have several reasons for one node', () => {
  const cache = cacheOf({ name: 'a', cpu: '1', memory: '1Gi', pods: '0' });
  assert.equal(
    place(cache, pod({ cpu: '2', memory: '2Gi' })),
    '0/1 nodes are available: 1 Insufficient cpu, 1 Insufficient memory, 1 Too many pods.',
  );
});

test('pods spread over equal nodes, and an assumed pod counts at once', () => {
  const cache = cacheOf({ name: 'a' }, { name: 'b' });
  const placed = [1, 2, 3, 4].map(() => place(cache, pod({ cpu: '1', memory: '1Gi' })));
  assert.equal(placed.filter((name) => name === 'a').length, 2);
  assert.match(place(cacheOf({ name: 'a', cpu: '1' }), pod({ cpu: '1' })), /^a$/);
});

test('node names, selectors, affinity, cordons and ports decide', () => {
  const nodes: NodeSpec[] = [
    { name: 'a', labels: { disk: 'ssd', zone: '1' } },
    { name: 'b', labels: { zone: '2' } },
  ];
  assert.equal(place(cacheOf(...nodes), pod({ nodeSelector: { disk: 'ssd' } })), 'a');
  assert.equal(
    place(cacheOf(...nodes), pod({ nodeSelector: { disk: 'tape' } })),
    "0/2 nodes are available: 2 node(s) didn't match Pod's node affinity/selector.",
  );
  const inZone2 = {
    nodeAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: {
        nodeSelectorTerms: [{ matchExpressions: [{ key: 'zone', operator: 'Gt' as const, values: ['1'] }] }],
      },
    },
  };
  assert.equal(place(cacheOf(...nodes), pod({ affinity: inZone2 })), 'b');
  assert.equal(
    place(cacheOf({ name: 'a', unschedulable: true }), pod()),
    '0/1 nodes are available: 1 node(s) were unschedulable.',
  );
  const ports = cacheOf({ name: 'a' });
  const withPort = {
    containers: [{ name: 'c', resources: {}, ports: [{ containerPort: 80, hostPort: 80 }] }],
  } as never;
  assert.equal(place(ports, pod(withPort)), 'a');
  assert.equal(
    place(ports, pod(withPort)),
    "0/1 nodes are available: 1 node(s) didn't have free ports for the requested pod ports.",
  );
});

test('tolerations', () => {
  const taint: Taint = { key: 'k', value: 'v', effect: 'NoSchedule' };
  const cases: readonly (readonly [Toleration, boolean])[] = [
    [{ key: 'k', operator: 'Equal', value: 'v', effect: 'NoSchedule' }, true],
    [{ key: 'k', value: 'v' }, true],
    [{ key: 'k', value: 'w' }, false],
    [{ key: 'k', operator: 'Exists' }, true],
    [{ operator: 'Exists' }, true],
    [{ key: 'k', operator: 'Exists', effect: 'NoExecute' }, false],
    [{ key: 'other', operator: 'Exists' }, false],
  ];
  for (const [toleration, expected] of cases) {
    assert.equal(toleratesTaint([toleration], taint), expected, JSON.stringify(toleration));
  }
});

test('a removed pod gives back what it took, a finished one too', () => {
  const cache = cacheOf({ name: 'a', cpu: '1' });
  const first = pod({ cpu: '1' });
  assert.equal(place(cache, first), 'a');
  assert.match(place(cache, pod({ cpu: '1' })), /Insufficient cpu/);
  cache.setPod({
    ...first,
    spec: { ...first.spec, nodeName: 'a' },
    status: { ...first.status, phase: 'Succeeded' },
  });
  assert.equal(place(cache, pod({ cpu: '1' })), 'a');
});

test('enough nodes are looked at, not all', () => {
  assert.deepEqual(
    [10, 100, 1000, 5000, 20_000].map((count) => enoughNodes(count)),
    [10, 100, 420, 500, 1000],
  );
});

test('every placement is feasible when worked out again from nothing', () => {
  const sizes = fc.array(
    fc.record({ cpu: fc.integer({ min: 1, max: 2000 }), memory: fc.integer({ min: 1, max: 4096 }) }),
    { maxLength: 60 },
  );
  fc.assert(
    fc.property(sizes, fc.integer({ min: 1, max: 6 }), (wanted, count) => {
      const cache = cacheOf(
        ...Array.from({ length: count }, (_, i) => ({ name: `n${i}`, cpu: '4', memory: '8Gi', pods: '12' })),
      );
      const used = new Map<string, { cpu: number; memory: number; pods: number }>();
      for (const { cpu, memory } of wanted) {
        const name = place(cache, pod({ cpu: `${cpu}m`, memory: `${memory}Mi` }));
        if (name.startsWith('0/')) {
          const fits = [...Array(count).keys()].some((i) => {
            const now = used.get(`n${i}`) ?? { cpu: 0, memory: 0, pods: 0 };
            return now.cpu + cpu <= 4000 && now.memory + memory <= 8192 && now.pods < 12;
          });
          assert.equal(fits, false, 'a node would have fitted');
          continue;
        }
        const now = used.get(name) ?? { cpu: 0, memory: 0, pods: 0 };
        used.set(name, { cpu: now.cpu + cpu, memory: now.memory + memory, pods: now.pods + 1 });
      }
      for (const { cpu, memory, pods } of used.values())
        assert.ok(cpu <= 4000 && memory <= 8192 && pods <= 12);
    }),
    games(100),
  );
});
