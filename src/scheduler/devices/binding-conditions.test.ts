import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ResourceV1ResourceClaim } from '../../api/types.gen.ts';
import { hasBindingConditions, isOverdue, readinessOf } from './binding-conditions.ts';

interface Told {
  readonly device?: string;
  readonly true?: readonly string[];
}

function claim(told: readonly Told[], bindingConditions: readonly string[] = ['Attached', 'Set']) {
  const place = { driver: 'd', pool: 'p', device: 'a' };
  return {
    metadata: { name: 'c' },
    status: {
      allocation: {
        allocationTimestamp: '2026-01-01T00:00:00Z',
        devices: {
          results: [
            { request: 'r', ...place, bindingConditions, bindingFailureConditions: ['Broken'] },
            { request: 'q', ...place, device: 'plain' },
          ],
        },
      },
      devices: told.map(({ device = 'a', true: types = [] }) => ({
        ...place,
        device,
        conditions: ['Attached', 'Set', 'Broken'].map((type) => ({
          type,
          status: types.includes(type) ? 'True' : 'False',
          reason: 'Cable',
          message: 'no "link"',
        })),
      })),
    },
  } as unknown as ResourceV1ResourceClaim;
}

test('ready when all is said to be, failed when anything is', () => {
  const failed = 'claim c binding failed: reason=Cable, message="no \\"link\\""';
  const cases: readonly (readonly [ResourceV1ResourceClaim, string])[] = [
    [claim([]), 'waiting'],
    [claim([{ true: ['Attached'] }]), 'waiting'],
    [claim([{ device: 'other', true: ['Attached', 'Set'] }]), 'waiting'],
    [claim([{ true: ['Attached', 'Set'] }]), 'ready'],
    [claim([{ true: ['Attached', 'Set', 'Broken'] }]), failed],
    [claim([], []), 'ready'],
    [{ metadata: {}, status: {} } as unknown as ResourceV1ResourceClaim, 'waiting'],
  ];
  for (const [one, expected] of cases) {
    const found = readinessOf(one);
    assert.equal(found.state === 'failed' ? found.message : found.state, expected);
  }
});

test('overdue only what has conditions, after its time', () => {
  const allocatedMs = Date.parse('2026-01-01T00:00:00Z');
  assert.equal(isOverdue(claim([]), 1000, allocatedMs + 1000), false);
  assert.equal(isOverdue(claim([]), 1000, allocatedMs + 1001), true);
  assert.equal(hasBindingConditions(claim([], [])), false);
  assert.equal(isOverdue(claim([], []), 1000, allocatedMs + 5000), false);
});
