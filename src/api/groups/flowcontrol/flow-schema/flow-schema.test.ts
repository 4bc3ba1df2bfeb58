import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonObject } from '../../../schema/schema.ts';
import { judge } from '../../judge.fixture.ts';
import { flowSchemas } from './flow-schema.ts';

const kind = judge(flowSchemas);
const GROUP: JsonObject = { kind: 'Group', group: { name: 'g' } };
const RESOURCES: JsonObject = { verbs: ['*'], apiGroups: ['*'], resources: ['*'], namespaces: ['*'] };
const spec = (fields: JsonObject): JsonObject => ({
  spec: { priorityLevelConfiguration: { name: 'low' }, ...fields },
});
const rule = (fields: JsonObject): JsonObject =>
  spec({ rules: [{ subjects: [GROUP], resourceRules: [RESOURCES], ...fields }] });
const RULE = 'spec.rules[0]';

const REFUSED: readonly (readonly [JsonObject, readonly string[]])[] = [
  [rule({}), []],
  [
    spec({ priorityLevelConfiguration: {} }),
    ['spec.priorityLevelConfiguration.name: Required value: must reference a priority level'],
  ],
  [
    spec({ matchingPrecedence: 1 }),
    [
      "spec.matchingPrecedence: Invalid value: 1: only the schema named 'exempt' may have matchingPrecedence 1",
    ],
  ],
  [
    spec({ matchingPrecedence: 10001 }),
    ['spec.matchingPrecedence: Invalid value: 10001: must not be greater than 10000'],
  ],
  [
    spec({ distinguisherMethod: { type: 'ByDay' } }),
    [
      'spec.distinguisherMethod.type: Unsupported value: {"type":"ByDay"}: supported values: "ByNamespace", "ByUser"',
    ],
  ],
  [
    spec({ rules: [{ subjects: [] }] }),
    [
      `${RULE}.subjects: Required value: subjects must contain at least one value`,
      `${RULE}: Required value: at least one of resourceRules and nonResourceRules has to be non-empty`,
    ],
  ],
  [
    rule({ subjects: [{ kind: 'User', group: { name: 'g' } }, { kind: 'Robot' }] }),
    [
      `${RULE}.subjects[0].user: Required value: user is required when subject kind is 'User'`,
      `${RULE}.subjects[0].group: Forbidden: group is forbidden when subject kind is not 'Group'`,
      `${RULE}.subjects[1].kind: Unsupported value: "Robot": supported values: "Group", "ServiceAccount", "User"`,
    ],
  ],
  [
    rule({ subjects: [{ kind: 'ServiceAccount', serviceAccount: { name: '*' } }] }),
    [
      `${RULE}.subjects[0].serviceAccount.namespace: Required value: must specify namespace for service account`,
    ],
  ],
  [
    rule({ resourceRules: [{ verbs: ['*', 'get'], apiGroups: [], resources: ['*', 'pods'] }] }),
    [
      `${RULE}.resourceRules[0].verbs: Invalid value: ["*","get"]: if '*' is present, must not specify other verbs`,
      `${RULE}.resourceRules[0].apiGroups: Required value: resource rules must supply at least one api group`,
      `${RULE}.resourceRules[0].resources: Invalid value: ["*","pods"]: if '*' is present, must not specify other resources`,
      `${RULE}.resourceRules[0].namespaces: Required value: resource rules that are not cluster scoped must supply at least one namespace`,
    ],
  ],
  [
    rule({
      nonResourceRules: [{ verbs: ['dance'], nonResourceURLs: ['a', '/a b', '//', '/*/b', '/a/*', '/'] }],
    }),
    [
      `${RULE}.nonResourceRules[0].verbs: Unsupported value: ["dance"]: supported values: "create", "delete", "deletecollection", "get", "list", "patch", "proxy", "update", "watch"`,
      `${RULE}.nonResourceRules[0].nonResourceURLs[0]: Invalid value: "a": must start with slash`,
      `${RULE}.nonResourceRules[0].nonResourceURLs[1]: Invalid value: "/a b": must not contain white-space`,
      `${RULE}.nonResourceRules[0].nonResourceURLs[2]: Invalid value: "//": must not contain double slash`,
      `${RULE}.nonResourceRules[0].nonResourceURLs[3]: Invalid value: "/*/b": wildcard can only do suffix matching`,
    ],
  ],
];

test('what is defaulted and refused', () => {
  assert.equal(kind.complete(spec({})).spec.matchingPrecedence, 1000);
  for (const [json, errors] of REFUSED) assert.deepEqual(kind.refused(json), errors, JSON.stringify(json));
});

test('the mandatory ones are as they are', () => {
  const [first] = kind.refused({ metadata: { name: 'catch-all' }, ...rule({}) });
  assert.match(first ?? '', /^spec: Invalid value: \{.*\}: spec of 'catch-all' must equal the fixed value$/);
});

test('its status and row', () => {
  const status = { conditions: [{ type: 'Dangling', status: 'False' }, { type: 'Dangling' }, {}] };
  assert.deepEqual(kind.refusedStatus({ ...spec({}), status }, spec({})), [
    'status.conditions[1].type: Duplicate value: "Dangling"',
    'status.conditions[2].type: Required value: must not be empty',
  ]);
  const { Age: _age, ...cells } = kind.cells({
    ...spec({ distinguisherMethod: { type: 'ByUser' } }),
    status,
  });
  assert.deepEqual(cells, {
    Name: 'one',
    PriorityLevel: 'low',
    MatchingPrecedence: 1000,
    DistinguisherMethod: 'ByUser',
    MissingPL: 'False',
  });
});
