import assert from 'node:assert/strict';
import { test } from 'node:test';
import { configMaps } from '../../../api/groups/core/config-map/config-map.ts';
import type { JsonObject, JsonValue } from '../../../api/schema/schema.ts';
import { ALLOW, HookServer, targetOf, type Script } from './hooks.fixture.ts';

const MAP = { metadata: { name: 'one', namespace: 'default', labels: { first: 'yes' } } };
const ONE = { namespace: 'default', name: 'one' };
const NAME = 'admission webhook "a.example.com"';
const FAILED = 'Internal error occurred: failed calling webhook "a.example.com":';

test('a refusal is told in the words of the webhook', async () => {
  const cases: readonly (readonly [JsonObject, object])[] = [
    [{}, { code: 400, reason: '', message: `${NAME} denied the request without explanation` }],
    [{ message: 'no' }, { code: 400, message: `${NAME} denied the request: no` }],
    [
      { reason: 'Forbidden', code: 403 },
      { code: 403, message: `${NAME} denied the request: Forbidden` },
    ],
    [
      { message: 'wait', code: 429, reason: 'TooManyRequests', details: { retryAfterSeconds: 3 } },
      { code: 429, reason: 'TooManyRequests', details: { retryAfterSeconds: 3 } },
    ],
    [
      { message: 'fine', code: 200, status: 'Success' },
      { code: 400, message: `${NAME} denied the request: fine` },
    ],
  ];
  for (const [status, expected] of cases) {
    const server = new HookServer();
    await server.register('validating', 'a', () => ({ allowed: false, status }), { failurePolicy: 'Ignore' });
    await assert.rejects(server.client.create(configMaps, MAP), expected);
  }
});

test('all are asked at once, and the first refusal is told', async () => {
  const server = new HookServer();
  const begun: string[] = [];
  const { promise: late, resolve } = Promise.withResolvers<JsonObject>();
  await server.register('validating', 'a', () => {
    begun.push('a');
    return late;
  });
  await server.register('validating', 'b', () => {
    begun.push('b');
    setImmediate(() => resolve({ allowed: false, status: { message: 'late' } }));
    return { allowed: false, status: { message: 'early' } };
  });
  await assert.rejects(server.client.create(configMaps, MAP), {
    message: 'admission webhook "b.example.com" denied the request: early',
  });
  assert.deepEqual(begun, ['a', 'b']);
});

test('what a webhook warns of is told, also when it refuses', async () => {
  const server = new HookServer();
  await server.register('validating', 'a', () => ({ allowed: false, warnings: ['mind this'] }));
  const body = { json: { kind: 'ConfigMap', apiVersion: 'v1', ...MAP }, duplicateFields: [] };
  const target = targetOf('/v1/configmaps');
  await assert.rejects(server.execute({ verb: 'create', target, body, options: {} }));
  assert.deepEqual(server.warnings, ['mind this']);
});

test('the request that a webhook sees', async () => {
  const server = new HookServer();
  await server.register('validating', 'a', () => ALLOW);
  await server.client.create(configMaps, MAP, { fieldManager: 'me' });
  const { uid, object, ...request } = server.requests()[0] ?? {};
  assert.match(String(uid), /^[0-9a-f]{8}-/);
  const { kind, apiVersion, metadata } = object as JsonObject;
  assert.deepEqual([kind, apiVersion, (metadata as JsonObject)['name']], ['ConfigMap', 'v1', 'one']);
  assert.deepEqual(request, {
    kind: { group: '', version: 'v1', kind: 'ConfigMap' },
    resource: { group: '', version: 'v1', resource: 'configmaps' },
    requestKind: { group: '', version: 'v1', kind: 'ConfigMap' },
    requestResource: { group: '', version: 'v1', resource: 'configmaps' },
    name: 'one',
    namespace: 'default',
    operation: 'CREATE',
    userInfo: { username: 'admin', groups: ['system:masters', 'system:authenticated'] },
    oldObject: null,
    dryRun: false,
    options: { kind: 'CreateOptions', apiVersion: 'meta.k8s.io/v1', fieldManager: 'me' },
  });
  await server.client.patch(configMaps, ONE, { type: 'merge', body: { data: { a: 'b' } } });
  const { operation, options, oldObject } = server.requests().at(-1) ?? {};
  assert.equal(operation, 'UPDATE');
  assert.deepEqual(options, { kind: 'UpdateOptions', apiVersion: 'meta.k8s.io/v1' });
  assert.equal((oldObject as JsonObject)['kind'], 'ConfigMap');
});

