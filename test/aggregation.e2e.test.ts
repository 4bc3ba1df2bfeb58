/**
 * Another API server behind a Service, written here: reached through the proxies and as an aggregated API,
 * by stock kubectl. It checks by whom it is asked and for whom.
 */

import assert from 'node:assert/strict';
import { createServer, request as httpsRequest } from 'node:https';
import type { IncomingMessage } from 'node:http';
import { after, test } from 'node:test';
import { WebSocket, WebSocketServer } from 'ws';

import { machineAddresses } from '../src/cmd/server-hosts.ts';
import { createAuthority, issueCertificate } from '../src/pki/pki.ts';
import { clientFiles, startTestCluster, until } from './cluster.fixture.ts';
import { answerWidgets, DEFINITION, WIDGET, type Seen } from './widgets-server.fixture.ts';

const cluster = await startTestCluster();
const { ok, fails } = cluster;
const ADDRESS = machineAddresses()[0] ?? assert.fail('this machine has no address but its own loopback');
const HOST = 'widgets.default.svc';

const nowMs = Date.now();
const authority = createAuthority('widgets-ca', nowMs, 1);
const serving = issueCertificate(authority, {
  commonName: HOST,
  hosts: [HOST],
  usage: 'server',
  nowMs,
  validDays: 1,
});
const trust = await until(async () =>
  JSON.parse(
    await ok(['get', 'cm', '-n', 'kube-system', 'extension-apiserver-authentication', '-o', 'json']),
  ),
);
const frontProxyCa: string = trust.data['requestheader-client-ca-file'];

const seen: Seen[] = [];

const extension = createServer(
  { cert: serving.certificatePem, key: serving.keyPem, requestCert: true, rejectUnauthorized: false },
  (request, response) => answerWidgets(request, response, frontProxyCa, seen),
);
let connections = 0;
extension.on('secureConnection', () => connections++);
const sockets = new WebSocketServer({ server: extension });
sockets.on('connection', (socket) => socket.on('message', (data) => socket.send(`echo ${String(data)}`)));
await new Promise<void>((resolve) => extension.listen(0, ADDRESS, resolve));
const bound = extension.address();
const port = typeof bound === 'object' && bound !== null ? bound.port : 0;
const files = await clientFiles(cluster);

after(async () => {
  for (const socket of sockets.clients) socket.terminate();
  extension.closeAllConnections();
  extension.close();
  await cluster.remove();
});

const apply = (manifest: object): Promise<string> =>
  ok(['apply', '-f', '-'], { input: JSON.stringify(manifest) });
const PROXY = '/api/v1/namespaces/default/services/https:widgets:443/proxy';

await apply({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'widgets', namespace: 'default' },
  spec: { ports: [{ port: 443, targetPort: port }] },
});

const API_SERVICE = {
  apiVersion: 'apiregistration.k8s.io/v1',
  kind: 'APIService',
  metadata: { name: 'v1.widgets.example' },
  spec: {
    group: 'widgets.example',
    version: 'v1',
    service: { name: 'widgets', namespace: 'default' },
    caBundle: Buffer.from(authority.certificatePem).toString('base64'),
    groupPriorityMinimum: 19_000,
    versionPriority: 10,
  },
};
const conditionOf = async (name: string): Promise<string> =>
  ok([
    'get',
    'apiservice',
    name,
    '-o',
    'jsonpath={.status.conditions[0].reason}: {.status.conditions[0].message}',
  ]);

test('what the server serves itself has APIServices', async () => {
  const rows = await until(async () => {
    const text = await ok(['get', 'apiservices']);
    return /^v1\.apps +Local +True/m.test(text) && text;
  });
  assert.match(rows, /^v1\. +Local +True/m);
  const labels =
    '-o=jsonpath={.metadata.labels.kube-aggregator\\.kubernetes\\.io/automanaged} {.spec.groupPriorityMinimum}';
  assert.equal(await ok(['get', 'apiservice', 'v1.apps', labels]), 'onstart 17800');
});

test('without endpoints nothing is available, and says so', async () => {
  assert.match(
    await fails(['get', '--raw', `${PROXY}/page`]),
    /no endpoints available for service "widgets"/,
  );
  await apply(API_SERVICE);
  await until(async () =>
    (await conditionOf('v1.widgets.example')).startsWith('EndpointsNotFound: cannot find'),
  );
  const outcome = await fails(['get', '--raw', '/apis/widgets.example/v1/namespaces/default/widgets']);
  assert.match(outcome, /unavailable|unable to handle/);
  assert.match(await ok(['get', '--raw', '/apis']), /"widgets\.example"/);
});

