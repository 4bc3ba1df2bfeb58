import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Node, Pod } from '../../api/types.gen.ts';
import { ListedInformers } from '../../client/informer/listed-informers.fixture.ts';
import { hasToWait, reserve, unreserve } from '../binding.ts';
import { contextOf } from '../plugins/context.fixture.ts';
import { SchedulerCache } from '../cache/cache.ts';
import { decide } from '../cycle.ts';
import { defaultPlugins, defaultProfiles } from '../plugins/catalog.ts';
import type { Profile } from '../profile.ts';
import {
  claim,
  node as storageNode,
  pod as storagePod,
  storageClass,
  volume,
} from '../volumes/storage.fixture.ts';
import { readConfiguration, type SchedulerConfiguration } from './configuration.ts';
import { POINTS_OF } from './plugin-points.ts';

const HEAD = 'apiVersion: kubescheduler.config.k8s.io/v1\nkind: KubeSchedulerConfiguration\n';

async function read(body: string): Promise<SchedulerConfiguration> {
  const result = await readConfiguration(HEAD + body);
  assert.ok(result.ok, result.ok ? '' : result.problems.join('\n'));
  return result.configuration;
}

async function problems(text: string): Promise<readonly string[]> {
  const result = await readConfiguration(text);
  return result.ok ? [] : result.problems;
}

const CONTEXT = contextOf(new SchedulerCache());

async function profileOf(body: string, cache = CONTEXT.cache): Promise<Profile> {
  const [profile] = (await read(body)).profiles(contextOf(cache));
  assert.ok(profile !== undefined);
  return profile;
}

interface Shape {
  readonly filters: readonly string[];
  readonly scores: readonly (readonly [string, number])[];
  readonly preempts: boolean;
}

function shapeOf({
  ownFilters,
  wideFilters,
  ownScores,
  comparedScores,
  wideScores,
  ...more
}: Profile): Shape {
  return {
    filters: [...ownFilters, ...wideFilters].map(({ plugin }) => plugin.name),
    scores: [...ownScores, ...comparedScores, ...wideScores].map(({ plugin, weight }) => [
      plugin.name,
      weight,
    ]),
    preempts: more.preemption !== undefined,
  };
}

test('a file that says nothing means the defaults', async () => {
  const [standard] = defaultProfiles(CONTEXT);
  assert.ok(standard !== undefined);
  const profile = await profileOf('');
  assert.equal(profile.schedulerName, 'default-scheduler');
  assert.deepEqual(shapeOf(profile), shapeOf(standard));
  const { backoff, extenders } = await read('');
  assert.deepEqual([backoff, extenders], [{ initialMs: 1000, maxMs: 10_000 }, []]);
});

test('every plugin of the catalogue can be named, at the points that it has', () => {
  for (const { plugin } of defaultPlugins(CONTEXT)) {
    const points = POINTS_OF.get(plugin.name) ?? [];
    for (const point of ['preEnqueue', 'filter', 'score', 'reserve', 'preBind'] as const)
      if (plugin[point] !== undefined) assert.ok(points.includes(point), `${plugin.name} at ${point}`);
  }
});

