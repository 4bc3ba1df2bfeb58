import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { decodeCbor, encodeCbor } from '../../api/cbor/cbor.ts';
import { messageOfKind } from '../../api/schema/message-of-kind.ts';
import { decodeProtobuf, encodeProtobuf, readEnvelope } from '../../api/schema/protobuf.ts';
import { ProtobufReader } from '../../api/schema/protobuf-reader.ts';
import type { JsonObject } from '../../api/schema/schema.ts';
import { present } from '../../base/assert.ts';
import { createTestFront } from './front.fixture.ts';

const MAPS = '/api/v1/namespaces/default/configmaps';
const PROTOBUF = 'application/vnd.kubernetes.protobuf';
const map = (name: string, data: JsonObject = { a: 'b' }): JsonObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name },
  data,
});

const { ask, test: fixture } = createTestFront();
const find = messageOfKind(fixture.resources.schemas);

function fromProtobuf(bytes: Uint8Array): JsonObject {
  const envelope = present(readEnvelope(bytes), 'envelope');
  const decoded = decodeProtobuf(present(find(envelope.apiVersion, envelope.kind), envelope.kind), envelope);
  assert.ok(decoded.ok, decoded.ok ? '' : decoded.error);
  return decoded.value;
}

const json = (body: Buffer): JsonObject => JSON.parse(body.toString()) as JsonObject;
const get = (url: string, accept: string, more: { readonly [name: string]: string } = {}) =>
  ask(url, { headers: { accept, ...more } });

await ask(MAPS, { method: 'POST', body: JSON.stringify(map('one')) });

test('an object in every format says the same', async () => {
  const plain = json((await get(`${MAPS}/one`, 'application/json')).body);
  const protobuf = await get(`${MAPS}/one`, `${PROTOBUF},application/json`);
  assert.equal(protobuf.headers['content-type'], PROTOBUF);
  assert.deepEqual(fromProtobuf(protobuf.body), plain);
  const cbor = await get(`${MAPS}/one`, 'application/cbor');
  assert.deepEqual(decodeCbor(cbor.body), { ok: true, value: plain });
  const yaml = await get(`${MAPS}/one`, 'application/yaml');
  assert.match(yaml.body.toString(), /^kind: ConfigMap\napiVersion: v1\nmetadata:\n {2}name: one\n/);
  const pretty = await get(`${MAPS}/one?pretty=true`, 'application/json');
  assert.equal(pretty.body.toString(), `${JSON.stringify(plain, null, 2)}\n`);
});

test('bodies in every format are taken', async () => {
  const message = present(find('v1', 'ConfigMap'), 'ConfigMap');
  const post = async (type: string, body: Uint8Array | string) =>
    (await ask(MAPS, { method: 'POST', headers: { 'content-type': type }, body })).status;
  assert.equal(await post(PROTOBUF, encodeProtobuf(message, map('p'))), 201);
  assert.equal(await post('application/cbor', encodeCbor(map('c'))), 201);
  assert.equal(await post('application/yaml', 'kind: ConfigMap\nmetadata: {name: yaml}'), 201);
  assert.equal(await post('application/cbor', Buffer.from('ff', 'hex')), 400);
  assert.equal(await post('text/plain', 'x'), 415);
  const applied = await ask(`${MAPS}/applied?fieldManager=me`, {
    method: 'PATCH',
    headers: { 'content-type': 'application/apply-patch+cbor' },
    body: encodeCbor(map('applied')),
  });
  assert.equal(applied.status, 201);
});

test('what a body leaves out of its place is what the path says', async () => {
  const put = await ask(`${MAPS}/one`, { method: 'PUT', body: JSON.stringify(map('one', { a: 'c' })) });
  assert.equal(put.status, 200);
  assert.equal((json(put.body)['metadata'] as JsonObject)['namespace'], 'default');
  const elsewhere = { ...map('one'), metadata: { name: 'one', namespace: 'other' } };
  assert.equal((await ask(`${MAPS}/one`, { method: 'PUT', body: JSON.stringify(elsewhere) })).status, 400);
});

