/** What clients get wrong, over plain HTTPS: the right code, reason and words, nothing half-written, never 500. */

import assert from 'node:assert/strict';
import { request } from 'node:https';
import { after, test } from 'node:test';

import { clientFiles, startTestCluster, until } from './cluster.fixture.ts';

const cluster = await startTestCluster();
after(() => cluster.remove());
const files = await clientFiles(cluster);
await until(() => cluster.ok(['get', 'serviceaccount', 'default']));

const JSON_TYPE = 'application/json';
const CONFIG_MAPS = '/api/v1/namespaces/default/configmaps';

interface Answer {
  readonly code: number;
  readonly reason: string | undefined;
  readonly message: string;
  readonly body: string;
  readonly warnings: string;
}

interface Sent {
  readonly type?: string;
  readonly accept?: string;
  readonly body?: string | Uint8Array;
}

function send(method: string, path: string, { type = JSON_TYPE, accept, body }: Sent = {}): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const headers = { 'content-type': type, accept: accept ?? JSON_TYPE };
  const sent = request(
    { ...files, host: '127.0.0.1', port: cluster.port, method, path, headers },
    (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      response.once('end', () => {
        const status = text.startsWith('{') ? (JSON.parse(text) as Partial<Answer>) : {};
        const code = response.statusCode ?? 0;
        const warnings = String(response.headers['warning'] ?? '');
        resolve({ code, reason: status.reason, message: status.message ?? '', body: text, warnings });
      });
    },
  );
  sent.on('error', reject);
  sent.setTimeout(5_000, () => sent.destroy(new Error(`${method} ${path} was not answered`)));
  sent.end(body);
  return promise;
}

async function refused(
  method: string,
  path: string,
  sent: Sent,
  code: number,
  reason: string,
  message: RegExp,
): Promise<void> {
  const answer = await send(method, path, sent);
  const said = `${method} ${path}: ${answer.code} ${answer.body.slice(0, 600)}`;
  assert.equal(answer.code, code, said);
  assert.equal(answer.reason, reason, said);
  assert.match(answer.message, message, said);
}

function configMap(name: string, more: Record<string, unknown> = {}): string {
  return JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, ...more });
}

const create = (body: string | Uint8Array, code: number, reason: string, message: RegExp): Promise<void> =>
  refused('POST', CONFIG_MAPS, { body }, code, reason, message);

test('bodies that cannot be read', async () => {
  await create('{"apiVersion":', 400, 'BadRequest', /./);
  await create('', 400, 'BadRequest', /./);
  await create('[]', 400, 'BadRequest', /./);
  // To Go it is an object that says nothing.
  await create('null', 422, 'Invalid', /name or generateName is required/);
  await create('"text"', 400, 'BadRequest', /./);
  await create(Buffer.from([0xff, 0xfe, 0x00]), 400, 'BadRequest', /./);
  await create(configMap('x').replace('ConfigMap', 'Secret'), 400, 'BadRequest', /ConfigMap|Secret/);
  await create(configMap('x').replace('"v1"', '"v9"'), 400, 'BadRequest', /v9|does not match/);
  const yaml = { type: 'application/yaml', body: 'a: [1,' };
  await refused('POST', CONFIG_MAPS, yaml, 400, 'BadRequest', /./);
  await create(
    configMap('deep', { data: 'DEEP' }).replace('"DEEP"', '['.repeat(50_000)),
    400,
    'BadRequest',
    /./,
  );
  const nested = '{"a":'.repeat(20_000) + '1' + '}'.repeat(20_000);
  await create(configMap('deep', { data: 'DEEP' }).replace('"DEEP"', nested), 400, 'BadRequest', /./);
  const protobuf = { type: 'application/vnd.kubernetes.protobuf' };
  await refused('POST', CONFIG_MAPS, { ...protobuf, body: 'garbage' }, 400, 'BadRequest', /./);
  const torn = Buffer.concat([Buffer.from('k8s\0'), Buffer.from([0x0a, 0xff, 0xff, 0xff, 0x7f, 1, 2])]);
  await refused('POST', CONFIG_MAPS, { ...protobuf, body: torn }, 400, 'BadRequest', /./);
});

test('bodies that are too large, and types that nobody speaks', async () => {
  const huge = configMap('huge', { data: { a: 'x'.repeat(4 * 2 ** 20) } });
  await create(huge, 413, 'RequestEntityTooLarge', /too large/i);
  await create(configMap('large', { data: { a: 'x'.repeat(2 ** 20 + 1) } }), 422, 'Invalid', /Too long/);
  const text = { type: 'text/plain', body: configMap('x') };
  await refused('POST', CONFIG_MAPS, text, 415, 'UnsupportedMediaType', /./);
  await refused('PATCH', `${CONFIG_MAPS}/x`, { body: '{}' }, 415, 'UnsupportedMediaType', /./);
  await refused(
    'GET',
    CONFIG_MAPS,
    { accept: 'image/png' },
    406,
    'NotAcceptable',
    /only the following media types/,
  );
});

