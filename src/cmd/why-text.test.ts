import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PodScheduling, Progress } from '../api/types.gen.ts';
import { whyText } from './why-text.ts';

const META = { apiVersion: 'explain.k8ts.dev/v1alpha1', metadata: { name: 'x', namespace: 'a' } };

test('one sentence, how it is known, what to do', () => {
  const pod = (name: string): object => ({ kind: 'Pod', namespace: 'a', name });
  const progress = {
    ...META,
    kind: 'Progress',
    summary: 'Deployment a/x is held back: Pod a/x-1 and 5 more: container c cannot get its image i.',
    isHeld: true,
    findings: [
      {
        cause: 'image',
        rank: 'cause',
        object: pod('x-1'),
        others: ['x-2', 'x-3', 'x-4', 'x-5', 'x-6'].map(pod),
        message: 'container c cannot get its image i',
        evidence: ['event Failed: no such image'],
        advice: 'Check the name.',
      },
      {
        cause: 'eviction-blocked',
        rank: 'note',
        object: pod('b'),
        message: 'it lets none go',
        advice: 'Wait.',
      },
    ],
  } as unknown as Progress;
  assert.equal(
    whyText(progress),
    [
      'Deployment a/x is held back: Pod a/x-1 and 5 more: container c cannot get its image i.',
      '',
      'How it is known:',
      '  Pod a/x-1, x-2, x-3, x-4 and 2 more: container c cannot get its image i',
      '    event Failed: no such image',
      '',
      'Also:',
      '  Pod a/b: it lets none go',
      '',
      'What to do:',
      '  - Check the name.',
      '',
    ].join('\n'),
  );
});

test('what the scheduler says of nodes', () => {
  const progress: Progress = { ...META, kind: 'Progress', summary: 'Pod a/p is held back.', isHeld: true };
  const verdicts = [{ plugin: 'NodeResourcesFit', reasons: ['Insufficient cpu', 'Insufficient memory'] }];
  const scheduling: PodScheduling = {
    ...META,
    kind: 'PodScheduling',
    schedulerName: 's',
    nodeCount: 7,
    fittingNodes: 1,
    refusals: [{ nodes: ['n1', 'n2', 'n3', 'n4', 'n5', 'n6'], verdicts }],
    scores: [{ node: 'n7', total: 120, byPlugin: { NodeResourcesFit: 75 } }],
    smallestChange: '500m more cpu (then n1 would fit)',
    extenders: ['http://x'],
  };
  assert.equal(
    whyText(progress, scheduling),
    [
      'Pod a/p is held back.',
      '',
      'It has no node, and fits 1 of 7 nodes by what the scheduler knows now:',
      '  6 nodes (n1, n2, n3, n4 …) not: NodeResourcesFit: Insufficient cpu, Insufficient memory',
      '  n7 fits with 120 points (NodeResourcesFit 75)',
      '  the extender http://x is asked when it is scheduled, and was not now',
      '',
      'What to do:',
      '  - The smallest change for a node: 500m more cpu (then n1 would fit).',
      '',
    ].join('\n'),
  );
});
