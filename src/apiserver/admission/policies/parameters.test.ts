import assert from 'node:assert/strict';
import { test } from 'node:test';
import { configMaps } from '../../../api/groups/core/config-map/config-map.ts';
import { namespaces } from '../../../api/groups/core/namespace/namespace.ts';
import { priorityClasses } from '../../../api/groups/scheduling/priority-class/priority-class.ts';
import type { ParamKind, ParamRef } from '../../../api/types.gen.ts';
import { deployments } from '../../../api/groups/apps/deployment/deployment.ts';
import { apply, deploymentOf, NAMESPACE, PolicyServer } from './policies.fixture.ts';

const CONFIG_MAPS: ParamKind = { apiVersion: 'v1', kind: 'ConfigMap' };
const DEPLOYMENTS = {
  resourceRules: [
    { operations: ['CREATE'], apiGroups: ['apps'], apiVersions: ['v1'], resources: ['deployments'] },
  ],
};

/** A limit of replicas, in a ConfigMap `name`. */
function limit(server: PolicyServer, name: string, max: number, namespace = NAMESPACE) {
  const labels = { kind: 'limit' };
  return server.client.create(configMaps, { metadata: { namespace, name, labels }, data: { max: `${max}` } });
}

async function limited(paramRef: ParamRef | undefined, paramKind = CONFIG_MAPS): Promise<PolicyServer> {
  const server = await PolicyServer.start();
  const expression = 'params == null || object.spec.replicas <= int(params.data.max)';
  const messageExpression = "'too many for ' + params.metadata.name";
  await server.validating(
    'p',
    { matchConstraints: DEPLOYMENTS, paramKind, validations: [{ expression, messageExpression }] },
    paramRef === undefined ? {} : { paramRef },
  );
  return server;
}

test('a parameter by its name, in the namespace of the request or in another one', async () => {
  const own = await limited({ name: 'small', parameterNotFoundAction: 'Deny' });
  const denied =
    /denied request: failed to configure binding: no params found for policy binding with `Deny`/;
  await assert.rejects(own.deployment('web'), denied);
  await limit(own, 'small', 2);
  await own.deployment('web');
  await assert.rejects(own.deployment('webs', { replicas: 3 }), /denied request: too many for small$/);
  const other = await limited({ name: 'small', namespace: 'rules', parameterNotFoundAction: 'Deny' });
  await other.client.create(namespaces, { metadata: { name: 'rules' } });
  await limit(other, 'small', 2);
  await assert.rejects(other.deployment('web'), denied);
  await limit(other, 'small', 0, 'rules');
  await assert.rejects(other.deployment('web'), /too many for small$/);
});

test('all parameters with a label, of which there may have to be some', async () => {
  const selector = { matchLabels: { kind: 'limit' } };
  const server = await limited({ selector, parameterNotFoundAction: 'Allow' });
  await server.deployment('none', { replicas: 9 });
  await limit(server, 'large', 5);
  await limit(server, 'small', 2);
  await server.configMap('other', { max: '0' });
  await server.deployment('two', { replicas: 2 });
  await assert.rejects(server.deployment('three', { replicas: 3 }), /too many for small$/);
  await assert.rejects(server.deployment('nine', { replicas: 9 }), /too many for large$/);
});

test('a binding without a reference evaluates without parameters', async () => {
  const server = await limited(undefined);
  await server.deployment('web', { replicas: 9 });
});

test('what cannot be configured refuses, in the words for the policy or for the binding', async () => {
  const unknown = await limited(
    { name: 'a', parameterNotFoundAction: 'Allow' },
    { apiVersion: 'x.io/v1', kind: 'Thing' },
  );
  await assert.rejects(
    unknown.deployment('web'),
    /ValidatingAdmissionPolicy 'p' denied request: failed to configure policy: failed to find resource referenced by paramKind: 'x.io\/v1, Kind=Thing'$/,
  );
  const cluster = await limited(
    { name: 'a', namespace: 'b', parameterNotFoundAction: 'Allow' },
    { apiVersion: 'scheduling.k8s.io/v1', kind: 'PriorityClass' },
  );
  await assert.rejects(
    cluster.deployment('web'),
    /paramRef.namespace must not be provided for a cluster-scoped/,
  );
});

test('cluster-scoped parameters, and requests in no namespace', async () => {
  const server = await PolicyServer.start();
  const rule = {
    operations: ['CREATE'],
    apiGroups: ['scheduling.k8s.io'],
    apiVersions: ['v1'],
    resources: ['*'],
  };
  const matchConstraints = { resourceRules: [rule] };
  await server.client.create(priorityClasses, { metadata: { name: 'top' }, value: 1000 });
  await server.validating(
    'p',
    {
      matchConstraints,
      paramKind: { apiVersion: 'scheduling.k8s.io/v1', kind: 'PriorityClass' },
      validations: [{ expression: 'object.value <= params.value' }],
    },
    { paramRef: { name: 'top', parameterNotFoundAction: 'Deny' } },
  );
  await server.client.create(priorityClasses, { metadata: { name: 'low' }, value: 10 });
  const high = server.client.create(priorityClasses, { metadata: { name: 'high' }, value: 10_000 });
  await assert.rejects(high, /failed expression: object.value <= params.value$/);
  await server.validating(
    'q',
    { matchConstraints, paramKind: CONFIG_MAPS, validations: [{ expression: 'true' }] },
    { paramRef: { name: 'any', parameterNotFoundAction: 'Allow' } },
  );
  const lower = server.client.create(priorityClasses, { metadata: { name: 'lower' }, value: 1 });
  await assert.rejects(lower, /cannot use namespaced paramRef in policy binding that matches cluster-scoped/);
});

test('a mutating policy takes its values from each of its parameters', async () => {
  const server = await PolicyServer.start();
  await limit(server, 'a', 7);
  await limit(server, 'b', 3);
  await server.mutating(
    'p',
    {
      matchConstraints: DEPLOYMENTS,
      paramKind: CONFIG_MAPS,
      matchConditions: [{ name: 'above', expression: 'object.spec.replicas > int(params.data.max)' }],
      mutations: [apply('Object{spec: Object.spec{replicas: int(params.data.max)}}')],
    },
    { paramRef: { selector: {}, parameterNotFoundAction: 'Deny' } },
  );
  const created = await server.client.create(deployments, deploymentOf('web', { replicas: 9 }));
  assert.equal(created.spec.replicas, 3);
});