test('a Service is proxied: pages, redirects, bodies, WebSockets', async () => {
  await apply({
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: {
      name: 'widgets-1',
      namespace: 'default',
      labels: { 'kubernetes.io/service-name': 'widgets' },
    },
    addressType: 'IPv4',
    endpoints: [{ addresses: [ADDRESS], conditions: { ready: true } }],
    ports: [{ name: '', port }],
  });
  const page = await until(() => ok(['get', '--raw', `${PROXY}/page`]));
  assert.equal(page, `<a href="${PROXY}/next">next</a>`);
  assert.match(await fails(['get', '--raw', `${PROXY}/none`]), /nothing here|NotFound|could not find/);
  const moved = await ask('GET', `${PROXY}/moved`);
  assert.deepEqual([moved.status, moved.headers.location], [302, `${PROXY}/page`]);
  const bare = await ask('GET', PROXY);
  assert.deepEqual([bare.status, bare.headers.location], [301, `${PROXY}/`]);
  const body = 'x'.repeat(5 << 20);
  const echoed = await ask('PATCH', `${PROXY}/echo`, body);
  assert.deepEqual(
    [echoed.status, echoed.headers['x-method'], echoed.body.length],
    [200, 'PATCH', body.length],
  );
  assert.equal(echoed.body, body);
  const socket = new WebSocket(`wss://127.0.0.1:${cluster.port}${PROXY}/ws`, files);
  const reply = await new Promise<string>((resolve, reject) => {
    socket.once('error', reject);
    socket.once('open', () => socket.send('hello'));
    socket.once('message', (data) => resolve(String(data)));
  });
  socket.close();
  assert.equal(reply, 'echo hello');
  assert.ok(
    seen.every(({ user, url }) => /^\/(apis|openapi)/.test(url) || user === ''),
    'nobody is claimed to a Service',
  );
});

test('who may not proxy is not let through', async () => {
  const refused = await fails(['get', '--raw', `${PROXY}/page`, '--as', 'jane']);
  assert.match(
    refused,
    /services "https:widgets:443" is forbidden: User "jane" cannot get resource "services\/proxy"/,
  );
});

test('simulated nodes and pods have no network to proxy', async () => {
  const refused = await fails(['get', '--raw', '/api/v1/nodes/node-1/proxy/healthz']);
  assert.match(refused, /error trying to reach service: the kubelet is on the simulated node "node-1"/);
});

test('an aggregated API: availability, discovery, reading, writing, watching', async () => {
  await until(async () => (await conditionOf('v1.widgets.example')) === 'Passed: all checks passed');
  await until(async () =>
    /^widgets +wd +widgets\.example\/v1 +true +Widget$/m.test(await ok(['api-resources'])),
  );
  assert.match(await ok(['get', 'widgets', 'one']), /^NAME +AGE\none/);
  assert.equal(await ok(['get', 'widgets', '-o', 'name']), 'widget.widgets.example/one\n');
  assert.match(
    await ok(['create', '-f', '-', '--validate=false'], { input: JSON.stringify(WIDGET) }),
    /widget.*created/,
  );
  const watched = await cluster.kubectl(['get', 'widgets', '-w', '--watch-only', '-o', 'name'], {
    timeoutMs: 3_000,
  });
  assert.match(watched.stdout, /widget\.widgets\.example\/one/);
  const groups = JSON.parse(await ok(['get', '--raw', '/apis'])) as { groups: { name: string }[] };
  assert.equal(groups.groups[1]?.name, 'widgets.example', 'its priority puts it before the built-in groups');
});

