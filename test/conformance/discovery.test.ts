/** Official tests of [sig-api-machinery] discovery, and of the OpenAPI documents of custom resources. */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { each, includes, startApi, type Api, type Fields } from './api.fixture.ts';
import { customKind, serve, type CustomKind, type CustomVersion } from './custom-kinds.fixture.ts';

let api: Api;
before(async () => {
  api = await startApi({ nodes: 0 });
});
after(() => api.cluster.stop());

test('Discovery should validate PreferredVersion for each APIGroup', async () => {
  const groups = each((await api.get('/apis')).groups);
  assert.ok(groups.length > 15);
  for (const { name, preferredVersion } of groups) {
    const group = await api.get(`/apis/${name}`);
    assert.deepEqual(group.preferredVersion, preferredVersion);
    assert.ok(
      each(group.versions).some(({ groupVersion }) => groupVersion === preferredVersion?.groupVersion),
    );
    assert.equal(
      (await api.get(`/apis/${preferredVersion?.groupVersion}`)).groupVersion,
      preferredVersion?.groupVersion,
    );
  }
});

test('Discovery should locate the groupVersion and a resource within each APIGroup', async () => {
  for (const [group, version, plural] of [
    ['admissionregistration.k8s.io', 'v1', 'validatingwebhookconfigurations'],
    ['apiextensions.k8s.io', 'v1', 'customresourcedefinitions'],
    ['apiregistration.k8s.io', 'v1', 'apiservices'],
    ['apps', 'v1', 'deployments'],
    ['authentication.k8s.io', 'v1', 'tokenreviews'],
    ['authorization.k8s.io', 'v1', 'selfsubjectaccessreviews'],
    ['autoscaling', 'v1', 'horizontalpodautoscalers'],
    ['autoscaling', 'v2', 'horizontalpodautoscalers'],
    ['batch', 'v1', 'jobs'],
    ['certificates.k8s.io', 'v1', 'certificatesigningrequests'],
    ['coordination.k8s.io', 'v1', 'leases'],
    ['discovery.k8s.io', 'v1', 'endpointslices'],
    ['events.k8s.io', 'v1', 'events'],
    ['networking.k8s.io', 'v1', 'ingresses'],
    ['node.k8s.io', 'v1', 'runtimeclasses'],
    ['policy', 'v1', 'poddisruptionbudgets'],
    ['scheduling.k8s.io', 'v1', 'priorityclasses'],
    ['storage.k8s.io', 'v1', 'csinodes'],
  ]) {
    const groups = each((await api.get('/apis')).groups);
    const found = groups.find(({ name }) => String(name) === group);
    assert.ok(
      each(found?.versions).some((one) => String(one.version) === version),
      `${group}/${version}`,
    );
    includes(await api.get(`/apis/${group}`), { kind: 'APIGroup', apiVersion: 'v1', name: group });
    const list = await api.get(`/apis/${group}/${version}`);
    includes(list, { kind: 'APIResourceList', groupVersion: `${group}/${version}` });
    assert.ok(
      each(list.resources).some(({ name }) => String(name) === plural),
      `${group}/${version}/${plural}`,
    );
  }
});

const AGGREGATED = (version: string): string =>
  `application/json;g=apidiscovery.k8s.io;v=${version};as=APIGroupDiscoveryList`;

async function discovered(path: string, accept: string): Promise<Fields> {
  const answer = await api.ask('GET', path, { headers: { accept } });
  assert.equal(answer.status, 200, answer.text);
  return JSON.parse(answer.text) as Fields;
}

/** `group/version/plural` of an aggregated document. */
function resourcesIn(document: Fields): readonly string[] {
  return each(document.items).flatMap((group) =>
    each(group.versions).flatMap((version) =>
      each(version.resources).map(
        ({ resource }) => `${group.metadata?.name ?? ''}/${version.version}/${resource}`,
      ),
    ),
  );
}

