import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonObject } from '../../../schema/schema.ts';
import { judge } from '../../judge.fixture.ts';
import { priorityLevelConfigurations } from './priority-level-configuration.ts';

const kind = judge(priorityLevelConfigurations);
const limited = (fields: JsonObject, limitResponse: JsonObject = { type: 'Reject' }): JsonObject => ({
  spec: { type: 'Limited', limited: { limitResponse, ...fields } },
});
const queuing = (fields: JsonObject): JsonObject => limited({}, { type: 'Queue', queuing: fields });
const QUEUING = 'spec.limited.limitResponse.queuing';

test('what is defaulted', () => {
  assert.deepEqual(kind.complete(queuing({})).spec.limited, {
    nominalConcurrencyShares: 30,
    limitResponse: { type: 'Queue', queuing: { queues: 64, handSize: 8, queueLengthLimit: 50 } },
    lendablePercent: 0,
  });
  assert.deepEqual(kind.complete({ spec: { type: 'Exempt', exempt: {} } }).spec.exempt, {
    nominalConcurrencyShares: 0,
    lendablePercent: 0,
  });
});

const REFUSED: readonly (readonly [JsonObject, readonly string[]])[] = [
  [queuing({}), []],
  [limited({ nominalConcurrencyShares: 0 }), []],
  [{ metadata: { name: 'exempt' }, spec: { type: 'Exempt', exempt: { lendablePercent: 50 } } }, []],
  [{ spec: { type: 'Limited' } }, ['spec.limited: Required value: must not be empty when type is Limited']],
  [
    { spec: { type: 'Exempt' } },
    ["spec.type: Invalid value: \"Exempt\": type must be 'Exempt' if and only if `name` is 'exempt'"],
  ],
  [
    { spec: { type: 'Other' } },
    ['spec.type: Unsupported value: "Other": supported values: "Exempt", "Limited"'],
  ],
  [
    limited({ nominalConcurrencyShares: -1, lendablePercent: 101, borrowingLimitPercent: -1 }),
    [
      'spec.limited.nominalConcurrencyShares: Invalid value: -1: must be a non-negative integer',
      'spec.limited.lendablePercent: Invalid value: 101: must be between 0 and 100, inclusive',
      'spec.limited.borrowingLimitPercent: Invalid value: -1: if specified, must be a non-negative integer',
    ],
  ],
  [
    limited({}, { type: 'Reject', queuing: {} }),
    [`${QUEUING}: Forbidden: must be nil if limited.limitResponse.type is not Limited`],
  ],
  [
    limited({}, { type: 'Queue' }),
    [`${QUEUING}: Required value: must not be empty if limited.limitResponse.type is Limited`],
  ],
  [
    limited({}, {}),
    ['spec.limited.limitResponse.type: Unsupported value: "": supported values: "Queue", "Reject"'],
  ],
  [
    queuing({ queues: -1, handSize: 2, queueLengthLimit: -1 }),
    [
      `${QUEUING}.queueLengthLimit: Invalid value: -1: must be positive`,
      `${QUEUING}.queues: Invalid value: -1: must be positive`,
      `${QUEUING}.handSize: Invalid value: 2: should not be greater than queues (-1)`,
    ],
  ],
  [
    queuing({ queues: 512, handSize: 8 }),
    [
      `${QUEUING}.handSize: Invalid value: 8: required entropy bits of deckSize 512 and handSize 8 should not be greater than 60`,
    ],
  ],
];

test('what is refused', () => {
  for (const [json, errors] of REFUSED) assert.deepEqual(kind.refused(json), errors, JSON.stringify(json));
});

test('the mandatory ones are as they are', () => {
  const [refusal] = kind.refused({ metadata: { name: 'catch-all' }, ...queuing({}) });
  assert.match(refusal ?? '', /^spec: Invalid value: .*: spec of 'catch-all' must equal the fixed value$/);
});

test('its row', () => {
  const { Age: _age, ...cells } = kind.cells(queuing({}));
  assert.deepEqual(cells, {
    Name: 'one',
    Type: 'Limited',
    NominalConcurrencyShares: 30,
    Queues: 64,
    HandSize: 8,
    QueueLengthLimit: 50,
  });
  assert.equal(kind.cells(limited({}))['Queues'], '<none>');
});
