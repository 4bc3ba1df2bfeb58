import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonObject } from '../../../schema/schema.ts';
import { judge } from '../../judge.fixture.ts';
import { leases } from './lease.ts';

const REFUSED: readonly (readonly [JsonObject, readonly string[]])[] = [
  [{ holderIdentity: 'me', leaseDurationSeconds: 40, leaseTransitions: 0 }, []],
  [{ strategy: 'OldestEmulationVersion', preferredHolder: 'you' }, []],
  [{ strategy: 'acme.io/Youngest' }, []],
  [{ leaseDurationSeconds: 0 }, ['spec.leaseDurationSeconds: Invalid value: 0: must be greater than 0']],
  [
    { leaseTransitions: -1 },
    ['spec.leaseTransitions: Invalid value: -1: must be greater than or equal to 0'],
  ],
  [
    { strategy: 'Youngest' },
    ['spec.strategy.strategy: Unsupported value: "Youngest": supported values: "OldestEmulationVersion"'],
  ],
  [
    { preferredHolder: 'you' },
    ['spec.preferredHolder: Forbidden: may only be specified if `strategy` is defined'],
  ],
];

test('what is refused', () => {
  const kind = judge(leases);
  for (const [spec, errors] of REFUSED) {
    assert.deepEqual(kind.refused({ spec }), errors, JSON.stringify(spec));
  }
});
