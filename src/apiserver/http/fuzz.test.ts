/**
 * Bad input over HTTP: whatever is sent, the answer is a `Status` that blames the client, nothing is half
 * written, and nothing hangs. Generated and mutated queries, bodies, patches, selectors and tokens.
 */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { games } from '../../base/games.fixture.ts';
import { encodeCbor } from '../../api/cbor/cbor.ts';
import { messageOfKind } from '../../api/schema/message-of-kind.ts';
import { decodeObject } from '../../api/schema/decode.ts';
import { encodeProtobuf } from '../../api/schema/protobuf.ts';
import type { JsonObject, JsonValue } from '../../api/schema/schema.ts';
import { present } from '../../base/assert.ts';
import { createTestFront, type TestAnswer, type TestRequest } from './front.fixture.ts';

const { ask, test: fixture } = createTestFront();
const RUNS = games(150);

const SEEDS: readonly (readonly [string, JsonObject])[] = [
  ['/api/v1/namespaces/default/pods', {
    apiVersion: 'v1', kind: 'Pod', metadata: { name: 'seed', labels: { a: 'b' }, annotations: { c: 'd' } },
    spec: { containers: [{ name: 'c', image: 'i', ports: [{ containerPort: 80 }], env: [{ name: 'A', value: 'b' }], resources: { limits: { cpu: '1' } } }], volumes: [{ name: 'v', emptyDir: {} }] },
  }],
  ['/apis/apps/v1/namespaces/default/deployments', {
    apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'seed' },
    spec: { replicas: 1, selector: { matchLabels: { a: 'b' } }, template: { metadata: { labels: { a: 'b' } }, spec: { containers: [{ name: 'c', image: 'i' }] } } },
  }],
  ['/api/v1/namespaces/default/services', {
    apiVersion: 'v1', kind: 'Service', metadata: { name: 'seed' }, spec: { selector: { a: 'b' }, ports: [{ name: 'p', port: 80, targetPort: 'http' }] },
  }],
  ['/apis/apiextensions.k8s.io/v1/customresourcedefinitions', {
    apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition', metadata: { name: 'tabs.example.com' },
    spec: { group: 'example.com', scope: 'Namespaced', names: { plural: 'tabs', kind: 'Tab' }, versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object', properties: { a: { type: 'string', pattern: '^a' } } } } }] },
  }],
]; // prettier-ignore
const seed = fc.constantFrom(...SEEDS);

/** Any JSON, and what is most often in the way: wrong types, huge numbers, keys that mean something. */
const junk: fc.Arbitrary<JsonValue> = fc.oneof(
  fc.constantFrom<JsonValue>(null, true, '', 'x', 0, -1, 1.5, 1e300, 2 ** 60, [], {}, [null], [[]], {
    '': '',
  }),
  fc.constantFrom<JsonValue>({ __proto__: 1 } as JsonObject, '\u0000', '💥', '../..', 'a'.repeat(300)),
  fc.jsonValue({ maxDepth: 3 }).map((value) => JSON.parse(JSON.stringify(value)) as JsonValue),
);

/** The object with one place in it changed, removed or added to. */
function mutated(object: JsonValue): fc.Arbitrary<JsonValue> {
  if (typeof object !== 'object' || object === null) return junk;
  const keys = Object.keys(object);
  if (keys.length === 0) return junk;
  const into = fc.constantFrom(...keys).chain((key) =>
    mutated((object as JsonObject)[key] ?? null).map((value) => {
      if (!Array.isArray(object)) return { ...(object as JsonObject), [key]: value };
      return (object as readonly JsonValue[]).map((item, i) => (String(i) === key ? value : item));
    }),
  );
  const added = fc.tuple(fc.constantFrom('status', 'metadata', 'spec', 'x', '__proto__', 'finalizers'), junk);
  const more = added.map(([key, value]): JsonValue => {
    if (Array.isArray(object)) return [...(object as readonly JsonValue[]), value];
    return { ...(object as JsonObject), [key]: value };
  });
  return fc.oneof(
    { weight: 6, arbitrary: into },
    { weight: 1, arbitrary: more },
    { weight: 1, arbitrary: junk },
  );
}

