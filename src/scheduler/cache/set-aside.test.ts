import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { games } from '../../base/games.fixture.ts';
import type { Node, Pod } from '../../api/types.gen.ts';
import { SchedulerCache } from './cache.ts';

function node(name: string): Node {
  const metadata = { name, labels: { 'kubernetes.io/hostname': name } };
  return {
    metadata,
    spec: {},
    status: { allocatable: { cpu: '8', memory: '8Gi', pods: '9' } },
  } as unknown as Node;
}

function pod(name: string, nodeName: string, app: string): Pod {
  const containers = [{ name: 'c', image: 'i', resources: { requests: { cpu: '1' } } }];
  return {
    metadata: { name, uid: name, namespace: 'n', labels: { app } },
    spec: { nodeName, containers, priority: 1 },
    status: {},
  } as unknown as Pod;
}

/** What is counted of every node and over all. */
function picture(cache: SchedulerCache): object {
  const nodes = cache.nodes.map(({ name, requested, pods }) => ({
    name,
    milliCpu: requested.milliCpu,
    pods: [...pods.values()].map(({ metadata }) => `${metadata.name} ${metadata.labels?.['app']}`).toSorted(),
  }));
  return { nodes: nodes.toSorted((a, b) => a.name.localeCompare(b.name)), hasBelow: cache.hasBelow(2) };
}

const NODES = ['m', 'n'];
const step = fc.record({
  what: fc.constantFrom('set', 'set', 'remove', 'aside', 'aside', 'back', 'lose', 'node'),
  pod: fc.constantFrom('a', 'b', 'c'),
  node: fc.constantFrom(...NODES),
  app: fc.constantFrom('x', 'y'),
});

test('whatever happens to a pod that is set aside, it is counted nowhere until it is put back, and then once', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 25 }), (steps) => {
      const cache = new SchedulerCache();
      for (const name of NODES) cache.setNode(node(name));
      const placed = new Map<string, Pod>();
      const aside = new Set<string>();
      const present = new Set(NODES);
      for (const { what, ...one } of steps) {
        if (what === 'set') {
          // A pod never moves.
          const where = placed.get(one.pod)?.spec.nodeName ?? one.node;
          const next = pod(one.pod, where, one.app);
          placed.set(one.pod, next);
          cache.setPod(next);
        } else if (what === 'remove') {
          placed.delete(one.pod);
          aside.delete(one.pod);
          cache.removePod(one.pod);
        } else if (what === 'aside') {
          if (present.has(placed.get(one.pod)?.spec.nodeName ?? '')) aside.add(one.pod);
          cache.setAside(one.pod);
        } else if (what === 'back') {
          aside.delete(one.pod);
          cache.putBack(one.pod);
        } else if (what === 'lose') {
          present.delete(one.node);
          cache.removeNode(one.node);
        } else {
          present.add(one.node);
          cache.setNode(node(one.node));
        }
        const expected = new SchedulerCache();
        for (const name of present) expected.setNode(node(name));
        for (const [name, placedPod] of placed) if (!aside.has(name)) expected.setPod(placedPod);
        assert.deepEqual(picture(cache), picture(expected));
      }
    }),
    games(300),
  );
});
