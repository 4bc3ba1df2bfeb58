import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PodGroup } from '../../api/types.gen.ts';
import { groupCondition } from './group-condition.ts';

const BEFORE = '2026-01-01T00:00:00Z';
const NOW_MS = Date.parse('2026-01-02T00:00:00Z');
const scheduled = { reason: 'Scheduled', message: '' } as const;
const unschedulable = { reason: 'Unschedulable', message: 'pod group is unschedulable' } as const;
const error = { reason: 'SchedulerError', message: 'm' } as const;
const SCHEDULED = { status: 'True', observedGeneration: 3, ...scheduled };
const UNSCHEDULABLE = { status: 'False', observedGeneration: 3, ...unschedulable };
const ERROR = { status: 'False', observedGeneration: 3, ...error };

function group(condition?: object): PodGroup {
  const conditions =
    condition === undefined ? [] : [{ type: 'PodGroupScheduled', lastTransitionTime: BEFORE, ...condition }];
  return { metadata: { name: 'g', generation: 3 }, spec: {}, status: { conditions } } as unknown as PodGroup;
}

test('what a group is said to be, and since when', () => {
  const now = { type: 'PodGroupScheduled', lastTransitionTime: '2026-01-02T00:00:00Z' };
  assert.deepEqual(groupCondition(group(), scheduled, NOW_MS), { ...now, ...SCHEDULED });
  assert.deepEqual(groupCondition(group(UNSCHEDULABLE), scheduled, NOW_MS), { ...now, ...SCHEDULED });
  assert.deepEqual(groupCondition(group(), unschedulable, NOW_MS), { ...now, ...UNSCHEDULABLE });
  const same = { ...now, lastTransitionTime: BEFORE };
  assert.deepEqual(groupCondition(group(ERROR), unschedulable, NOW_MS), { ...same, ...UNSCHEDULABLE });
  assert.deepEqual(groupCondition(group(UNSCHEDULABLE), error, NOW_MS), { ...same, ...ERROR });
  const earlier = { ...SCHEDULED, observedGeneration: 2 };
  assert.deepEqual(groupCondition(group(earlier), scheduled, NOW_MS), { ...same, ...SCHEDULED });
});

test('nothing new is not said again, and a group that was scheduled stays so', () => {
  assert.equal(groupCondition(group(SCHEDULED), scheduled, NOW_MS), undefined);
  assert.equal(groupCondition(group(UNSCHEDULABLE), unschedulable, NOW_MS), undefined);
  assert.equal(groupCondition(group(SCHEDULED), unschedulable, NOW_MS), undefined);
  assert.equal(groupCondition(group(SCHEDULED), error, NOW_MS), undefined);
});
