import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonValue } from '../../api/schema/schema.ts';
import { parsePath } from './path.ts';

const POD: JsonValue = {
  metadata: {
    annotations: { 'x.io/delay': '5s' },
    ownerReferences: [{ kind: 'Job' }, { kind: 'Other' }],
    deletionTimestamp: null,
  },
  status: {
    phase: 'Running',
    conditions: [
      { type: 'Ready', status: 'True' },
      { type: 'Initialized', status: 'False' },
    ],
    counts: { a: 1, b: 2 },
  },
};

function find(text: string): readonly JsonValue[] {
  const parsed = parsePath(text);
  assert.ok(parsed.ok, text);
  return parsed.find(POD);
}

test('values that expressions of Stages find', () => {
  const cases: readonly [string, readonly JsonValue[]][] = [
    ['.status.phase', ['Running']],
    ['.metadata.deletionTimestamp', []],
    ['.status.podIP.first', []],
    ['.status.phase.first', []],
    ['.metadata.annotations["x.io/delay"]', ['5s']],
    ['.metadata.annotations.["x.io/delay"]', ['5s']],
    ['.metadata["annotations"]["x.io/delay"]', ['5s']],
    ['.metadata.ownerReferences.[].kind', ['Job', 'Other']],
    ['.metadata.ownerReferences[].kind', ['Job', 'Other']],
    ['.metadata.nothing.[].kind', []],
    ['.status.counts[]', [1, 2]],
    ['.status.conditions.[] | select( .type == "Ready" ) | .status', ['True']],
    ['.status.conditions[]|select(.type != "Ready")|.type', ['Initialized']],
    ['.status.counts | select(.a == 1) | .b', [2]],
  ];
  for (const [text, expected] of cases) assert.deepEqual(find(text), expected, text);
  assert.deepEqual(find('.'), [POD]);
});

test('what is not supported is said', () => {
  for (const text of [
    '',
    'status',
    '.status | length',
    '.a + .b',
    '.a[0]',
    'env.HOME',
    '.a["',
    '.a | select(.b)',
  ]) {
    const parsed = parsePath(text);
    assert.deepEqual(
      parsed.ok ? text : parsed.problem,
      `the expression ${JSON.stringify(text)} is not supported`,
    );
  }
});