test('AggregatedDiscovery should support raw aggregated discovery endpoint Accept headers', async () => {
  for (const path of ['/api', '/apis']) {
    const document = await discovered(path, AGGREGATED('v2'));
    includes(document, { kind: 'APIGroupDiscoveryList', apiVersion: 'apidiscovery.k8s.io/v2' });
    assert.ok(each(document.items).length > 0);
    const plain = await discovered(path, 'application/json');
    assert.equal(plain.kind, path === '/api' ? 'APIVersions' : 'APIGroupList');
    const both = await discovered(path, `${AGGREGATED('v2')},${AGGREGATED('v2beta1')},application/json`);
    assert.equal(both.apiVersion, 'apidiscovery.k8s.io/v2');
    const old = await api.ask('GET', path, { headers: { accept: AGGREGATED('v2beta1') } });
    assert.equal(old.status, 406, 'v2beta1 was removed in 1.33');
    assert.match(old.text, /only the following media types are accepted: application\/json, /);
  }
});

test('AggregatedDiscovery should support aggregated discovery interface', async () => {
  const all = [
    ...resourcesIn(await discovered('/api', AGGREGATED('v2'))),
    ...resourcesIn(await discovered('/apis', AGGREGATED('v2'))),
  ];
  for (const wanted of [
    'undefined/v1/namespaces',
    'undefined/v1/pods',
    'apps/v1/deployments',
    'batch/v1/jobs',
    'rbac.authorization.k8s.io/v1/roles',
  ])
    assert.ok(
      all.includes(wanted) || all.includes(wanted.replace('undefined', '')),
      `${wanted} in ${all.slice(0, 3).join()}`,
    );
});

const FOO = customKind('aggregated.example.com', 'Foo');

test('AggregatedDiscovery should support raw aggregated discovery request for CRDs', async () => {
  await serve(api, FOO, [{ name: 'v1' }]);
  const document = await discovered('/apis', AGGREGATED('v2'));
  assert.ok(resourcesIn(document).includes('aggregated.example.com/v1/foos'));
  await api.delete(FOO.definition);
  await api.eventually(async () =>
    assert.ok(
      !resourcesIn(await discovered('/apis', AGGREGATED('v2'))).includes('aggregated.example.com/v1/foos'),
    ),
  );
});

test('AggregatedDiscovery should support aggregated discovery interface for CRDs', async () => {
  const kind = customKind('aggregated-interface.example.com', 'Bar');
  await serve(api, kind, [{ name: 'v1' }, { name: 'v2' }]);
  const document = await discovered('/apis', AGGREGATED('v2'));
  const group = each(document.items).find(({ metadata }) => String(metadata?.name) === kind.group);
  for (const version of ['v1', 'v2']) {
    const found = each(group?.versions).find((one) => String(one.version) === version);
    includes(found, { freshness: 'Current' });
    includes(each(found?.resources)[0], {
      resource: 'bars',
      responseKind: { group: kind.group, version, kind: 'Bar' },
      singularResource: 'bar',
      scope: 'Cluster',
    });
  }
});

const FOO_SCHEMA = {
  description: 'Foo CRD for Testing',
  type: 'object',
  properties: {
    spec: {
      type: 'object',
      description: 'Specification of Foo',
      properties: {
        bars: {
          description: 'List of Bars and their specs.',
          type: 'array',
          items: {
            type: 'object',
            required: ['name'],
            properties: {
              name: { description: 'Name of Bar.', type: 'string' },
              age: { description: 'Age of Bar.', type: 'string' },
              feeling: {
                description: 'Whether Bar is feeling great.',
                type: 'string',
                enum: ['Great', 'Down'],
              },
              bazs: { description: 'List of Bazs.', type: 'array', items: { type: 'string' } },
            },
          },
        },
      },
    },
    status: {
      description: 'Status of Foo',
      type: 'object',
      properties: {
        bars: {
          description: 'List of Bars and their statuses.',
          type: 'array',
          items: {
            type: 'object',
            properties: {
              name: { description: 'Name of Bar.', type: 'string' },
              available: { description: 'Whether the Bar is installed.', type: 'boolean' },
              quxType: {
                description: 'Indicates to external qux type.',
                pattern: 'in-tree|out-of-tree',
                type: 'string',
              },
            },
          },
        },
      },
    },
  },
};
const WALDO_SCHEMA = {
  description: 'Waldo CRD for Testing',
  type: 'object',
  properties: {
    spec: {
      description: 'Specification of Waldo',
      type: 'object',
      properties: { dummy: { description: 'Dummy property.', type: 'object' } },
    },
    status: {
      description: 'Status of Waldo',
      type: 'object',
      properties: {
        bars: {
          description: 'List of Bars and their statuses.',
          type: 'array',
          items: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
        },
      },
    },
  },
};

