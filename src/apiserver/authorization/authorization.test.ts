import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pods } from '../../api/groups/core/pod/pod.ts';
import { clusterRoleBindings } from '../../api/groups/rbac/cluster-role-binding/cluster-role-binding.ts';
import { clusterRoles } from '../../api/groups/rbac/cluster-role/cluster-role.ts';
import { roles } from '../../api/groups/rbac/role/role.ts';
import { loadBuiltInSchemas } from '../../api/schema/built-in.ts';
import { selfSubjectAccessReviews } from '../../api/groups/authorization/self-subject-access-review/self-subject-access-review.ts';
import { selfSubjectRulesReviews } from '../../api/groups/authorization/self-subject-rules-review/self-subject-rules-review.ts';
import { subjectAccessReviews } from '../../api/groups/authorization/subject-access-review/subject-access-review.ts';
import { createTestPipeline, type TestPipeline } from '../pipeline.fixture.ts';
import { accessReviewHandlers } from '../subresources/authorization-reviews.ts';
import { controllerRoles, DEFAULT_ROLES, ensureDefaults } from './default-roles.ts';
import { NodeAuthorizer, unionAuthorizer } from './node-authorizer.ts';
import { RbacAuthorizer, storeRoles } from './rbac.ts';
import { uncoveredRules } from './rule-cover.ts';

const schemas = loadBuiltInSchemas();

function start(): TestPipeline {
  return createTestPipeline(({ store }) => {
    const rbac = new RbacAuthorizer(storeRoles(store));
    const authorizer = unionAuthorizer(new NodeAuthorizer(store), rbac);
    return { authorizer, subresources: accessReviewHandlers({ schemas, authorizer, rbac }) };
  });
}

const JOBS = {
  name: 'job-controller',
  permissions: [{ apiGroups: ['batch'], resources: ['jobs'], verbs: ['get', 'list', 'watch'] }],
};

test('the defaults are made once, and what was taken away comes back', async () => {
  const { client, store } = start();
  const all = [DEFAULT_ROLES, controllerRoles([JOBS])];
  await ensureDefaults(client, all);
  const { revision } = store;
  await ensureDefaults(client, all);
  assert.equal(store.revision, revision, 'nothing to do the second time');
  const view = await client.get(clusterRoles, { name: 'view' });
  await client.update(clusterRoles, { ...view, rules: (view.rules ?? []).slice(1) });
  const binding = await client.get(clusterRoleBindings, { name: 'system:controller:job-controller' });
  assert.deepEqual(binding.subjects, [
    { kind: 'ServiceAccount', namespace: 'kube-system', name: 'job-controller' },
  ]);
  await client.update(clusterRoleBindings, { ...binding, subjects: [] });
  await ensureDefaults(client, all);
  const restored = await client.get(clusterRoles, { name: 'view' });
  assert.deepEqual(uncoveredRules(restored.rules ?? [], view.rules ?? []), []);
  const again = await client.get(clusterRoleBindings, { name: 'system:controller:job-controller' });
  assert.equal(again.subjects?.length, 1);
});

test('an administrator can keep the defaults away', async () => {
  const { client } = start();
  await ensureDefaults(client, [DEFAULT_ROLES]);
  const role = await client.get(clusterRoles, { name: 'system:discovery' });
  const annotations = { 'rbac.authorization.kubernetes.io/autoupdate': 'false' };
  await client.update(clusterRoles, { ...role, metadata: { ...role.metadata, annotations }, rules: [] });
  await ensureDefaults(client, [DEFAULT_ROLES]);
  assert.deepEqual((await client.get(clusterRoles, { name: 'system:discovery' })).rules ?? [], []);
  assert.ok(
    await client.get(roles, { namespace: 'kube-system', name: 'extension-apiserver-authentication-reader' }),
  );
});

