import assert from 'node:assert/strict';
import { test } from 'node:test';
import { namespaces } from '../../api/groups/core/namespace/namespace.ts';
import { nodes } from '../../api/groups/core/node/node.ts';
import { pods } from '../../api/groups/core/pod/pod.ts';
import { serviceAccounts } from '../../api/groups/core/service-account/service-account.ts';
import { clusterRoleBindings } from '../../api/groups/rbac/cluster-role-binding/cluster-role-binding.ts';
import { clusterRoles } from '../../api/groups/rbac/cluster-role/cluster-role.ts';
import { roles } from '../../api/groups/rbac/role/role.ts';
import { priorityClasses } from '../../api/groups/scheduling/priority-class/priority-class.ts';
import { isApiError } from '../../api/meta/api-error.ts';
import { RbacAuthorizer, storeRoles } from '../authorization/rbac.ts';
import { createTestPipeline, type TestPipeline } from '../pipeline.fixture.ts';
import { defaultTolerationSeconds } from './default-toleration-seconds/default-toleration-seconds.ts';
import { namespaceLifecycle } from './namespace-lifecycle/namespace-lifecycle.ts';
import { nodeRestriction } from './node-restriction/node-restriction.ts';
import { priorityAdmission } from './priority/priority.ts';
import { rbacEscalation } from './rbac-escalation/rbac-escalation.ts';
import { serviceAccountAdmission } from './service-account/service-account.ts';
import { taintNodesByCondition } from './taint-nodes-by-condition/taint-nodes-by-condition.ts';

const PLACE = { namespace: 'default', name: 'web' };
const pod = (spec: object = {}, metadata: object = {}) => ({
  metadata: { ...PLACE, ...metadata },
  spec: { containers: [{ name: 'c', image: 'web:1' }], ...spec },
});

test('NamespaceLifecycle: missing and terminating namespaces take nothing, some never go', async () => {
  const { client } = createTestPipeline(({ store }) => ({ admission: [namespaceLifecycle(store)] }));
  await assert.rejects(client.create(pods, pod()), { code: 404, message: 'namespaces "default" not found' });
  await client.create(namespaces, { metadata: { name: 'default' } });
  await client.create(pods, pod());
  await assert.rejects(client.delete(namespaces, { name: 'default' }), {
    message: 'namespaces "default" is forbidden: this namespace may not be deleted',
  });
  await client.create(namespaces, { metadata: { name: 'old' } });
  await client.delete(namespaces, { name: 'old' });
  await assert.rejects(client.create(pods, pod({}, { namespace: 'old' })), (error) => {
    assert.ok(isApiError(error, 'Forbidden'));
    assert.match(
      error.message,
      /unable to create new content in namespace old because it is being terminated$/,
    );
    return error.details?.causes?.[0]?.reason === 'NamespaceTerminating';
  });
});

function withAccounts(): TestPipeline {
  return createTestPipeline(({ store, host }) => ({
    admission: [serviceAccountAdmission({ store, clock: host.clock })],
  }));
}

test('ServiceAccount: the token is mounted, unless nobody wants it', async () => {
  const { client } = withAccounts();
  const account = { namespace: 'default', name: 'default' };
  await client.create(serviceAccounts, { metadata: account, imagePullSecrets: [{ name: 'registry' }] });
  const { spec } = await client.create(pods, pod());
  assert.deepEqual([spec.serviceAccountName, spec.serviceAccount], ['default', 'default']);
  const [volume] = spec.volumes ?? [];
  assert.match(volume?.name ?? '', /^kube-api-access-[a-z0-9]{5}$/);
  assert.deepEqual(volume?.projected?.sources[0]?.serviceAccountToken, {
    expirationSeconds: 3607,
    path: 'token',
  });
  assert.equal(
    spec.containers[0]?.volumeMounts?.[0]?.mountPath,
    '/var/run/secrets/kubernetes.io/serviceaccount',
  );
  assert.deepEqual(spec.imagePullSecrets, [{ name: 'registry' }]);
  const bare = await client.create(pods, pod({ automountServiceAccountToken: false }, { name: 'bare' }));
  assert.equal(bare.spec.volumes, undefined);
});

test('ServiceAccount: a missing account is named', async () => {
  const { client } = withAccounts();
  await assert.rejects(client.create(pods, pod({ serviceAccountName: 'robot' })), {
    code: 403,
    message:
      'pods "web" is forbidden: error looking up service account default/robot: serviceaccount "robot" not found',
  });
});