test('values of wrong types, and names that are none', async () => {
  await create(configMap('x', { data: { a: 1 } }), 400, 'BadRequest', /cannot unmarshal number|data/);
  await create(configMap('x', { data: [] }), 400, 'BadRequest', /./);
  await create(
    configMap('Bad_Name'),
    422,
    'Invalid',
    /ConfigMap "Bad_Name" is invalid: metadata\.name: Invalid value: "Bad_Name"/,
  );
  await create(configMap('a'.repeat(254)), 422, 'Invalid', /must be no more than 253/);
  await create(
    '{"apiVersion":"v1","kind":"ConfigMap","metadata":{}}',
    422,
    'Invalid',
    /name or generateName is required/,
  );
  await create(
    configMap('x', { metadata: { name: 'x', namespace: 'other' } }),
    400,
    'BadRequest',
    /namespace of the provided object does not match/,
  );
  await create(
    configMap('x', { metadata: { name: 'x', labels: { 'a b': 'c' } } }),
    422,
    'Invalid',
    /metadata\.labels/,
  );
  await create(configMap('x', { data: { 'a/b': '' } }), 422, 'Invalid', /data\[a\/b\]/);
});

test('unknown and duplicate fields: Strict, Warn and Ignore', async () => {
  const unknown = configMap('fields', { colour: 'red' });
  const twice =
    '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"fields"},"data":{"a":"1","a":"2"}}';
  const strict = `${CONFIG_MAPS}?dryRun=All&fieldValidation=Strict`;
  await refused(
    'POST',
    strict,
    { body: unknown },
    400,
    'BadRequest',
    /strict decoding error: unknown field "colour"/,
  );
  await refused('POST', strict, { body: twice }, 400, 'BadRequest', /duplicate field "data\.a"/);
  const warned = await send('POST', `${CONFIG_MAPS}?dryRun=All&fieldValidation=Warn`, { body: unknown });
  assert.equal(warned.code, 201);
  assert.match(warned.warnings, /^299 - "unknown field \\"colour\\""/);
  const ignored = await send('POST', `${CONFIG_MAPS}?dryRun=All&fieldValidation=Ignore`, { body: unknown });
  assert.deepEqual([ignored.code, ignored.warnings], [201, '']);
});

test('queries that mean nothing', async () => {
  await refused(
    'GET',
    `${CONFIG_MAPS}?labelSelector=a%20in%20(`,
    {},
    400,
    'BadRequest',
    /unable to parse requirement|found/,
  );
  await refused(
    'GET',
    `${CONFIG_MAPS}?fieldSelector=spec.x%3D1`,
    {},
    400,
    'BadRequest',
    /field label not supported/,
  );
  await refused('GET', `${CONFIG_MAPS}?continue=garbage`, {}, 400, 'BadRequest', /continue key is not valid/);
  await refused('GET', `${CONFIG_MAPS}?resourceVersion=abc`, {}, 400, 'BadRequest', /./);
  await refused('GET', `${CONFIG_MAPS}?limit=many`, {}, 400, 'BadRequest', /./);
  await refused('GET', `${CONFIG_MAPS}?watch=true&resourceVersion=abc`, {}, 400, 'BadRequest', /./);
  const future = `${CONFIG_MAPS}?resourceVersion=99999999&resourceVersionMatch=NotOlderThan`;
  await refused('GET', future, {}, 504, 'Timeout', /Too large resource version/);
  await refused('GET', '/api/v1/nothings', {}, 404, 'NotFound', /could not find the requested resource/);
  await refused(
    'GET',
    '/apis/none.example/v1/things',
    {},
    404,
    'NotFound',
    /could not find the requested resource/,
  );
  await refused(
    'POST',
    '/api/v1/namespaces/missing/configmaps',
    { body: configMap('x') },
    404,
    'NotFound',
    /namespaces "missing" not found/,
  );
  await refused('GET', `${CONFIG_MAPS}/nobody`, {}, 404, 'NotFound', /^configmaps "nobody" not found$/);
  assert.ok([400, 404].includes((await send('GET', '/api/v1/namespaces/%zz/pods')).code));
  assert.ok([400, 404].includes((await send('GET', `${CONFIG_MAPS}/..%2f..%2fsecrets`)).code));
});

