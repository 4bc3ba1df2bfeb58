/** Random clusters and pods: every decision is the one that a look at everything from nothing allows. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { games } from '../base/games.fixture.ts';
import type { Node, Pod } from '../api/types.gen.ts';
import { SchedulerCache } from './cache/cache.ts';
import { decide } from './cycle.ts';
import { problemOf, type World } from './oracle.fixture.ts';
import { defaultPlugins } from './plugins/catalog.ts';
import { contextOf } from './plugins/context.fixture.ts';
import { Profile } from './profile.ts';

const APPS = ['web', 'db', 'job'];
const KEYS = ['zone', 'host', 'rack'];
const NAMESPACES = new Map([
  ['one', { team: 'a' }],
  ['two', { team: 'b' }],
]);

const labelSelector = fc.oneof(
  fc.constantFrom(...APPS).map((app) => ({ matchLabels: { app } })),
  fc
    .uniqueArray(fc.constantFrom(...APPS), { minLength: 1 })
    .map((values) => ({ matchExpressions: [{ key: 'app', operator: 'In', values }] })),
  fc.constant({ matchExpressions: [{ key: 'app', operator: 'NotIn', values: ['db'] }] }),
  fc.constant({}),
);

const term = fc.record(
  {
    topologyKey: fc.constantFrom(...KEYS),
    labelSelector,
    namespaces: fc.subarray(['one', 'two'], { minLength: 1 }),
    namespaceSelector: fc.constantFrom({}, { matchLabels: { team: 'a' } }),
  },
  { requiredKeys: ['topologyKey', 'labelSelector'] },
);

const required = fc
  .array(term, { minLength: 1, maxLength: 2 })
  .map((terms) => ({ requiredDuringSchedulingIgnoredDuringExecution: terms }));

const spread = fc.record(
  {
    topologyKey: fc.constantFrom(...KEYS),
    whenUnsatisfiable: fc.constant('DoNotSchedule'),
    maxSkew: fc.integer({ min: 1, max: 2 }),
    minDomains: fc.integer({ min: 1, max: 3 }),
    nodeAffinityPolicy: fc.constantFrom('Honor', 'Ignore'),
    nodeTaintsPolicy: fc.constantFrom('Honor', 'Ignore'),
    labelSelector,
  },
  { requiredKeys: ['topologyKey', 'whenUnsatisfiable', 'maxSkew', 'labelSelector'] },
);

const podSpec = fc.record(
  {
    affinity: fc.record({ podAffinity: required, podAntiAffinity: required }, { requiredKeys: [] }),
    topologySpreadConstraints: fc.array(spread, { minLength: 1, maxLength: 2 }),
    nodeSelector: fc.constantFrom({ rack: '0' }, { zone: '1' }),
    tolerations: fc.constant([{ operator: 'Exists' }]),
  },
  { requiredKeys: [] },
);

/** Of pods that no plugin compares over the cluster. */
const plainSpec = fc.record(
  {
    affinity: fc.constantFrom(...['0', '1']).map((rack) => ({
      nodeAffinity: {
        preferredDuringSchedulingIgnoredDuringExecution: [
          {
            weight: 50,
            preference: { matchExpressions: [{ key: 'rack', operator: 'In', values: [rack] }] },
          },
        ],
      },
    })),
    nodeSelector: fc.constantFrom({ rack: '0' }, { zone: '1' }),
    tolerations: fc.constantFrom([{ operator: 'Exists' }], [{ key: 'k', operator: 'Exists' }]),
  },
  { requiredKeys: [] },
);

const inputWith = <T>(spec: fc.Arbitrary<T>) =>
  fc.record({
    namespace: fc.constantFrom('one', 'two'),
    app: fc.constantFrom(...APPS),
    cpu: fc.integer({ min: 0, max: 3 }),
    spec,
  });

const nodeInput = fc.record({
  zone: fc.option(fc.integer({ min: 0, max: 2 })),
  rack: fc.integer({ min: 0, max: 1 }),
  taint: fc.constantFrom('', '', 'NoSchedule', 'PreferNoSchedule'),
});

type NodeInput = typeof nodeInput extends fc.Arbitrary<infer T> ? T : never;
interface PodInput {
  readonly namespace: string;
  readonly app: string;
  readonly cpu: number;
  readonly spec: object;
}

const step = fc.oneof(
  { weight: 6, arbitrary: fc.nat(2).map((template) => ({ do: 'place', template }) as const) },
  { weight: 1, arbitrary: fc.nat(30).map((at) => ({ do: 'remove', at }) as const) },
  { weight: 1, arbitrary: fc.nat(30).map((at) => ({ do: 'terminate', at }) as const) },
  {
    weight: 1,
    arbitrary: fc.tuple(fc.nat(5), nodeInput).map(([at, node]) => ({ do: 'relabel', at, node }) as const),
  },
  { weight: 1, arbitrary: fc.nat(5).map((at) => ({ do: 'lose', at }) as const) },
  { weight: 1, arbitrary: fc.nat(30).map((at) => ({ do: 'what if', at }) as const) },
);

