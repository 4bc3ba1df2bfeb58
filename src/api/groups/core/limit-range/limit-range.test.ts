import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Draft } from '../../../meta/object.ts';
import type { LimitRange, LimitRangeItem } from '../../../types.gen.ts';
import { judge } from '../../judge.fixture.ts';
import { limitRanges } from './limit-range.ts';

const judged = judge(limitRanges);
const range = (...limits: readonly Draft<LimitRangeItem>[]): Draft<LimitRange> => ({
  metadata: { name: 'l', namespace: 'default' },
  spec: { limits },
});

test('what a container gets follows from what it may have', () => {
  const limits = { max: { cpu: '2', memory: '1Gi' }, min: { cpu: '100m', memory: '1Mi' } };
  const made = judged.complete(range({ type: 'Container', ...limits, default: { cpu: '1' } }));
  assert.deepEqual(made.spec.limits[0], {
    type: 'Container',
    ...limits,
    default: { cpu: '1', memory: '1Gi' },
    defaultRequest: { cpu: '1', memory: '1Gi' },
  });
  assert.equal(limitRanges.defaults?.(made), made, 'nothing to do the second time');
  const asked = judged.complete(range({ type: 'Container', min: { cpu: '1' } }));
  assert.deepEqual(asked.spec.limits[0], {
    type: 'Container',
    min: { cpu: '1' },
    defaultRequest: { cpu: '1' },
  });
  const pod = judged.complete(range({ type: 'Pod', max: { cpu: '1' } }));
  assert.deepEqual(pod.spec.limits[0], { type: 'Pod', max: { cpu: '1' } });
});

const PATH = 'spec.limits[0]';
const REFUSED: readonly (readonly [Draft<LimitRangeItem>, ...string[]])[] = [
  [{ type: 'Node' }, `${PATH}.type: Invalid value: "Node": must be a standard limit type or fully qualified`],
  [
    { type: 'Pod', max: { storage: '1' }, default: { cpu: '1' } },
    `${PATH}.max[storage]: Invalid value: "storage": must be a standard resource for containers`,
    `${PATH}.default: Forbidden: may not be specified when \`type\` is 'Pod'`,
  ],
  [
    { type: 'Pod', max: { cpu: '1' }, min: { cpu: '2' } },
    `${PATH}.min[cpu]: Invalid value: "2": min value 2 is greater than max value 1`,
  ],
  [
    {
      type: 'Container',
      max: { cpu: '2' },
      min: { cpu: '1' },
      default: { cpu: '3' },
      defaultRequest: { cpu: '500m' },
    },
    `${PATH}.defaultRequest[cpu]: Invalid value: "500m": min value 1 is greater than default request value 500m`,
    `${PATH}.default[cpu]: Invalid value: "2": default value 3 is greater than max value 2`,
  ],
  [
    { type: 'Container', default: { cpu: '1' }, defaultRequest: { cpu: '2' } },
    `${PATH}.defaultRequest[cpu]: Invalid value: "2": default request value 2 is greater than default limit value 1`,
  ],
  [
    { type: 'PersistentVolumeClaim', max: { 'example.com/x': '1' } },
    `${PATH}.limits: Required value: either minimum or maximum storage value is required, but neither was provided`,
  ],
  [
    {
      type: 'Pod',
      maxLimitRequestRatio: { cpu: '500m', memory: '4' },
      max: { memory: '3' },
      min: { memory: '1' },
    },
    `${PATH}.maxLimitRequestRatio[memory]: Invalid value: "4": ratio 4 is greater than max/min = 3.000000`,
    `${PATH}.maxLimitRequestRatio[cpu]: Invalid value: "500m": ratio 500m is less than 1`,
  ],
  [
    { type: 'Container', default: { 'example.com/gpu': '2' }, defaultRequest: { 'example.com/gpu': '1' } },
    `${PATH}.defaultRequest[example.com/gpu]: Invalid value: "1": default value 2 must equal to defaultRequest value 1 in example.com/gpu`,
  ],
];

test('what is refused', () => {
  for (const [item, ...expected] of REFUSED) assert.deepEqual(judged.refused(range(item)), expected);
  assert.deepEqual(judged.refused(range({ type: 'Pod' }, { type: 'Pod' })), [
    'spec.limits[1].type: Duplicate value: "Pod"',
  ]);
});
