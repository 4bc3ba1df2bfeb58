/** Webhooks that misbehave, over a real connection: never a crash, nor a wait beyond their timeout. */

import assert from 'node:assert/strict';
import type { RequestListener } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { after, before, test } from 'node:test';
import { configMaps } from '../../../api/groups/core/config-map/config-map.ts';
import { ApiError } from '../../../api/meta/api-error.ts';
import type { JsonValue } from '../../../api/schema/schema.ts';
import { createNodeNetwork } from '../../../host/node/network.ts';
import { createSimulatedHost } from '../../../host/simulated/simulated.ts';
import { createAuthority, issueCertificate } from '../../../pki/pki.ts';
import { createTestPipeline } from '../../pipeline.fixture.ts';
import { webhookCaller, type CallWebhook } from '../../webhooks/webhook-caller.ts';
import { HookServer } from './hooks.fixture.ts';

const BEHAVIOUR: Record<string, RequestListener> = {
  '/hangs': () => {},
  '/closes': (request) => request.socket.destroy(),
  '/breaks-off': (request, response) => {
    response.writeHead(200, { 'content-length': '1000' });
    response.write('{"kind":', () => request.socket.destroy());
  },
  '/trickles': (_request, response) => {
    response.writeHead(200);
    const drip = setInterval(() => response.write(' '), 50);
    response.on('close', () => clearInterval(drip));
  },
  '/empty': (_request, response) => response.end(),
  '/page': (_request, response) => response.end('<html>'),
  '/garbage': (_request, response) => response.end(Buffer.from([0xff, 0xfe, 0, 1, 2, 3])),
  '/deep': (_request, response) => response.end('['.repeat(100_000) + ']'.repeat(100_000)),
  '/broken': (_request, response) => response.writeHead(500).end('out of order'),
  '/redirects': (_request, response) => response.writeHead(307, { location: '/page' }).end(),
  '/redirects-to-nowhere': (_request, response) => response.writeHead(302).end(),
  '/redirects-in-part': (_request, response) => response.writeHead(308).end(),
  '/redirects-on-and-on': (_request, response) =>
    response.writeHead(307, { location: '/redirects-on-and-on' }).end(),
  '/redirects-in-clear': (_request, response) =>
    response.writeHead(301, { location: 'http://127.0.0.1/' }).end(),
  '/huge': (_request, response) => response.end(`"${'x'.repeat(4 << 20)}"`),
};

const WORDS: Readonly<Record<string, RegExp>> = {
  '/hangs': /^Post "https:[^"]*\/hangs\?timeout=1s": context deadline exceeded$/,
  '/closes': /^Post "https:[^"]*": /,
  '/breaks-off': /^Post "https:[^"]*": /,
  '/trickles': /context deadline exceeded$/,
  '/empty': /^0-length response with status code: 200 and content type: $/,
  '/page':
    /^couldn't get version\/kind; json parse error: invalid character '<' looking for beginning of value$/,
  '/garbage': /^couldn't get version\/kind; json parse error: invalid character/,
  '/deep': /^couldn't get version\/kind; json parse error: exceeded max depth$/,
  '/broken': /^an error on the server \("out of order"\) has prevented the request from succeeding$/,
  '/redirects':
    /^couldn't get version\/kind; json parse error: invalid character '<' looking for beginning of value$/,
  '/redirects-to-nowhere': /^Post "https:[^"]*": 302 response missing Location header$/,
  '/redirects-in-part': /^the server responded with the status code 308 but did not return more information$/,
  '/redirects-on-and-on': /^Post "https:[^"]*": stopped after 10 redirects$/,
  '/redirects-in-clear': /^Post "https:[^"]*": a redirect to http:\/\/127\.0\.0\.1 is not followed$/,
  '/huge': /the answer is longer than 3145728 bytes$/,
};

const now = { nowMs: Date.now(), validDays: 1 };
const authority = createAuthority('authority', now.nowMs, now.validDays);
const request = { commonName: 'hook', hosts: ['127.0.0.1'], usage: 'server', ...now } as const;
const { certificatePem: cert, keyPem: key } = issueCertificate(authority, request);
const caBundle = Buffer.from(authority.certificatePem).toString('base64');
const server = createServer({ cert, key }, (asked, response) => {
  asked.resume().once('end', () => BEHAVIOUR[asked.url?.split('?')[0] ?? '']?.(asked, response));
});
before(() => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve)));
after(() => {
  server.closeAllConnections();
  server.close();
});

const call: CallWebhook = webhookCaller({
  network: createNodeNetwork(),
  store: createTestPipeline().store,
  randomInteger: () => 0,
});

