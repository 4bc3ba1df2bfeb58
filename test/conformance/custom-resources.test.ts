/** Official tests of [sig-api-machinery] custom resources: definitions, watches, selectors, conversion. */

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { createSimulatedHost } from '../../src/host/simulated/simulated.ts';
import {
  condition,
  each,
  includes,
  nameOf,
  refusal,
  startApi,
  type Api,
  type Fields,
} from './api.fixture.ts';
import { customKind, DEFINITIONS, serve } from './custom-kinds.fixture.ts';

let api: Api;
const { network } = createSimulatedHost(7);
before(async () => {
  network.onRequest = ({ body }) => ({
    status: 200,
    headers: {},
    body: convert(`${Buffer.from(body ?? '')}`),
  });
  api = await startApi({ nodes: 0, network });
});
after(() => api.cluster.stop());

/** What the official conversion webhook does: `hostPort` in v1 is `host` and `port` in v2. */
function convert(text: string): Buffer {
  const review = JSON.parse(text) as Fields;
  const desired = String(review.request?.desiredAPIVersion);
  const convertedObjects = each(review.request?.objects).map((object) => {
    const { hostPort, host, port, ...rest } = object as Record<string, unknown>;
    const converted = { ...rest, apiVersion: desired };
    if (desired.endsWith('/v1')) return { ...converted, hostPort: `${host}:${port}` };
    const [name, number] = String(hostPort).split(':');
    return { ...converted, host: name, port: number };
  });
  const response = { uid: review.request?.uid, result: { status: 'Success' }, convertedObjects };
  return Buffer.from(JSON.stringify({ apiVersion: review.apiVersion, kind: review.kind, response }));
}

test('CustomResourceDefinition resources [Privileged:ClusterAdmin] Simple CustomResourceDefinition creating/deleting custom resource definition objects works', async () => {
  const kind = customKind('simple.example.com', 'Noxu');
  await serve(api, kind, [{ name: 'v1' }]);
  await api.delete(kind.definition);
  await api.gone(kind.definition);
  assert.equal((await refusal(api.get(kind.url('v1')))).code, 404);
});

test('CustomResourceDefinition resources [Privileged:ClusterAdmin] Simple CustomResourceDefinition listing custom resource definition objects works', async () => {
  const labels = { 'e2e-list-test-uuid': 'list' };
  const selector = 'labelSelector=e2e-list-test-uuid%3Dlist';
  for (let i = 0; i < 10; i++)
    await serve(api, customKind('list.example.com', `Noxu${i}`), [{ name: 'v1' }], { labels });
  assert.equal((await api.list(`${DEFINITIONS}?${selector}`)).length, 10);
  await api.delete(`${DEFINITIONS}?${selector}`);
  await api.eventually(async () => assert.deepEqual(await api.list(`${DEFINITIONS}?${selector}`), []));
});

test('CustomResourceDefinition resources [Privileged:ClusterAdmin] Simple CustomResourceDefinition getting/updating/patching custom resource definition status sub-resource works', async () => {
  const kind = customKind('status.example.com', 'Noxu');
  await serve(api, kind, [{ name: 'v1' }]);
  includes(await api.get(`${kind.definition}/status`), { spec: { group: kind.group } });
  const update = { type: 'StatusUpdate', status: 'True', reason: 'E2E', message: 'Set by an e2e test' };
  const updated = await api.change(`${kind.definition}/status`, (object) => ({
    ...object,
    status: { ...object.status, conditions: [...each(object.status?.conditions), update] },
  }));
  includes(condition(updated, 'StatusUpdate'), update);
  const patch = [
    {
      op: 'add',
      path: '/status/conditions',
      value: [{ type: 'StatusPatched', status: 'True', reason: 'E2E' }],
    },
  ];
  const patched = await api.patch(`${kind.definition}/status`, patch, 'json');
  includes(condition(patched, 'StatusPatched'), { status: 'True' });
});