test('options that mean nothing, and methods that a path does not have', async () => {
  const body = configMap('never');
  const invalid = (query: string, message: RegExp): Promise<void> =>
    refused('POST', `${CONFIG_MAPS}?${query}`, { body }, 422, 'Invalid', message);
  await invalid(
    'dryRun=Some',
    /^CreateOptions\.meta\.k8s\.io "" is invalid: dryRun: Unsupported value: \["Some"\]/,
  );
  await invalid(
    'fieldValidation=Maybe',
    /fieldValidation: Unsupported value: "Maybe": supported values: "", "Ignore"/,
  );
  await invalid(`fieldManager=${'x'.repeat(200)}`, /fieldManager: Too long: may not be more than 128 bytes/);
  await refused('PUT', CONFIG_MAPS, { body }, 405, 'MethodNotAllowed', /does not allow this method/);
  const apply = { body, type: 'application/apply-patch+yaml' };
  await refused(
    'PATCH',
    `${CONFIG_MAPS}/never`,
    apply,
    422,
    'Invalid',
    /fieldManager: Required value: is required/,
  );
  const merge = { body: '{}', type: 'application/merge-patch+json' };
  await refused(
    'PATCH',
    `${CONFIG_MAPS}/never?force=true`,
    merge,
    422,
    'Invalid',
    /force: Forbidden: may not be/,
  );
});

test('updates and patches that cannot be', async () => {
  assert.equal(
    (await send('POST', CONFIG_MAPS, { body: configMap('kept', { data: { a: '1' } }) })).code,
    201,
  );
  const path = `${CONFIG_MAPS}/kept`;
  const stale = configMap('kept', { metadata: { name: 'kept', resourceVersion: '1' } });
  await refused('PUT', path, { body: stale }, 409, 'Conflict', /the object has been modified/);
  await refused(
    'PUT',
    path,
    { body: configMap('other') },
    400,
    'BadRequest',
    /name of the object \(other\) does not match/,
  );
  await refused(
    'POST',
    CONFIG_MAPS,
    { body: configMap('kept') },
    409,
    'AlreadyExists',
    /configmaps "kept" already exists/,
  );
  const patch = (kind: string, body: string, code: number, reason: string): Promise<void> =>
    refused('PATCH', path, { type: `application/${kind}`, body }, code, reason, /./);
  await patch('merge-patch+json', '{"data":', 400, 'BadRequest');
  await patch('merge-patch+json', '{"data":{"a":{"b":1}}}', 422, 'Invalid');
  await patch('strategic-merge-patch+json', '[]', 400, 'BadRequest');
  await patch('json-patch+json', '{}', 400, 'BadRequest');
  await patch('json-patch+json', '[{"op":"fly","path":"/data"}]', 422, 'Invalid');
  await patch('json-patch+json', '[{"op":"remove","path":"/none/there"}]', 422, 'Invalid');
  await patch('json-patch+json', '[{"op":"test","path":"/data/a","value":"9"}]', 422, 'Invalid');
  const old = JSON.parse((await send('GET', path)).body);
  await patch('merge-patch+json', '{"metadata":{"uid":"other"}}', 409, 'Conflict');
  const selector = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'd' } };
  const template = { metadata: { labels: { a: '2' } }, spec: { containers: [{ name: 'c', image: 'i' }] } };
  const mismatch = JSON.stringify({ ...selector, spec: { selector: { matchLabels: { a: '1' } }, template } });
  await refused(
    'POST',
    '/apis/apps/v1/namespaces/default/deployments',
    { body: mismatch },
    422,
    'Invalid',
    /`selector` does not match template `labels`/,
  );
  assert.deepEqual(JSON.parse((await send('GET', path)).body), old, 'nothing was written');
});

test('namespaces that end take nothing new', async () => {
  const body = JSON.stringify({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'ending' } });
  assert.equal((await send('POST', '/api/v1/namespaces', { body })).code, 201);
  const inside = '/api/v1/namespaces/ending/configmaps';
  const held = configMap('held', { metadata: { name: 'held', finalizers: ['k8ts.io/test'] } });
  assert.equal((await send('POST', inside, { body: held })).code, 201);
  assert.equal((await send('DELETE', '/api/v1/namespaces/ending')).code, 200);
  await refused(
    'POST',
    inside,
    { body: configMap('late') },
    403,
    'Forbidden',
    /because it is being terminated/,
  );
  const free = { type: 'application/merge-patch+json', body: '{"metadata":{"finalizers":null}}' };
  assert.equal((await send('PATCH', `${inside}/held`, free)).code, 200);
  await until(async () => (await send('GET', '/api/v1/namespaces/ending')).code === 404);
});

test('the server is as healthy afterwards, and holds nothing that was refused', async () => {
  assert.equal((await send('GET', '/readyz')).body, 'ok');
  const names = await cluster.ok(['get', 'configmaps', '-o', 'name']);
  assert.equal(names, 'configmap/kept\nconfigmap/kube-root-ca.crt\n');
});