test('a node reads what its pods refer to, and nothing else', async () => {
  const { client, store } = start();
  const nodes = new NodeAuthorizer(store);
  await client.create(pods, {
    metadata: { namespace: 'default', name: 'web' },
    spec: {
      nodeName: 'one',
      serviceAccountName: 'robot',
      containers: [{ name: 'c', image: 'web:1', envFrom: [{ secretRef: { name: 'password' } }] }],
      volumes: [{ name: 'settings', projected: { sources: [{ configMap: { name: 'settings' } }] } }],
    },
  });
  const ask = (node: string, verb: string, resource: string, name: string, subresource = ''): boolean =>
    nodes.authorize({
      type: 'resource',
      user: { name: `system:node:${node}`, groups: ['system:nodes'] },
      verb,
      group: '',
      version: 'v1',
      resource,
      subresource,
      namespace: 'default',
      name,
    }).allowed;
  const user = { name: 'system:node:one', groups: ['system:nodes'] };
  const post = (path: string): boolean => nodes.authorize({ type: 'path', user, verb: 'post', path }).allowed;
  assert.deepEqual([post('/k8ts/v1/node-bootstrap'), post('/metrics')], [true, false]);
  assert.ok(ask('one', 'get', 'secrets', 'password'));
  assert.ok(ask('one', 'watch', 'configmaps', 'settings'));
  assert.ok(ask('one', 'create', 'serviceaccounts', 'robot', 'token'));
  assert.ok(ask('one', 'update', 'pods', 'web', 'status'));
  assert.ok(!ask('two', 'get', 'secrets', 'password'));
  assert.ok(!ask('one', 'list', 'secrets', ''));
  assert.ok(!ask('one', 'update', 'secrets', 'password'));
  assert.ok(!ask('one', 'create', 'serviceaccounts', 'other', 'token'));
  assert.ok(!ask('one', 'update', 'services', 'web'));
});

test('reviews answer for oneself and for others', async () => {
  const { client, clientOf } = start();
  await ensureDefaults(client, [DEFAULT_ROLES]);
  const jane = clientOf({ name: 'jane', groups: ['system:authenticated'] });
  const resourceAttributes = { verb: 'get', resource: 'pods', namespace: 'default' };
  const own = await jane.create(selfSubjectAccessReviews, { spec: { resourceAttributes } });
  assert.equal(own.status.allowed, false);
  const nonResourceAttributes = { verb: 'get', path: '/version' };
  const version = await jane.create(selfSubjectAccessReviews, { spec: { nonResourceAttributes } });
  assert.equal(version.status.allowed, true);
  await assert.rejects(jane.create(subjectAccessReviews, { spec: { user: 'bob', resourceAttributes } }), {
    code: 403,
  });
  const root = { user: 'root', groups: ['system:masters'], resourceAttributes };
  assert.equal((await client.create(subjectAccessReviews, { spec: root })).status.allowed, true);
  const rules = await jane.create(selfSubjectRulesReviews, { spec: { namespace: 'default' } });
  assert.ok(rules.status.resourceRules.some((rule) => rule.resources?.includes('selfsubjectreviews')));
  await assert.rejects(client.create(subjectAccessReviews, { spec: { user: 'x' } }), {
    code: 422,
    message: /exactly one of nonResourceAttributes or resourceAttributes must be specified/,
  });
});

test('selectors in reviews are checked, and unknown operators let through', async () => {
  const { clientOf } = start();
  const jane = clientOf({ name: 'jane', groups: ['system:masters'] });
  const at = 'spec.resourceAttributes';
  const cases: readonly (readonly [selector: object, problem: string])[] = [
    [{ fieldSelector: {} }, `${at}.fieldSelector.requirements: Required value: when ${at}.fieldSelector is specified, requirements or rawSelector is required`],
    [
      { labelSelector: { rawSelector: 'a=b', requirements: [{ key: 'a', operator: 'Exists' }] } },
      `${at}.labelSelector.rawSelector: Invalid value: "a=b": may not specified at the same time as requirements`,
    ],
[{ labelSelector: { requirements: [{ key: 'a', operator: 'In' }] } }, `${at}.labelSelector.requirements[0].values: Required value: must be specified when \`operator\` is 'In' or 'NotIn'`],
    [{ fieldSelector: { requirements: [{ key: 'a', operator: 'Near', values: ['x'] }] } }, ''],
  ]; // prettier-ignore
  for (const [selector, problem] of cases) {
    const spec = { resourceAttributes: { verb: 'list', resource: 'pods', ...selector } };
    const message = await jane.create(selfSubjectAccessReviews, { spec }).then(
      () => '',
      (error: Error) => error.message,
    );
    const head = 'SelfSubjectAccessReview.authorization.k8s.io "" is invalid: ';
    assert.equal(message, problem === '' ? '' : head + problem);
  }
});