test('CustomResourceDefinition resources [Privileged:ClusterAdmin] custom resource defaulting for requests and from storage works', async () => {
  const kind = customKind('defaults.example.com', 'Noxu');
  const schema = {
    type: 'object',
    properties: { a: { type: 'string' }, b: { type: 'string', default: 'B' } },
  };
  await serve(api, kind, [{ name: 'v1', schema }]);
  const first = await api.post(kind.url('v1'), {
    apiVersion: `${kind.group}/v1`,
    kind: kind.kind,
    metadata: { name: 'foo' },
  });
  assert.deepEqual([first.a, first.b], [undefined, 'B']);
  await api.patch(
    kind.definition,
    [
      { op: 'add', path: '/spec/versions/0/schema/openAPIV3Schema/properties/a/default', value: 'A' },
      { op: 'remove', path: '/spec/versions/0/schema/openAPIV3Schema/properties/b/default' },
    ],
    'json',
  );
  await api.eventually(async () => {
    const stored = await api.get(`${kind.url('v1')}/foo`);
    assert.deepEqual([stored.a, stored.b], ['A', 'B'], 'defaults of what is read, and what was stored stays');
  });
  const next = await api.post(kind.url('v1'), {
    apiVersion: `${kind.group}/v1`,
    kind: kind.kind,
    metadata: { name: 'bar' },
  });
  assert.deepEqual([next.a, next.b], ['A', undefined]);
});

test('CustomResourceDefinition resources [Privileged:ClusterAdmin] should include custom resource definition resources in discovery documents', async () => {
  const groups = each((await api.get('/apis')).groups);
  const group = groups.find(({ name }) => String(name) === 'apiextensions.k8s.io');
  assert.ok(each(group?.versions).some(({ version }) => String(version) === 'v1'));
  includes(await api.get('/apis/apiextensions.k8s.io'), { kind: 'APIGroup', name: 'apiextensions.k8s.io' });
  const { resources } = await api.get('/apis/apiextensions.k8s.io/v1');
  assert.ok(each(resources).some(({ name }) => String(name) === 'customresourcedefinitions'));
});

test('CustomResourceDefinition Watch [Privileged:ClusterAdmin] CustomResourceDefinition Watch watch on custom resource definition objects', async () => {
  const kind = customKind('watch.example.com', 'WishIHadChosenNoxu');
  await serve(api, kind, [{ name: 'v1beta1' }]);
  const url = kind.url('v1beta1');
  const watches = ['name1', 'name2'].map((name) => api.watch(`${url}?fieldSelector=metadata.name%3D${name}`));
  const make = (name: string): object => ({
    apiVersion: `${kind.group}/v1beta1`,
    kind: kind.kind,
    metadata: { name },
    content: { key: 'value' },
    num: { num1: 9223372036854775807n.toString(), num2: 1000000 },
  });
  for (const name of ['name1', 'name2']) await api.post(url, make(name));
  for (const name of ['name1', 'name2']) await api.patch(`${url}/${name}`, { dummy: 'test' });
  for (const name of ['name1', 'name2']) await api.delete(`${url}/${name}`);
  await api.cluster.clock.advance(100);
  for (const [i, name] of ['name1', 'name2'].entries()) {
    const expected = [`ADDED ${name}`, `MODIFIED ${name}`, `DELETED ${name}`];
    assert.deepEqual(watches[i]?.seen(), expected);
    assert.equal(watches[i]?.events[2]?.object.dummy, 'test');
    watches[i]?.stop();
  }
});

test('CustomResourceFieldSelectors [Privileged:ClusterAdmin] CustomResourceFieldSelectors MUST list and watch custom resources matching the field selector', async () => {
  const kind = customKind('selectors.example.com', 'Shirt');
  const fields = { host: { type: 'string' }, port: { type: 'string' } };
  const version = (name: string, jsonPaths: readonly string[]): object => ({
    name,
    schema:
      name === 'v1'
        ? { type: 'object', properties: { hostPort: { type: 'string' } } }
        : { type: 'object', properties: fields },
    more: { selectableFields: jsonPaths.map((jsonPath) => ({ jsonPath })) },
  });
  const webhook = { clientConfig: { url: 'https://convert.example.com/' }, conversionReviewVersions: ['v1'] };
  const conversion = { strategy: 'Webhook', webhook };
  await serve(api, kind, [version('v1', ['.hostPort']), version('v2', ['.host', '.port'])] as never, {
    scope: 'Namespaced',
    spec: { conversion },
  });
  const namespace = await api.namespace('selectors');
  const watches = {
    v1: api.watch(`${kind.url('v1', namespace)}?fieldSelector=hostPort%3Dhost1:80`),
    v2: api.watch(`${kind.url('v2', namespace)}?fieldSelector=host%3Dhost1`),
  };
  for (const hostPort of ['host1:80', 'host1:8080', 'host2:80']) {
    const name = hostPort.replace(':', '-');
    await api.post(kind.url('v1', namespace), {
      apiVersion: `${kind.group}/v1`,
      kind: kind.kind,
      metadata: { name },
      hostPort,
    });
  }
  const named = async (version: string, selector: string): Promise<readonly string[]> =>
    (await api.list(`${kind.url(version, namespace)}?fieldSelector=${encodeURIComponent(selector)}`)).map(
      nameOf,
    );
  assert.deepEqual(await named('v1', 'hostPort=host1:80'), ['host1-80']);
  assert.deepEqual(await named('v2', 'host=host1'), ['host1-80', 'host1-8080']);
  assert.deepEqual(await named('v2', 'host=host1,port=80'), ['host1-80']);
  assert.equal((await refusal(named('v1', 'host=host1'))).code, 400, 'a field of another version');
  await api.delete(`${kind.url('v2', namespace)}?fieldSelector=host%3Dhost1,port%3D80`);
  assert.deepEqual(await named('v2', 'host=host1'), ['host1-8080']);
  await api.patch(`${kind.url('v2', namespace)}/host1-8080`, { host: 'host2' });
  await api.eventually(() =>
    assert.deepEqual(watches.v2.seen(), [
      'ADDED host1-80',
      'ADDED host1-8080',
      'DELETED host1-80',
      'DELETED host1-8080',
    ]),
  );
  assert.deepEqual(watches.v1.seen(), ['ADDED host1-80', 'DELETED host1-80']);
  watches.v1.stop();
  watches.v2.stop();
});

