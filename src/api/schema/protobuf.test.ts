import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { present } from '../../base/assert.ts';
import { loadBuiltInSchemas } from './built-in.ts';
import { decodeObject } from './decode.ts';
import { decodeProtobuf, encodeProtobuf, encodeWatchEvent, isEnvelope, readEnvelope } from './protobuf.ts';
import type { JsonObject, JsonValue, MessageSchema } from './schema.ts';

const schemas = loadBuiltInSchemas();

function message(groupVersion: string, name: string): MessageSchema {
  return present(schemas.get(groupVersion)?.messages.get(name), name);
}

function stored(schema: MessageSchema, json: JsonValue): JsonObject {
  const decoded = decodeObject(schema, json);
  assert.ok(decoded.ok);
  return decoded.value;
}

function hex(text: string): string {
  return Buffer.from(text, 'latin1').toString('hex');
}

test('the bytes of a small object', () => {
  const schema = message('core/v1', 'ConfigMap');
  const object = stored(schema, {
    kind: 'ConfigMap',
    apiVersion: 'v1',
    metadata: { name: 'a' },
    data: { k: 'v' },
  });
  const metadata = `\x0a\x01a\x12\x00\x1a\x00\x22\x00\x2a\x00\x32\x00\x38\x00\x42\x00`;
  const raw = `\x0a${String.fromCharCode(metadata.length)}${metadata}\x12\x06\x0a\x01k\x12\x01v`;
  const typeMeta = '\x0a\x02v1\x12\x09ConfigMap';
  const expected = `k8s\0\x0a\x0f${typeMeta}\x12${String.fromCharCode(raw.length)}${raw}\x1a\x00\x22\x00`;
  assert.equal(Buffer.from(encodeProtobuf(schema, object)).toString('hex'), hex(expected));
});

test('special values survive the way there and back', () => {
  const cases: readonly (readonly [MessageSchema, JsonValue])[] = [
    [message('apps/v1', 'Deployment'), { spec: { replicas: -1, strategy: { rollingUpdate: { maxSurge: '25%', maxUnavailable: 0 } } } }],
    [message('core/v1', 'Pod'), { metadata: { creationTimestamp: '1969-12-31T23:59:59Z' }, spec: { containers: [{ name: 'ü', resources: { limits: { cpu: '1500m' } } }] } }],
    [message('core/v1', 'Secret'), { data: { a: 'AAECAw==', b: '' } }],
    [message('core/v1', 'Event'), { eventTime: '2026-01-01T00:00:00.000123Z', involvedObject: {} }],
    [message('core/v1', 'Service'), { spec: { ports: [{ port: 80, targetPort: 'http' }, { port: 81, targetPort: 8080 }] } }],
    [message('apiextensions/v1', 'CustomResourceDefinition'), { spec: { versions: [{ name: 'v1', schema: { openAPIV3Schema: {
      properties: { a: { items: { type: 'string' }, default: [null, { x: 1 }], maximum: 1.5, enum: ['a', null] } }, additionalProperties: false } } }] } }],
    [message('authorization/v1', 'SubjectAccessReview'), { spec: { extra: { k: ['a', 'b'], none: [] } } }],
  ]; // prettier-ignore
  for (const [schema, json] of cases) {
    const object = stored(schema, { kind: schema.shortName, apiVersion: 'x/v1', ...(json as JsonObject) });
    const envelope = readEnvelope(encodeProtobuf(schema, object));
    assert.ok(envelope !== undefined);
    assert.deepEqual([envelope.kind, envelope.apiVersion], [schema.shortName, 'x/v1']);
    assert.deepEqual(decodeProtobuf(schema, envelope), { ok: true, value: object, unknownFields: [] });
  }
});

test('broken input is refused, unknown fields are skipped', () => {
  const schema = message('core/v1', 'ConfigMap');
  const decode = (bytes: string): unknown =>
    decodeProtobuf(schema, { apiVersion: '', kind: '', raw: Buffer.from(bytes, 'latin1'), contentType: '' });
  assert.deepEqual(decode('\x0a\x05'), { ok: false, error: 'unexpected EOF' });
  assert.deepEqual(decode('\x08\x01'), { ok: false, error: 'proto: wrong wireType = 0' });
  assert.deepEqual(decode('\x98\x06\x01'), { ok: true, value: { metadata: {} }, unknownFields: [] });
  assert.equal(readEnvelope(Buffer.from('{}')), undefined);
});

test('a watch event holds its object in full', () => {
  const event = Buffer.from(encodeWatchEvent('ADDED', Buffer.from('k8s\0')));
  assert.equal(event.toString('hex'), hex('\x0a\x05ADDED\x12\x06\x0a\x04k8s\0'));
  assert.ok(isEnvelope(event.subarray(-4)));
});

test('golden encodings: JSON to protobuf and back, byte for byte', (context) => {
  const folder = new URL('../../../../shared/kubernetes-1.36/roundtrip/', import.meta.url);
  const files = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('.pb')) : [];
  let checked = 0;
  for (const file of files) {
    const [, group, version, kind = ''] = /^(.+)\.(v[^.]+)\.([^.]+)\.pb$/.exec(file) ?? [];
    const home = [...schemas.values()].find(
      (gv) => (gv.group === '' ? 'core' : gv.group) === group && gv.version === version,
    );
    const schema =
      home === undefined
        ? undefined
        : (home.messages.get(kind) ?? schemas.get('meta/v1')?.messages.get(kind));
    if (schema === undefined) continue;
    const json = JSON.parse(readFileSync(new URL(file.replace(/pb$/, 'json'), folder), 'utf8')) as JsonObject;
    const bytes = readFileSync(new URL(file, folder));
    assert.equal(Buffer.from(encodeProtobuf(schema, json)).toString('hex'), bytes.toString('hex'), file);
    const decoded = decodeProtobuf(schema, present(readEnvelope(bytes), file));
    assert.equal(JSON.stringify(decoded.ok ? decoded.value : decoded.error), JSON.stringify(json), file);
    checked++;
  }
  context.diagnostic(`${checked} golden encodings`);
});
