/**
 * Official tests of [sig-api-machinery] AdmissionWebhook that have a webhook asked. The webhook answers as the
 * official one, from this process instead of from a pod.
 */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { each, includes, refusal, startApi, type Api, type Fields } from './api.fixture.ts';
import { customKind, definitionOf, DEFINITIONS, FREE, serve } from './custom-kinds.fixture.ts';
import { WebhookServer } from './webhook-server.fixture.ts';

const GROUP = 'admissionregistration.k8s.io';
const urlOf = (kind: Kind): string => `/apis/${GROUP}/v1/${kind}webhookconfigurations`;

type Kind = 'mutating' | 'validating';

const server = new WebhookServer();
let api: Api;
before(async () => {
  await server.start();
  api = await startApi({ nodes: 1, network: server.network });
  await server.serve(api);
});
after(async () => {
  await api.cluster.stop();
  server.stop();
});

interface HookOptions {
  readonly name: string;
  readonly path: string;
  readonly operations?: readonly string[];
  readonly groups?: readonly string[];
  readonly versions?: readonly string[];
  readonly resources: readonly string[];
  readonly more?: object;
}

function hook(namespace: string, options: HookOptions): object {
  const {
    name,
    path,
    operations = ['CREATE'],
    groups = [''],
    versions = ['v1'],
    resources,
    more = {},
  } = options;
  return {
    name,
    clientConfig: server.client(path),
    rules: [{ operations, apiGroups: groups, apiVersions: versions, resources }],
    sideEffects: 'None',
    admissionReviewVersions: ['v1', 'v1beta1'],
    // Of what is in a namespace, only what is in the test's own.
    namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespace } },
    ...more,
  };
}

/** Registered for the length of `run`. */
async function during(
  kind: Kind,
  name: string,
  webhooks: readonly object[],
  run: () => Promise<void>,
  labels = {},
): Promise<void> {
  await api.post(urlOf(kind), { metadata: { name, labels }, webhooks });
  try {
    await run();
  } finally {
    await api.delete(`${urlOf(kind)}/${name}`).catch(() => undefined);
  }
}

const pod = (name: string, more: object = {}, container = 'main'): object => ({
  metadata: { name, ...more },
  spec: { containers: [{ name: container, image: 'pause:3.10' }] },
});
const configMap = (name: string, data: object = {}): object => ({ metadata: { name }, data });
const UNWANTED = { 'webhook-e2e-test': 'webhook-disallow' };

async function refusedFor(request: Promise<unknown>, why: RegExp): Promise<void> {
  assert.match((await refusal(request)).message, why);
}

test('AdmissionWebhook [Privileged:ClusterAdmin] should be able to deny pod and configmap creation', async () => {
  const namespace = await api.namespace('deny');
  await api.post('/api/v1/namespaces', {
    metadata: { name: 'deny-not', labels: { 'skip-webhook-admission': 'yes' } },
  });
  const selector = {
    matchExpressions: [
      { key: 'skip-webhook-admission', operator: 'NotIn', values: ['yes'] },
      { key: 'kubernetes.io/metadata.name', operator: 'In', values: [namespace, 'deny-not'] },
    ],
  };
  const hooks = [
    hook(namespace, {
      name: 'deny-unwanted-pod-container-name-and-label.k8s.io',
      path: '/pods',
      resources: ['pods'],
      more: { timeoutSeconds: 1, namespaceSelector: selector },
    }),
    hook(namespace, {
      name: 'deny-unwanted-configmap-data.k8s.io',
      path: '/configmaps',
      operations: ['CREATE', 'UPDATE', 'DELETE'],
      resources: ['configmaps'],
      more: { namespaceSelector: selector },
    }),
  ];
  await during('validating', 'deny', hooks, async () => {
    const pods = `/api/v1/namespaces/${namespace}/pods`;
    const labelled = pod('disallowed-pod', { labels: UNWANTED }, 'webhook-disallow');
    const refused = await refusal(api.post(pods, labelled));
    assert.equal(
      refused.message,
      'admission webhook "deny-unwanted-pod-container-name-and-label.k8s.io" denied the request: ' +
        'the pod contains unwanted label; the pod contains unwanted container name',
    );
    const hanging = pod('hanging-pod', { labels: { 'webhook-e2e-test': 'wait-forever' } });
    await refusedFor(api.post(pods, hanging), /failed calling webhook .*context deadline exceeded/);
    const maps = `/api/v1/namespaces/${namespace}/configmaps`;
    const unwanted = /unwanted key and value/;
    await refusedFor(api.post(maps, configMap('disallowed', UNWANTED)), unwanted);
    await api.post(maps, configMap('allowed', { admit: 'this' }));
    await refusedFor(api.put(`${maps}/allowed`, configMap('allowed', UNWANTED)), unwanted);
    await refusedFor(api.patch(`${maps}/allowed`, { data: UNWANTED }), unwanted);
    await api.post('/api/v1/namespaces/deny-not/configmaps', configMap('disallowed', UNWANTED));
  });
});

