/**
 * Queries, headers and small bodies at random: whatever is sent, there is an answer in time; what is no
 * success is a `Status` with reason and code, blames the client and has changed nothing.
 */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { JsonObject } from '../../api/schema/schema.ts';
import { createTestFront } from './front.fixture.ts';

const { ask, test: fixture } = createTestFront();
const MAPS = '/api/v1/namespaces/default/configmaps';
const made = await ask(MAPS, { method: 'POST', body: '{"metadata":{"name":"one","finalizers":["a.b/c"]}}' });
assert.equal(made.status, 201);

const NAMES = [
  ...['limit', 'continue', 'resourceVersion', 'resourceVersionMatch', 'timeoutSeconds', 'timeout', 'watch', 'pretty'],
  ...['dryRun', 'fieldManager', 'fieldValidation', 'force', 'propagationPolicy', 'orphanDependents', 'uid', 'export'],
  ...['gracePeriodSeconds', 'sendInitialEvents', 'allowWatchBookmarks', 'labelSelector', 'fieldSelector'],
  ...['includeObject', 'ignoreStoreReadErrorWithClusterBreakingPotential', 'shardSelector', '__proto__', ''],
]; // prettier-ignore

const VALUES = [
  ...['', '0', '1', '-1', '+1', '1.5', '1e3', '007', '9223372036854775807', '9223372036854775808', '1'.repeat(400)],
  ...['true', 'false', 'TRUE', 'False', 'All', 'all', 'Strict', 'Warn', 'Ignore', 'strict', 'Exact', 'NotOlderThan'],
  ...['Foreground', 'Background', 'Orphan', 'foreground', 'null', '{}', '[]', '\u0000', '\u0007', '\u2028', '💥', 'é'],
  ...['a=b', 'a!=b', 'a in (b)', 'a notin (', '!a', 'metadata.name=one', 'metadata.name!=', 'x'.repeat(200), '1s', '-1s'],
  ...['None', 'Metadata', 'Object', '%', '&', '=', 'eyJ2IjoibWV0YS5rOHMuaW8vdjEiLCJydiI6LTEsInN0YXJ0IjoiYSJ9'],
]; // prettier-ignore

const query = fc
  .array(
    fc.tuple(fc.constantFrom(...NAMES), fc.oneof(fc.constantFrom(...VALUES), fc.string({ maxLength: 8 }))),
    {
      maxLength: 5,
    },
  )
  .map((pairs) => pairs.map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join('&'));

const HEADERS = [
  ...['', 'application/json', 'application/yaml', 'application/vnd.kubernetes.protobuf', 'application/cbor', '*/*'],
  ...['application/json;as=Table;g=meta.k8s.io;v=v1', 'application/json;as=Table;g=x;v=y', 'application/json;;=;q=-1'],
  ...['application/json;stream=watch', 'text/html', 'a/b/c', ';', ',,', 'application/json; charset="', 'q=1', '/'],
  ...['application/json-patch+json', 'application/merge-patch+json', 'application/strategic-merge-patch+json'],
  ...['application/apply-patch+yaml', 'application/apply-patch+cbor', 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1beta1'],
]; // prettier-ignore

const BODIES: readonly (string | Uint8Array)[] = [
  ...['', 'null', 'true', '0', '""', '[]', '{}', '{', '{"a":1,}', '[null]', '{"a":{"a":1,"a":2},"a":3}', '1e999', '-0'],
  ...['{"kind":"DeleteOptions","apiVersion":"v1"}', '{"kind":"Pod","apiVersion":"v1"}', '{"kind":null,"apiVersion":[]}'],
  ...['{"kind":"ConfigMap","apiVersion":"v2"}', '{"apiVersion":"a/b/c"}', '{"gracePeriodSeconds":1e30}', '{"dryRun":"All"}'],
  ...['{"gracePeriodSeconds":-9223372036854775808}', '{"preconditions":{"uid":7}}', '{"propagationPolicy":"x","orphanDependents":true}'],
  ...['{"metadata":{"name":"one","resourceVersion":"x"}}', '{"metadata":{"generateName":"g-","name":7}}', '{"data":{"a":1.0}}'],
  ...['a: b: c', '%YAML 9', '- &a [*a]', '{"metadata":{"managedFields":[{"operation":"x"}]}}', '\u0000', `${'['.repeat(2000)}`],
  ...[`${'{"a":'.repeat(999)}1${'}'.repeat(999)}`, '[{"op":"test","path":""}]', '[{"op":"copy","from":"/data","path":"/data/a"}]'],
  Buffer.from([0xff, 0xfe, 0x00]), Buffer.from('6b3873000a', 'hex'), Buffer.from([0x22, 0xc3, 0x28, 0x22]), Buffer.from([0xbf, 0x61]),
]; // prettier-ignore

const URLS = [
  MAPS,
  `${MAPS}/one`,
  `${MAPS}/none`,
  '/api/v1/configmaps',
  '/apis/apps/v1/namespaces/default/deployments',
  '/apis/apps/v1/namespaces/default/deployments/none/scale',
  '/api/v1/namespaces/default/pods/none/binding',
  '/api/v1/namespaces/default/pods/none/eviction',
  '/api/v1/namespaces/default/serviceaccounts/none/token',
  '/api/v1/namespaces/default',
  '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews',
];

const requests = fc.record({
  method: fc.constantFrom('GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD'),
  url: fc.constantFrom(...URLS),
  query,
  accept: fc.constantFrom(...HEADERS),
  type: fc.constantFrom(...HEADERS),
  body: fc.oneof(fc.constantFrom(...BODIES), fc.json({ maxDepth: 3 })),
});

/** Upstream takes the blame for what it cannot apply. */
const UNFIT = /^failed to (?:create typed patch object|convert new object) /;

test('queries, headers and bodies', async () => {
  const reasons = new Set<string>();
  await fc.assert(
    fc.asyncProperty(requests, async ({ method, url, query: sent, accept, type, body }) => {
      // A watch in the far future would say nothing; what it is asked with is the same as of lists.
      if (/^(?:GET|HEAD)$/.test(method) && /(?:^|&)(?:watch|resourceVersion)=/.test(sent)) return;
      const before = fixture.store.revision;
      const headers = { accept, 'content-type': type };
      const answer = await ask(`${url}?${sent}`, { method, body, headers, writesMax: 1 });
      const what = `${method} ${url}?${sent} ${type} ${accept}: ${answer.status} ${answer.body.toString().slice(0, 300)}`;
      if (answer.status < 400) return;
      assert.equal(fixture.store.revision, before, `refused, and written all the same: ${what}`);
      if (answer.headers['content-type'] !== 'application/json') return;
      const status = JSON.parse(answer.body.toString()) as JsonObject;
      const message = String(status['message'] ?? '');
      const isUnfit = answer.status === 500 && UNFIT.test(message);
      assert.ok(answer.status < 500 || isUnfit, what);
      assert.deepEqual([status['kind'], status['status'], status['code']], ['Status', 'Failure', answer.status], what);
      assert.ok(message !== '', what);
      assert.ok(isUnfit || (typeof status['reason'] === 'string' && status['reason'] !== ''), what);
      reasons.add(String(status['reason']));
    }),
    { numRuns: 3000 },
  );
  for (const reason of ['BadRequest', 'Invalid', 'NotFound', 'NotAcceptable', 'UnsupportedMediaType', 'MethodNotAllowed']) {
    assert.ok(reasons.has(reason), `${reason} was never reached`);
  }
}); // prettier-ignore
