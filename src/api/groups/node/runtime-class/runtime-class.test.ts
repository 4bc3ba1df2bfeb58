import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonObject } from '../../../schema/schema.ts';
import { judge } from '../../judge.fixture.ts';
import { runtimeClasses } from './runtime-class.ts';

const kind = judge(runtimeClasses);

const REFUSED: readonly (readonly [JsonObject, readonly string[]])[] = [
  [{ handler: 'runc', overhead: { podFixed: { cpu: '100m' } } }, []],
  [{}, ['handler: Required value']],
  [
    { handler: 'run c' },
    [
      "handler: Invalid value: \"run c\": a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')",
    ],
  ],
  [
    { handler: 'runc', overhead: { podFixed: { cpu: '-1' } } },
    ['overhead.limits[cpu]: Invalid value: "-1": must be greater than or equal to 0'],
  ],
  [
    { handler: 'runc', scheduling: { tolerations: [{ operator: 'Equal' }] } },
    [
      'scheduling.tolerations[0].operator: Invalid value: "Equal": operator must be Exists when `key` is empty, which means "match all values and all keys"',
    ],
  ],
];

test('what is refused', () => {
  for (const [json, errors] of REFUSED) assert.deepEqual(kind.refused(json), errors, JSON.stringify(json));
});

test('the handler stays', () => {
  assert.deepEqual(kind.refusedUpdate({ handler: 'b' }, { handler: 'a' }), [
    'handler: Invalid value: "b": field is immutable',
  ]);
  assert.equal(kind.cells({ handler: 'runc' })['Handler'], 'runc');
});