test('AdmissionWebhook [Privileged:ClusterAdmin] should be able to deny attaching pod', async () => {
  const namespace = await api.namespace('attach');
  const deny = {
    name: 'deny-attaching-pod.k8s.io',
    path: '/pods/attach',
    operations: ['CONNECT'],
    resources: ['pods/attach'],
  };
  await during('validating', 'attach', [hook(namespace, deny)], async () => {
    const pods = `/api/v1/namespaces/${namespace}/pods`;
    for (const name of ['to-be-attached-pod', 'other-pod']) await api.post(pods, pod(name));
    await api.eventually(async () =>
      assert.equal((await api.get(`${pods}/other-pod`)).status?.phase, 'Running'),
    );
    const attach = (name: string) => api.post(`${pods}/${name}/attach?stdout=true`, undefined);
    await refusedFor(attach('to-be-attached-pod'), /attaching to pod 'to-be-attached-pod' is not allowed/);
    await refusedFor(attach('other-pod'), /Upgrade request required/);
  });
});

test('AdmissionWebhook [Privileged:ClusterAdmin] should be able to deny custom resource creation, update and deletion', async () => {
  const namespace = await api.namespace('deny-custom');
  const kind = customKind('deny.example.com', 'DenyCrd');
  await serve(api, kind, [{ name: 'v1' }], { scope: 'Namespaced' });
  const deny = {
    name: 'deny-unwanted-custom-resource-data.k8s.io',
    path: '/custom-resource',
    operations: ['CREATE', 'UPDATE', 'DELETE'],
    groups: [kind.group],
    resources: [kind.plural],
  };
  await during('validating', 'deny-custom', [hook(namespace, deny)], async () => {
    const url = kind.url('v1', namespace);
    const object = (name: string, data: object): object => ({
      apiVersion: `${kind.group}/v1`,
      kind: kind.kind,
      metadata: { name },
      data,
    });
    const unwanted = /the custom resource contains unwanted data/;
    await refusedFor(api.post(url, object('cr-instance-1', UNWANTED)), unwanted);
    await api.post(url, object('cr-instance-2', { 'webhook-e2e-test': 'webhook-allow' }));
    await refusedFor(api.patch(`${url}/cr-instance-2`, { data: UNWANTED }), unwanted);
    const fixed = object('fixed', { 'webhook-e2e-test': 'webhook-nondeletable' });
    await api.post(url, fixed);
    await api.delete(`${url}/fixed`);
    await api.delete(`${urlOf('validating')}/deny-custom`);
    await api.post(url, object('cr-instance-3', UNWANTED));
  });
  await during('validating', 'deny-custom', [hook(namespace, deny)], async () => {
    const url = `${kind.url('v1', namespace)}/cr-instance-3`;
    const undeletable = /the custom resource cannot be deleted because it contains unwanted key and value/;
    await refusedFor(api.delete(url), undeletable);
    await refusedFor(api.delete(kind.url('v1', namespace)), undeletable);
    await api.patch(url, { data: { 'webhook-e2e-test': 'webhook-allow' } });
    await api.delete(url);
  });
});