/** Sends it, and holds the answer to what every answer must be. */
async function hold(url: string, request: TestRequest): Promise<TestAnswer> {
  const before = fixture.store.revision;
  const answer = await ask(url, { writesMax: 1, ...request });
  const what = `${request.method ?? 'GET'} ${url}: ${answer.status} ${answer.body.toString().slice(0, 300)}`;
  if (answer.status >= 400) {
    const status = JSON.parse(answer.body.toString()) as JsonObject;
    // Upstream takes the blame for what it cannot apply.
    const unfit = /^failed to (?:create typed patch object|convert new object) /;
    const isUnfit = answer.status === 500 && unfit.test(String(status['message']));
    assert.ok(answer.status < 500 || answer.status === 504 || isUnfit, what);
    assert.deepEqual(
      [status['kind'], status['status'], status['code']],
      ['Status', 'Failure', answer.status],
      what,
    );
    assert.ok(typeof status['message'] === 'string' && status['message'] !== '', what);
    assert.ok(isUnfit || (typeof status['reason'] === 'string' && status['reason'] !== ''), what);
    assert.equal(fixture.store.revision, before, `refused, and written all the same: ${what}`);
  }
  return answer;
}

test('mutated objects as JSON, created and replaced', async () => {
  const sent = seed.chain(([path, object]) =>
    fc.tuple(
      fc.constant(path),
      mutated(object),
      fc.constantFrom('', '?dryRun=All', '?fieldValidation=Strict'),
    ),
  );
  await fc.assert(
    fc.asyncProperty(sent, async ([path, body, query]) => {
      await hold(path + query, { method: 'POST', body: JSON.stringify(body) });
      await hold(`${path}/seed${query}`, { method: 'PUT', body: JSON.stringify(body) });
    }),
    RUNS,
  );
});

test('texts that are no JSON, and cut or disturbed ones', async () => {
  const texts = fc.oneof(
    fc.string({ maxLength: 60 }),
    fc.tuple(seed, fc.nat(), fc.string({ maxLength: 3 })).map(([[, object], at, text]) => {
      const json = JSON.stringify(object);
      const place = at % json.length;
      return json.slice(0, place) + text + json.slice(place + (at % 2));
    }),
    fc.nat(3000).map((depth) => '['.repeat(depth)),
    fc.nat(3000).map((depth) => `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`),
  );
  const types = fc.constantFrom(
    'application/json',
    'application/yaml',
    '',
    'text/plain',
    'application/json; charset=x',
  );
  await fc.assert(
    fc.asyncProperty(seed, texts, types, async ([path], body, type) => {
      await hold(path, { method: 'POST', body, headers: { 'content-type': type } });
    }),
    RUNS,
  );
});

test('mutated protobuf and CBOR', async () => {
  const find = messageOfKind(fixture.resources.schemas);
  const bytesOf = (object: JsonObject, format: string): Uint8Array => {
    if (format === 'application/cbor') return encodeCbor(object);
    const message = present(find(String(object['apiVersion']), String(object['kind'])), 'message');
    const decoded = decodeObject(message, object);
    assert.ok(decoded.ok);
    return encodeProtobuf(message, decoded.value);
  };
  const formats = fc.constantFrom('application/cbor', 'application/vnd.kubernetes.protobuf');
  const changes = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 6 });
  await fc.assert(
    fc.asyncProperty(seed, formats, changes, fc.nat(), async ([path, object], type, edits, cut) => {
      const bytes = Buffer.from(bytesOf(object, type));
      for (const [at, value] of edits) bytes[at % bytes.length] = value;
      const body = cut % 3 === 0 ? bytes.subarray(0, cut % bytes.length) : bytes;
      await hold(path, { method: 'POST', body, headers: { 'content-type': type } });
    }),
    games(300),
  );
});

