/** Policies in a whole cluster: custom kinds and their versions, parameters of custom kinds, subresources. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mutatingAdmissionPolicies } from '../api/groups/admissionregistration/mutating-admission-policy/mutating-admission-policy.ts';
import { mutatingAdmissionPolicyBindings } from '../api/groups/admissionregistration/mutating-admission-policy-binding/mutating-admission-policy-binding.ts';
import { validatingAdmissionPolicies } from '../api/groups/admissionregistration/validating-admission-policy/validating-admission-policy.ts';
import { validatingAdmissionPolicyBindings } from '../api/groups/admissionregistration/validating-admission-policy-binding/validating-admission-policy-binding.ts';
import { deployments } from '../api/groups/apps/deployment/deployment.ts';
import { pods } from '../api/groups/core/pod/pod.ts';
import { configMaps } from '../api/groups/core/config-map/config-map.ts';
import type {
  CustomResourceDefinitionVersion,
  MutatingAdmissionPolicySpec,
  NamedRuleWithOperations,
  ParamRef,
  ValidatingAdmissionPolicySpec,
} from '../api/types.gen.ts';
import { clusterWith, cronTabs, definitionOf, GROUP, refusal } from './custom-kind.fixture.ts';
import { startCluster, type TestCluster } from './start-cluster.ts';

function rule(apiGroup: string, resource: string, operations: readonly string[]): NamedRuleWithOperations {
  return { apiGroups: [apiGroup], apiVersions: ['v1'], resources: [resource], operations };
}

async function validating(
  { client }: TestCluster,
  name: string,
  { resourceRules, ...spec }: ValidatingAdmissionPolicySpec & { resourceRules: NamedRuleWithOperations[] },
  paramRef?: ParamRef,
): Promise<void> {
  const matchConstraints = { resourceRules };
  await client.create(validatingAdmissionPolicies, {
    metadata: { name },
    spec: { matchConstraints, ...spec },
  });
  const bound = paramRef === undefined ? {} : { paramRef };
  await client.create(validatingAdmissionPolicyBindings, {
    metadata: { name },
    spec: { policyName: name, validationActions: ['Deny'], ...bound },
  });
}

async function mutating(
  { client }: TestCluster,
  name: string,
  expression: string,
  resourceRules: readonly NamedRuleWithOperations[],
): Promise<void> {
  const spec: MutatingAdmissionPolicySpec = {
    matchConstraints: { resourceRules },
    mutations: [{ patchType: 'ApplyConfiguration', applyConfiguration: { expression } }],
    reinvocationPolicy: 'Never',
  };
  await client.create(mutatingAdmissionPolicies, { metadata: { name }, spec });
  await client.create(mutatingAdmissionPolicyBindings, { metadata: { name }, spec: { policyName: name } });
}

function version(name: string, more: Partial<CustomResourceDefinitionVersion> = {}) {
  const properties = { image: { type: 'string' }, replicas: { type: 'integer' } };
  const openAPIV3Schema = { type: 'object', properties: { spec: { type: 'object', properties } } };
  return { name, served: true, storage: false, schema: { openAPIV3Schema }, ...more };
}

const place = (name: string) => ({ namespace: 'default', name });

test('custom objects are judged and changed, in the version that a policy is about', async () => {
  const cluster = await clusterWith(definitionOf([version('v1', { storage: true }), version('v2')]));
  const { client } = cluster;
  await validating(
    cluster,
    'v',
    {
      resourceRules: [rule(GROUP, 'crontabs', ['CREATE', 'UPDATE'])],
      paramKind: { apiVersion: `${GROUP}/v2`, kind: 'CronTab' },
      validations: [
        { expression: `object.apiVersion == '${GROUP}/v1' && params.apiVersion == '${GROUP}/v2'` },
        { expression: 'object.spec.replicas <= params.spec.replicas', message: 'too many' },
      ],
    },
    { name: 'limit', namespace: 'default', parameterNotFoundAction: 'Allow' },
  );
  await mutating(cluster, 'm', 'Object{spec: Object.spec{image: "web:" + string(object.spec.replicas)}}', [
    rule(GROUP, 'crontabs', ['CREATE']),
  ]);
  const create = (name: string, replicas: number, served = 'v2') =>
    client.create(cronTabs(served), { metadata: place(name), spec: { replicas } });
  const limit = await create('limit', 2);
  assert.deepEqual([limit.apiVersion, limit.spec], [`${GROUP}/v2`, { replicas: 2, image: 'web:2' }]);
  assert.deepEqual((await create('one', 1, 'v1')).spec, { replicas: 1, image: 'web:1' });
  for (const served of ['v1', 'v2']) {
    const { code, message } = await refusal(create('many', 3, served));
    assert.equal(code, 422);
    assert.match(
      message,
      /^crontabs\.stable\.example\.com "many" is forbidden: .* denied request: too many$/,
    );
  }
  await cluster.stop();
});

test('what subresources speak of', async () => {
  const cluster = await startCluster();
  const { client } = cluster;
  await cluster.settle();
  await validating(cluster, 'v', {
    resourceRules: [
      rule('apps', 'deployments/scale', ['UPDATE']),
      rule('', 'pods/eviction', ['CREATE']),
      rule('', 'pods/exec', ['CONNECT']),
    ],
    validations: [
      {
        expression: "request.subResource != 'scale' || object.spec.replicas < 5",
        messageExpression:
          "request.kind.group + ' ' + request.kind.kind + ' ' + string(object.spec.replicas)",
      },
      {
        expression: "request.subResource != 'eviction'",
        messageExpression: "request.kind.kind + ' of ' + request.name",
      },
    ],
  });
  const bounded = 'Object{spec: Object.spec{replicas: object.spec.replicas > 9 ? 4 : object.spec.replicas}}';
  await mutating(cluster, 'm', bounded, [rule('apps', 'deployments/scale', ['UPDATE'])]);
  const labels = { app: 'web' };
  const template = { metadata: { labels }, spec: { containers: [{ name: 'c', image: 'i' }] } };
  const spec = { replicas: 1, selector: { matchLabels: labels }, template };
  await client.create(deployments, { metadata: place('web'), spec });
  const scale = async (replicas: number) => {
    const body = { spec: { replicas } };
    await client.patch(deployments, place('web'), { type: 'merge', body }, { subresource: 'scale' });
    return (await client.get(deployments, place('web'))).spec.replicas;
  };
  assert.equal(await scale(2), 2);
  assert.match((await refusal(scale(7))).message, /denied request: autoscaling Scale 7$/);
  assert.equal(await scale(10), 4);
  await cluster.settle();
  const [pod] = (await client.list(pods, { namespace: 'default' })).items;
  const name = pod?.metadata.name ?? '';
  const evicted = client.createSubresource(pods, place(name), 'eviction', {
    apiVersion: 'policy/v1',
    kind: 'Eviction',
    metadata: place(name),
  });
  assert.match((await refusal(evicted)).message, new RegExp(`denied request: Eviction of ${name}$`));
  await cluster.stop();
});

test('of a collection that is deleted, each object is asked about', async () => {
  const cluster = await startCluster({ nodes: 0 });
  const { client } = cluster;
  await cluster.settle();
  await validating(cluster, 'v', {
    resourceRules: [rule('', 'configmaps', ['DELETE'])],
    validations: [{ expression: "oldObject.metadata.name != 'kept'" }],
  });
  const labels = { some: 'thing' };
  for (const name of ['a', 'kept', 'z']) {
    await client.create(configMaps, { metadata: { ...place(name), labels } });
  }
  const selection = { namespace: 'default', labelSelector: 'some=thing' };
  const { code, message } = await refusal(client.deleteCollection(configMaps, selection));
  assert.equal(code, 422);
  assert.match(
    message,
    /configmaps "kept" is forbidden: ValidatingAdmissionPolicy 'v' with binding 'v' denied/,
  );
  const { items } = await client.list(configMaps, selection);
  assert.ok(items.some(({ metadata }) => metadata.name === 'kept'));
  await cluster.stop();
});