test('pods tolerate unreachable nodes for a while, new nodes are tainted', async () => {
  const admission = [defaultTolerationSeconds, taintNodesByCondition];
  const { client } = createTestPipeline(() => ({ admission }));
  const own = {
    key: 'node.kubernetes.io/not-ready',
    operator: 'Exists',
    effect: 'NoExecute',
    tolerationSeconds: 5,
  };
  const { spec } = await client.create(pods, pod({ tolerations: [own] }));
  assert.deepEqual(
    spec.tolerations?.map(({ key, tolerationSeconds }) => [key, tolerationSeconds]),
    [
      ['node.kubernetes.io/not-ready', 5],
      ['node.kubernetes.io/unreachable', 300],
    ],
  );
  const node = await client.create(nodes, { metadata: { name: 'one' } });
  assert.deepEqual(node.spec.taints, [{ key: 'node.kubernetes.io/not-ready', effect: 'NoSchedule' }]);
});

test('Priority: the class gives the number', async () => {
  const { client } = createTestPipeline(({ store }) => ({ admission: [priorityAdmission(store)] }));
  assert.equal((await client.create(pods, pod({}, { name: 'zero' }))).spec.priority, 0);
  await client.create(priorityClasses, { metadata: { name: 'high' }, value: 1000 });
  await client.create(priorityClasses, { metadata: { name: 'usual' }, value: 10, globalDefault: true });
  const high = await client.create(pods, pod({ priorityClassName: 'high' }, { name: 'high' }));
  assert.deepEqual([high.spec.priority, high.spec.preemptionPolicy], [1000, 'PreemptLowerPriority']);
  const usual = await client.create(pods, pod({}, { name: 'usual' }));
  assert.deepEqual([usual.spec.priority, usual.spec.priorityClassName], [10, 'usual']);
  await assert.rejects(client.create(pods, pod({ priorityClassName: 'none' })), {
    message: 'pods "web" is forbidden: no PriorityClass with name none was found',
  });
  const second = { metadata: { name: 'other' }, value: 1, globalDefault: true };
  await assert.rejects(client.create(priorityClasses, second), /already marked as default/);
});

test('NodeRestriction: a node changes itself and its pods only', async () => {
  const { client, clientOf } = createTestPipeline(({ store }) => ({ admission: [nodeRestriction(store)] }));
  const node = clientOf({ name: 'system:node:one', groups: ['system:nodes', 'system:authenticated'] });
  await node.create(nodes, { metadata: { name: 'one' } });
  await assert.rejects(node.create(nodes, { metadata: { name: 'two' } }), {
    message: 'nodes "two" is forbidden: node "one" is not allowed to modify node "two"',
  });
  const label = {
    type: 'merge',
    body: { metadata: { labels: { 'node-role.kubernetes.io/master': '' } } },
  } as const;
  await assert.rejects(
    node.patch(nodes, { name: 'one' }, label),
    /not allowed to modify the following labels/,
  );
  await client.create(pods, pod({ nodeName: 'two' }));
  await client.create(pods, pod({ nodeName: 'one' }, { name: 'mine' }));
  const status = { type: 'merge', body: { status: { phase: 'Running' } } } as const;
  await node.patch(pods, { ...PLACE, name: 'mine' }, status, { subresource: 'status' });
  await assert.rejects(node.patch(pods, PLACE, status, { subresource: 'status' }), /set to itself/);
  await assert.rejects(node.delete(pods, PLACE), { code: 403 });
});

test('RBAC: nobody grants more than they hold', async () => {
  const { client, clientOf } = createTestPipeline(({ store }) => {
    const source = storeRoles(store);
    const rbac = new RbacAuthorizer(source);
    return { admission: [rbacEscalation({ authorizer: rbac, rbac, roles: source })] };
  });
  const rules = [{ apiGroups: [''], resources: ['pods'], verbs: ['get', 'list'] }];
  await client.create(clusterRoles, { metadata: { name: 'reader' }, rules });
  await client.create(clusterRoleBindings, {
    metadata: { name: 'jane' },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'reader' },
    subjects: [{ kind: 'User', apiGroup: 'rbac.authorization.k8s.io', name: 'jane' }],
  });
  const jane = clientOf({ name: 'jane', groups: ['system:authenticated'] });
  await jane.create(roles, { metadata: PLACE, rules: [{ ...rules[0], verbs: ['get'] }] });
  await assert.rejects(
    jane.create(roles, {
      metadata: { ...PLACE, name: 'more' },
      rules: [{ ...rules[0], verbs: ['get', 'delete'] }],
    }),
    {
      code: 403,
      message:
        'roles.rbac.authorization.k8s.io "more" is forbidden: user "jane" (groups=["system:authenticated"]) is ' +
        'attempting to grant RBAC permissions not currently held:\n' +
        '{APIGroups:[""], Resources:["pods"], Verbs:["delete"]}',
    },
  );
  const aggregated = { metadata: { name: 'all' }, aggregationRule: { clusterRoleSelectors: [{}] } };
  await assert.rejects(jane.create(clusterRoles, aggregated), /must have cluster-admin privileges/);
  await client.create(clusterRoles, aggregated);
});
