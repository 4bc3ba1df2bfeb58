/** CustomResourceDefinitions and their objects in a whole cluster: naming, schema, versions, deletion. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { customResourceDefinitions } from '../api/groups/apiextensions/custom-resource-definition/custom-resource-definition.ts';
import { namespaces } from '../api/groups/core/namespace/namespace.ts';
import type { Draft } from '../api/meta/object.ts';
import type {
  CustomResourceDefinition,
  CustomResourceDefinitionNames,
  CustomResourceDefinitionVersion,
  JSONSchemaProps,
} from '../api/types.gen.ts';
import {
  clusterWith,
  cronTabs,
  definitionOf,
  GROUP,
  NAMES,
  refusal,
  type CustomObject,
} from './custom-kind.fixture.ts';

const SCHEMA: JSONSchemaProps = {
  type: 'object',
  properties: {
    spec: {
      type: 'object',
      required: ['cronSpec'],
      properties: {
        cronSpec: { type: 'string', pattern: '^(\\d+|\\*)(/\\d+)?(\\s+(\\d+|\\*)(/\\d+)?){4}$' },
        replicas: { type: 'integer', minimum: 1, maximum: 10, default: 1 },
        image: { type: 'string', enum: ['a', 'b'] },
        ports: {
          type: 'array',
          'x-kubernetes-list-type': 'map',
          'x-kubernetes-list-map-keys': ['port'],
          items: {
            type: 'object',
            required: ['port'],
            properties: { port: { type: 'integer' }, name: { type: 'string' } },
          },
        },
        free: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
      },
    },
    status: { type: 'object', properties: { replicas: { type: 'integer' }, selector: { type: 'string' } } },
  },
};

const VERSION: CustomResourceDefinitionVersion = {
  name: 'v1',
  served: true,
  storage: true,
  schema: { openAPIV3Schema: SCHEMA },
  subresources: {
    status: {},
    scale: {
      specReplicasPath: '.spec.replicas',
      statusReplicasPath: '.status.replicas',
      labelSelectorPath: '.status.selector',
    },
  },
  selectableFields: [{ jsonPath: '.spec.image' }],
};

function definition(
  names: CustomResourceDefinitionNames = NAMES,
  versions: readonly CustomResourceDefinitionVersion[] = [VERSION],
): Draft<CustomResourceDefinition> {
  return definitionOf(versions, names);
}

const cronTab = (name: string, spec: CustomObject['spec'] = {}): Draft<CustomObject> => ({
  metadata: { name, namespace: 'default' },
  spec: { cronSpec: '* * * * */5', ...spec },
});