test('patches of every kind', async () => {
  for (const [path, object] of SEEDS) await ask(path, { method: 'POST', body: JSON.stringify(object) });
  const operations = fc.array(
    fc.record(
      {
        op: fc.constantFrom<JsonValue>('add', 'remove', 'replace', 'move', 'copy', 'test', 'x', null),
        path: fc.constantFrom<JsonValue>(
          '',
          '/',
          '/spec',
          '/spec/containers/0',
          '/spec/containers/-',
          '/metadata/name',
          '/metadata/labels/a',
          '/~2',
          'x',
          7,
          '/spec/replicas/0',
        ),
        from: fc.constantFrom<JsonValue>('/spec', '/metadata', '/none', ''),
        value: junk,
      },
      { requiredKeys: [] },
    ),
    { maxLength: 4 },
  );
  const directives = fc.constantFrom<JsonObject>(
    { $patch: 'delete' }, { $patch: 'x' }, { $retainKeys: 1 }, { '$setElementOrder/containers': [{ name: 'x' }] },
    { '$deleteFromPrimitiveList/finalizers': ['a'] }, { '$setElementOrder/containers': 5 }, { containers: [{ $patch: 'replace' }] },
    { containers: [{ image: 'no-key' }] }, { containers: [null] }, { containers: 'x' },
  ); // prettier-ignore
  const patches = seed.chain(([path, object]) =>
    fc.tuple(
      fc.constant(path),
      fc.oneof(
        operations.map((body) => ['application/json-patch+json', body as JsonValue] as const),
        mutated(object).map((body) => ['application/merge-patch+json', body] as const),
        mutated(object).map((body) => ['application/strategic-merge-patch+json', body] as const),
        directives.map((spec) => ['application/strategic-merge-patch+json', { spec } as JsonValue] as const),
        mutated(object).map((body) => ['application/apply-patch+yaml', body] as const),
      ),
    ),
  );
  await fc.assert(
    fc.asyncProperty(patches, async ([path, [type, body]]) => {
      const name = path.includes('customresource') ? 'tabs.example.com' : 'seed';
      const query = type.includes('apply') ? '?fieldManager=fuzz&force=true' : '';
      const headers = { 'content-type': type };
      await hold(`${path}/${name}${query}`, { method: 'PATCH', body: JSON.stringify(body), headers });
      await hold(`${path}/${name}/status${query}`, { method: 'PATCH', body: JSON.stringify(body), headers });
    }),
    games(300),
  );
});

test('queries: selectors, limits, tokens, versions', async () => {
  const words = fc.string({ unit: fc.constantFrom(...'ab=!,()./<> in0-9%&"\\'.split('')), maxLength: 20 });
  const names = fc.constantFrom(
    'labelSelector',
    'fieldSelector',
    'limit',
    'continue',
    'resourceVersion',
    'resourceVersionMatch',
    'timeoutSeconds',
    'sendInitialEvents',
    'watch',
    'dryRun',
    'pretty',
    'gracePeriodSeconds',
    'propagationPolicy',
    'fieldManager',
    'fieldValidation',
    'shardSelector',
  );
  const token = (value: JsonValue): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const tokens = fc
    .record({ v: fc.constantFrom<JsonValue>('meta.k8s.io/v1', 'x', 1), rv: junk, start: junk })
    .map(token);
  const values = fc.oneof(
    words,
    tokens,
    fc.constantFrom(
      '0',
      '1',
      '-1',
      '99999999999999999999',
      'true',
      'Exact',
      'All',
      'metadata.name=a',
      'a in (b,c)',
    ),
  );
  const queries = fc.array(fc.tuple(names, values), { maxLength: 4 });
  const methods = fc.constantFrom('GET', 'DELETE');
  await fc.assert(
    fc.asyncProperty(methods, seed, queries, async (method, [path], pairs) => {
      const query = pairs.map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join('&');
      // A watch stays open as long as nothing happens: one bookmark later is soon enough.
      if (/(^|&)watch=/.test(query) && method === 'GET') return;
      await hold(`${path}?${query}&dryRun=All`, { method });
    }),
    games(400),
  );
});

test('paths and methods', async () => {
  const parts = fc.array(
    fc.constantFrom(
      'api',
      'apis',
      'v1',
      'apps',
      'namespaces',
      'default',
      'pods',
      'seed',
      'status',
      'scale',
      'watch',
      '%',
      '%2e%2e',
      '..',
      '',
      'binding',
      'eviction',
      'token',
      '%00',
      'deployments',
    ),
    { maxLength: 9 },
  );
  const methods = fc.constantFrom(
    'GET',
    'HEAD',
    'POST',
    'PUT',
    'PATCH',
    'DELETE',
    'OPTIONS',
    'TRACE',
    'BREW',
  );
  await fc.assert(
    fc.asyncProperty(methods, parts, async (method, path) => {
      if (path.includes('watch')) return;
      await hold(`/${path.join('/')}`, {
        method,
        body: '{}',
        headers: { 'content-type': 'application/json' },
      });
    }),
    games(500),
  );
});

// Found by the above.
test('a kind that is no text, and cannot be made one, is refused', async () => {
  for (const type of [{ kind: { toString: '' } }, { apiVersion: { toString: '' } }]) {
    const answer = await hold('/api/v1/namespaces', { method: 'POST', body: JSON.stringify(type) });
    assert.equal(answer.status, 400);
  }
});
