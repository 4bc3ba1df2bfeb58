import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { UserInfo } from '../../client/operation.ts';
import { classify, compileSchemas, distinguish, type FlowRequest } from './classify.ts';
import { DEFAULT_FLOW_SCHEMAS } from './default-objects.ts';

const schemas = compileSchemas(
  DEFAULT_FLOW_SCHEMAS.map((schema) => ({ ...schema, uid: `uid-${schema.name}` })),
  () => true,
);

function user(name: string, ...groups: readonly string[]): UserInfo {
  return { name, groups: [...groups, 'system:authenticated'] };
}
function account(namespace: string, name: string): UserInfo {
  const full = `system:serviceaccount:${namespace}:${name}`;
  return user(full, 'system:serviceaccounts', `system:serviceaccounts:${namespace}`);
}
function on(verb: string, place: string, namespace = '', group = ''): FlowRequest {
  const [resource = '', subresource = ''] = place.split('/');
  return {
    type: 'resource',
    verb,
    target: { group, version: 'v1', resource, namespace, name: '', subresource },
  };
}
const path = (url: string): FlowRequest => ({ type: 'path', verb: 'get', path: url });

const NODE = user('system:node:a', 'system:nodes');
const COORDINATION = 'coordination.k8s.io';

const CASES: readonly (readonly [UserInfo, FlowRequest, schema: string, level: string, flow: string])[] = [
  [user('root', 'system:masters'), on('list', 'pods'), 'exempt', 'exempt', ''],
  [{ name: 'system:anonymous', groups: ['system:unauthenticated'] }, path('/readyz'), 'probes', 'exempt', ''],
  [user('jane'), path('/readyz/ping'), 'probes', 'exempt', ''],
  [user('jane'), path('/version'), 'global-default', 'global-default', 'jane'],
  [user('jane'), on('list', 'pods', 'a'), 'global-default', 'global-default', 'jane'],
  [NODE, on('update', 'leases', 'kube-node-lease', COORDINATION), 'system-node-high', 'node-high', NODE.name],
  [NODE, on('patch', 'nodes/status'), 'system-node-high', 'node-high', NODE.name],
  [NODE, on('list', 'pods'), 'system-nodes', 'system', NODE.name],
  [
    user('system:kube-scheduler'),
    on('update', 'leases', 'kube-system', COORDINATION),
    'system-leader-election',
    'leader-election',
    'system:kube-scheduler',
  ],
  [user('system:kube-scheduler'), on('list', 'pods', 'b'), 'kube-scheduler', 'workload-high', 'b'],
  [account('kube-system', 'x'), on('get', 'pods', 'c'), 'kube-system-service-accounts', 'workload-high', 'c'],
  [account('other', 'x'), on('get', 'pods'), 'service-accounts', 'workload-low', account('other', 'x').name],
  [{ name: 'nobody', groups: [] }, on('get', 'pods'), 'catch-all', 'catch-all', 'nobody'],
];

test('which schema, level and flow a request belongs to', () => {
  for (const [who, request, name, level, flow] of CASES) {
    const schema = classify(schemas, request, who);
    const place = `${who.name} ${JSON.stringify(request)}`;
    assert.deepEqual([schema.name, schema.level], [name, level], place);
    assert.equal(distinguish(schema, request, who), flow, place);
  }
});

test('the exempt schema and the catch-all are there even when nothing is stored', () => {
  const none = compileSchemas([], () => false);
  assert.deepEqual(
    none.map(({ name }) => name),
    ['exempt', 'catch-all'],
  );
  assert.equal(classify(none, on('get', 'pods'), user('jane')).name, 'catch-all');
});

test('of equal precedence the name decides; a schema without its level does not count', () => {
  const rules = [
    { subjects: [{ kind: 'User', user: { name: '*' } }], resourceRules: [], nonResourceRules: [] },
  ];
  const schema = (name: string, level: string, matchingPrecedence = 5) => ({
    name,
    uid: '',
    spec: { matchingPrecedence, priorityLevelConfiguration: { name: level }, rules },
  });
  const made = compileSchemas(
    [schema('c', 'there'), schema('b', 'there'), schema('a', 'gone'), schema('z', 'there', 4)],
    (level) => level === 'there',
  );
  assert.deepEqual(
    made.map(({ name }) => name),
    ['exempt', 'z', 'b', 'c', 'catch-all'],
  );
});
