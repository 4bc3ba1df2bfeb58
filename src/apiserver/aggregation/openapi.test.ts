/** OpenAPI documents of servers behind APIServices: merged into ours, refreshed, and gone with them. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { apiServices } from '../../api/groups/apiregistration/api-service/api-service.ts';
import { services } from '../../api/groups/core/service/service.ts';
import type { JsonObject, JsonValue } from '../../api/schema/schema.ts';
import { silentLogger } from '../../base/log.ts';
import type { StreamedRequest } from '../../host/host.ts';
import { exchangeOf, type TestAnswer } from '../http/front.fixture.ts';
import { parseRequest } from '../http/request-info.ts';
import { OpenApiHandler } from '../openapi/openapi-handler.ts';
import { ADMIN, createTestPipeline } from '../pipeline.fixture.ts';
import { Aggregation } from './aggregation.ts';

const GROUP = 'widgets.example';
const PATH = `/apis/${GROUP}/v1/widgets`;
const NAME = `apis/${GROUP}/v1`;

interface Remote {
  /** By path; what is not there is answered with 404. */
  documents: { [path: string]: { readonly body: JsonValue; readonly etag?: string } | undefined };
  isDown: boolean;
  readonly asked: StreamedRequest[];
}

const v2 = (description: string): JsonObject => ({
  swagger: '2.0',
  paths: {
    [PATH]: { get: { schema: { $ref: '#/definitions/Widget' } } },
    '/apis/other.example/v1/things': {},
  },
  definitions: { Widget: { description } },
});
const index = (hash: string, name = NAME): JsonObject => ({
  paths: { [name]: { serverRelativeURL: `/openapi/v3/${name}?hash=${hash}` } },
});

async function start(): Promise<{
  readonly remote: Remote;
  readonly client: ReturnType<typeof createTestPipeline>['client'];
  readonly clock: ReturnType<typeof createTestPipeline>['host']['clock'];
  readonly settle: () => Promise<void>;
  readonly ask: (url: string, headers?: Record<string, string>) => Promise<TestAnswer>;
}> {
  const { host, store, resources, client } = createTestPipeline();
  const remote: Remote = { documents: {}, isDown: false, asked: [] };
  host.network.onOpen = (request) => {
    remote.asked.push(request);
    if (remote.isDown) throw new Error('dial tcp 10.0.0.1:443: connect: connection refused');
    const found = remote.documents[new URL(request.url).pathname];
    const { body = null, etag } = found ?? {};
    const isKnown = etag !== undefined && request.headers['if-none-match'] === etag;
    const content = async function* (): AsyncGenerator<Uint8Array> {
      if (!isKnown) yield Buffer.from(JSON.stringify(body));
    };
    const status = found === undefined ? 404 : isKnown ? 304 : 200;
    return { status, headers: etag === undefined ? {} : { etag }, body: content() };
  };
  const aggregation = new Aggregation({
    store,
    clock: host.clock,
    network: host.network,
    frontProxy: { authorityPem: '', client: { certificatePem: '', keyPem: '' } },
    randomInteger: () => 0,
    authorizer: { authorize: () => ({ allowed: true, reason: '' }) },
    logger: silentLogger,
    isBuiltIn: () => false,
    isServed: (group) => group === 'apps',
  });
  const handler = new OpenApiHandler({
    resources: () => resources.all(),
    schemas: resources.schemas,
    descriptions: async () => ({}),
    serverVersion: 'v1.36.0',
    remote: aggregation.openApi,
    clock: host.clock,
  });
  aggregation.start();
  const spec = { type: 'ExternalName', externalName: 'widgets.test' } as const;
  await client.create(services, { metadata: { name: 'widgets', namespace: 'default' }, spec });
  return {
    remote,
    client,
    clock: host.clock,
    settle: () => host.clock.advance('1s'),
    ask: (url, headers = {}) => {
      const { promise, resolve } = Promise.withResolvers<TestAnswer>();
      const exchange = exchangeOf(url, { headers }, resolve);
      const request = parseRequest('GET', url);
      const { pathname, searchParams } = new URL(url, 'https://localhost');
      if (aggregation.matches(request)) void aggregation.serve(request, exchange, ADMIN);
      else if (handler.handle(pathname, exchange, searchParams) === undefined) exchange.respond(404, {}, '');
      return promise;
    },
  };
}