test('a definition is established; its objects are pruned, get defaults, and are judged', async () => {
  const cluster = await clusterWith(definition());
  const { client } = cluster;
  const made = await client.get(customResourceDefinitions, { name: `crontabs.${GROUP}` });
  assert.deepEqual(
    made.status.conditions.map(({ type, status, reason }) => [type, status, reason]),
    [
      ['NamesAccepted', 'True', 'NoConflicts'],
      ['Established', 'True', 'InitialNamesAccepted'],
    ],
  );
  assert.deepEqual(made.status.acceptedNames, { ...NAMES, singular: 'crontab', listKind: 'CronTabList' });
  assert.deepEqual(made.status.storedVersions, ['v1']);

  const created = await client.create(cronTabs(), cronTab('one', { unknown: 1, free: { any: [1] } }));
  assert.deepEqual(created.spec, { cronSpec: '* * * * */5', replicas: 1, free: { any: [1] } });
  assert.equal(created.metadata.generation, 1);
  const bad = { ...cronTab('bad', { replicas: 11, image: 'c', ports: [{ port: 'x' }] }) };
  const { code, message } = await refusal(client.create(cronTabs(), bad));
  assert.equal(code, 422);
  assert.match(message, /^CronTab\.stable\.example\.com "bad" is invalid: \[/);
  for (const part of [
    'spec.replicas: Invalid value: 11: spec.replicas in body should be less than or equal to 10',
    'spec.image: Unsupported value: "c": supported values: "a", "b"',
    'spec.ports[0].port: Invalid value: "string": spec.ports[0].port in body must be of type integer: "string"',
  ]) {
    assert.ok(message.includes(part), `${part} in ${message}`);
  }
  const missing = await refusal(
    client.create(cronTabs(), { metadata: { name: 'm', namespace: 'default' }, spec: {} }),
  );
  assert.equal(missing.message, 'CronTab.stable.example.com "m" is invalid: spec.cronSpec: Required value');
  await cluster.stop();
});

test('status and scale are apart from the object; generations count its changes', async () => {
  const cluster = await clusterWith(definition());
  const { client } = cluster;
  const created = await client.create(cronTabs(), { ...cronTab('one'), status: { replicas: 7 } });
  assert.equal(created.status, undefined);
  const status = { replicas: 2, selector: 'app=x', unknown: true };
  const updated = await client.update(
    cronTabs(),
    { ...created, spec: {}, status },
    { subresource: 'status' },
  );
  assert.deepEqual(updated.status, { replicas: 2, selector: 'app=x' });
  assert.deepEqual([updated.spec, updated.metadata.generation], [created.spec, 1]);
  const broken = { ...updated, status: { replicas: 'two' } };
  const refused = await refusal(client.update(cronTabs(), broken, { subresource: 'status' }));
  assert.match(refused.message, /status\.replicas in body must be of type integer: "string"/);
  const next = await client.patch(
    cronTabs(),
    { namespace: 'default', name: 'one' },
    {
      type: 'merge',
      body: { spec: { replicas: 5 } },
    },
  );
  assert.equal(next.metadata.generation, 2);
  await cluster.stop();
});

test('server-side apply merges lists by their keys', async () => {
  const cluster = await clusterWith(definition());
  const { client } = cluster;
  const apply = (fieldManager: string, spec: object): Promise<CustomObject> =>
    client.patch(
      cronTabs(),
      { namespace: 'default', name: 'one' },
      {
        type: 'apply',
        body: { apiVersion: `${GROUP}/v1`, kind: 'CronTab', metadata: { name: 'one' }, spec: { ...spec } },
      },
      { fieldManager },
    );
  await apply('a', { cronSpec: '* * * * *', ports: [{ port: 1, name: 'one' }] });
  const merged = await apply('b', { ports: [{ port: 2 }] });
  assert.deepEqual(merged.spec?.['ports'], [{ port: 1, name: 'one' }, { port: 2 }]);
  const conflict = await refusal(apply('b', { ports: [{ port: 1, name: 'mine' }] }));
  assert.equal(conflict.code, 409);
  assert.match(conflict.message, /conflict with "a": \.spec\.ports\[port=1\]\.name/);
  await cluster.stop();
});

test('selectable fields select', async () => {
  const cluster = await clusterWith(definition());
  const { client } = cluster;
  await client.create(cronTabs(), cronTab('one', { image: 'a' }));
  await client.create(cronTabs(), cronTab('two', { image: 'b' }));
  const found = await client.list(cronTabs(), { fieldSelector: 'spec.image=b' });
  assert.deepEqual(
    found.items.map(({ metadata }) => metadata.name),
    ['two'],
  );
  const refused = await refusal(client.list(cronTabs(), { fieldSelector: 'spec.replicas=1' }));
  assert.equal(refused.message, 'field label not supported: spec.replicas');
  await cluster.stop();
});

test('names that another definition holds are not given until they are free', async () => {
  const first = definition();
  const second = definition({ plural: 'tabs', kind: 'CronTab', shortNames: ['ct'] });
  const cluster = await clusterWith(first, second);
  const { client } = cluster;
  const conditions = async (): Promise<unknown> => {
    const { status } = await client.get(customResourceDefinitions, { name: `tabs.${GROUP}` });
    return status.conditions.map(({ type, status, reason }) => [type, status, reason]);
  };
  assert.deepEqual(await conditions(), [
    ['NamesAccepted', 'False', 'ListKindConflict'],
    ['Established', 'False', 'NotAccepted'],
  ]);
  await client.delete(customResourceDefinitions, { name: `crontabs.${GROUP}` });
  await cluster.settle();
  assert.deepEqual(await conditions(), [
    ['NamesAccepted', 'True', 'NoConflicts'],
    ['Established', 'True', 'InitialNamesAccepted'],
  ]);
  await cluster.stop();
});

test('objects are read in every served version, also those stored in an older one', async () => {
  const v2: CustomResourceDefinitionVersion = {
    ...VERSION,
    name: 'v2',
    storage: false,
    schema: {
      openAPIV3Schema: {
        type: 'object',
        properties: {
          spec: {
            type: 'object',
            'x-kubernetes-preserve-unknown-fields': true,
            properties: { color: { type: 'string', default: 'red' } },
          },
        },
      },
    },
  };
  const cluster = await clusterWith(definition(NAMES, [VERSION, v2]));
  const { client } = cluster;
  await client.create(cronTabs('v1'), cronTab('old'));
  const seen = await client.get(cronTabs('v2'), { namespace: 'default', name: 'old' });
  assert.equal(seen.apiVersion, `${GROUP}/v2`);
  assert.deepEqual(seen.spec, { cronSpec: '* * * * */5', replicas: 1, color: 'red' });

  const name = `crontabs.${GROUP}`;
  const current = await client.get(customResourceDefinitions, { name });
  const versions = [
    { ...VERSION, storage: false },
    { ...v2, storage: true },
  ];
  const switched = await client.update(customResourceDefinitions, {
    ...current,
    spec: { ...current.spec, versions },
  });
  assert.deepEqual(switched.status.storedVersions, ['v1', 'v2']);
  await cluster.settle();
  await client.create(cronTabs('v2'), cronTab('new'));
  const list = await client.list(cronTabs('v1'));
  assert.deepEqual(
    list.items.map(({ apiVersion, metadata }) => [apiVersion, metadata.name]),
    [
      [`${GROUP}/v1`, 'new'],
      [`${GROUP}/v1`, 'old'],
    ],
  );
  // Writing an object without a change is how it is brought to the new storage version.
  const before = await client.get(cronTabs('v2'), { namespace: 'default', name: 'old' });
  const rewritten = await client.update(cronTabs('v2'), before);
  assert.notEqual(rewritten.metadata.resourceVersion, before.metadata.resourceVersion);
  const again = await client.update(cronTabs('v2'), rewritten);
  assert.equal(again.metadata.resourceVersion, rewritten.metadata.resourceVersion);
  await cluster.stop();
});

test('a deleted definition takes its objects along, and waits for their finalizers', async () => {
  const cluster = await clusterWith(definition());
  const { client } = cluster;
  await client.create(cronTabs(), cronTab('free'));
  const held = cronTab('held');
  await client.create(cronTabs(), {
    ...held,
    metadata: { ...held.metadata, finalizers: ['example.com/hold'] },
  });
  await client.delete(customResourceDefinitions, { name: `crontabs.${GROUP}` });
  await cluster.clock.advance('5s');
  const waiting = await client.get(customResourceDefinitions, { name: `crontabs.${GROUP}` });
  const terminating = waiting.status.conditions.find(({ type }) => type === 'Terminating');
  assert.deepEqual([terminating?.status, terminating?.reason], ['True', 'InstanceDeletionInProgress']);
  assert.deepEqual(
    (await client.list(cronTabs())).items.map(({ metadata }) => metadata.name),
    ['held'],
  );
  const late = await refusal(client.create(cronTabs(), cronTab('late')));
  assert.deepEqual(late, {
    code: 403,
    message: `crontabs.${GROUP} "late" is forbidden: create not allowed while custom resource definition is terminating`,
  });
  await client.patch(
    cronTabs(),
    { namespace: 'default', name: 'held' },
    {
      type: 'merge',
      body: { metadata: { finalizers: null } },
    },
  );
  await cluster.clock.advance('5s');
  assert.equal(
    (await refusal(client.get(customResourceDefinitions, { name: `crontabs.${GROUP}` }))).code,
    404,
  );
  assert.equal((await refusal(client.list(cronTabs()))).code, 404);
  await cluster.stop();
});

test('a deleted definition takes objects along that no version serves', async () => {
  const cluster = await clusterWith(definition());
  const { client } = cluster;
  const own = { name: `crontabs.${GROUP}` };
  await client.create(cronTabs(), cronTab('free'));
  const present = await client.get(customResourceDefinitions, own);
  const versions = present.spec.versions.map((version) => ({ ...version, served: false }));
  await client.update(customResourceDefinitions, { ...present, spec: { ...present.spec, versions } });
  await cluster.clock.advance('5s');
  assert.equal((await refusal(client.list(cronTabs()))).code, 404);
  await client.delete(customResourceDefinitions, own);
  await cluster.clock.advance('5s');
  await client.create(customResourceDefinitions, definition());
  await cluster.clock.advance('5s');
  assert.deepEqual((await client.list(cronTabs())).items, []);
  await cluster.stop();
});

test('the namespace controller and the garbage collector know custom objects', async () => {
  const cluster = await clusterWith(definition());
  const { client } = cluster;
  await client.create(namespaces, { metadata: { name: 'team' } });
  const inTeam = (name: string, owner?: CustomObject): Draft<CustomObject> => ({
    metadata: {
      name,
      namespace: 'team',
      ...(owner === undefined
        ? {}
        : {
            ownerReferences: [
              { apiVersion: `${GROUP}/v1`, kind: 'CronTab', name: 'owner', uid: owner.metadata.uid ?? '' },
            ],
          }),
    },
    spec: { cronSpec: '* * * * *' },
  });
  const owner = await client.create(cronTabs(), inTeam('owner'));
  await client.create(cronTabs(), inTeam('owned', owner));
  await client.create(cronTabs(), inTeam('other'));
  await cluster.settle();
  await client.delete(cronTabs(), { namespace: 'team', name: 'owner' });
  await cluster.clock.advance('10s');
  const left = await client.list(cronTabs(), { namespace: 'team' });
  assert.deepEqual(
    left.items.map(({ metadata }) => metadata.name),
    ['other'],
  );
  await client.delete(namespaces, { name: 'team' });
  await cluster.clock.advance('30s');
  assert.equal((await client.list(cronTabs())).items.length, 0);
  await cluster.stop();
});

test('rules in CEL: refused with the definition, judged on objects, transitions and status', async () => {
  const spec: JSONSchemaProps = {
    type: 'object',
    properties: { min: { type: 'integer' }, max: { type: 'integer' } },
    'x-kubernetes-validations': [
      {
        rule: 'self.min <= self.max',
        messageExpression: "self.min > 4 ? 'min is far above max' : 'min is above max'",
      },
      { rule: 'self.max >= oldSelf.max', message: 'max may not shrink', fieldPath: '.max' },
    ],
  };
  const status: JSONSchemaProps = {
    type: 'object',
    properties: { min: { type: 'integer', 'x-kubernetes-validations': [{ rule: 'self < 9' }] } },
  };
  const versionWith = (rules: JSONSchemaProps): CustomResourceDefinitionVersion => ({
    ...{ name: 'v1', served: true, storage: true, subresources: { status: {} } },
    schema: { openAPIV3Schema: { type: 'object', properties: { spec: rules, status } } },
  });
  const cluster = await clusterWith(definition(NAMES, [versionWith(spec)]));
  const { client } = cluster;
  const bad = versionWith({ ...spec, 'x-kubernetes-validations': [{ rule: 'self.mid > 0' }] });
  const other = definition({ plural: 'others', kind: 'Other' }, [bad]);
  assert.match(
    (await refusal(client.create(customResourceDefinitions, other))).message,
    /undefined field 'mid'/,
  );

  const tab = (min: number, max: number): Draft<CustomObject> => {
    return { metadata: { name: 'a', namespace: 'default' }, spec: { min, max } };
  };
  const refused = await refusal(client.create(cronTabs(), tab(5, 3)));
  assert.deepEqual(refused, {
    code: 422,
    message: 'CronTab.stable.example.com "a" is invalid: spec: Invalid value: min is far above max',
  });
  const made = await client.create(cronTabs(), tab(1, 3));
  const shrunk = await refusal(client.update(cronTabs(), { ...made, spec: { min: 1, max: 2 } }));
  assert.match(shrunk.message, /: spec\.max: Invalid value: max may not shrink$/);
  const grown = await refusal(
    client.update(cronTabs(), { ...made, status: { min: 9 } }, { subresource: 'status' }),
  );
  assert.match(grown.message, /: status\.min: Invalid value: 9: failed rule: self < 9$/);
  await cluster.stop();
});