test('plugins are enabled, disabled and weighed at each point', async () => {
  const all = shapeOf(await profileOf(''));
  const without = (name: string): readonly string[] => all.filters.filter((one) => one !== name);
  const cases: readonly (readonly [string, Partial<Shape>])[] = [
    ['filter: {disabled: [{name: NodePorts}]}', { filters: without('NodePorts'), scores: all.scores }],
    ['multiPoint: {disabled: [{name: NodePorts}]}', { filters: without('NodePorts') }],
    // Only its filter goes.
    [
      'filter: {disabled: [{name: TaintToleration}]}',
      { filters: without('TaintToleration'), scores: all.scores },
    ],
    ['postFilter: {disabled: [{name: "*"}]}', { preempts: false, filters: all.filters }],
    ['filter: {disabled: [{name: "*"}]}', { filters: [], scores: all.scores, preempts: true }],
    [
      'score: {disabled: [{name: "*"}], enabled: [{name: ImageLocality, weight: 7}, {name: NodeResourcesFit}]}',
      { scores: [['NodeResourcesFit', 1], ['ImageLocality', 7]], filters: all.filters }, // prettier-ignore
    ],
    [
      'multiPoint: {disabled: [{name: "*"}], enabled: [{name: PrioritySort}, {name: DefaultBinder}, {name: NodeName}]}',
      { filters: ['NodeName'], scores: [], preempts: false },
    ],
    // The point's own weight goes before that of multiPoint.
    [
      'multiPoint: {disabled: [{name: "*"}], enabled: [{name: PrioritySort}, {name: DefaultBinder}, ' +
        '{name: TaintToleration, weight: 4}, {name: NodeAffinity, weight: 5}]}, ' +
        'score: {enabled: [{name: NodeAffinity, weight: 9}]}',
      { filters: ['TaintToleration', 'NodeAffinity'], scores: [['TaintToleration', 4], ['NodeAffinity', 9]] }, // prettier-ignore
    ],
  ];
  for (const [plugins, expected] of cases) {
    const found = shapeOf(await profileOf(`profiles: [{plugins: {${plugins}}}]`));
    const sorted = ({ filters, scores, preempts }: Partial<Shape>): Partial<Shape> => ({
      ...(filters && { filters: filters.toSorted() }),
      ...(scores && { scores: scores.toSorted() }),
      ...(preempts !== undefined && { preempts }),
    });
    const seen = Object.fromEntries(Object.keys(expected).map((key) => [key, found[key as keyof Shape]]));
    assert.deepEqual(sorted(seen), sorted(expected), plugins);
  }
});

test('several profiles, with shares of nodes of their own', async () => {
  const { profiles, backoff } = await read(`
percentageOfNodesToScore: 30
podInitialBackoffSeconds: 2
podMaxBackoffSeconds: 7
profiles:
- schedulerName: one
- schedulerName: two
  percentageOfNodesToScore: 70
`);
  const made = profiles(CONTEXT).map(({ schedulerName, percentageOfNodesToScore }) => [
    schedulerName,
    percentageOfNodesToScore,
  ]);
  assert.deepEqual(made, [['one', 30], ['two', 70]]); // prettier-ignore
  assert.deepEqual(backoff, { initialMs: 2000, maxMs: 7000 });
});

