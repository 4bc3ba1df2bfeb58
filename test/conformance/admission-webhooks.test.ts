/**
 * Official tests of [sig-api-machinery] AdmissionWebhook that have a webhook asked about built-in kinds. The
 * webhook answers as the official one, from this process instead of from a pod.
 */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GROUP, refusedFor, UNWANTED, urlOf, WebhookTests, type Kind } from './admission-webhooks.fixture.ts';
import { each, includes, refusal, type Fields } from './api.fixture.ts';

const tests = new WebhookTests();

const pod = (name: string, more: object = {}, container = 'main'): object => ({
  metadata: { name, ...more },
  spec: { containers: [{ name: container, image: 'pause:3.10' }] },
});
const configMap = (name: string, data: object = {}): object => ({ metadata: { name }, data });
test('AdmissionWebhook [Privileged:ClusterAdmin] should be able to deny pod and configmap creation', async () => {
  const namespace = await tests.api.namespace('deny');
  await tests.api.post('/api/v1/namespaces', {
    metadata: { name: 'deny-not', labels: { 'skip-webhook-admission': 'yes' } },
  });
  const selector = {
    matchExpressions: [
      { key: 'skip-webhook-admission', operator: 'NotIn', values: ['yes'] },
      { key: 'kubernetes.io/metadata.name', operator: 'In', values: [namespace, 'deny-not'] },
    ],
  };
  const hooks = [
    tests.hook(namespace, {
      name: 'deny-unwanted-pod-container-name-and-label.k8s.io',
      path: '/pods',
      resources: ['pods'],
      more: { timeoutSeconds: 1, namespaceSelector: selector },
    }),
    tests.hook(namespace, {
      name: 'deny-unwanted-configmap-data.k8s.io',
      path: '/configmaps',
      operations: ['CREATE', 'UPDATE', 'DELETE'],
      resources: ['configmaps'],
      more: { namespaceSelector: selector },
    }),
  ];
  await tests.during('validating', 'deny', hooks, async () => {
    const pods = `/api/v1/namespaces/${namespace}/pods`;
    const labelled = pod('disallowed-pod', { labels: UNWANTED }, 'webhook-disallow');
    const refused = await refusal(tests.api.post(pods, labelled));
    assert.equal(
      refused.message,
      'admission webhook "deny-unwanted-pod-container-name-and-label.k8s.io" denied the request: ' +
        'the pod contains unwanted label; the pod contains unwanted container name',
    );
    const hanging = pod('hanging-pod', { labels: { 'webhook-e2e-test': 'wait-forever' } });
    await refusedFor(tests.api.post(pods, hanging), /failed calling webhook .*context deadline exceeded/);
    const maps = `/api/v1/namespaces/${namespace}/configmaps`;
    const unwanted = /unwanted key and value/;
    await refusedFor(tests.api.post(maps, configMap('disallowed', UNWANTED)), unwanted);
    await tests.api.post(maps, configMap('allowed', { admit: 'this' }));
    await refusedFor(tests.api.put(`${maps}/allowed`, configMap('allowed', UNWANTED)), unwanted);
    await refusedFor(tests.api.patch(`${maps}/allowed`, { data: UNWANTED }), unwanted);
    await tests.api.post('/api/v1/namespaces/deny-not/configmaps', configMap('disallowed', UNWANTED));
  });
});

test('AdmissionWebhook [Privileged:ClusterAdmin] should be able to deny attaching pod', async () => {
  const namespace = await tests.api.namespace('attach');
  const deny = {
    name: 'deny-attaching-pod.k8s.io',
    path: '/pods/attach',
    operations: ['CONNECT'],
    resources: ['pods/attach'],
  };
  await tests.during('validating', 'attach', [tests.hook(namespace, deny)], async () => {
    const pods = `/api/v1/namespaces/${namespace}/pods`;
    for (const name of ['to-be-attached-pod', 'other-pod']) await tests.api.post(pods, pod(name));
    await tests.api.eventually(async () =>
      assert.equal((await tests.api.get(`${pods}/other-pod`)).status?.phase, 'Running'),
    );
    const attach = (name: string) => tests.api.post(`${pods}/${name}/attach?stdout=true`, undefined);
    await refusedFor(attach('to-be-attached-pod'), /attaching to pod 'to-be-attached-pod' is not allowed/);
    await refusedFor(attach('other-pod'), /Upgrade request required/);
  });
});