const SERVICE = {
  metadata: { name: `v1.${GROUP}` },
  spec: {
    group: GROUP,
    version: 'v1',
    service: { name: 'widgets', namespace: 'default' },
    groupPriorityMinimum: 1000,
    versionPriority: 10,
  },
};
const AVAILABLE = { conditions: [{ type: 'Available', status: 'True' }] };

type Started = Awaited<ReturnType<typeof start>>;

async function register({ client, settle }: Started): Promise<void> {
  const created = await client.create(apiServices, SERVICE);
  await client.update(apiServices, { ...created, status: AVAILABLE }, { subresource: 'status' });
  await settle();
}

async function json(
  { ask }: Started,
  url: string,
): Promise<{ [name: string]: { [name: string]: JsonValue } }> {
  return JSON.parse((await ask(url)).body.toString());
}

const widgetOf = async (started: Started): Promise<JsonValue | undefined> =>
  (await json(started, '/openapi/v2'))['definitions']?.['Widget'];

test('version 2 is merged: of other servers what belongs to their group-version', async () => {
  const started = await start();
  started.remote.documents['/openapi/v2'] = { body: v2('one') };
  assert.equal(await widgetOf(started), undefined);
  const before = (await started.ask('/openapi/v2')).headers['etag'];
  await register(started);
  const whole = await json(started, '/openapi/v2');
  assert.deepEqual(whole['definitions']?.['Widget'], { description: 'one' });
  assert.ok(whole['paths']?.[PATH] !== undefined && whole['paths']['/api/v1/pods'] !== undefined);
  assert.equal(whole['paths']['/apis/other.example/v1/things'], undefined);
  assert.notEqual((await started.ask('/openapi/v2')).headers['etag'], before);
  const asked = started.remote.asked.find(({ url }) => url.endsWith('/openapi/v2'));
  assert.equal(asked?.headers['x-remote-user'], 'system:aggregator');
});

test('every minute it is asked whether it changed, by its ETag', async () => {
  const started = await start();
  const { remote, client } = started;
  remote.documents['/openapi/v2'] = { body: v2('one'), etag: '"1"' };
  await register(started);
  const first = (await started.ask('/openapi/v2')).headers['etag'];
  const minute = async (): Promise<void> => {
    for (let i = 0; i < 61; i++) await started.settle();
  };
  remote.asked.length = 0;
  await minute();
  const asked = remote.asked.filter(({ url }) => url.endsWith('/openapi/v2'));
  assert.deepEqual(
    asked.map(({ headers }) => headers['if-none-match']),
    ['"1"'],
  );
  assert.equal((await started.ask('/openapi/v2')).headers['etag'], first);
  remote.documents['/openapi/v2'] = { body: v2('two'), etag: '"2"' };
  await minute();
  assert.deepEqual(await widgetOf(started), { description: 'two' });
  // What it said last stands while it does not answer, as upstream has it, and goes with the APIService.
  remote.isDown = true;
  await minute();
  assert.deepEqual(await widgetOf(started), { description: 'two' });
  await client.delete(apiServices, { name: SERVICE.metadata.name });
  await started.settle();
  assert.equal(await widgetOf(started), undefined);
});