test('what is wrong is said with its field', async () => {
  const fit = (args: string): string =>
    `${HEAD}profiles: [{pluginConfig: [{name: NodeResourcesFit, args: ${args}}]}]`;
  const cases: readonly (readonly [string, string])[] = [
    ['kind: Pod\napiVersion: v1', 'no kind "Pod" is registered for version "v1"'],
    [`${HEAD}profiles: [{plugin: {}}]`, 'strict decoding error: unknown field "profiles[0].plugin"'],
    [`${HEAD}parallelism: 1\nparallelism: 2`, 'key "parallelism" already set in map'],
    [`${HEAD}parallelism: many`, 'KubeSchedulerConfiguration.parallelism of type int32'],
    [`${HEAD}parallelism: 0`, 'parallelism: Invalid value: 0: should be an integer value greater than zero'],
    [
      `${HEAD}percentageOfNodesToScore: 101`,
      'percentageOfNodesToScore: Invalid value: 101: not in valid range',
    ],
    [`${HEAD}profiles: [{}, {}]`, 'profiles[0].schedulerName: Required value'],
    [
      `${HEAD}profiles: [{schedulerName: a}, {schedulerName: a}]`,
      'profiles[1].schedulerName: Duplicate value: "profiles[0].schedulerName"',
    ],
    [
      `${HEAD}profiles: [{plugins: {filter: {enabled: [{name: Unknown}]}}}]`,
      'profiles[0].plugins.filter.enabled[0]: Invalid value: "Unknown": plugin does not exist',
    ],
    [
      `${HEAD}profiles: [{plugins: {score: {enabled: [{name: NodePorts}]}}}]`,
      'profiles[0].plugins.score.enabled[0]: Invalid value: "NodePorts": plugin does not extend score',
    ],
    [
      `${HEAD}profiles: [{plugins: {bind: {disabled: [{name: "*"}]}}}]`,
      'profiles[0].plugins.bind: Required value',
    ],
    [`${HEAD}podMaxBackoffSeconds: 1\npodInitialBackoffSeconds: 3`, 'podMaxBackoffSeconds: Invalid value: 1'],
    [fit('{scoringStrategi: {}}'), 'unknown field "profiles[0].pluginConfig[0].args.scoringStrategi"'],
    [fit('{kind: OtherArgs}'), 'profiles[0].pluginConfig[0].args: must be of kind NodeResourcesFitArgs'],
    [
      fit(
        '{scoringStrategy: {type: RequestedToCapacityRatio, requestedToCapacityRatio: {shape: [{utilization: 5, score: 11}]}}}',
      ),
      'args.scoringStrategy.requestedToCapacityRatio.shape[0].score: Invalid value: 11: not in valid range [0, 10]',
    ],
    [fit('{scoringStrategy: {type: Other}}'), 'args.scoringStrategy.type: Unsupported value: "Other"'],
    [fit('{ignoredResourceGroups: [a/b]}'), "resource group name can't contain '/'"],
    [
      `${HEAD}extenders: [{urlPrefix: 'http://a', prioritizeVerb: p}]`,
      'extenders[0].weight: Invalid value: 0: must have a positive weight applied to it',
    ],
    [
      `${HEAD}extenders: [{urlPrefix: 'http://a', managedResources: [{name: cpu}]}]`,
      'extenders[0].managedResources[0].name: Invalid value: "cpu": is an invalid extended resource name',
    ],
    [
      `${HEAD}extenders: [{urlPrefix: 'http://a', bindVerb: b}, {urlPrefix: 'http://b', bindVerb: b}]`,
      'only one extender can implement bind',
    ],
  ];
  for (const [text, expected] of cases) {
    const found = await problems(text);
    assert.ok(
      found.some((problem) => problem.includes(expected)),
      `${text}\n→ ${found.join('\n')}`,
    );
  }
});

function node(name: string, cpu: string, labels: object = {}): Node {
  const allocatable = { cpu, memory: '8Gi', pods: '10' };
  return { metadata: { name, labels }, spec: {}, status: { allocatable } } as unknown as Node;
}

function pod(name: string, resources: object, nodeName = ''): Pod {
  const containers = [{ name: 'c', image: 'i', resources: { requests: resources } }];
  return {
    metadata: { name, uid: name, namespace: 'd' },
    spec: { containers, nodeName },
    status: {},
  } as unknown as Pod;
}

async function chosen(body: string, cache: SchedulerCache, wanted: Pod): Promise<string> {
  const profile = await profileOf(body, cache);
  const decision = decide({ pod: wanted, cache, profile, start: 0, integer: () => 0 });
  return decision.outcome === 'node' ? decision.node.name : decision.message;
}

