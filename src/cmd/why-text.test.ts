import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Pod } from '../api/types.gen.ts';
import type { Explanation } from '../scheduler/explain/explain.ts';
import { whyPodText } from './why-text.ts';

const NOTHING: Explanation = {
  gates: [],
  nodeCount: 6,
  fitting: 0,
  groups: [],
  scores: [],
  preemption: undefined,
  smallestChange: undefined,
};

test('a pod without a node', () => {
  const pod = { metadata: { namespace: 'a', name: 'p' }, spec: {}, status: {} } as unknown as Pod;
  const refusals = [{ plugin: 'NodeResourcesFit', reasons: ['Insufficient cpu', 'Insufficient memory'] }];
  const groups = [{ refusals, nodes: ['n1', 'n2', 'n3', 'n4', 'n5', 'n6'] }];
  assert.equal(
    whyPodText(pod, { ...NOTHING, groups, smallestChange: '500m more cpu (then n1 would fit)' }),
    [
      'Pod a/p (Pending) has no node: it fits 0 of 6 nodes.',
      '  6 nodes (n1, n2, n3, n4 …) not: NodeResourcesFit: Insufficient cpu, Insufficient memory',
      'The smallest change: 500m more cpu (then n1 would fit).',
      '',
    ].join('\n'),
  );
});

test('a pod whose containers do not come up, and why it is where it is', () => {
  const containerStatuses = [
    {
      name: 'c',
      ready: false,
      restartCount: 3,
      state: { waiting: { reason: 'ImagePullBackOff', message: 'no' } },
    },
  ];
  const pod = {
    metadata: { namespace: 'a', name: 'p' },
    spec: { nodeName: 'n1' },
    status: { phase: 'Pending', containerStatuses },
  } as unknown as Pod;
  const scores = [{ node: 'n1', total: 300, byPlugin: { NodeResourcesFit: 90 } }];
  assert.equal(
    whyPodText(pod, { ...NOTHING, fitting: 1, scores }),
    [
      'Pod a/p (Pending) is on n1: it fits 1 of 6 nodes.',
      '  container c waits: ImagePullBackOff: no',
      '  n1 fits with 300 points (NodeResourcesFit 90)',
      '',
    ].join('\n'),
  );
});
