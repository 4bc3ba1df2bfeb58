import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { present } from '../../base/assert.ts';
import { loadBuiltInSchemas } from './built-in.ts';
import { decodeObject } from './decode.ts';
import { strictDecodingErrorText, strictErrorTexts } from './strict.ts';
import type { JsonObject, JsonValue, MessageSchema } from './schema.ts';

const schemas = loadBuiltInSchemas();

function message(reference: string): MessageSchema {
  const dot = reference.lastIndexOf('.');
  return present(schemas.get(reference.slice(0, dot))?.messages.get(reference.slice(dot + 1)), reference);
}

function decoded(reference: string, json: JsonValue): string {
  const result = decodeObject(message(reference), json);
  return result.ok ? JSON.stringify(result.value) : `error: ${result.error}`;
}

test('normal form: order, zero values, structs that are always there', () => {
  assert.equal(
    decoded('apps/v1.Deployment', {
      spec: { paused: false, replicas: 0, minReadySeconds: 0 },
      apiVersion: 'apps/v1',
      kind: 'Deployment',
    }),
    '{"kind":"Deployment","apiVersion":"apps/v1","metadata":{},"spec":{"replicas":0,"template":{"metadata":{},"spec":{"containers":[]}},"strategy":{}},"status":{}}',
  );
  assert.equal(
    decoded('core/v1.ConfigMap', {
      data: { b: '2', a: null },
      metadata: { labels: {}, creationTimestamp: null, finalizers: [] },
    }),
    '{"metadata":{},"data":{"a":"","b":"2"}}',
  );
  assert.equal(
    decoded('core/v1.ResourceQuota', { spec: { hard: { cpu: 1, memory: ' 1024Mi ' } } }),
    '{"metadata":{},"spec":{"hard":{"cpu":"1","memory":"1Gi"}},"status":{}}',
  );
  assert.equal(
    decoded('core/v1.Pod', {
      metadata: {
        creationTimestamp: '2026-01-01T01:00:00.5+01:00',
        deletionTimestamp: '0001-01-01T00:00:00Z',
      },
    }),
    '{"metadata":{"creationTimestamp":"2026-01-01T00:00:00Z"},"spec":{"containers":[]},"status":{}}',
  );
});

test('the input stays as it was and its untouched parts are shared', () => {
  const labels = { a: '1', b: '2' };
  const input = { metadata: { labels, annotations: { z: '1', a: '2' } } };
  const before = JSON.stringify(input);
  const result = decodeObject(message('core/v1.ConfigMap'), input);
  assert.ok(result.ok);
  assert.equal((result.value['metadata'] as { labels: unknown }).labels, labels);
  assert.equal(JSON.stringify(input), before);
});

test('a key __proto__ is a key', () => {
  const input = JSON.parse('{"data":{"b":"1","__proto__":"x"}}') as JsonValue;
  assert.equal(decoded('core/v1.ConfigMap', input), '{"metadata":{},"data":{"__proto__":"x","b":"1"}}');
});

test('unknown fields are pruned and named', () => {
  const result = decodeObject(message('core/v1.Pod'), {
    spec: { containers: [{ name: 'a' }, { name: 'b', imagePull: 1 }], foo: 1 },
    bar: 1,
  });
  assert.ok(result.ok);
  assert.deepEqual(result.unknownFields, ['spec.containers[1].imagePull', 'spec.foo', 'bar']);
  assert.equal(
    strictDecodingErrorText(strictErrorTexts(['spec.foo'], ['spec.bar'])),
    'strict decoding error: unknown field "spec.foo", duplicate field "spec.bar"',
  );
});

test('type errors read as Go words them', () => {
  const cases: readonly (readonly [string, JsonValue, string])[] = [
    ['apps/v1.Deployment', { spec: { replicas: 'x' } }, 'json: cannot unmarshal string into Go struct field DeploymentSpec.spec.replicas of type int32'],
    ['apps/v1.Deployment', { spec: { replicas: 1.5 } }, 'json: cannot unmarshal number 1.5 into Go struct field DeploymentSpec.spec.replicas of type int32'],
    ['core/v1.Pod', { metadata: { labels: { a: 1 } } }, 'json: cannot unmarshal number into Go struct field ObjectMeta.metadata.labels of type string'],
    ['core/v1.Pod', { spec: { containers: [{ ports: {} }] } }, 'json: cannot unmarshal object into Go struct field Container.spec.containers.ports of type []v1.ContainerPort'],
    ['core/v1.Pod', [], 'json: cannot unmarshal array into Go value of type v1.Pod'],
    ['core/v1.Secret', { data: { a: 'a$' } }, 'illegal base64 data at input byte 1'],
    ['core/v1.Pod', { metadata: { generation: 2 ** 60 } }, `json: cannot unmarshal number ${2 ** 60} into Go struct field ObjectMeta.metadata.generation of type int64`],
    ['core/v1.ResourceQuota', { spec: { hard: { cpu: 'lots' } } }, "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"],
  ]; // prettier-ignore
  for (const [reference, json, error] of cases) assert.equal(decoded(reference, json), `error: ${error}`);
});