const definitionName = ({ group, kind }: CustomKind, version: string): string =>
  `${group.split('.').toReversed().join('.')}.${version}.${kind}`;

/** The published definition without what every kind has; undefined when there is none. */
async function published(kind: CustomKind, version: string): Promise<Fields | undefined> {
  const { definitions } = await discovered('/openapi/v2', 'application/json');
  const found = definitions?.[definitionName(kind, version)];
  if (found === undefined) return undefined;
  const { 'x-kubernetes-group-version-kind': _, properties, ...rest } = found as Record<string, Fields>;
  if (properties === undefined) return rest as Fields;
  const { metadata: _m, apiVersion: _a, kind: _k, ...own } = properties as Record<string, Fields>;
  return { ...rest, ...(Object.keys(own).length === 0 ? {} : { properties: own }) } as Fields;
}
const publishes = (kind: CustomKind, version: string, schema: object | undefined): Promise<void> =>
  api.eventually(async () => {
    const found = await published(kind, version);
    if (schema === undefined) assert.equal(found, undefined);
    else assert.deepEqual(found, schema);
  });
const PUBLISH = 'CustomResourcePublishOpenAPI [Privileged:ClusterAdmin]';

/** Served in all these versions with one schema, and published so. */
async function publishing(
  group: string,
  name: string,
  schema: object,
  ...versions: readonly string[]
): Promise<CustomKind> {
  const kind = customKind(`crd-publish-openapi-test-${group}.example.com`, name);
  await serve(
    api,
    kind,
    versions.map((version): CustomVersion => ({ name: version, schema })),
    { scope: 'Namespaced' },
  );
  for (const version of versions) await publishes(kind, version, schema);
  return kind;
}
const created = async (kind: CustomKind, version: string, namespace: string, more: object): Promise<Fields> =>
  api.post(`${kind.url(version, namespace)}?fieldValidation=Strict`, {
    apiVersion: `${kind.group}/${version}`,
    kind: kind.kind,
    metadata: { generateName: 'test-' },
    ...more,
  });
async function removed(...kinds: readonly CustomKind[]): Promise<void> {
  for (const kind of kinds) await api.delete(kind.definition);
  for (const kind of kinds) await publishes(kind, 'v1', undefined);
}

test(`${PUBLISH} works for CRD with validation schema`, async () => {
  const kind = await publishing('foo', 'PublishFoo', FOO_SCHEMA, 'v1');
  await created(kind, 'v1', 'default', { spec: { bars: [{ name: 'test-bar' }] } });
  const refused = async (spec: object): Promise<string> =>
    created(kind, 'v1', 'default', { spec }).then(
      () => assert.fail('it was taken'),
      (error: unknown) => String(error),
    );
  assert.match(await refused({ foo: true }), /unknown field \\"spec\.foo\\"/);
  assert.match(await refused({ bars: [{ age: '10' }] }), /spec\.bars\[0\]\.name: Required value/);
  assert.match(
    await refused({ bars: [{ name: 'b', feeling: 'NonExistentValue' }] }),
    /Unsupported value: \\"NonExistentValue\\"/,
  );
  const v3 = await discovered(`/openapi/v3/apis/${kind.group}/v1`, 'application/json');
  const schema = v3.components?.schemas?.[definitionName(kind, 'v1')];
  includes(schema, {
    description: 'Foo CRD for Testing',
    properties: { spec: { description: 'Specification of Foo' } },
  });
  await removed(kind);
});

test(`${PUBLISH} works for CRD without validation schema`, async () => {
  const kind = customKind('crd-publish-openapi-test-empty.example.com', 'PublishEmpty');
  await serve(api, kind, [{ name: 'v1' }], { scope: 'Namespaced' });
  await publishes(kind, 'v1', { type: 'object' });
  await created(kind, 'v1', 'default', { a: { b: [{ c: 'd' }] } });
  await removed(kind);
});