test('AdmissionWebhook [Privileged:ClusterAdmin] should unconditionally reject operations on fail closed webhook', async () => {
  const namespace = await api.namespace('fail-closed');
  const { service } = server.client('/configmaps') as { readonly service: object };
  const closed = hook(namespace, {
    name: 'fail-closed.k8s.io',
    path: '/configmaps',
    resources: ['configmaps'],
    // Without its authority, nothing that the server says is believed.
    more: { clientConfig: { service }, failurePolicy: 'Fail' },
  });
  await during('validating', 'fail-closed', [closed], async () => {
    const refused = await refusal(api.post(`/api/v1/namespaces/${namespace}/configmaps`, configMap('foo')));
    assert.deepEqual([refused.code, refused.reason], [500, 'InternalError']);
    assert.match(
      refused.message,
      /failed calling webhook "fail-closed.k8s.io": failed to call webhook: Post/,
    );
  });
});

const stages = (
  namespace: string,
  path: string,
  rule: Omit<HookOptions, 'name' | 'path'>,
): readonly object[] =>
  ['1', '2'].map((stage) => hook(namespace, { ...rule, name: `adding-data-stage-${stage}.k8s.io`, path }));

test('AdmissionWebhook [Privileged:ClusterAdmin] should mutate configmap', async () => {
  const namespace = await api.namespace('mutate');
  const hooks = stages(namespace, '/mutating-configmaps', { resources: ['configmaps'] });
  await during('mutating', 'mutate', hooks, async () => {
    const maps = `/api/v1/namespaces/${namespace}/configmaps`;
    const made = await api.post(maps, configMap('to-be-mutated', { 'mutation-start': 'yes' }));
    assert.deepEqual(made.data, {
      'mutation-start': 'yes',
      'mutation-stage-1': 'yes',
      'mutation-stage-2': 'yes',
    });
  });
});

