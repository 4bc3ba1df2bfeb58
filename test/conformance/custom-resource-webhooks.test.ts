/** Official tests of [sig-api-machinery] AdmissionWebhook that have a webhook asked about custom resources. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { refusedFor, UNWANTED, urlOf, WebhookTests } from './admission-webhooks.fixture.ts';
import { each } from './api.fixture.ts';
import { customKind, definitionOf, DEFINITIONS, FREE, serve } from './custom-kinds.fixture.ts';

const tests = new WebhookTests();

test('AdmissionWebhook [Privileged:ClusterAdmin] should be able to deny custom resource creation, update and deletion', async () => {
  const namespace = await tests.api.namespace('deny-custom');
  const kind = customKind('deny.example.com', 'DenyCrd');
  await serve(tests.api, kind, [{ name: 'v1' }], { scope: 'Namespaced' });
  const deny = {
    name: 'deny-unwanted-custom-resource-data.k8s.io',
    path: '/custom-resource',
    operations: ['CREATE', 'UPDATE', 'DELETE'],
    groups: [kind.group],
    resources: [kind.plural],
  };
  await tests.during('validating', 'deny-custom', [tests.hook(namespace, deny)], async () => {
    const url = kind.url('v1', namespace);
    const object = (name: string, data: object): object => ({
      apiVersion: `${kind.group}/v1`,
      kind: kind.kind,
      metadata: { name },
      data,
    });
    const unwanted = /the custom resource contains unwanted data/;
    await refusedFor(tests.api.post(url, object('cr-instance-1', UNWANTED)), unwanted);
    await tests.api.post(url, object('cr-instance-2', { 'webhook-e2e-test': 'webhook-allow' }));
    await refusedFor(tests.api.patch(`${url}/cr-instance-2`, { data: UNWANTED }), unwanted);
    const fixed = object('fixed', { 'webhook-e2e-test': 'webhook-nondeletable' });
    await tests.api.post(url, fixed);
    await tests.api.delete(`${url}/fixed`);
    await tests.api.delete(`${urlOf('validating')}/deny-custom`);
    await tests.api.post(url, object('cr-instance-3', UNWANTED));
  });
  await tests.during('validating', 'deny-custom', [tests.hook(namespace, deny)], async () => {
    const url = `${kind.url('v1', namespace)}/cr-instance-3`;
    const undeletable = /the custom resource cannot be deleted because it contains unwanted key and value/;
    await refusedFor(tests.api.delete(url), undeletable);
    await refusedFor(tests.api.delete(kind.url('v1', namespace)), undeletable);
    await tests.api.patch(url, { data: { 'webhook-e2e-test': 'webhook-allow' } });
    await tests.api.delete(url);
  });
});

const CUSTOM_DATA = { 'mutation-start': 'yes', 'mutation-stage-1': 'yes' };

async function mutatesCustom(group: string, prunes: boolean): Promise<void> {
  const namespace = await tests.api.namespace(group.split('.')[0] ?? '');
  const kind = customKind(group, 'MutateCrd');
  const known = Object.fromEntries(Object.keys(CUSTOM_DATA).map((name) => [name, { type: 'string' }]));
  const schema = prunes
    ? { type: 'object', properties: { data: { type: 'object', properties: known } } }
    : FREE;
  await serve(tests.api, kind, [{ name: 'v1', schema }], { scope: 'Namespaced' });
  const rule = { groups: [group], resources: [kind.plural] };
  await tests.during(
    'mutating',
    group,
    tests.stages(namespace, '/mutating-custom-resource', rule),
    async () => {
      const made = await tests.api.post(kind.url('v1', namespace), {
        apiVersion: `${group}/v1`,
        kind: kind.kind,
        metadata: { name: 'cr-instance-1' },
        data: { 'mutation-start': 'yes' },
      });
      assert.deepEqual(made.data, prunes ? CUSTOM_DATA : { ...CUSTOM_DATA, 'mutation-stage-2': 'yes' });
    },
  );
}

test('AdmissionWebhook [Privileged:ClusterAdmin] should mutate custom resource', () =>
  mutatesCustom('mutate-custom.example.com', false));

test('AdmissionWebhook [Privileged:ClusterAdmin] should mutate custom resource with pruning', () =>
  mutatesCustom('prune.example.com', true));

test('AdmissionWebhook [Privileged:ClusterAdmin] should mutate custom resource with different stored version', async () => {
  const group = 'versions.example.com';
  const namespace = await tests.api.namespace('versions');
  const kind = customKind(group, 'VersionCrd');
  await serve(tests.api, kind, [{ name: 'v1' }, { name: 'v2' }], { scope: 'Namespaced' });
  const rule = {
    groups: [group],
    versions: ['v1'],
    operations: ['CREATE', 'UPDATE'],
    resources: [kind.plural],
  };
  await tests.during(
    'mutating',
    group,
    tests.stages(namespace, '/mutating-custom-resource', rule),
    async () => {
      const object = (version: string, name: string): object => ({
        apiVersion: `${group}/${version}`,
        kind: kind.kind,
        metadata: { name },
        data: { 'mutation-start': 'yes' },
      });
      const all = { ...CUSTOM_DATA, 'mutation-stage-2': 'yes' };
      const first = await tests.api.post(kind.url('v1', namespace), object('v1', 'cr-instance-1'));
      assert.deepEqual(first.data, all);
      // From now on the other version is stored.
      await tests.api.change(kind.definition, (definition) => ({
        ...definition,
        spec: {
          ...definition.spec,
          versions: each(definition.spec?.versions).map((version) => ({
            ...version,
            storage: String(version.name) === 'v2',
          })),
        },
      }));
      const patched = await tests.api.patch(`${kind.url('v1', namespace)}/cr-instance-1`, {
        data: { 'mutation-start': 'yes', 'mutation-stage-1': null, 'mutation-stage-2': null },
      });
      assert.deepEqual(patched.data, all);
      const second = await tests.api.post(kind.url('v2', namespace), object('v2', 'cr-instance-2'));
      assert.deepEqual(second.data, all, 'seen in the version that the rule names');
      assert.equal(String(second.apiVersion), `${group}/v2`);
    },
  );
});

test('AdmissionWebhook [Privileged:ClusterAdmin] should deny crd creation', async () => {
  const namespace = await tests.api.namespace('deny-crd');
  const deny = {
    name: 'deny-crd-with-unwanted-label.k8s.io',
    path: '/crd',
    groups: ['apiextensions.k8s.io'],
    versions: ['*'],
    resources: ['customresourcedefinitions'],
  };
  await tests.during('validating', 'deny-crd', [tests.hook(namespace, deny)], async () => {
    const kind = customKind('refused.example.com', 'RefusedCrd');
    const definition = definitionOf(kind, [{ name: 'v1' }], { labels: UNWANTED });
    await refusedFor(tests.api.post(DEFINITIONS, definition), /the crd contains unwanted label/);
  });
});