test('an update without effect is asked about too', async () => {
  const server = new HookServer();
  await server.client.create(configMaps, MAP);
  await server.register('validating', 'a', () => ({ allowed: false, status: { message: 'never' } }));
  const same = server.client.patch(configMaps, ONE, { type: 'merge', body: {} });
  await assert.rejects(same, { message: `${NAME} denied the request: never` });
});

test('reviews are of the first version that both sides know', async () => {
  const server = new HookServer();
  const admissionReviewVersions = ['v7', 'v1beta1', 'v1'];
  // Answers of the older version were never checked for whose they are.
  const raw = { response: { uid: 'other', allowed: false, status: { message: 'old' } } };
  await server.register('validating', 'a', () => ({ raw }), { admissionReviewVersions });
  await assert.rejects(server.client.create(configMaps, MAP), { message: `${NAME} denied the request: old` });
  assert.equal(server.asked[0]?.['apiVersion'], 'admission.k8s.io/v1beta1');
});

test('answers that are none count as a failure of the webhook', async () => {
  const review = { kind: 'AdmissionReview', apiVersion: 'admission.k8s.io/v1' };
  const wanted = 'admission.k8s.io/v1, Kind=AdmissionReview';
  const invalid = 'received invalid webhook response:';
  const uid = (request: JsonObject): JsonObject => ({ uid: request['uid'], allowed: true });
  const cases: readonly (readonly [(request: JsonObject) => JsonValue, string | RegExp])[] = [
    [() => ({ ...review }), `${invalid} webhook response was absent`],
    [() => null, /^failed to call webhook: /],
    [() => [1], /^failed to call webhook: .*cannot unmarshal array/],
    [
      () => ({ ...review, response: { allowed: 'yes' } }),
      /^failed to call webhook: .*cannot unmarshal string/,
    ],
    [
      (request) => ({ ...review, response: { ...uid(request), patch: '%' } }),
      /^failed to call webhook: illegal base64/,
    ],
    [
      (request) => ({ ...review, response: { uid: `not ${String(request['uid'])}` } }),
      /^received invalid webhook response: expected response.uid="[^"]+", got "not [^"]+"$/,
    ],
    [
      (request) => ({ response: uid(request) }),
      `${invalid} expected webhook response of ${wanted}, got /, Kind=`,
    ],
    [
      (request) => ({ ...review, apiVersion: 'admission.k8s.io/v1beta1', response: uid(request) }),
      'failed to call webhook: converting (v1beta1.AdmissionReview) to (v1.AdmissionReview): unknown conversion',
    ],
    [
      (request) => ({ ...review, response: { ...uid(request), patchType: 'JSONPatch' } }),
      `${invalid} validating webhook may not return response.patchType`,
    ],
    [
      (request) => ({ ...review, response: { ...uid(request), patch: 'W10=', patchType: 'JSONPatch' } }),
      `${invalid} validating webhook may not return response.patch`,
    ],
  ];
  for (const [raw, why] of cases) {
    for (const failurePolicy of ['Fail', 'Ignore']) {
      const server = new HookServer();
      await server.register('validating', 'a', (request) => ({ raw: raw(request) }), { failurePolicy });
      const created = server.client.create(configMaps, MAP);
      if (failurePolicy === 'Ignore') await created;
      else {
        await assert.rejects(created, ({ code, message }: { code: number; message: string }) => {
          assert.equal(code, 500);
          assert.ok(message.startsWith(`${FAILED} `), message);
          const rest = message.slice(FAILED.length + 1);
          if (typeof why === 'string') assert.equal(rest, why);
          else assert.match(rest, why);
          return true;
        });
      }
    }
  }
});

