import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Node, Pod } from '../../api/types.gen.ts';
import { SchedulerCache } from '../cache/cache.ts';
import { defaultPlugins } from '../plugins/catalog.ts';
import { contextOf } from '../plugins/context.fixture.ts';
import { Profile } from '../profile.ts';
import {
  claim,
  node as storageNode,
  pod as storagePod,
  storageClass,
  storageOf,
} from '../volumes/storage.fixture.ts';
import { explain, type Explanation } from './explain.ts';

function node(name: string, cpu: string, more: { labels?: object; taints?: readonly object[] } = {}): Node {
  const allocatable = { cpu, memory: '8Gi', pods: '10' };
  const { labels = {}, taints = [] } = more;
  return { metadata: { name, labels }, spec: { taints }, status: { allocatable } } as unknown as Node;
}

function pod(cpu: string, spec: object = {}): Pod {
  const containers = [{ name: 'c', image: 'i', resources: { requests: { cpu } } }];
  const metadata = { name: 'p', uid: 'p', namespace: 'default' };
  return { metadata, spec: { containers, ...spec }, status: {} } as unknown as Pod;
}

function ask(wanted: Pod, ...nodes: readonly Node[]): Explanation {
  const cache = new SchedulerCache();
  for (const one of nodes) cache.setNode(one);
  const plugins = defaultPlugins(contextOf(cache));
  const profile = new Profile({ schedulerName: 's', plugins, preemption: {} });
  return explain({ pod: wanted, cache, profile, budgets: [] });
}

test('every plugin says its word about every node, and equal words are told once', () => {
  const taints = [{ key: 'gpu', value: 'yes', effect: 'NoSchedule' }];
  const found = ask(pod('2'), node('a', '1'), node('b', '1'), node('c', '1', { taints }));
  assert.equal(found.fitting, 0);
  const cpu = { plugin: 'NodeResourcesFit', reasons: ['Insufficient cpu'] };
  assert.deepEqual(found.groups, [
    { refusals: [cpu], nodes: ['a', 'b'] },
    {
      refusals: [{ plugin: 'TaintToleration', reasons: ['node(s) had untolerated taint(s)'] }, cpu],
      nodes: ['c'],
    },
  ]);
});

test('the smallest change', () => {
  const taints = [{ key: 'gpu', value: 'yes', effect: 'NoSchedule' }];
  const ssd = { nodeSelector: { disk: 'ssd' } };
  const cases: readonly (readonly [Explanation, string])[] = [
    [ask(pod('2'), node('a', '1'), node('b', '1500m')), '500m more cpu (then b would fit)'],
    [
      ask(pod('2'), node('a', '1', { taints }), node('b', '4', { taints })),
      'a toleration of the taint gpu=yes:NoSchedule (then b would fit)',
    ],
    [ask(pod('1', ssd), node('a', '2')), 'the label disk=ssd on the node (then a would fit)'],
    [
      ask(pod('3', ssd), node('a', '2')),
      'the label disk=ssd on the node; and 1000m more cpu (then a would fit)',
    ],
  ];
  for (const [found, expected] of cases) assert.equal(found.smallestChange, expected);
});

test('nodes that fit, the best first, by what tells them apart', () => {
  const found = ask(pod('1'), node('small', '2'), node('large', '8'));
  assert.equal(found.fitting, 2);
  assert.equal(found.smallestChange, undefined);
  assert.deepEqual(
    found.scores.map(({ node: name }) => name),
    ['large', 'small'],
  );
  const [best] = found.scores;
  assert.ok((best?.byPlugin['NodeResourcesFit'] ?? 0) > 0);
  assert.equal(best?.byPlugin['TaintToleration'], undefined);
});

test('gates are told', () => {
  const gated = ask(pod('1', { schedulingGates: [{ name: 'wait.example.com' }] }), node('a', '2'));
  assert.deepEqual(gated.gates, ['waiting for scheduling gates: [wait.example.com]']);
});

test('volumes are among what is told', () => {
  const storage = storageOf(
    storageNode('a'),
    storageNode('b'),
    storageClass('late', 'kubernetes.io/no-provisioner'),
    claim('c'),
  );
  const found = explain({ ...storage, pod: storagePod('p', 'c'), budgets: [] });
  const reasons = ["node(s) didn't find available persistent volumes to bind"];
  assert.deepEqual(found.groups, [{ refusals: [{ plugin: 'VolumeBinding', reasons }], nodes: ['a', 'b'] }]);
  const missing = explain({ ...storage, pod: storagePod('p', 'gone'), budgets: [] });
  assert.deepEqual(missing.groups[0]?.refusals, [
    { plugin: 'VolumeRestrictions', reasons: ['persistentvolumeclaim "gone" not found'] },
  ]);
});
