/**
 * The decision of the scheduler by itself: nodes for 10,000 pods on 5,000 nodes in three zones, each pod
 * counted on its node before the next one is decided. No API and no store: those have their own benchmarks.
 */

import { assert } from '../src/base/assert.ts';
import type { Node, Pod } from '../src/api/types.gen.ts';
import { SchedulerCache } from '../src/scheduler/cache/cache.ts';
import { decide } from '../src/scheduler/cycle.ts';
import { defaultProfiles } from '../src/scheduler/plugins/catalog.ts';
import { contextOf } from '../src/scheduler/plugins/context.fixture.ts';
import { compare, quantile, report, type BenchResult, type Round } from './harness.ts';

const GOAL = 5000;

export interface SchedulerBenchOptions {
  readonly nodes?: number;
  readonly pods?: number;
  readonly rounds?: number;
}

export async function run(options: SchedulerBenchOptions = {}): Promise<BenchResult[]> {
  const { nodes = 5000, pods = 10_000, rounds = 3 } = options;
  return [
    await compare({
      benchmark: 'scheduler: decisions',
      case: `${pods} pods, ${nodes} nodes`,
      unit: 'pods/s',
      better: 'more',
      rounds,
      goal: GOAL,
      ours: async () => schedule(nodes, pods),
    }),
  ];
}

function schedule(nodeCount: number, podCount: number): Round {
  const cache = new SchedulerCache();
  for (let i = 0; i < nodeCount; i++) cache.setNode(node(i));
  const pods = Array.from({ length: podCount }, (_, i) => pod(i));
  const [profile] = defaultProfiles(contextOf(cache));
  assert(profile !== undefined, 'there is a default profile');
  const integer = integers();
  const latencies: number[] = [];
  const begin = performance.now();
  let before = begin;
  let start = 0;
  for (const next of pods) {
    const decision = decide({ pod: next, cache, profile, start, integer });
    if (decision.outcome === 'none') throw new Error(decision.message);
    cache.assume(next, decision.node.name);
    start = (start + decision.looked) % nodeCount;
    const now = performance.now();
    latencies.push(now - before);
    before = now;
  }
  const value = (podCount / (before - begin)) * 1000;
  return { value, extra: { 'p50 ms': quantile(latencies, 0.5), 'p99 ms': quantile(latencies, 0.99) } };
}

function node(index: number): Node {
  const name = `node-${index}`;
  const labels = { 'kubernetes.io/hostname': name, 'topology.kubernetes.io/zone': `zone-${index % 3}` };
  const allocatable = { cpu: '8', memory: '32Gi', pods: '110' };
  const metadata = { name, labels };
  return { apiVersion: 'v1', kind: 'Node', metadata, spec: {}, status: { allocatable } } as unknown as Node;
}

function pod(index: number): Pod {
  const name = `pod-${index}`;
  const requests = { cpu: `${100 + (index % 5) * 50}m`, memory: '256Mi' };
  const containers = [{ name: 'main', image: 'registry.example.com/service:v1', resources: { requests } }];
  const metadata = { name, namespace: 'default', uid: name };
  return { apiVersion: 'v1', kind: 'Pod', metadata, spec: { containers }, status: {} } as unknown as Pod;
}

/** The same numbers in every run. */
function integers(): (bound: number) => number {
  let state = 1;
  return (bound) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * bound);
  };
}

if (import.meta.main) report(await run());
