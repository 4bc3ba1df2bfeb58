/**
 * Official tests of [sig-api-machinery] of ValidatingAdmissionPolicy and MutatingAdmissionPolicy in action. A
 * policy counts at once here, so that nothing is waited for.
 */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { each, nameOf, refusal, startApi, type Api } from './api.fixture.ts';

let api: Api;
before(async () => {
  api = await startApi({ nodes: 0 });
});
after(() => api.cluster.stop());

const POLICIES = '/apis/admissionregistration.k8s.io/v1';

/** A namespace that bears its own name as a label, by which policies and bindings know it. */
async function namespace(name: string): Promise<string> {
  await api.namespace(name);
  await api.patch(`/api/v1/namespaces/${name}`, { metadata: { labels: { [name]: 'true' } } });
  return name;
}

async function inForce(type: 'validating' | 'mutating', name: string, spec: object, bound: object = {}) {
  const namespaceSelector = { matchLabels: { [name]: 'true' } };
  const rule = {
    operations: ['CREATE', 'UPDATE'],
    apiGroups: ['apps'],
    apiVersions: ['v1'],
    resources: ['deployments'],
  };
  await api.post(`${POLICIES}/${type}admissionpolicies`, {
    metadata: { name: `${name}.policy.example.com` },
    spec: { matchConstraints: { namespaceSelector, resourceRules: [rule] }, ...spec },
  });
  await api.post(`${POLICIES}/${type}admissionpolicybindings`, {
    metadata: { name: `${name}.binding.example.com` },
    spec: { policyName: `${name}.policy.example.com`, matchResources: { namespaceSelector }, ...bound },
  });
}

function create(where: string, plural: 'deployments' | 'replicasets', name: string, replicas: number) {
  const labels = { app: 'nginx' };
  return api.post(`/apis/apps/v1/namespaces/${where}/${plural}`, {
    metadata: { name, labels },
    spec: {
      replicas,
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: { containers: [{ name: 'nginx', image: 'nginx:latest' }] },
      },
    },
  });
}

const DENY = { validationActions: ['Deny'] };

test('ValidatingAdmissionPolicy [Privileged:ClusterAdmin] should validate against a Deployment', async () => {
  const where = await namespace('validated');
  const expression = 'object.spec.replicas > 1';
  const messageExpression = "'wants replicas > 1, got ' + object.spec.replicas";
  await inForce('validating', where, { validations: [{ expression, messageExpression }] }, DENY);
  const refused = await refusal(create(where, 'deployments', 'marker-deployment', 1));
  assert.deepEqual([refused.code, refused.reason], [422, 'Invalid']);
  const causes = each(refused.status.details?.causes).map(({ message }) => String(message));
  // The message adds a number to a text, which fails.
  const who = `policy.example.com' with binding '${where}.binding.example.com'`;
  const why = `ValidatingAdmissionPolicy '${where}.${who} denied request: failed expression: ${expression}`;
  assert.deepEqual(causes, [why]);
  assert.equal(nameOf(await create(where, 'deployments', 'replicated', 2)), 'replicated');
  assert.equal(nameOf(await create(where, 'replicasets', 'non-replicated', 1)), 'non-replicated');
});

test('ValidatingAdmissionPolicy [Privileged:ClusterAdmin] should allow expressions to refer variables.', async () => {
  const where = await namespace('variables');
  const variables = [
    { name: 'replicas', expression: 'object.spec.replicas' },
    { name: 'oddReplicas', expression: 'variables.replicas % 2 == 1' },
  ];
  const validations = [{ expression: 'variables.replicas > 1' }, { expression: 'variables.oddReplicas' }];
  await inForce('validating', where, { variables, validations }, DENY);
  const one = await refusal(create(where, 'deployments', 'marker-deployment', 1));
  assert.match(one.message, /failed expression: variables\.replicas > 1$/);
  const two = await refusal(create(where, 'deployments', 'unreplicated', 2));
  assert.match(two.message, /failed expression: variables\.oddReplicas$/);
  assert.equal(nameOf(await create(where, 'deployments', 'replicated', 3)), 'replicated');
  assert.equal(nameOf(await create(where, 'replicasets', 'non-replicated', 1)), 'non-replicated');
});

function mutation(expression: string) {
  const mutations = [{ patchType: 'ApplyConfiguration', applyConfiguration: { expression } }];
  return { reinvocationPolicy: 'Never', mutations };
}

test('MutatingAdmissionPolicy [Privileged:ClusterAdmin] should mutate a Deployment', async () => {
  const where = await namespace('mutated');
  await inForce('mutating', where, mutation('Object{spec: Object.spec{replicas: 1337}}'));
  const { spec } = await create(where, 'deployments', 'marker-deployment', 1);
  assert.equal(Number(spec?.replicas), 1337);
});

test('MutatingAdmissionPolicy [Privileged:ClusterAdmin] should mutate a Deployment with annotations', async () => {
  const where = await namespace('annotated');
  const annotations = `{
    "mutated-by": "admission-policy"
  }`;
  await inForce(
    'mutating',
    where,
    mutation(`Object{metadata: Object.metadata{annotations: ${annotations}}}`),
  );
  const { metadata } = await create(where, 'deployments', 'marker-deployment', 1);
  assert.equal(String(metadata?.annotations?.['mutated-by']), 'admission-policy');
});