test('AdmissionWebhook [Privileged:ClusterAdmin] should unconditionally reject operations on fail closed webhook', async () => {
  const namespace = await tests.api.namespace('fail-closed');
  const { service } = tests.server.client('/configmaps') as { readonly service: object };
  const closed = tests.hook(namespace, {
    name: 'fail-closed.k8s.io',
    path: '/configmaps',
    resources: ['configmaps'],
    // Without its authority, nothing that the server says is believed.
    more: { clientConfig: { service }, failurePolicy: 'Fail' },
  });
  await tests.during('validating', 'fail-closed', [closed], async () => {
    const refused = await refusal(
      tests.api.post(`/api/v1/namespaces/${namespace}/configmaps`, configMap('foo')),
    );
    assert.deepEqual([refused.code, refused.reason], [500, 'InternalError']);
    assert.match(
      refused.message,
      /failed calling webhook "fail-closed.k8s.io": failed to call webhook: Post/,
    );
  });
});

test('AdmissionWebhook [Privileged:ClusterAdmin] should mutate configmap', async () => {
  const namespace = await tests.api.namespace('mutate');
  const hooks = tests.stages(namespace, '/mutating-configmaps', { resources: ['configmaps'] });
  await tests.during('mutating', 'mutate', hooks, async () => {
    const maps = `/api/v1/namespaces/${namespace}/configmaps`;
    const made = await tests.api.post(maps, configMap('to-be-mutated', { 'mutation-start': 'yes' }));
    assert.deepEqual(made.data, {
      'mutation-start': 'yes',
      'mutation-stage-1': 'yes',
      'mutation-stage-2': 'yes',
    });
  });
});

test('AdmissionWebhook [Privileged:ClusterAdmin] should mutate pod and apply defaults after mutation', async () => {
  const namespace = await tests.api.namespace('mutate-pod');
  const adding = { name: 'adding-init-container.k8s.io', path: '/mutating-pods', resources: ['pods'] };
  await tests.during('mutating', 'mutate-pod', [tests.hook(namespace, adding)], async () => {
    const made = await tests.api.post(`/api/v1/namespaces/${namespace}/pods`, pod('webhook-to-be-mutated'));
    const [added, ...others] = each(made.spec?.initContainers);
    assert.equal(others.length, 0);
    includes(added, {
      name: 'webhook-added-init-container',
      terminationMessagePolicy: 'File',
      terminationMessagePath: '/dev/termination-log',
    });
  });
});

test('AdmissionWebhook [Privileged:ClusterAdmin] should not be able to mutate or prevent deletion of webhook configuration objects', async () => {
  const namespace = await tests.api.namespace('configurations');
  const about = (name: string, path: string): object =>
    tests.hook(namespace, {
      ...{ name, path, operations: ['*'], groups: [GROUP], versions: ['*'] },
      resources: ['*'],
      more: { namespaceSelector: {} },
    });
  const dummy = tests.hook(namespace, { name: 'dummy.k8s.io', path: '/configmaps', resources: ['invalid'] });
  await tests.during('validating', 'deny-configurations', [about('deny.k8s.io', '/always-deny')], () =>
    tests.during('mutating', 'label-configurations', [about('label.k8s.io', '/add-label')], async () => {
      for (const kind of ['validating', 'mutating'] as const) {
        const made = await tests.api.post(urlOf(kind), { metadata: { name: 'dummy' }, webhooks: [dummy] });
        assert.equal(made.metadata?.labels, undefined);
        await tests.api.delete(`${urlOf(kind)}/dummy`);
      }
    }),
  );
});

test('AdmissionWebhook [Privileged:ClusterAdmin] should honor timeout', async () => {
  const namespace = await tests.api.namespace('timeout');
  const slow = (more: object): object => {
    const options = { name: 'allow-configmap-with-delay.k8s.io', path: '/always-allow-delay' };
    return tests.hook(namespace, { ...options, resources: ['configmaps'], more });
  };
  let made = 0;
  const create = (more: object): Promise<void> =>
    tests.during('validating', 'timeout', [slow(more)], async () => {
      const name = `slow-${made++}`;
      await tests.api.post(`/api/v1/namespaces/${namespace}/configmaps`, configMap(name));
    });
  const late = /failed to call webhook: Post "https:[^"]*timeout=1s": context deadline exceeded/;
  await refusedFor(create({ timeoutSeconds: 1, failurePolicy: 'Fail' }), late);
  await create({ timeoutSeconds: 1, failurePolicy: 'Ignore' });
  await create({ timeoutSeconds: 3, failurePolicy: 'Fail' });
  await create({ failurePolicy: 'Fail' });
});

