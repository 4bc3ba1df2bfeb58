import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonObject } from '../../../schema/schema.ts';
import { judge } from '../../judge.fixture.ts';
import { validatingAdmissionPolicies } from './validating-admission-policy.ts';

const kind = judge(validatingAdmissionPolicies);
const RULE: JsonObject = {
  operations: ['CREATE'],
  apiGroups: [''],
  apiVersions: ['v1'],
  resources: ['pods'],
};
const CHECK: JsonObject = { expression: 'true' };
const of = (fields: JsonObject): JsonObject => ({
  spec: { matchConstraints: { resourceRules: [RULE] }, validations: [CHECK], ...fields },
});
const check = (fields: JsonObject): JsonObject => of({ validations: [{ ...CHECK, ...fields }] });

test('what is defaulted', () => {
  const { failurePolicy, matchConstraints: match } = kind.complete(of({})).spec;
  assert.equal(failurePolicy, 'Fail');
  assert.deepEqual(
    [match?.matchPolicy, match?.namespaceSelector, match?.objectSelector],
    ['Equivalent', {}, {}],
  );
});

const NOTHING = 'validations or auditAnnotations must contain at least one item';
const REFUSED: readonly (readonly [JsonObject, readonly string[]])[] = [
  [of({}), []],
  [of({ paramKind: { apiVersion: 'acme.io/v1', kind: 'Limits' } }), []],
  [
    { spec: {} },
    [
      'spec.matchConstraints: Required value',
      `spec.validations: Required value: ${NOTHING}`,
      `spec.auditAnnotations: Required value: ${NOTHING}`,
    ],
  ],
  [of({ matchConstraints: {} }), ['spec.matchConstraints.resourceRules: Required value']],
  [
    of({ matchConstraints: { resourceRules: [{ ...RULE, resourceNames: ['a', 'a', 'b/c'] }] } }),
    [
      'spec.matchConstraints.resourceRules[0].resourceNames[1]: Duplicate value: "a"',
      'spec.matchConstraints.resourceRules[0].resourceNames[2]: Invalid value: "b/c": may not contain \'/\'',
    ],
  ],
  [
    of({ paramKind: { apiVersion: 'a/b/c', kind: '1' } }),
    [
      'spec.paramKind.apiVersion: Invalid value: "a/b/c": unexpected GroupVersion string: a/b/c',
      "spec.paramKind.kind: Invalid value: \"1\": may have mixed case, but should otherwise match: a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')",
    ],
  ],
  [
    of({ paramKind: {} }),
    ['spec.paramKind.apiVersion: Required value', 'spec.paramKind.kind: Required value'],
  ],
  [
    check({ expression: ' ' }),
    ['spec.validations[0].expression: Required value: expression is not specified'],
  ],
  [
    check({ message: 'a\nb', messageExpression: ' ', reason: 'Because' }),
    [
      'spec.validations[0].messageExpression: Invalid value: " ": must be non-empty if specified',
      'spec.validations[0].message: Invalid value: "a\\nb": message must not contain line breaks',
      'spec.validations[0].reason: Unsupported value: "Because": supported values: "Forbidden", "Invalid", "RequestEntityTooLarge"',
    ],
  ],
  [
    of({
      variables: [
        { name: 'in', expression: 'true' },
        { name: '', expression: '' },
      ],
    }),
    [
      'spec.variables[0].name: Invalid value: "in": name is not a valid CEL identifier',
      'spec.variables[1].name: Required value: name is not specified',
      'spec.variables[1].expression: Required value: expression is not specified',
    ],
  ],
  [
    of({
      auditAnnotations: [
        { key: 'a', valueExpression: '' },
        { key: 'a', valueExpression: 'x'.repeat(5121) },
      ],
    }),
    [
      'spec.auditAnnotations[0].valueExpression: Required value: valueExpression is not specified',
      'spec.auditAnnotations[1].valueExpression: Required value: must not exceed 5120 bytes in length',
      'spec.auditAnnotations[1].key: Duplicate value: "a"',
    ],
  ],
];