test('a dry run asks only those who have no side effects', async () => {
  const server = new HookServer();
  await server.register('validating', 'a', () => ALLOW, { sideEffects: 'NoneOnDryRun' });
  await server.client.create(configMaps, MAP, { dryRun: true });
  const [request] = server.requests();
  assert.equal(request?.['dryRun'], true);
  assert.deepEqual(request?.['options'], {
    kind: 'CreateOptions',
    apiVersion: 'meta.k8s.io/v1',
    dryRun: ['All'],
  });
});

test('who has side effects is refused in a dry run, though nobody can register so any more', async () => {
  for (const sideEffects of ['Some', 'Unknown'] as const) {
    const { server, asked, client } = new HookServer();
    const rule = { operations: ['*'], apiGroups: ['*'], apiVersions: ['*'], resources: ['*'] };
    const clientConfig = { url: 'https://a.example.com/' };
    const more = { sideEffects, clientConfig, rules: [rule], admissionReviewVersions: ['v1'] };
    const value = { metadata: { name: 'a' }, webhooks: [{ name: 'a.example.com', ...more }] } as never;
    const key = '/registry/admissionregistration.k8s.io/validatingwebhookconfigurations/a';
    await server.store.commit([{ type: 'put', key, value }], []);
    await assert.rejects(client.create(configMaps, MAP, { dryRun: true }), {
      code: 400,
      message: `${NAME} does not support dry run`,
    });
    assert.equal(asked.length, 0);
  }
});

test('conditions decide before anybody is asked', async () => {
  const forbidden = 'configmaps "one" is forbidden:';
  const wrong = "object.data.nothing == 'x'";
  const failing = `${forbidden} expression '${wrong}' resulted in error: no such key: data`;
  const cases: readonly (readonly [readonly string[], 'Fail' | 'Ignore', number, string?])[] = [
    [['true', "object.metadata.name == 'one'"], 'Fail', 1],
    [["object.metadata.name == 'two'"], 'Fail', 0],
    [["request.userInfo.username == 'admin'", 'oldObject == null'], 'Fail', 1],
    [["authorizer.group('').resource('secrets').check('get').allowed()"], 'Fail', 1],
    [['namespaceObject == null'], 'Fail', 1],
    [[wrong], 'Fail', 0, failing],
    [[wrong], 'Ignore', 0],
    [[wrong, 'false'], 'Fail', 0],
  ];
  for (const [expressions, failurePolicy, count, message] of cases) {
    const server = new HookServer();
    const matchConditions = expressions.map((expression, i) => ({ name: `c${i}`, expression }));
    await server.register('validating', 'a', () => ALLOW, { failurePolicy, matchConditions });
    const created = server.client.create(configMaps, MAP);
    if (message === undefined) await created;
    else await assert.rejects(created, { code: 403, message });
    assert.equal(server.asked.length, count, expressions.join());
  }
});

test('nobody is asked about configurations of admission, and changes of them count at once', async () => {
  const server = new HookServer();
  await server.register('validating', 'a', () => ({ allowed: false }));
  await server.register('validating', 'b', () => ({ allowed: false }));
  assert.equal(server.asked.length, 0);
  await assert.rejects(server.client.create(configMaps, MAP));
  assert.equal(server.asked.length, 2);
});

test('no webhook holds a request longer than it may take', async () => {
  const hangs: Script = () => new Promise<JsonObject>(() => {});
  for (const kind of ['mutating', 'validating'] as const) {
    for (const failurePolicy of ['Fail', 'Ignore']) {
      const server = new HookServer();
      await server.register(kind, 'a', hangs, { failurePolicy, timeoutSeconds: 7 });
      const abort = new AbortController();
      const body = { json: { kind: 'ConfigMap', apiVersion: 'v1', ...MAP }, duplicateFields: [] };
      const target = targetOf('/v1/configmaps');
      const asked = server.execute({ verb: 'create', target, body, options: {} }, abort.signal);
      setImmediate(() => abort.abort());
      const message =
        failurePolicy === 'Fail'
          ? `${FAILED} failed to call webhook: context deadline exceeded`
          : /^Timeout: request did not complete within/;
      await assert.rejects(asked, { message });
      assert.deepEqual(server.timeouts, [7_000]);
    }
  }
});