test('the extension is asked by this server, for the user who asks', async () => {
  await ok(['create', 'clusterrole', 'widgets', '--verb=get,list', '--resource=widgets.widgets.example']);
  await ok(['create', 'clusterrolebinding', 'widgets', '--clusterrole=widgets', '--user=jane']);
  seen.length = 0;
  await ok([
    'get',
    '--raw',
    '/apis/widgets.example/v1/namespaces/default/widgets/one',
    '--as=jane',
    '--as-group=devs',
  ]);
  const last = seen.find(({ url }) => url.endsWith('/widgets/one'));
  assert.deepEqual([last?.isProxy, last?.user], [true, 'jane']);
  assert.match(last?.groups ?? '', /devs, ?system:authenticated/);
  const path = '/apis/widgets.example/v1/namespaces/default/widgets/one';
  assert.match(await fails(['get', '--raw', path, '--as=joe']), /User "joe" cannot get resource "widgets"/);
  assert.ok(!seen.some(({ user }) => user === 'joe'));
});

test('its OpenAPI documents stand beside ours', async () => {
  const explained = await until(() => ok(['explain', 'widgets.widgets.example']));
  assert.match(explained, /^KIND: +Widget$/m);
  assert.match(explained, /size\t<integer>\n +How large it is\./);
  const v3 = JSON.parse(await ok(['get', '--raw', '/openapi/v3']));
  assert.equal(
    v3.paths['apis/widgets.example/v1'].serverRelativeURL,
    '/openapi/v3/apis/widgets.example/v1?hash=1',
  );
  const v2 = JSON.parse(await ok(['get', '--raw', '/openapi/v2']));
  assert.deepEqual(v2.definitions['example.Widget'], DEFINITION);
  assert.ok(v2.definitions['io.k8s.api.core.v1.Pod'] !== undefined);
});

test('requests that are passed on share a connection', async () => {
  const path = '/apis/widgets.example/v1/namespaces/default/widgets/one';
  await ok(['get', '--raw', path]);
  const before = connections;
  for (let i = 0; i < 10; i++) assert.equal((await ask('GET', path)).status, 200);
  // The check of its availability trusts otherwise, and so has a connection of its own.
  assert.ok(connections - before <= 1, `${connections - before} new connections`);
});

test('a server that does not serve its group-version is not available', async () => {
  const spec = { ...API_SERVICE.spec, version: 'v2' };
  await apply({ ...API_SERVICE, metadata: { name: 'v2.widgets.example' }, spec });
  const why = await until(async () => {
    const text = await conditionOf('v2.widgets.example');
    return text.startsWith('FailedDiscoveryCheck: ') && text;
  });
  const url = `https://${ADDRESS}:${port}/apis/widgets.example/v2`;
  assert.equal(
    why,
    `FailedDiscoveryCheck: failing or missing response from ${url}: bad status from ${url}: 404`,
  );
  assert.match(
    await fails(['get', '--raw', '/apis/widgets.example/v2/namespaces/default/widgets']),
    /unavailable|unable to handle/,
  );
  await ok(['delete', 'apiservice', 'v2.widgets.example']);
  await until(async () => !(await ok(['get', '--raw', '/apis'])).includes('widgets.example/v2'));
});

test('groups of custom kinds have APIServices of their own, which come and go with them', async () => {
  const schema = { openAPIV3Schema: { type: 'object' } };
  await apply({
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'gears.custom.example' },
    spec: {
      group: 'custom.example',
      scope: 'Namespaced',
      names: { plural: 'gears', kind: 'Gear' },
      versions: [{ name: 'v1', served: true, storage: true, schema }],
    },
  });
  await until(async () => /^v1\.custom\.example +Local +True/m.test(await ok(['get', 'apiservices'])));
  const shown =
    '-o=jsonpath={.metadata.labels.kube-aggregator\\.kubernetes\\.io/automanaged} {.spec.groupPriorityMinimum} {.spec.versionPriority}';
  assert.equal(await ok(['get', 'apiservice', 'v1.custom.example', shown]), 'true 1000 100');
  await ok(['delete', 'crd', 'gears.custom.example']);
  await until(async () => !(await ok(['get', 'apiservices'])).includes('custom.example'));
});

interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

function ask(method: string, path: string, body?: string): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const sent = httpsRequest({ ...files, host: '127.0.0.1', port: cluster.port, method, path }, (response) => {
    const chunks: Buffer[] = [];
    response.on('data', (chunk: Buffer) => chunks.push(chunk));
    response.once('end', () =>
      resolve({
        status: response.statusCode ?? 0,
        headers: response.headers,
        body: Buffer.concat(chunks).toString(),
      }),
    );
  });
  sent.once('error', reject);
  sent.end(body);
  return promise;
}