test(`${PUBLISH} works for CRD preserving unknown fields at the schema root`, async () => {
  const kind = customKind('crd-publish-openapi-test-unknown-at-root.example.com', 'PublishRoot');
  const spec = {
    type: 'object',
    description: 'Specification of Waldo',
    properties: { dummy: { type: 'object' } },
  };
  const schema = {
    type: 'object',
    'x-kubernetes-preserve-unknown-fields': true,
    description: 'preserve-unknown-properties at root for Testing',
    properties: { spec },
  };
  await serve(api, kind, [{ name: 'v1', schema }], { scope: 'Namespaced' });
  await api.eventually(async () => assert.ok((await published(kind, 'v1')) !== undefined));
  await created(kind, 'v1', 'default', { a: { b: [{ c: 'd' }] } });
  await removed(kind);
});

test(`${PUBLISH} works for CRD preserving unknown fields in an embedded object`, async () => {
  const kind = customKind('crd-publish-openapi-test-unknown-in-nested.example.com', 'PublishNested');
  const spec = {
    type: 'object',
    'x-kubernetes-preserve-unknown-fields': true,
    description: 'Specification of Waldo',
    properties: { dummy: { type: 'object' } },
  };
  const schema = {
    type: 'object',
    description: 'preserve-unknown-properties in nested field for Testing',
    properties: { spec },
  };
  await serve(api, kind, [{ name: 'v1', schema }], { scope: 'Namespaced' });
  await api.eventually(async () => assert.ok((await published(kind, 'v1')) !== undefined));
  const object = await created(kind, 'v1', 'default', { spec: { a: null, b: [{ c: 'd' }] } });
  assert.deepEqual(object.spec, { a: null, b: [{ c: 'd' }] });
  await removed(kind);
});

test(`${PUBLISH} works for multiple CRDs of different groups`, async () => {
  const foo = await publishing('several-foo', 'ManyFoo', FOO_SCHEMA, 'v1');
  const waldo = await publishing('several-waldo', 'ManyWaldo', WALDO_SCHEMA, 'v1beta1');
  await publishes(foo, 'v1', FOO_SCHEMA);
  await api.delete(foo.definition);
  await publishes(foo, 'v1', undefined);
  await publishes(waldo, 'v1beta1', WALDO_SCHEMA);
  await api.delete(waldo.definition);
});

test(`${PUBLISH} works for multiple CRDs of same group but different versions`, async () => {
  await api.delete((await publishing('multi-ver', 'MultiVer', FOO_SCHEMA, 'v2', 'v3')).definition);
  const foo = await publishing('common-group', 'VersionFoo', FOO_SCHEMA, 'v4');
  const waldo = await publishing('common-group', 'VersionWaldo', WALDO_SCHEMA, 'v5');
  await publishes(foo, 'v4', FOO_SCHEMA);
  for (const kind of [foo, waldo]) await api.delete(kind.definition);
});

test(`${PUBLISH} works for multiple CRDs of same group and version but different kinds`, async () => {
  const foo = await publishing('common-group', 'KindFoo', FOO_SCHEMA, 'v6');
  const waldo = await publishing('common-group', 'KindWaldo', WALDO_SCHEMA, 'v6');
  await publishes(foo, 'v6', FOO_SCHEMA);
  for (const kind of [foo, waldo]) await api.delete(kind.definition);
});

test(`${PUBLISH} updates the published spec when one version gets renamed`, async () => {
  const kind = await publishing('renamed', 'Renamed', FOO_SCHEMA, 'v2', 'v3');
  const path = '/spec/versions/1/name';
  await api.patch(
    kind.definition,
    [
      { op: 'test', path, value: 'v3' },
      { op: 'replace', path, value: 'v4' },
    ],
    'json',
  );
  await publishes(kind, 'v4', FOO_SCHEMA);
  await publishes(kind, 'v3', undefined);
  await publishes(kind, 'v2', FOO_SCHEMA);
});

test(`${PUBLISH} removes definition from spec when one version gets changed to not be served`, async () => {
  const kind = await publishing('unserved', 'Unserved', FOO_SCHEMA, 'v5', 'v6alpha1');
  await api.change(kind.definition, (object) => ({
    ...object,
    spec: {
      ...object.spec,
      versions: each(object.spec?.versions).map((one) =>
        String(one.name) === 'v6alpha1' ? { ...one, served: false } : one,
      ),
    },
  }));
  await publishes(kind, 'v6alpha1', undefined);
  await publishes(kind, 'v5', FOO_SCHEMA);
});
