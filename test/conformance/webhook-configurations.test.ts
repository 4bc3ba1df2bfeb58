/** Official tests of [sig-api-machinery] AdmissionWebhook that look at the configurations alone. */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { each, includes, refusal, startApi, type Api } from './api.fixture.ts';

let api: Api;
before(async () => {
  api = await startApi({ nodes: 0 });
});
after(() => api.cluster.stop());

const GROUP = 'admissionregistration.k8s.io';

test('AdmissionWebhook [Privileged:ClusterAdmin] should include webhook resources in discovery documents', async () => {
  const group = each((await api.get('/apis')).groups).find(({ name }) => String(name) === GROUP);
  assert.ok(each(group?.versions).some(({ version }) => String(version) === 'v1'));
  includes(await api.get(`/apis/${GROUP}`), { kind: 'APIGroup', name: GROUP });
  const names = each((await api.get(`/apis/${GROUP}/v1`)).resources).map(({ name }) => String(name));
  for (const name of ['mutatingwebhookconfigurations', 'validatingwebhookconfigurations'])
    assert.ok(names.includes(name));
});

const configuration = (name: string, matchConditions: readonly object[]): object => ({
  metadata: { name },
  webhooks: [
    {
      name: 'webhook.example.com',
      clientConfig: { url: 'https://webhook.example.com/' },
      rules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['configmaps'] }],
      // Nothing that these tests write is asked about.
      objectSelector: { matchLabels: { 'example.com/nobody': 'true' } },
      sideEffects: 'None',
      admissionReviewVersions: ['v1'],
      matchConditions,
    },
  ],
});

async function keepsConditions(plural: string): Promise<void> {
  const url = `/apis/${GROUP}/v1/${plural}`;
  const first = [{ name: 'expression-1', expression: 'object.metadata.namespace == "production"' }];
  await api.post(url, configuration('conditions', first));
  assert.deepEqual(each((await api.get(`${url}/conditions`)).webhooks)[0]?.matchConditions, first);
  const next = [
    { name: 'expression-1', expression: 'object.metadata.namespace == "production"' },
    { name: 'expression-2', expression: 'object.metadata.namespace == "staging"' },
  ];
  await api.change(`${url}/conditions`, (object) => ({
    ...object,
    webhooks: each(object.webhooks).map((webhook) => ({ ...webhook, matchConditions: next })),
  }));
  assert.deepEqual(each((await api.get(`${url}/conditions`)).webhooks)[0]?.matchConditions, next);
}

async function refusesConditions(plural: string): Promise<void> {
  const wrong = [{ name: 'invalid-expression-1', expression: '... [] bad expression' }];
  const refused = await refusal(api.post(`/apis/${GROUP}/v1/${plural}`, configuration('refused', wrong)));
  assert.deepEqual([refused.code, refused.reason], [422, 'Invalid']);
  assert.match(refused.message, /compilation failed/);
}

test('AdmissionWebhook [Privileged:ClusterAdmin] should be able to create and update mutating webhook configurations with match conditions', () =>
  keepsConditions('mutatingwebhookconfigurations'));

test('AdmissionWebhook [Privileged:ClusterAdmin] should be able to create and update validating webhook configurations with match conditions', () =>
  keepsConditions('validatingwebhookconfigurations'));

test('AdmissionWebhook [Privileged:ClusterAdmin] should reject mutating webhook configurations with invalid match conditions', () =>
  refusesConditions('mutatingwebhookconfigurations'));

test('AdmissionWebhook [Privileged:ClusterAdmin] should reject validating webhook configurations with invalid match conditions', () =>
  refusesConditions('validatingwebhookconfigurations'));