async function converted(group: string): Promise<{
  readonly v1: string;
  readonly v2: string;
  readonly make: (version: string, name: string, more: object) => Promise<Fields>;
}> {
  const kind = customKind(group, 'TestCrd');
  const webhook = {
    clientConfig: { url: 'https://convert.example.com/crdconvert' },
    conversionReviewVersions: ['v1', 'v1beta1'],
  };
  await serve(api, kind, [{ name: 'v1' }, { name: 'v2' }], {
    scope: 'Namespaced',
    spec: { conversion: { strategy: 'Webhook', webhook } },
  });
  const namespace = await api.namespace(group.split('.')[0] ?? '');
  const url = (version: string): string => kind.url(version, namespace);
  return {
    v1: url('v1'),
    v2: url('v2'),
    make: (version, name, more) =>
      api.post(url(version), {
        apiVersion: `${group}/${version}`,
        kind: kind.kind,
        metadata: { name },
        ...more,
      }),
  };
}

test('CustomResourceConversionWebhook [Privileged:ClusterAdmin] should be able to convert from CR v1 to CR v2', async () => {
  const { v2, make } = await converted('convert.example.com');
  await make('v1', 'cr-instance-1', { hostPort: 'localhost:8080' });
  includes(await api.get(`${v2}/cr-instance-1`), { host: 'localhost', port: '8080' });
});

test('CustomResourceConversionWebhook [Privileged:ClusterAdmin] should be able to convert a non homogeneous list of CRs', async () => {
  const group = 'convert-list.example.com';
  const { v1, v2, make } = await converted(group);
  await make('v1', 'cr-instance-1', { hostPort: 'localhost:8080' });
  const kind = customKind(group, 'TestCrd');
  // From now on v2 is what is stored.
  await api.change(kind.definition, (object) => ({
    ...object,
    spec: {
      ...object.spec,
      versions: each(object.spec?.versions).map((one) => ({ ...one, storage: String(one.name) === 'v2' })),
    },
  }));
  await api.eventually(async () =>
    assert.deepEqual((await api.get(kind.definition)).status?.storedVersions, ['v1', 'v2']),
  );
  await make('v2', 'cr-instance-2', { host: 'example.com', port: '80' });
  assert.deepEqual(
    (await api.list(v1)).map(({ hostPort }) => hostPort),
    ['localhost:8080', 'example.com:80'],
  );
  assert.deepEqual(
    (await api.list(v2)).map(({ host, port }) => [host, port]),
    [
      ['localhost', '8080'],
      ['example.com', '80'],
    ],
  );
});

const SPEC = {
  type: 'object',
  properties: {
    foo: { type: 'string' },
    cronSpec: { type: 'string', pattern: '^(\\d+|\\*)(/\\d+)?(\\s+(\\d+|\\*)(/\\d+)?){4}$' },
    ports: {
      type: 'array',
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['containerPort', 'protocol'],
      items: {
        type: 'object',
        required: ['containerPort', 'protocol'],
        properties: {
          containerPort: { type: 'integer', format: 'int32' },
          name: { type: 'string' },
          protocol: { type: 'string' },
        },
      },
    },
  },
};