test('AdmissionWebhook [Privileged:ClusterAdmin] should mutate pod and apply defaults after mutation', async () => {
  const namespace = await api.namespace('mutate-pod');
  const adding = { name: 'adding-init-container.k8s.io', path: '/mutating-pods', resources: ['pods'] };
  await during('mutating', 'mutate-pod', [hook(namespace, adding)], async () => {
    const made = await api.post(`/api/v1/namespaces/${namespace}/pods`, pod('webhook-to-be-mutated'));
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
  const namespace = await api.namespace('configurations');
  const about = (name: string, path: string): object =>
    hook(namespace, {
      ...{ name, path, operations: ['*'], groups: [GROUP], versions: ['*'] },
      resources: ['*'],
      more: { namespaceSelector: {} },
    });
  const dummy = hook(namespace, { name: 'dummy.k8s.io', path: '/configmaps', resources: ['invalid'] });
  await during('validating', 'deny-configurations', [about('deny.k8s.io', '/always-deny')], () =>
    during('mutating', 'label-configurations', [about('label.k8s.io', '/add-label')], async () => {
      for (const kind of ['validating', 'mutating'] as const) {
        const made = await api.post(urlOf(kind), { metadata: { name: 'dummy' }, webhooks: [dummy] });
        assert.equal(made.metadata?.labels, undefined);
        await api.delete(`${urlOf(kind)}/dummy`);
      }
    }),
  );
});

const CUSTOM_DATA = { 'mutation-start': 'yes', 'mutation-stage-1': 'yes' };

async function mutatesCustom(group: string, prunes: boolean): Promise<void> {
  const namespace = await api.namespace(group.split('.')[0] ?? '');
  const kind = customKind(group, 'MutateCrd');
  const known = Object.fromEntries(Object.keys(CUSTOM_DATA).map((name) => [name, { type: 'string' }]));
  const schema = prunes
    ? { type: 'object', properties: { data: { type: 'object', properties: known } } }
    : FREE;
  await serve(api, kind, [{ name: 'v1', schema }], { scope: 'Namespaced' });
  const rule = { groups: [group], resources: [kind.plural] };
  await during('mutating', group, stages(namespace, '/mutating-custom-resource', rule), async () => {
    const made = await api.post(kind.url('v1', namespace), {
      apiVersion: `${group}/v1`,
      kind: kind.kind,
      metadata: { name: 'cr-instance-1' },
      data: { 'mutation-start': 'yes' },
    });
    assert.deepEqual(made.data, prunes ? CUSTOM_DATA : { ...CUSTOM_DATA, 'mutation-stage-2': 'yes' });
  });
}

test('AdmissionWebhook [Privileged:ClusterAdmin] should mutate custom resource', () =>
  mutatesCustom('mutate-custom.example.com', false));

test('AdmissionWebhook [Privileged:ClusterAdmin] should mutate custom resource with pruning', () =>
  mutatesCustom('prune.example.com', true));

test('AdmissionWebhook [Privileged:ClusterAdmin] should mutate custom resource with different stored version', async () => {
  const group = 'versions.example.com';
  const namespace = await api.namespace('versions');
  const kind = customKind(group, 'VersionCrd');
  await serve(api, kind, [{ name: 'v1' }, { name: 'v2' }], { scope: 'Namespaced' });
  const rule = {
    groups: [group],
    versions: ['v1'],
    operations: ['CREATE', 'UPDATE'],
    resources: [kind.plural],
  };
  await during('mutating', group, stages(namespace, '/mutating-custom-resource', rule), async () => {
    const object = (version: string, name: string): object => ({
      apiVersion: `${group}/${version}`,
      kind: kind.kind,
      metadata: { name },
      data: { 'mutation-start': 'yes' },
    });
    const all = { ...CUSTOM_DATA, 'mutation-stage-2': 'yes' };
    const first = await api.post(kind.url('v1', namespace), object('v1', 'cr-instance-1'));
    assert.deepEqual(first.data, all);
    // From now on the other version is stored.
    await api.change(kind.definition, (definition) => ({
      ...definition,
      spec: {
        ...definition.spec,
        versions: each(definition.spec?.versions).map((version) => ({
          ...version,
          storage: String(version.name) === 'v2',
        })),
      },
    }));
    const patched = await api.patch(`${kind.url('v1', namespace)}/cr-instance-1`, {
      data: { 'mutation-start': 'yes', 'mutation-stage-1': null, 'mutation-stage-2': null },
    });
    assert.deepEqual(patched.data, all);
    const second = await api.post(kind.url('v2', namespace), object('v2', 'cr-instance-2'));
    assert.deepEqual(second.data, all, 'seen in the version that the rule names');
    assert.equal(String(second.apiVersion), `${group}/v2`);
  });
});

test('AdmissionWebhook [Privileged:ClusterAdmin] should deny crd creation', async () => {
  const namespace = await api.namespace('deny-crd');
  const deny = {
    name: 'deny-crd-with-unwanted-label.k8s.io',
    path: '/crd',
    groups: ['apiextensions.k8s.io'],
    versions: ['*'],
    resources: ['customresourcedefinitions'],
  };
  await during('validating', 'deny-crd', [hook(namespace, deny)], async () => {
    const kind = customKind('refused.example.com', 'RefusedCrd');
    const definition = definitionOf(kind, [{ name: 'v1' }], { labels: UNWANTED });
    await refusedFor(api.post(DEFINITIONS, definition), /the crd contains unwanted label/);
  });
});

test('AdmissionWebhook [Privileged:ClusterAdmin] should honor timeout', async () => {
  const namespace = await api.namespace('timeout');
  const slow = (more: object): object => {
    const options = { name: 'allow-configmap-with-delay.k8s.io', path: '/always-allow-delay' };
    return hook(namespace, { ...options, resources: ['configmaps'], more });
  };
  let made = 0;
  const create = (more: object): Promise<void> =>
    during('validating', 'timeout', [slow(more)], async () => {
      const name = `slow-${made++}`;
      await api.post(`/api/v1/namespaces/${namespace}/configmaps`, configMap(name));
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
  const { status } = await api.ask('POST', `${maps}?dryRun=All`, {
    headers: { 'content-type': 'application/json' },
    body: configMap('minded', UNWANTED),
  });
  return status >= 400;
};
const changes: Minds = async (namespace) => {
  const maps = `/api/v1/namespaces/${namespace}/configmaps?dryRun=All`;
  const made: Fields = await api.post(maps, configMap('minded', { 'mutation-start': 'yes' }));
  return made.data?.['mutation-stage-1'] !== undefined;
};
const KINDS = {
  mutating: { minds: changes, path: '/mutating-configmaps' },
  validating: { minds: refuses, path: '/configmaps' },
} as const;

async function followsRules(kind: Kind): Promise<void> {
  const { minds, path } = KINDS[kind];
  const namespace = await api.namespace(`rules-${kind}`);
  const options = { name: 'rules.k8s.io', path, resources: ['configmaps'] };
  await during(kind, 'rules', [hook(namespace, options)], async () => {
    assert.equal(await minds(namespace), true);
    await api.change(`${urlOf(kind)}/rules`, (configuration) => ({
      ...configuration,
      webhooks: [hook(namespace, { ...options, operations: ['UPDATE'] })],
    }));
    assert.equal(await minds(namespace), false);
    const path = '/webhooks/0/rules/0/operations';
    await api.patch(`${urlOf(kind)}/rules`, [{ op: 'replace', path, value: ['CREATE'] }], 'json');
    assert.equal(await minds(namespace), true);
  });
}

test('AdmissionWebhook [Privileged:ClusterAdmin] patching/updating a validating webhook should work', () =>
  followsRules('validating'));

test('AdmissionWebhook [Privileged:ClusterAdmin] patching/updating a mutating webhook should work', () =>
  followsRules('mutating'));

async function lists(kind: Kind): Promise<void> {
  const { minds, path } = KINDS[kind];
  const namespace = await api.namespace(`lists-${kind}`);
  const labels = { 'e2e-list-test': kind };
  for (let i = 0; i < 10; i++) {
    const webhook = hook(namespace, { name: `list-${i}.k8s.io`, path, resources: ['configmaps'] });
    await api.post(urlOf(kind), { metadata: { name: `list-${i}`, labels }, webhooks: [webhook] });
  }
  const selected = `${urlOf(kind)}?labelSelector=e2e-list-test%3D${kind}`;
  assert.equal((await api.list(selected)).length, 10);
  assert.equal(await minds(namespace), true);
  await api.delete(selected);
  assert.equal((await api.list(selected)).length, 0);
  assert.equal(await minds(namespace), false);
}

test('AdmissionWebhook [Privileged:ClusterAdmin] listing validating webhooks should work', () =>
  lists('validating'));

test('AdmissionWebhook [Privileged:ClusterAdmin] listing mutating webhooks should work', () =>
  lists('mutating'));

test(`AdmissionWebhook [Privileged:ClusterAdmin] should mutate everything except 'skip-me' configmaps`, async () => {
  const namespace = await api.namespace('conditions');
  const expression = "object.metadata.name != 'skip-me'";
  const options = { name: 'conditions.k8s.io', path: '/mutating-configmaps', resources: ['configmaps'] };
  const conditional = hook(namespace, {
    ...options,
    more: { matchConditions: [{ name: 'skip-me', expression }] },
  });
  await during('mutating', 'conditions', [conditional], async () => {
    const maps = `/api/v1/namespaces/${namespace}/configmaps`;
    const skipped = await api.post(maps, configMap('skip-me', { 'mutation-start': 'yes' }));
    assert.deepEqual(skipped.data, { 'mutation-start': 'yes' });
    const mutated = await api.post(maps, configMap('mutate-me', { 'mutation-start': 'yes' }));
    assert.deepEqual(mutated.data, CUSTOM_DATA);
  });
});