test('version 3 is an index of all, and its documents come from where they are', async () => {
  const started = await start();
  const { remote } = started;
  remote.documents['/openapi/v3'] = {
    body: {
      paths: {
        ...(index('1')['paths'] as JsonObject),
        'apis/apps/v1': { serverRelativeURL: '/x' },
        version: { serverRelativeURL: '/v' },
      },
    },
  };
  remote.documents[`/openapi/v3/${NAME}`] = { body: { openapi: '3.0.0' } };
  await register(started);
  const { paths = {} } = await json(started, '/openapi/v3');
  assert.deepEqual(paths[NAME], { serverRelativeURL: `/openapi/v3/${NAME}?hash=1` });
  assert.deepEqual(paths['version'], { serverRelativeURL: '/v' });
  assert.match(JSON.stringify(paths['apis/apps/v1']), /hash=[0-9A-F]{128}/, 'what is ours stays ours');
  const answer = await started.ask(`/openapi/v3/${NAME}?hash=1`);
  assert.deepEqual([answer.status, answer.body.toString()], [200, '{"openapi":"3.0.0"}']);
  const last = remote.asked.at(-1);
  assert.deepEqual(
    [last?.url, last?.headers['x-remote-user']],
    [`https://widgets.default.svc:443/openapi/v3/${NAME}?hash=1`, 'admin'],
  );
  assert.match((await started.ask('/openapi/v3/apis/apps/v1')).body.toString(), /"title":"Kubernetes"/);
});

test('a server that has version 2 only is shown in version 3, converted', async () => {
  const started = await start();
  const { remote, client, settle, ask } = started;
  remote.documents['/openapi/v2'] = { body: v2('one'), etag: '"1"' };
  await register(started);
  const urlNow = async (): Promise<JsonValue | undefined> =>
    ((await json(started, '/openapi/v3'))['paths']?.[NAME] as JsonObject | undefined)?.['serverRelativeURL'];
  const url = String(await urlNow());
  assert.match(url, /^\/openapi\/v3\/apis\/widgets\.example\/v1\?hash=[0-9A-F]{128}$/);
  const { openapi, paths, components } = await json(started, url);
  assert.equal(openapi, '3.0.0');
  assert.deepEqual(Object.keys(paths ?? {}), [PATH]);
  assert.deepEqual(components, { schemas: { Widget: { description: 'one' } } });
  remote.documents['/openapi/v2'] = { body: v2('two'), etag: '"2"' };
  const { clock } = started;
  await clock.advance('1m');
  const next = String(await urlNow());
  assert.notEqual(next, url);
  assert.equal((await ask(url)).headers['location'], next);
  // Once it has a version 3 of its own, that is it.
  remote.documents['/openapi/v3'] = { body: index('1') };
  await clock.advance('1m');
  assert.equal(await urlNow(), `/openapi/v3/${NAME}?hash=1`);
  await client.delete(apiServices, { name: SERVICE.metadata.name });
  await settle();
  assert.equal(await urlNow(), undefined);
});

test('a changed APIService is asked anew; one that is unavailable has no documents to give', async () => {
  const started = await start();
  const { remote, client } = started;
  remote.documents['/openapi/v3'] = { body: index('1') };
  await register(started);
  remote.documents['/openapi/v3'] = { body: index('2') };
  const current = await client.get(apiServices, { name: SERVICE.metadata.name });
  const spec = { ...current.spec, versionPriority: 11 };
  const changed = await client.update(apiServices, { ...current, spec });
  await started.settle();
  const { paths = {} } = await json(started, '/openapi/v3');
  assert.deepEqual(paths[NAME], { serverRelativeURL: `/openapi/v3/${NAME}?hash=2` });
  const status = { conditions: [{ type: 'Available', status: 'False', reason: 'FailedDiscoveryCheck' }] };
  await client.update(apiServices, { ...changed, status }, { subresource: 'status' });
  await started.settle();
  assert.equal((await started.ask(`/openapi/v3/${NAME}?hash=2`)).status, 503);
});

test('a document is kept for ever under its hash, and another hash leads to it', async () => {
  const started = await start();
  const { paths = {} } = await json(started, '/openapi/v3');
  const { serverRelativeURL } = paths['apis/apps/v1'] as { serverRelativeURL: string };
  const kept = await started.ask(serverRelativeURL);
  assert.deepEqual([kept.status, kept.headers['cache-control']], [200, 'public, immutable']);
  assert.ok(Date.parse(String(kept.headers['expires'])) > 0);
  const stale = await started.ask('/openapi/v3/apis/apps/v1?hash=0');
  assert.deepEqual([stale.status, stale.headers['location']], [301, serverRelativeURL]);
  const free = await started.ask('/openapi/v3/apis/apps/v1');
  assert.deepEqual([free.status, free.headers['cache-control']], [200, 'no-cache, private']);
});
