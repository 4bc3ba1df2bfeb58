import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PodGroup } from '../../../api/types.gen.ts';
import { groupCondition } from './group-condition.ts';

const BEFORE = '2026-01-01T00:00:00Z';
const NOW_MS = Date.parse('2026-01-02T00:00:00Z');
const SCHEDULED = { status: 'True', reason: 'Scheduled', message: '' };
const UNSCHEDULABLE = { status: 'False', reason: 'Unschedulable', message: 'pod group is unschedulable' };

function group(condition?: object): PodGroup {
  const conditions =
    condition === undefined ? [] : [{ type: 'PodGroupScheduled', lastTransitionTime: BEFORE, ...condition }];
  return { metadata: { name: 'g', generation: 3 }, spec: {}, status: { conditions } } as unknown as PodGroup;
}

test('what a group is said to be, and since when', () => {
  const now = {
    type: 'PodGroupScheduled',
    observedGeneration: 3,
    lastTransitionTime: '2026-01-02T00:00:00Z',
  };
  assert.deepEqual(groupCondition(group(), 'scheduled', NOW_MS), { ...now, ...SCHEDULED });
  assert.deepEqual(groupCondition(group(UNSCHEDULABLE), 'scheduled', NOW_MS), { ...now, ...SCHEDULED });
  assert.deepEqual(groupCondition(group(), 'unschedulable', NOW_MS), { ...now, ...UNSCHEDULABLE });
  const error = { status: 'False', reason: 'SchedulerError', message: 'm' };
  const same = { ...now, lastTransitionTime: BEFORE };
  assert.deepEqual(groupCondition(group(error), 'unschedulable', NOW_MS), { ...same, ...UNSCHEDULABLE });
});

test('nothing new is not said again, and a group that was scheduled stays so', () => {
  assert.equal(groupCondition(group(SCHEDULED), 'scheduled', NOW_MS), undefined);
  assert.equal(groupCondition(group(UNSCHEDULABLE), 'unschedulable', NOW_MS), undefined);
  assert.equal(groupCondition(group(SCHEDULED), 'unschedulable', NOW_MS), undefined);
});
