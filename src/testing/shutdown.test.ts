/** A server that stops and one that follows on the same store: nobody who watches loses or repeats anything. */

import assert from 'node:assert/strict';
import { connect, type ClientHttp2Session } from 'node:http2';
import { test } from 'node:test';
import type { KubernetesObject } from '../api/meta/object.ts';
import { configMaps } from '../api/groups/core/config-map/config-map.ts';
import { namespaces } from '../api/groups/core/namespace/namespace.ts';
import { objectCodec } from '../apiserver/registry/value-codec.ts';
import type { ControlPlane } from '../control-plane/control-plane.ts';
import { createNodeHost } from '../host/node/node.ts';
import { createSimulatedHost } from '../host/simulated/simulated.ts';
import { createAuthority, issueCertificate, type KeyPair } from '../pki/pki.ts';
import { createMemoryStore } from '../store/memory/memory.ts';
import { createTestControlPlane } from './test-control-plane.ts';

const { clock } = createNodeHost();
const host = { ...createSimulatedHost(1), clock } as unknown as ReturnType<typeof createSimulatedHost>;
const store = createMemoryStore<KubernetesObject>({ codec: objectCodec, clock });
const authority = createAuthority('test-ca', clock.now(), 1);
const made = { nowMs: clock.now(), validDays: 1 };
const server = issueCertificate(authority, {
  commonName: 'server',
  usage: 'server',
  hosts: ['127.0.0.1'],
  ...made,
});
const admin = issueCertificate(authority, {
  commonName: 'admin',
  organizations: ['system:masters'],
  usage: 'client',
  ...made,
});

async function serve({
  certificatePem,
  keyPem,
}: KeyPair): Promise<{ plane: ControlPlane; session: ClientHttp2Session }> {
  const plane = await createTestControlPlane(host, store, () => assert.fail('no nodes'));
  const listener = { host: '127.0.0.1', port: 0, ...server, clientCaPem: authority.certificatePem };
  const port = await plane.listen(listener);
  const session = connect(`https://127.0.0.1:${port}`, {
    ca: authority.certificatePem,
    cert: certificatePem,
    key: keyPem,
  });
  session.on('error', () => {});
  return { plane, session };
}

interface Reading {
  readonly lines: string[];
  readonly ended: Promise<void>;
  readonly first: Promise<void>;
}

function get(session: ClientHttp2Session, path: string): Reading {
  const stream = session.request({ ':path': path });
  const ended = Promise.withResolvers<void>();
  const first = Promise.withResolvers<void>();
  const lines: string[] = [];
  let text = '';
  stream.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
    lines.splice(0, lines.length, ...text.split('\n'));
    first.resolve();
  });
  stream.once('error', ended.reject).once('end', ended.resolve);
  return { lines, ended: ended.promise, first: first.promise };
}

function create(plane: ControlPlane, name: string): Promise<unknown> {
  return plane.client().create(configMaps, { metadata: { name, namespace: 'default' } });
}

const PATH = '/api/v1/namespaces/default/configmaps';

interface Frame {
  readonly type: string;
  readonly object: { readonly metadata: { readonly name: string; readonly resourceVersion: string } };
}

test('stop: not ready at once, still serving during the delay, watches end whole and go on elsewhere', async () => {
  const one = await serve(admin);
  await one.plane.client().create(namespaces, { metadata: { name: 'default' } });
  await create(one.plane, 'a');
  const watch = get(one.session, `${PATH}?watch=1`);
  await watch.first;
  one.plane.announceStop();
  const ready = get(one.session, '/readyz');
  await ready.ended;
  assert.ok(ready.lines.includes('[-]shutdown failed: reason withheld'), ready.lines.join('\n'));
  const list = get(one.session, PATH);
  await list.ended;
  assert.match(list.lines.join(''), /"name":"a"/, 'requests are served during the delay');
  await create(one.plane, 'b');
  const stopped = one.plane.stop();
  await watch.ended;
  await stopped;
  assert.equal(watch.lines.pop(), '', 'the last frame is whole');
  const seen = watch.lines.map((line) => JSON.parse(line) as Frame);
  const last = seen.at(-1)?.object.metadata.resourceVersion ?? '';

  const two = await serve(admin);
  await create(two.plane, 'c');
  const resumed = get(two.session, `${PATH}?watch=1&resourceVersion=${last}&timeoutSeconds=1`);
  await resumed.ended;
  await two.plane.stop();
  const later = resumed.lines.filter((line) => line !== '').map((line) => JSON.parse(line) as Frame);
  assert.deepEqual(
    [...seen, ...later].map(({ type, object }) => `${type} ${object.metadata.name}`),
    ['ADDED a', 'ADDED b', 'ADDED c'],
  );
});