test('what is refused', () => {
  for (const [json, errors] of REFUSED) {
    assert.deepEqual(kind.refused(json), errors, JSON.stringify(json).slice(0, 300));
  }
  const many = Array.from({ length: 21 }, (_, i) => ({ key: `k${i}`, valueExpression: 'x' }));
  const [refusal] = kind.refused(of({ auditAnnotations: many }));
  assert.match(refusal ?? '', /must not have more than 20 auditAnnotations$/);
  const conditions = Array.from({ length: 65 }, (_, i) => ({ name: `c${i}`, expression: 'true' }));
  assert.deepEqual(kind.refused(of({ matchConditions: conditions })), [
    'spec.matchConditions: Too many: 65: must have at most 64 items',
  ]);
});

test('its status and row', () => {
  const status = { typeChecking: { expressionWarnings: [{ fieldRef: ' ', warning: '' }] } };
  assert.deepEqual(kind.refusedStatus({ ...of({}), status }, of({})), [
    'status.typeChecking.expressionWarnings[0].warning: Required value',
    'status.typeChecking.expressionWarnings[0].fieldRef: Required value',
  ]);
  const row = kind.cells(of({ paramKind: { apiVersion: 'v1', kind: 'ConfigMap' } }));
  assert.deepEqual([row['Validations'], row['ParamKind']], [1, 'v1/ConfigMap']);
  assert.equal(kind.cells(of({}))['ParamKind'], '<unset>');
});

const NAMED: JsonObject = { paramKind: { apiVersion: 'v1', kind: 'ConfigMap' } };
const VARIABLES: JsonObject = {
  variables: [
    { name: 'size', expression: 'object.spec.replicas + 1' },
    { name: 'small', expression: 'int(variables.size) < 5' },
  ],
};
const undeclared = (what: string, column = 1): string =>
  `compilation failed: ERROR: <input>:1:${column}: undeclared reference to '${what}' (in container '')`;

/** An expression field, and how its refusal begins; none: it is taken. */
const EXPRESSIONS: readonly (readonly [JsonObject, string?])[] = [
  [check({ expression: 'object.spec.replicas < 5' })],
  [check({ expression: 'request.userInfo.groups.exists(g, g == "a") && !request.dryRun' })],
  [check({ expression: 'authorizer.requestResource.check("use").allowed()' })],
  [check({ expression: 'namespaceObject.metadata.labels["a"] == "b" && oldObject == null' })],
  [of({ ...NAMED, validations: [{ expression: 'params.data.x == object.kind' }] })],
  [of({ ...VARIABLES, validations: [{ expression: 'variables.small' }] })],
  [check({ expression: 'objekt.spec == 1' }), `expression: Invalid value: "objekt.spec == 1": ${undeclared('objekt')}`],
  [check({ expression: 'request.user == "a"' }), 'expression: Invalid value: "request.user == \\"a\\"": compilation failed: ERROR: <input>:1:8: undefined field \'user\''],
  [check({ expression: 'params.x == 1' }), `expression: Invalid value: "params.x == 1": ${undeclared('params')}`],
  [check({ expression: '"a"' }), 'expression: Invalid value: "\\"a\\"": must evaluate to bool but got string'],
  [check({ expression: 'object.spec.paused' }), 'expression: Invalid value: "object.spec.paused": must evaluate to bool but got dyn'],
  [check({ messageExpression: '1' }), 'messageExpression: Invalid value: "1": must evaluate to string but got int'],
  [check({ messageExpression: 'authorizer == authorizer ? "" : ""' }), `messageExpression: Invalid value: "authorizer == authorizer ? \\"\\" : \\"\\"": ${undeclared('authorizer')}`],
]; // prettier-ignore

test('expressions compile with what they may name, and evaluate to what is needed', () => {
  for (const [json, problem] of EXPRESSIONS) {
    const [first, ...more] = kind.refused(json);
    if (problem === undefined) assert.equal(first, undefined, JSON.stringify(json));
    else assert.ok(first?.startsWith(`spec.validations[0].${problem}`), `${first}`);
    assert.deepEqual(more, []);
  }
  const later = of({ variables: [{ name: 'a', expression: 'variables.b' }] });
  assert.match(kind.refused(later).join(), /^spec\.variables\[0\]\.expression: .*undefined field 'b'/);
  const conditions = of({ ...VARIABLES, matchConditions: [{ name: 'x', expression: 'variables.small' }] });
  assert.match(kind.refused(conditions).join(), /^spec\.matchConditions\[0\]\.expression: .*'variables'/);
  const annotation = of({ auditAnnotations: [{ key: 'k', valueExpression: 'true' }] });
  assert.match(kind.refused(annotation).join(), /must evaluate to one of \[string null_type\] but got bool/);
});
