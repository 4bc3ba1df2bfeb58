import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Pod, Taint, Toleration } from '../../api/types.gen.ts';
import { planStay } from './plan.ts';

const LOST: Taint = { key: 'node.kubernetes.io/unreachable', effect: 'NoExecute' };
const OTHER: Taint = { key: 'maintenance', value: 'soon', effect: 'NoExecute' };
const NO_SCHEDULE: Taint = { key: 'dedicated', effect: 'NoSchedule' };

const stay = (tolerations: readonly Toleration[], taints: readonly Taint[]) => {
  const pod = { spec: { containers: [], tolerations } } as unknown as Pod;
  const planned = planStay(pod, taints);
  return planned.type === 'for' ? planned.seconds : planned.type;
};

const forSeconds = (key: string, tolerationSeconds?: number): Toleration => ({
  key,
  operator: 'Exists',
  effect: 'NoExecute',
  ...(tolerationSeconds === undefined ? {} : { tolerationSeconds }),
});

test('how long a pod may stay', () => {
  const cases: readonly [readonly Toleration[], readonly Taint[], string | number][] = [
    [[], [], 'for-ever'],
    [[], [NO_SCHEDULE], 'for-ever'],
    [[], [LOST], 'not-at-all'],
    [[forSeconds(LOST.key)], [LOST], 'for-ever'],
    [[forSeconds(LOST.key, 300)], [LOST], 300],
    [[forSeconds(LOST.key, 0)], [LOST], 'not-at-all'],
    [[forSeconds(LOST.key, 300)], [LOST, OTHER], 'not-at-all'],
    [[forSeconds(LOST.key, 300), forSeconds(OTHER.key, 30)], [LOST, OTHER], 30],
    [[forSeconds(LOST.key, 300), forSeconds(OTHER.key)], [LOST, OTHER], 300],
    [[{ operator: 'Exists' }], [LOST, OTHER], 'for-ever'],
  ];
  for (const [tolerations, taints, expected] of cases) assert.equal(stay(tolerations, taints), expected);
});