test('an integer in JSON has neither fraction nor exponent; YAML does not care', async () => {
  const url = '/apis/apps/v1/namespaces/default/replicasets';
  const set = (name: string, replicas: string, port = '80'): string =>
    `{"metadata":{"name":"${name}"},"spec":{"replicas":${replicas},"selector":{"matchLabels":{"a":"b"}},` +
    `"template":{"metadata":{"labels":{"a":"b"}},"spec":{"containers":[{"name":"c","image":"i",` +
    `"livenessProbe":{"tcpSocket":{"port":${port}}}}]}}}}`;
  const refused = async (method: string, path: string, body: string): Promise<unknown> => {
    const answer = await ask(path, { method, body });
    return answer.status === 400 ? json(answer.body)['message'] : answer.status;
  };
  const head = 'ReplicaSet in version "v1" cannot be handled as a ReplicaSet: json: cannot unmarshal number';
  const field = 'Go struct field ReplicaSetSpec.spec.replicas of type int32';
  assert.equal(await refused('POST', url, set('a', '1.0')), `${head} 1.0 into ${field}`);
  assert.equal(await refused('POST', url, set('a', '1e0')), `${head} 1e0 into ${field}`);
  assert.equal(await refused('POST', url, set('a', '1', '80.0')), `${head} 80.0 into Go value of type int32`);
  assert.equal(await refused('POST', url, set('a', '1')), 201);
  assert.equal(await refused('PUT', `${url}/a`, set('a', '1.0')), `${head} 1.0 into ${field}`);
  const headers = { 'content-type': 'application/yaml' };
  assert.equal((await ask(url, { method: 'POST', headers, body: set('yaml', '1.0') })).status, 201);
});

test('integers in patches: what is decoded as text is as strict as bodies, what is converted is not', async () => {
  const url = '/apis/apps/v1/namespaces/default/replicasets/patched';
  const spec =
    '{"replicas":1,"selector":{"matchLabels":{"a":"b"}},"template":{"metadata":{"labels":{"a":"b"}},' +
    '"spec":{"containers":[{"name":"c","image":"i"}]}}}';
  const body = `{"metadata":{"name":"patched"},"spec":${spec}}`;
  assert.equal((await ask(url.replace(/\/patched$/, ''), { method: 'POST', body })).status, 201);
  const patch = async (type: string, text: string, of = url): Promise<unknown> => {
    const headers = { 'content-type': `application/${type}` };
    const answer = await ask(of, { method: 'PATCH', headers, body: text });
    const { message = '', spec: after } = json(answer.body) as { message?: string; spec?: JsonObject };
    if (answer.status !== 422) return `${answer.status} ${message || after?.['replicas']}`;
    return `422 ${message.replace(/"\{.*\}"/, '…')}`;
  };
  const refused =
    '422  "" is invalid: patch: Invalid value: …: json: cannot unmarshal number 2.0 into Go struct field';
  const field = 'ReplicaSetSpec.spec.replicas of type int32';
  const merge = 'merge-patch+json';
  const jsonPatch = 'json-patch+json';
  const strategic = 'strategic-merge-patch+json';
  assert.equal(await patch(merge, '{"spec":{"replicas":2.0}}'), `${refused} ${field}`);
  assert.equal(await patch(merge, '{"spec":{"replicas":2}}'), '200 2');
  const replace = (value: string): string => `[{"op":"replace","path":"/spec/replicas","value":${value}}]`;
  assert.equal(await patch(jsonPatch, replace('2.0')), `${refused} ${field}`);
  assert.equal(await patch(jsonPatch, replace('3')), '200 3');
  assert.equal(await patch(strategic, '{"spec":{"replicas":4.0}}'), '200 4');
  const head = '422  "" is invalid: patch: Invalid value: "map[spec:map[replicas:';
  assert.equal(
    await patch(strategic, '{"spec":{"replicas":1.5}}'),
    `${head}1.5]]": cannot convert float64 to int32`,
  );
  assert.equal(await patch(strategic, '{"spec":{"replicas":"x"}}'), `${head}x]]": unrecognized type: int32`);
  const sent = `apiVersion: apps/v1\nkind: ReplicaSet\nspec: {replicas: 5.0}`;
  assert.equal(await patch('apply-patch+yaml', sent, `${url}?fieldManager=me&force=true`), '200 5');
});

