import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonObject } from '../../../schema/schema.ts';
import { judge } from '../../judge.fixture.ts';
import { validatingAdmissionPolicyBindings } from './validating-admission-policy-binding.ts';

const kind = judge(validatingAdmissionPolicyBindings);
const of = (fields: JsonObject): JsonObject => ({
  spec: { policyName: 'p', validationActions: ['Deny'], ...fields },
});
const param = (paramRef: JsonObject): JsonObject => of({ paramRef });
const EXCLUSIVE = 'name and selector are mutually exclusive';

const REFUSED: readonly (readonly [JsonObject, readonly string[]])[] = [
  [of({ validationActions: ['Warn', 'Audit'] }), []],
  [param({ name: 'a', parameterNotFoundAction: 'Allow' }), []],
  [of({ policyName: '' }), ['spec.policyName: Required value']],
  [
    of({ validationActions: [] }),
    ['spec.validationActions: Required value: at least one validation action is required'],
  ],
  [of({ validationActions: ['Deny', 'Deny'] }), ['spec.validationActions[1]: Duplicate value: "Deny"']],
  [
    of({ validationActions: ['Shout'] }),
    ['spec.validationActions[0]: Unsupported value: "Shout": supported values: "Audit", "Deny", "Warn"'],
  ],
  [
    of({ validationActions: ['Deny', 'Warn'] }),
    [
      'spec.validationActions: Invalid value: ["Deny","Warn"]: must not contain both Deny and Warn (repeating the same validation failure information in the API response and headers serves no purpose)',
    ],
  ],
  [
    param({}),
    [
      'spec.paramRef: Required value: one of name or selector must be specified',
      'spec.paramRef.parameterNotFoundAction: Required value',
    ],
  ],
  [
    param({ name: 'a', selector: {}, parameterNotFoundAction: 'Guess' }),
    [
      `spec.paramRef.name: Forbidden: ${EXCLUSIVE}`,
      `spec.paramRef.selector: Forbidden: ${EXCLUSIVE}`,
      'spec.paramRef.parameterNotFoundAction: Unsupported value: "Guess": supported values: "Allow", "Deny"',
    ],
  ],
  [
    of({
      matchResources: {
        resourceRules: [{ operations: [], apiGroups: ['*'], apiVersions: ['*'], resources: ['*'] }],
      },
    }),
    ['spec.matchResouces.resourceRules[0].operations: Required value'],
  ],
];

test('what is refused', () => {
  for (const [json, errors] of REFUSED) assert.deepEqual(kind.refused(json), errors, JSON.stringify(json));
});

test('its row', () => {
  const action = { parameterNotFoundAction: 'Deny' };
  const shown = (paramRef: JsonObject): unknown => kind.cells(param({ ...paramRef, ...action }))['ParamRef'];
  assert.equal(shown({ name: 'a' }), '*/a');
  assert.equal(shown({ name: 'a', namespace: 'n' }), 'n/a');
  assert.equal(kind.cells(of({}))['ParamRef'], '<unset>');
  assert.equal(kind.cells(of({}))['PolicyName'], 'p');
});