/** Whether a ConfigMap that the webhook minds is refused, or changed. */
type Minds = (namespace: string) => Promise<boolean>;

const refuses: Minds = async (namespace) => {
  const maps = `/api/v1/namespaces/${namespace}/configmaps`;
  const { status } = await tests.api.ask('POST', `${maps}?dryRun=All`, {
    headers: { 'content-type': 'application/json' },
    body: configMap('minded', UNWANTED),
  });
  return status >= 400;
};
const changes: Minds = async (namespace) => {
  const maps = `/api/v1/namespaces/${namespace}/configmaps?dryRun=All`;
  const made: Fields = await tests.api.post(maps, configMap('minded', { 'mutation-start': 'yes' }));
  return made.data?.['mutation-stage-1'] !== undefined;
};
const KINDS = {
  mutating: { minds: changes, path: '/mutating-configmaps' },
  validating: { minds: refuses, path: '/configmaps' },
} as const;

async function followsRules(kind: Kind): Promise<void> {
  const { minds, path } = KINDS[kind];
  const namespace = await tests.api.namespace(`rules-${kind}`);
  const options = { name: 'rules.k8s.io', path, resources: ['configmaps'] };
  await tests.during(kind, 'rules', [tests.hook(namespace, options)], async () => {
    assert.equal(await minds(namespace), true);
    await tests.api.change(`${urlOf(kind)}/rules`, (configuration) => ({
      ...configuration,
      webhooks: [tests.hook(namespace, { ...options, operations: ['UPDATE'] })],
    }));
    assert.equal(await minds(namespace), false);
    const path = '/webhooks/0/rules/0/operations';
    await tests.api.patch(`${urlOf(kind)}/rules`, [{ op: 'replace', path, value: ['CREATE'] }], 'json');
    assert.equal(await minds(namespace), true);
  });
}

test('AdmissionWebhook [Privileged:ClusterAdmin] patching/updating a validating webhook should work', () =>
  followsRules('validating'));

test('AdmissionWebhook [Privileged:ClusterAdmin] patching/updating a mutating webhook should work', () =>
  followsRules('mutating'));

async function lists(kind: Kind): Promise<void> {
  const { minds, path } = KINDS[kind];
  const namespace = await tests.api.namespace(`lists-${kind}`);
  const labels = { 'e2e-list-test': kind };
  for (let i = 0; i < 10; i++) {
    const webhook = tests.hook(namespace, { name: `list-${i}.k8s.io`, path, resources: ['configmaps'] });
    await tests.api.post(urlOf(kind), { metadata: { name: `list-${i}`, labels }, webhooks: [webhook] });
  }
  const selected = `${urlOf(kind)}?labelSelector=e2e-list-test%3D${kind}`;
  assert.equal((await tests.api.list(selected)).length, 10);
  assert.equal(await minds(namespace), true);
  await tests.api.delete(selected);
  assert.equal((await tests.api.list(selected)).length, 0);
  assert.equal(await minds(namespace), false);
}

test('AdmissionWebhook [Privileged:ClusterAdmin] listing validating webhooks should work', () =>
  lists('validating'));

test('AdmissionWebhook [Privileged:ClusterAdmin] listing mutating webhooks should work', () =>
  lists('mutating'));

test(`AdmissionWebhook [Privileged:ClusterAdmin] should mutate everything except 'skip-me' configmaps`, async () => {
  const namespace = await tests.api.namespace('conditions');
  const expression = "object.metadata.name != 'skip-me'";
  const options = { name: 'conditions.k8s.io', path: '/mutating-configmaps', resources: ['configmaps'] };
  const conditional = tests.hook(namespace, {
    ...options,
    more: { matchConditions: [{ name: 'skip-me', expression }] },
  });
  await tests.during('mutating', 'conditions', [conditional], async () => {
    const maps = `/api/v1/namespaces/${namespace}/configmaps`;
    const skipped = await tests.api.post(maps, configMap('skip-me', { 'mutation-start': 'yes' }));
    assert.deepEqual(skipped.data, { 'mutation-start': 'yes' });
    const mutated = await tests.api.post(maps, configMap('mutate-me', { 'mutation-start': 'yes' }));
    assert.deepEqual(mutated.data, { 'mutation-start': 'yes', 'mutation-stage-1': 'yes' });
  });
});