const HEAD = 'Internal error occurred: failed calling webhook "a.example.com": failed to call webhook: ';
const MAP = { metadata: { name: 'one', namespace: 'default', labels: { a: 'b' } } };

for (const [path, words] of Object.entries(WORDS)) {
  test(`a webhook that answers as ${path.slice(1)}`, async () => {
    for (const failurePolicy of ['Fail', 'Ignore']) {
      const hooks = new HookServer();
      const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}${path}`;
      let said = '';
      const throughNetwork = async (): Promise<{ readonly raw: JsonValue }> => {
        try {
          return { raw: await call({ url, caBundle }, {}, 1_000) };
        } catch (error) {
          said = (error as Error).message;
          throw error;
        }
      };
      await hooks.register('mutating', 'a', throughNetwork, { failurePolicy });
      const created = hooks.client.create(configMaps, MAP);
      if (failurePolicy === 'Ignore') await created;
      else {
        const refused: unknown = await created.catch((error: unknown) => error);
        assert.ok(refused instanceof ApiError);
        assert.equal(refused.message, HEAD + said);
        assert.equal(refused.code, 500);
        assert.match(said, words);
      }
    }
  });
}

test('one after the other, calls share a connection, and one that was closed meanwhile is made up for', async () => {
  const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}/counts`;
  const ports: number[] = [];
  let closes = 0;
  BEHAVIOUR['/counts'] = (request, response) => {
    const { remotePort = 0 } = request.socket;
    if (closes > 0 && ports.includes(remotePort)) {
      closes--;
      request.socket.destroy();
    } else {
      ports.push(remotePort);
      response.end('{}');
    }
  };
  const calls = async (): Promise<void> => void (await call({ url, caBundle }, {}, 5_000));
  for (let i = 0; i < 4; i++) await calls();
  assert.deepEqual([ports.length, new Set(ports).size], [4, 1]);
  closes = 1;
  await calls();
  assert.deepEqual([ports.length, new Set(ports).size, closes], [5, 2, 0]);
});

/** Any JSON, most of it near what an answer looks like. */
function anyJson(pick: (bound: number) => number, depth: number): JsonValue {
  const scalars = [
    null,
    true,
    1,
    -1.5,
    '',
    'JSONPatch',
    'AdmissionReview',
    'admission.k8s.io/v1',
    'W10=',
    '/',
  ];
  const kind = pick(depth > 4 ? 1 : 4);
  if (kind === 0) return scalars[pick(scalars.length)] ?? null;
  if (kind === 1) return Array.from({ length: pick(3) }, () => anyJson(pick, depth + 1));
  const names = [
    ...['uid', 'allowed', 'status', 'patch', 'patchType', 'warnings', 'auditAnnotations', 'response', 'kind'],
    ...[
      'apiVersion',
      'message',
      'code',
      'reason',
      'details',
      'causes',
      'op',
      'path',
      'value',
      'from',
      '__proto__',
    ],
  ];
  const chosen = Array.from({ length: pick(5) }, () => names[pick(names.length)] ?? '');
  return Object.fromEntries(chosen.map((name) => [name, anyJson(pick, depth + 1)]));
}

test('whatever a webhook answers, a request is refused in order or goes on', async () => {
  const { random } = createSimulatedHost(36);
  const pick = (bound: number): number => random.integer(bound);
  let refused = 0;
  for (const kind of ['mutating', 'validating'] as const) {
    const hooks = new HookServer();
    let answer: JsonValue = null;
    await hooks.register(kind, 'a', ({ uid = null }) => ({
      raw:
        pick(2) === 0
          ? answer
          : {
              kind: 'AdmissionReview',
              apiVersion: 'admission.k8s.io/v1',
              response: { allowed: true, ...(answer as object), uid },
            },
    }));
    for (let i = 0; i < 400; i++) {
      answer = anyJson(pick, 0);
      if (kind === 'mutating' && pick(2) === 0) {
        const patch = Buffer.from(JSON.stringify([anyJson(pick, 1), anyJson(pick, 1)])).toString('base64');
        answer = { patchType: 'JSONPatch', patch };
      }
      const metadata = { ...MAP.metadata, name: `map-${i}` };
      const created = hooks.client.create(configMaps, { metadata });
      await created.catch((error: unknown) => {
        assert.ok(error instanceof ApiError, `${String(error)} for ${JSON.stringify(answer)}`);
        refused++;
      });
    }
  }
  assert.ok(refused > 100 && refused < 800, `${refused} refused`);
});
