import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonObject } from '../../../schema/schema.ts';
import { judge } from '../../judge.fixture.ts';
import { priorityClasses } from './priority-class.ts';

const kind = judge(priorityClasses);
const named = (name: string, value: number, more: JsonObject = {}): JsonObject => ({
  metadata: { name },
  value,
  ...more,
});
const RESERVED = `metadata.name: Forbidden: priority class names with 'system-' prefix are reserved for system use only. error:`;

const REFUSED: readonly (readonly [JsonObject, readonly string[]])[] = [
  [named('high', 1_000_000_000), []],
  [named('low', -5, { preemptionPolicy: 'Never', globalDefault: true }), []],
  [named('system-node-critical', 2_000_001_000), []],
  [
    named('higher', 1_000_000_001),
    ['value: Forbidden: maximum allowed value of a user defined priority is 1000000000'],
  ],
  [named('system-mine', 5), [`${RESERVED} system-mine is not a known system priority class`]],
  [
    named('system-node-critical', 5),
    [`${RESERVED} value of system-node-critical PriorityClass must be 2000001000`],
  ],
  [
    named('system-cluster-critical', 2_000_000_000, { globalDefault: true }),
    [`${RESERVED} globalDefault of system-cluster-critical PriorityClass must be false`],
  ],
  [
    named('odd', 5, { preemptionPolicy: 'Sometimes' }),
    ['preemptionPolicy: Unsupported value: "Sometimes": supported values: "Never", "PreemptLowerPriority"'],
  ],
];

test('what is refused', () => {
  for (const [json, errors] of REFUSED) {
    assert.deepEqual(kind.refused(json), errors, JSON.stringify(json));
  }
});

test('value and preemption stay', () => {
  assert.equal(kind.complete(named('one', 5)).preemptionPolicy, 'PreemptLowerPriority');
  assert.deepEqual(kind.refusedUpdate(named('one', 6, { preemptionPolicy: 'Never' }), named('one', 5)), [
    'value: Forbidden: may not be changed in an update.',
    'preemptionPolicy: Invalid value: "Never": field is immutable',
  ]);
});