/** Applies YAML strictly; the answer as it is. */
async function applies(group: string, schema: object | undefined, body: string): Promise<string> {
  const kind = customKind(group, 'Noxu');
  const versions = schema === undefined ? [{ name: 'v1beta1' }] : [{ name: 'v1beta1', schema }];
  await serve(api, kind, versions);
  const url = `${kind.url('v1beta1')}/mytest?fieldManager=mgr&fieldValidation=Strict`;
  const text = `\napiVersion: ${group}/v1beta1\nkind: Noxu\nmetadata:\n  name: mytest\n${body}`;
  const headers = { 'content-type': 'application/apply-patch+yaml' };
  const answer = await api.ask('PATCH', url, { headers, body: text });
  return `${answer.status} ${answer.text}`;
}
const PORTS = '  cronSpec: "* * * * */5"\n  ports:\n  - name: x\n    containerPort: 80\n    protocol: TCP';

test('FieldValidation should create/apply a valid CR for CRD with validation schema', async () => {
  const schema = { type: 'object', properties: { spec: SPEC } };
  const body = `  finalizers:\n  - test-finalizer\nspec:\n  foo: foo1\n${PORTS}`;
  assert.match(await applies('valid.example.com', schema, body), /^201 /);
});

test('FieldValidation should create/apply a CR with unknown fields for CRD with no validation schema', async () => {
  assert.match(await applies('free.example.com', undefined, `spec:\n  unknown: uk1\n${PORTS}`), /^201 /);
});

test('FieldValidation should create/apply an invalid CR with extra properties for CRD with validation schema', async () => {
  const schema = { type: 'object', properties: { spec: SPEC } };
  const text = await applies(
    'extra.example.com',
    schema,
    `unknownField: unknown\nspec:\n  foo: foo1\n${PORTS}`,
  );
  assert.match(text, /\.unknownField: field not declared in schema/);
});

test('FieldValidation should detect unknown metadata fields in both the root and embedded object of a CR', async () => {
  const metadata = { type: 'object', properties: { name: { type: 'string' } } };
  const template = {
    type: 'object',
    'x-kubernetes-embedded-resource': true,
    properties: { metadata, spec: { type: 'object' } },
  };
  const spec = {
    ...SPEC,
    'x-kubernetes-preserve-unknown-fields': true,
    properties: { template, ...SPEC.properties },
  };
  const body = `  unknownMeta: unknown\nspec:\n  template:\n    apiversion: foo/v1\n    kind: Sub\n    metadata:\n        unknownSubMeta: unknown\n        name: subobject\n        namespace: default\n  foo: foo1\n${PORTS}`;
  const text = await applies('metadata.example.com', { type: 'object', properties: { spec } }, body);
  assert.match(
    text,
    /\.(spec\.template\.metadata\.unknownSubMeta|metadata\.unknownMeta): field not declared in schema/,
  );
});

test('FieldValidation should detect duplicates in a CR when preserving unknown fields', async () => {
  const spec = { ...SPEC, 'x-kubernetes-preserve-unknown-fields': true };
  const body = `  finalizers:\n  - test-finalizer\nspec:\n  unknown: uk1\n  foo: foo1\n  foo: foo2\n${PORTS}`;
  const text = await applies('duplicates.example.com', { type: 'object', properties: { spec } }, body);
  assert.match(text, /line 11: key \\"foo\\" already set in map/);
});

const deploymentText = (metadata: string, spec: string): string =>
  `{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"my-dep",${metadata}"labels":{"app":"nginx"}},"spec":{${spec}"selector":{"matchLabels":{"app":"nginx"}},"template":{"metadata":{"labels":{"app":"nginx"}},"spec":{"containers":[{"name":"nginx","image":"nginx:latest"}]}}}}`;
async function posted(body: string): Promise<string> {
  const url = '/apis/apps/v1/namespaces/default/deployments?fieldManager=mgr&fieldValidation=Strict';
  return (await api.ask('POST', url, { headers: { 'content-type': 'application/json' }, body })).text;
}

test('FieldValidation should detect unknown and duplicate fields of a typed object', async () => {
  const text = await posted(deploymentText('', '"unknownField":"foo","replicas":2,"replicas":3,'));
  const message = String((JSON.parse(text) as Fields).message);
  assert.match(
    message,
    /strict decoding error: unknown field "spec\.unknownField", duplicate field "spec\.replicas"/,
  );
});

test('FieldValidation should detect unknown metadata fields of a typed object', async () => {
  const message = String(
    (JSON.parse(await posted(deploymentText('"unknownMeta":"foo",', ''))) as Fields).message,
  );
  assert.match(message, /strict decoding error: unknown field "metadata\.unknownMeta"/);
});
