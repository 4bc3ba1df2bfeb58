/** Asks a running API server for every operation that `docs/conformance/api.md` says it serves. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { exchangeOf, type TestAnswer } from '../src/apiserver/http/front.fixture.ts';
import { objectCodec } from '../src/apiserver/registry/value-codec.ts';
import { createSimulatedHost } from '../src/host/simulated/simulated.ts';
import { createMemoryStore } from '../src/store/memory/memory.ts';
import { createTestControlPlane } from '../src/testing/test-control-plane.ts';
import { readPage } from './conformance.ts';

const page = readPage(readFileSync(new URL('../docs/conformance/api.md', import.meta.url), 'utf8'));

test('no operation is missing', () => {
  assert.ok(page.length > 1_000);
  assert.deepEqual(
    page
      .filter(({ servedBy }) => servedBy.includes('missing'))
      .map(({ path, method }) => `${method} ${path}`),
    [],
  );
});

const ADMIN = { subject: { CN: 'admin', O: 'system:masters' } };

test('every operation that is said to be served is', async () => {
  const host = createSimulatedHost(1);
  const store = createMemoryStore({ codec: objectCodec, clock: host.clock });
  const { server } = await createTestControlPlane(host, store, () => undefined);
  const ask = (
    method: string,
    url: string,
    headers: { readonly [name: string]: string },
    body: string,
  ): Promise<TestAnswer> =>
    new Promise((resolve) => {
      const exchange = exchangeOf(url, { method, headers, body, writesMax: 1 }, resolve);
      void server.front.handle({ ...exchange, signal: exchange.signal, certificate: ADMIN as never });
    });
  const failures: string[] = [];
  for (const { path, method, action, servedBy } of page) {
    if (servedBy.startsWith('off:')) continue;
    const isWatch = path.includes('/watch/');
    const url = path
      .replace('{namespace}', 'default')
      .replaceAll(/\{\w+\}/g, 'nobody')
      .replace(/(.)\/$/, '$1');
    const query = isWatch
      ? '?timeoutSeconds=1'
      : method === 'GET' || action === 'connect'
        ? ''
        : '?dryRun=All';
    const type = method === 'PATCH' ? 'application/merge-patch+json' : 'application/json';
    const answer = await Promise.race([
      ask(method, url + query, { 'content-type': type }, method === 'GET' ? '' : '{}'),
      // A watch of nothing stays open, which is as good an answer as any.
      isWatch
        ? new Promise<undefined>((resolve) => setImmediate(() => setImmediate(resolve, undefined)))
        : new Promise<never>(() => {}),
    ]);
    if (answer !== undefined && !isServed(answer)) {
      failures.push(`${method} ${path}: ${answer.status} ${answer.body.toString().slice(0, 200)}`);
    }
  }
  await server.stop();
  assert.deepEqual(failures, []);
});

/** Anything but: no such path, no such method, a failure of the server. An object may well be not there. */
function isServed({ status, body }: TestAnswer): boolean {
  if (status === 405 || status === 406 || status === 415 || (status >= 500 && status !== 503)) return false;
  if (status !== 404) return true;
  const { details } = JSON.parse(body.toString()) as {
    readonly details?: { readonly name?: string; readonly kind?: string };
  };
  return details?.name !== undefined && details.kind?.includes('/') !== true;
}