test('golden objects keep every field, in upstream order', (context) => {
  const folder = new URL('../../../../shared/kubernetes-1.36/roundtrip/', import.meta.url);
  const files = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('.json')) : [];
  let checked = 0;
  for (const file of files) {
    const [, group, version, kind] = /^(.+)\.(v[^.]+)\.([^.]+)\.json$/.exec(file) ?? [];
    const home = [...schemas.values()].find(
      (gv) => (gv.group === '' ? 'core' : gv.group) === group && gv.version === version,
    );
    const found =
      home === undefined
        ? undefined
        : (home.messages.get(kind ?? '') ?? schemas.get('meta/v1')?.messages.get(kind ?? ''));
    if (found === undefined) continue;
    const json = JSON.parse(readFileSync(new URL(file, folder), 'utf8')) as JsonValue;
    assert.equal(
      JSON.stringify(decodeObject(found, json)),
      JSON.stringify({ ok: true, value: json, unknownFields: [] }),
      file,
    );
    checked++;
  }
  context.diagnostic(`${checked} golden objects`);
});

test('what is known already comes out the same, decoded again or not', () => {
  const pod = message('core/v1.Pod');
  const labels = { app: 'web', tier: 'front' };
  const first = decodeObject(pod, {
    kind: 'Pod',
    metadata: { name: 'a', labels },
    spec: { containers: [{ name: 'c', image: 'x', env: [{ name: 'A' }] }], nodeSelector: { zone: 'a' } },
    status: { phase: 'Running' },
  });
  assert.ok(first.ok);
  const known = first.value;
  const spec = known['spec'] as JsonObject;
  const variants: JsonObject[] = [
    known,
    { ...known, status: { phase: 'Failed', conditions: [{ type: 'Ready', status: 'False', extra: 1 }] } },
    { ...known, spec: { ...spec, hostNetwork: false, nodeName: 'n', wrong: { deep: true } } },
    { ...known, spec: { ...spec, containers: [{ ...(spec['containers'] as JsonObject[])[0], tty: 'yes' }] } },
    { ...known, metadata: { labels: { tier: 'front', app: 'web' }, name: 'a', unknown: 1 } },
    { ...known, spec: 'text' },
    { kind: 'Pod', metadata: { name: 'a' } },
  ];
  for (const json of variants) {
    assert.equal(
      JSON.stringify(decodeObject(pod, json, { known })),
      JSON.stringify(decodeObject(pod, json)),
      JSON.stringify(json),
    );
  }
  const same = decodeObject(pod, { ...known, status: {} }, { known });
  assert.ok(same.ok && same.value['spec'] === spec);
});

test('what is in its form already comes back as the same object, in whatever order it came before', () => {
  const pod = message('core/v1.Pod');
  const inForm: JsonObject = {
    kind: 'Pod',
    apiVersion: 'v1',
    metadata: { name: 'a', labels: { app: 'web', tier: 'front' } },
    spec: {
      containers: [{ name: 'c', image: 'x', env: [{ name: 'A', value: '1' }], resources: {}, stdin: true }],
      nodeSelector: { zone: 'a' },
    },
    status: {},
  };
  const first = decodeObject(pod, inForm);
  assert.ok(first.ok);
  assert.equal(first.value, inForm);
  const turned = (value: JsonValue): JsonValue => {
    if (typeof value !== 'object' || value === null) return value;
    if (Array.isArray(value)) return value.map(turned);
    const entries = Object.entries(value).map(([key, item]) => [key, turned(item ?? null)] as const);
    return Object.fromEntries(entries.toReversed());
  };
  assert.equal(JSON.stringify(decodeObject(pod, turned(inForm))), JSON.stringify(first));
  // What is always there comes back, and what says nothing goes.
  const { status: _, ...withoutStatus } = inForm;
  const variants: JsonObject[] = [withoutStatus, { ...inForm, extra: 1 }, { ...inForm, spec: null }];
  const texts = variants.map((json) => decoded('core/v1.Pod', json));
  assert.equal(texts[0], JSON.stringify(inForm));
  assert.equal(texts[1], JSON.stringify(inForm));
  assert.equal(texts[2], JSON.stringify({ ...inForm, spec: { containers: [] } }));
});

test('an error names where it stands, also behind longer ways that were gone before', () => {
  const container = { name: 'c', env: [{ name: 'A', valueFrom: { fieldRef: { fieldPath: 'x' } } }] };
  assert.equal(
    decoded('core/v1.Pod', { spec: { containers: [container], hostNetwork: 1 } }),
    'error: json: cannot unmarshal number into Go struct field PodSpec.spec.hostNetwork of type bool',
  );
  const result = decodeObject(message('core/v1.Pod'), { spec: { containers: [container], a: 1 }, b: 1 });
  assert.ok(result.ok);
  assert.deepEqual(result.unknownFields, ['spec.a', 'b']);
  // A kind belongs at the top only; texts around it leave no way behind.
  const nested = {
    spec: { containers: [{ image: 'x', name: 'c', kind: 'C' }], apiVersion: 'v1', dnsPolicy: 'Default' },
  };
  const once = decodeObject(message('core/v1.Pod'), nested);
  assert.ok(once.ok);
  assert.deepEqual(once.unknownFields, ['spec.containers[0].kind', 'spec.apiVersion']);
  const duplicateFields = ['spec.dnsPolicy'];
  const twice = decodeObject(message('core/v1.Pod'), nested, { duplicateFields });
  assert.ok(twice.ok);
  assert.deepEqual(twice.strictErrors, [
    'unknown field "spec.containers[0].kind"',
    'unknown field "spec.apiVersion"',
    'duplicate field "spec.dnsPolicy"',
  ]);
});