test('lists and metadata in protobuf', async () => {
  const plain = json((await get(MAPS, 'application/json')).body);
  const list = fromProtobuf((await get(MAPS, PROTOBUF)).body);
  assert.equal(list['kind'], 'ConfigMapList');
  assert.deepEqual(list, plain);
  const partial = fromProtobuf(
    (await get(MAPS, `${PROTOBUF};as=PartialObjectMetadataList;g=meta.k8s.io;v=v1`)).body,
  );
  assert.equal(partial['kind'], 'PartialObjectMetadataList');
  const names = (value: JsonObject): unknown =>
    (value['items'] as JsonObject[]).map((item) => (item['metadata'] as JsonObject)['name']);
  assert.deepEqual(names(partial), names(plain));
});

test('tables are JSON, also for those who prefer protobuf', async () => {
  const accept = `${PROTOBUF};as=Table;v=v1;g=meta.k8s.io,application/json;as=Table;v=v1;g=meta.k8s.io`;
  const answer = await get(MAPS, accept);
  assert.equal(answer.headers['content-type'], 'application/json');
  assert.equal(json(answer.body)['kind'], 'Table');
});

test('errors are said in the format of the client', async () => {
  const answer = await get(`${MAPS}/none`, PROTOBUF);
  assert.equal(answer.status, 404);
  const status = fromProtobuf(answer.body);
  assert.deepEqual([status['kind'], status['reason']], ['Status', 'NotFound']);
  const refused = await get(`${MAPS}/one`, 'text/html');
  assert.equal(refused.status, 406);
  assert.equal(json(refused.body)['reason'], 'NotAcceptable');
});

test('watch streams in protobuf are framed by their length', async () => {
  const answer = await ask(`${MAPS}?watch=1&fieldSelector=metadata.name%3Done`, {
    headers: { accept: `${PROTOBUF};stream=watch` },
    writesMax: 1,
  });
  assert.equal(answer.headers['content-type'], `${PROTOBUF};stream=watch`);
  const length = answer.body.readUInt32BE(0);
  assert.equal(answer.body.length, 4 + length);
  const reader = new ProtobufReader(answer.body.subarray(4));
  assert.equal(reader.tag()?.number, 1);
  assert.equal(reader.text(), 'ADDED');
  assert.equal(reader.tag()?.number, 2);
  const raw = new ProtobufReader(reader.bytes());
  assert.equal(raw.tag()?.number, 1);
  assert.equal((fromProtobuf(raw.bytes())['metadata'] as JsonObject)['name'], 'one');
});

test('watch streams in CBOR are sequences of maps; YAML has none', async () => {
  const url = `${MAPS}?watch=1&fieldSelector=metadata.name%3Done`;
  const answer = await ask(url, { headers: { accept: 'application/cbor-seq' }, writesMax: 1 });
  assert.equal(answer.headers['content-type'], 'application/cbor-seq');
  const event = decodeCbor(answer.body);
  assert.ok(event.ok);
  assert.equal((event.value as JsonObject)['type'], 'ADDED');
  assert.equal((await get(url, 'application/yaml')).status, 406);
});

test('large answers are compressed for those who take that, lists in slices too', async () => {
  const gzip = { 'accept-encoding': 'gzip' };
  const small = await get(`${MAPS}/one`, 'application/json', gzip);
  assert.equal(small.headers['content-encoding'], undefined);
  const big = 'x'.repeat(200_000);
  await ask(MAPS, { method: 'POST', body: JSON.stringify(map('big', { big })) });
  const one = await get(`${MAPS}/big`, 'application/json', gzip);
  assert.equal(one.headers['content-encoding'], 'gzip');
  assert.equal((json(gunzipSync(one.body))['data'] as JsonObject)['big'], big);
  assert.equal((await get(`${MAPS}/big`, 'application/json')).headers['content-encoding'], undefined);
  for (let i = 0; i < 5; i++)
    await ask(MAPS, { method: 'POST', body: JSON.stringify(map(`big-${i}`, { big })) });
  const list = await get(MAPS, 'application/json', gzip);
  assert.equal(list.headers['content-encoding'], 'gzip');
  const plain = await get(MAPS, 'application/json');
  assert.deepEqual(json(gunzipSync(list.body)), json(plain.body));
});
