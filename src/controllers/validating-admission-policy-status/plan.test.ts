import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BUILT_IN_KINDS } from '../../api/catalog.ts';
import type { ResourceDefinition } from '../../api/meta/resource-definition.ts';
import { resolveResource } from '../../api/resource.ts';
import { loadBuiltInSchemas } from '../../api/schema/built-in.ts';
import type { ValidatingAdmissionPolicySpec } from '../../api/types.gen.ts';
import { expressionWarnings, matchedKinds, type Kind } from './plan.ts';

const SCHEMAS = loadBuiltInSchemas();
const typeOf = (kind: Kind) => resolveResource(kind as ResourceDefinition, SCHEMAS).schema.celType;

const rule = (apiGroups: string[], apiVersions: string[], resources: string[]) => ({
  apiGroups,
  apiVersions,
  resources,
  operations: ['CREATE'],
});
const DEPLOYMENTS = rule(['apps'], ['v1'], ['deployments']);

function warningsOf(spec: ValidatingAdmissionPolicySpec): readonly (readonly string[])[] {
  const policy = {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingAdmissionPolicy',
    metadata: { name: 'one' },
    spec: { matchConstraints: { resourceRules: [DEPLOYMENTS] }, ...spec },
    status: {},
  };
  return expressionWarnings(policy, BUILT_IN_KINDS, typeOf).map(({ fieldRef, warning }) => [
    fieldRef,
    warning,
  ]);
}

test('a field that the kind does not have, as upstream says it', () => {
  assert.deepEqual(warningsOf({ validations: [{ expression: 'object.replicas > 1' }] }), [
    [
      'spec.validations[0].expression',
      "apps/v1, Kind=Deployment: ERROR: <input>:1:7: undefined field 'replicas'\n | object.replicas > 1\n | ......^\n",
    ],
  ]);
});

test('what fits is not warned of', () => {
  const expressions = [
    'object.spec.replicas > 1',
    "oldObject.metadata.labels['app'] == object.metadata.labels['app']",
    'object.spec.template.spec.containers.all(c, c.image.startsWith("x/"))',
    "request.userInfo.username != '' && authorizer.requestResource.check('get').allowed()",
    'namespaceObject.metadata.name == variables.name',
  ];
  const validations = expressions.map((expression) => ({ expression, messageExpression: 'object.kind' }));
  const variables = [{ name: 'name', expression: 'object.metadata.name' }];
  assert.deepEqual(warningsOf({ validations, variables }), []);
});

test('each kind is named, and messages are looked at too', () => {
  const resourceRules = [DEPLOYMENTS, rule(['', 'batch'], ['v1'], ['pods', 'jobs', 'pods/log'])];
  const validations = [{ expression: 'object.spec.replicas > 1', messageExpression: 'object.spec.hostname' }];
  const [first, second] = warningsOf({ matchConstraints: { resourceRules }, validations });
  assert.equal(first?.[0], 'spec.validations[0].expression');
  assert.deepEqual(first?.[1]?.match(/\S*, Kind=\w+/g), ['/v1, Kind=Pod', 'batch/v1, Kind=Job']);
  assert.equal(second?.[0], 'spec.validations[0].messageExpression');
  assert.deepEqual(second?.[1]?.match(/\S*, Kind=\w+/g), ['apps/v1, Kind=Deployment', 'batch/v1, Kind=Job']);
});

test('parameters have the type of their kind, and none when nobody knows the kind', () => {
  const validations = [{ expression: 'params.data.max == params.nothing' }];
  const known = warningsOf({ paramKind: { apiVersion: 'v1', kind: 'ConfigMap' }, validations });
  assert.match(known[0]?.[1] ?? '', /undefined field 'nothing'/);
  assert.deepEqual(warningsOf({ paramKind: { apiVersion: 'x.io/v1', kind: 'Thing' }, validations }), []);
});

test('wildcards, subresources and unknown resources match nothing', () => {
  const matched = (...rules: (typeof DEPLOYMENTS)[]) =>
    matchedKinds(rules, BUILT_IN_KINDS).map(({ group, kind }) => `${group} ${kind}`);
  assert.deepEqual(matched(rule(['*'], ['v1'], ['pods'])), []);
  assert.deepEqual(matched(rule(['apps'], ['*'], ['deployments'])), []);
  assert.deepEqual(matched(rule(['apps'], ['v1'], ['*', 'deployments/scale', 'things'])), []);
  assert.deepEqual(matched(rule(['apps'], ['v2', 'v1'], ['replicasets', 'deployments'])), [
    'apps Deployment',
    'apps ReplicaSet',
  ]);
});