test('arguments reach the plugins', async () => {
  const cache = new SchedulerCache();
  cache.setNode(node('full', '4', { disk: 'ssd' }));
  cache.setNode(node('empty', '4'));
  cache.setPod(pod('there', { cpu: '2', memory: '4Gi' }, 'full'));
  const only = 'plugins: {score: {disabled: [{name: "*"}], enabled: [{name: NodeResourcesFit}]}}';
  const config = (name: string, args: string): string =>
    `profiles: [{${only}, pluginConfig: [{name: ${name}, args: ${args}}]}]`;
  const fit = (args: string): string => config('NodeResourcesFit', args);
  const ratio =
    'requestedToCapacityRatio: {shape: [{utilization: 0, score: 0}, {utilization: 100, score: 10}]}';
  const device = { cpu: '1', 'example.com/gpu': '1' };
  const cases: readonly (readonly [string, object, string])[] = [
    [fit('{}'), { cpu: '1' }, 'empty'],
    [fit('{scoringStrategy: {type: MostAllocated}}'), { cpu: '1' }, 'full'],
    [fit(`{scoringStrategy: {type: RequestedToCapacityRatio, ${ratio}}}`), { cpu: '1' }, 'full'],
    [fit('{}'), device, '0/2 nodes are available: 2 Insufficient example.com/gpu.'],
    [fit('{ignoredResources: [example.com/gpu]}'), device, 'empty'],
    [fit('{ignoredResourceGroups: [example.com]}'), device, 'empty'],
    [
      config(
        'NodeAffinity',
        '{addedAffinity: {requiredDuringSchedulingIgnoredDuringExecution: {nodeSelectorTerms: ' +
          '[{matchExpressions: [{key: disk, operator: In, values: [ssd]}]}]}}}',
      ),
      { cpu: '1' },
      'full',
    ],
    [
      config(
        'NodeAffinity',
        '{addedAffinity: {requiredDuringSchedulingIgnoredDuringExecution: {nodeSelectorTerms: ' +
          '[{matchExpressions: [{key: disk, operator: In, values: [tape]}]}]}}}',
      ),
      { cpu: '1' },
      "0/2 nodes are available: 2 node(s) didn't match scheduler-enforced node affinity.",
    ],
  ];
  for (const [body, resources, expected] of cases)
    assert.equal(await chosen(body, cache, pod('new', resources)), expected, body);
});

test('a line with several points is followed between them', async () => {
  const cache = new SchedulerCache();
  for (const [name, used] of [
    ['a', '1'],
    ['b', '2'],
    ['c', '3'],
  ] as const) {
    // prettier-ignore
    cache.setNode(node(name, '10'));
    cache.setPod(pod(`on-${name}`, { cpu: used }, name));
  }
  // Best at 30 % of cpu, which is node b once the pod is there.
  const shape = '[{utilization: 0, score: 0}, {utilization: 30, score: 10}, {utilization: 100, score: 0}]';
  const body =
    'profiles: [{plugins: {score: {disabled: [{name: "*"}], enabled: [{name: NodeResourcesFit}]}}, pluginConfig: ' +
    '[{name: NodeResourcesFit, args: {scoringStrategy: {type: RequestedToCapacityRatio, resources: [{name: cpu}], ' +
    `requestedToCapacityRatio: {shape: ${shape}}}}}]}]`;
  assert.equal(await chosen(body, cache, pod('new', { cpu: '1' })), 'b');
});

test('what is taken and written for a pod does not depend on the filter', async () => {
  const cache = new SchedulerCache();
  cache.setNode(storageNode('a'));
  const informers = new ListedInformers().set(
    storageClass('late', 'kubernetes.io/no-provisioner'),
    volume('v'),
    claim('c'),
  );
  const context = contextOf(cache, informers);
  const file =
    'profiles: [{ plugins: { filter: { disabled: [{ name: VolumeBinding }, { name: VolumeZone }] } } }]';
  const [profile] = (await read(file)).profiles(context);
  assert.ok(profile !== undefined);
  const wanted = storagePod('p', 'c');
  const decision = decide({ pod: wanted, cache, profile, start: 0, integer: () => 0 });
  assert.ok(decision.outcome === 'node');
  const placement = { pod: wanted, node: decision.node, profile, prepared: decision.prepared };
  assert.equal(reserve(placement), undefined);
  assert.equal(context.volumes.volume('v')?.spec.claimRef?.name, 'c');
  assert.equal(hasToWait(placement), true);
  unreserve(placement);
  assert.equal(context.volumes.volume('v')?.spec.claimRef, undefined);
});
