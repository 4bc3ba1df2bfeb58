import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { games } from '../../base/games.fixture.ts';
import type { Pod, PodFailurePolicy } from '../../api/types.gen.ts';
import { backoffLeftMs, NO_BACKOFF, withEnded } from './backoff.ts';
import { judgeFailure } from './failure-policy.ts';
import {
  countCommon,
  firstMissing,
  formatIndexes,
  hasIndex,
  readIndexes,
  toIndexes,
  union,
} from './indexes.ts';
import { finishedAtMs } from './job-pods.ts';

test('indexes are written short and read again; what cannot be read is passed over', () => {
  assert.equal(formatIndexes(toIndexes([5, 3, 1, 4, 7, 8])), '1,3-5,7,8');
  assert.deepEqual(readIndexes('1,3-5,7,8', 8), [
    { first: 1, last: 1 },
    { first: 3, last: 5 },
    { first: 7, last: 7 },
  ]);
  assert.deepEqual(readIndexes('x,0,-3,2-', 9), [{ first: 0, last: 0 }]);
});

test('sets of indexes behave as sets', () => {
  const some = fc.uniqueArray(fc.nat(40), { maxLength: 30 });
  fc.assert(
    fc.property(some, some, fc.nat(41), (a, b, count) => {
      const [left, right] = [toIndexes(a), toIndexes(b)];
      const both = union(left, right);
      const model = new Set([...a, ...b]);
      assert.deepEqual(readIndexes(formatIndexes(both), 41), both);
      for (let index = 0; index < 42; index++) assert.equal(hasIndex(both, index), model.has(index));
      assert.equal(countCommon(left, right), a.filter((index) => b.includes(index)).length);
      const missing = Array.from({ length: 41 }, (_, index) => index).filter((index) => !model.has(index));
      assert.deepEqual(firstMissing(both, 41, count), missing.slice(0, count));
    }),
    games(),
  );
});

const START = Date.parse('2026-01-01T00:00:00Z');

function ended(code: number, seconds: number, name = 'main', phase: Pod['status']['phase'] = 'Failed'): Pod {
  const finishedAt = new Date(START + seconds * 1000).toISOString();
  return {
    ...{ apiVersion: 'v1', kind: 'Pod', metadata: { namespace: 'default', name: 'a' } },
    spec: { containers: [] },
    status: { phase, containerStatuses: [{ name, state: { terminated: { exitCode: code, finishedAt } } }] },
  } as unknown as Pod;
}

test('backoff doubles from 10 s to 10 minutes, and a success begins anew', () => {
  const leftAfter = (failures: number): number =>
    backoffLeftMs({ failuresAfterSuccess: failures, lastFailureMs: START }, START) / 1000;
  assert.deepEqual([0, 1, 2, 3, 6, 7, 8, 99].map(leftAfter), [0, 10, 20, 40, 320, 600, 600, 600]);
  const [early, late, later] = [ended(1, 1), ended(1, 5), ended(1, 9)];
  const failing = withEnded(NO_BACKOFF, [], [early, late]);
  assert.deepEqual(failing, { failuresAfterSuccess: 2, lastFailureMs: finishedAtMs(late) });
  const between = ended(0, 7, 'main', 'Succeeded');
  assert.deepEqual(withEnded(failing, [between], [later]), {
    failuresAfterSuccess: 1,
    lastFailureMs: finishedAtMs(later),
  });
  assert.deepEqual(withEnded(failing, [between], []), NO_BACKOFF);
});

test('the first rule of a failure policy that fits decides', () => {
  const policy: PodFailurePolicy = {
    rules: [
      { action: 'Ignore', onExitCodes: { operator: 'In', values: [1] } },
      { action: 'Count', onExitCodes: { containerName: 'main', operator: 'In', values: [2] } },
      { action: 'FailJob', onExitCodes: { operator: 'NotIn', values: [1, 2, 3] } },
      { action: 'FailJob', onPodConditions: [{ type: 'DisruptionTarget', status: 'True' }] },
    ],
  };
  assert.deepEqual(judgeFailure(policy, ended(1, 0)), { counts: false, failsIndex: false });
  assert.deepEqual(judgeFailure(policy, ended(2, 0)), { counts: true, failsIndex: false });
  assert.equal(judgeFailure(policy, ended(3, 0)).failsJob, undefined);
  assert.equal(
    judgeFailure(policy, ended(2, 0, 'side')).failsJob,
    undefined,
    'the rule names another container, and no other fits',
  );
  assert.equal(
    judgeFailure(policy, ended(9, 0)).failsJob,
    'Container main for pod default/a failed with exit code 9 matching FailJob rule at index 2',
  );
  const target = ended(0, 0);
  const conditions = [{ type: 'DisruptionTarget', status: 'True' }];
  const disrupted = { ...target, status: { ...target.status, conditions } } as unknown as Pod;
  assert.equal(
    judgeFailure(policy, disrupted).failsJob,
    'Pod default/a has condition DisruptionTarget matching FailJob rule at index 3',
  );
  assert.deepEqual(judgeFailure(undefined, ended(9, 0)), { counts: true, failsIndex: false });
});