function nodeOf(index: number, { zone, rack, taint }: NodeInput): Node {
  const name = `n${index}`;
  const labels = { host: name, rack: `${rack}`, ...(zone === null ? {} : { zone: `${zone}` }) };
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name, labels },
    spec: { taints: taint === '' ? [] : [{ key: 'k', value: 'v', effect: taint }] },
    status: { allocatable: { cpu: '4', memory: '8Gi', pods: '4' } },
  } as unknown as Node;
}

function podOf(index: number, { namespace, app, cpu, spec }: PodInput): Pod {
  const name = `p${index}`;
  const containers = [{ name: 'c', image: 'i', resources: { requests: { cpu: `${cpu}` } } }];
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace, uid: name, labels: { app } },
    spec: { ...spec, containers },
    status: {},
  } as unknown as Pod;
}

test('a node is found exactly when one fits, and it fits', () => judge(inputWith(podSpec)));

test('the same for pods that share what is known of nodes', () => judge(inputWith(plainSpec)));

function judge(podInput: fc.Arbitrary<PodInput>): void {
  fc.assert(
    fc.property(
      fc.array(nodeInput, { minLength: 1, maxLength: 6 }),
      // Few kinds of pods, so that the same rules are asked again after changes.
      fc.array(podInput, { minLength: 3, maxLength: 3 }),
      fc.array(step, { maxLength: 40 }),
      (nodeInputs, templates, steps) => {
        const nodes = nodeInputs.map((input, i) => nodeOf(i, input));
        let pods: Pod[] = [];
        const cache = new SchedulerCache();
        for (const [name, labels] of NAMESPACES) cache.setNamespace(name, labels);
        for (const node of nodes) cache.setNode(node);
        const profile = profileOf(cache);
        for (const [i, one] of steps.entries()) {
          const at = 'at' in one ? one.at % Math.max(pods.length, 1) : 0;
          const pod = pods[at];
          switch (one.do) {
            case 'place': {
              const placed = place(
                podOf(i, templates[one.template] as PodInput),
                { nodes, pods, namespaces: NAMESPACES },
                cache,
                profile,
              );
              if (placed !== undefined) pods.push(placed);
              break;
            }
            case 'remove':
              if (pod !== undefined) cache.removePod(pod.metadata.uid ?? '');
              pods = pods.filter((other) => other !== pod);
              break;
            case 'terminate':
              if (pod === undefined) break;
              pods[at] = { ...pod, metadata: { ...pod.metadata, deletionTimestamp: '2026-01-01T00:00:00Z' } };
              cache.setPod(pods[at]);
              break;
            case 'relabel': {
              const index = one.at % nodes.length;
              nodes[index] = nodeOf(index, one.node);
              cache.setNode(nodes[index]);
              break;
            }
            case 'lose': {
              // Gone and back, with its pods still on it.
              const node = nodes[one.at % nodes.length] as Node;
              cache.removeNode(node.metadata.name ?? '');
              cache.setNode(node);
              break;
            }
            case 'what if': {
              const node = cache.node(pod?.spec.nodeName ?? '');
              if (pod !== undefined && node !== undefined)
                cache.whatIf((change) => {
                  change.remove(node, pod);
                });
            }
          }
        }
      },
    ),
    games(400),
  );
}

function profileOf(cache: SchedulerCache): Profile {
  const plugins = defaultPlugins(contextOf(cache));
  return new Profile({ schedulerName: 's', plugins });
}

function place(pod: Pod, world: World, cache: SchedulerCache, profile: Profile): Pod | undefined {
  const decision = decide({ pod, cache, profile, start: 0, integer: () => 0 });
  // A profile that knows nothing of equal pods scores every node anew.
  const forgetful = profileOf(cache);
  const again = decide({ pod, cache, profile: forgetful, start: 0, integer: () => 0 });
  assert.equal(again.outcome, decision.outcome);
  if (again.outcome === 'node' && decision.outcome === 'node') assert.equal(again.node, decision.node);
  else if (again.outcome === 'none' && decision.outcome === 'none')
    assert.equal(again.message, decision.message);
  const fitting = world.nodes.filter((node) => problemOf(pod, node, world) === undefined);
  const names = fitting.map(({ metadata }) => metadata.name);
  if (decision.outcome === 'none') {
    assert.deepEqual(names, [], `these would have fitted: ${decision.message}`);
    return undefined;
  }
  assert.ok(
    names.includes(decision.node.name),
    `${decision.node.name} does not fit: ${problemOf(pod, decision.node.node, world)}`,
  );
  cache.assume(pod, decision.node.name);
  return { ...pod, spec: { ...pod.spec, nodeName: decision.node.name } };
}
