import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonObject } from '../../../schema/schema.ts';
import { judge } from '../../judge.fixture.ts';
import { mutatingAdmissionPolicyBindings } from '../mutating-admission-policy-binding/mutating-admission-policy-binding.ts';
import { mutatingAdmissionPolicies } from './mutating-admission-policy.ts';

const kind = judge(mutatingAdmissionPolicies);
const match = (...operations: string[]): JsonObject => ({
  resourceRules: [{ operations, apiGroups: [''], apiVersions: ['v1'], resources: ['pods'] }],
});
const PATCH: JsonObject = {
  patchType: 'JSONPatch',
  jsonPatch: { expression: '[JSONPatch{op: "remove", path: "/spec"}]' },
};
const of = (fields: JsonObject): JsonObject => ({
  spec: { matchConstraints: match('CREATE'), mutations: [PATCH], reinvocationPolicy: 'Never', ...fields },
});
const mutation = (fields: JsonObject): JsonObject => of({ mutations: [fields] });

const REFUSED: readonly (readonly [JsonObject, readonly string[]])[] = [
  [of({}), []],
  [mutation({ patchType: 'ApplyConfiguration', applyConfiguration: { expression: 'Object{}' } }), []],
  [
    { spec: {} },
    [
      'spec.matchConstraints: Required value',
      'spec.mutations: Required value: mutations must contain at least one item',
      'spec.reinvocationPolicy: Required value',
    ],
  ],
  [
    of({ matchConstraints: match('DELETE') }),
    [
      'spec.matchConstraints.resourceRules.operations: Unsupported value: "DELETE": supported values: "*", "CONNECT", "CREATE", "UPDATE"',
    ],
  ],
  [mutation({}), ['spec.mutations[0].patchType: Required value']],
  [
    mutation({ patchType: 'Merge' }),
    [
      'spec.mutations[0].patchType: Unsupported value: "Merge": supported values: "ApplyConfiguration", "JSONPatch"',
    ],
  ],
  [
    mutation({ patchType: 'ApplyConfiguration', jsonPatch: {} }),
    [
      'spec.mutations[0].applyConfiguration: Required value: must be specified when patchType is ApplyConfiguration',
      'spec.mutations[0].jsonPatch: Invalid value: "{jsonPatch}": must not be specified when patchType is ApplyConfiguration',
    ],
  ],
  [
    mutation({ patchType: 'JSONPatch', jsonPatch: { expression: 'Object{}' } }),
    [
      'spec.mutations[0].jsonPatch.expression: Invalid value: "Object{}": must evaluate to list(JSONPatch) but got Object',
    ],
  ],
  [
    mutation({ patchType: 'ApplyConfiguration', applyConfiguration: { expression: '[JSONPatch{}]' } }),
    [
      'spec.mutations[0].applyConfiguration.expression: Invalid value: "[JSONPatch{}]": must evaluate to Object but got list(JSONPatch)',
    ],
  ],
  [
    mutation({ patchType: 'JSONPatch', jsonPatch: { expression: ' ' } }),
    ['spec.mutations[0].jsonPatch.expression: Required value'],
  ],
];

test('what is defaulted and refused', () => {
  assert.equal(kind.complete(of({})).spec.failurePolicy, 'Fail');
  for (const [json, errors] of REFUSED) assert.deepEqual(kind.refused(json), errors, JSON.stringify(json));
  assert.equal(kind.cells(of({}))['Mutations'], 1);
});

test('its binding', () => {
  const binding = judge(mutatingAdmissionPolicyBindings);
  assert.deepEqual(binding.refused({ spec: { policyName: 'p' } }), []);
  assert.deepEqual(binding.refused({ spec: { matchResources: match('DELETE') } }), [
    'spec.policyName: Required value',
    'spec.matchResources.resourceRules.operations: Unsupported value: "DELETE": supported values: "*", "CONNECT", "CREATE", "UPDATE"',
  ]);
});
