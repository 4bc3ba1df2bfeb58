/** Connections are used again, and what fails on one that was closed meanwhile is not done twice. */

import assert from 'node:assert/strict';
import * as http from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, test } from 'node:test';
import type { StreamedAnswer, StreamedRequest } from '../host.ts';
import { createNodeNetwork } from './network.ts';

interface Backend {
  readonly url: string;
  readonly requests: string[];
  connections: number;
}

/** `closes`: the connection breaks at its second request, as one that was closed just before. */
async function start(closes = false): Promise<Backend> {
  const backend = { url: '', requests: [] as string[], connections: 0 };
  const seen = new WeakSet<object>();
  const server = http.createServer((request, response) => {
    backend.requests.push(`${request.method ?? ''} ${request.url ?? ''}`);
    if (closes && seen.has(request.socket)) return void request.socket.destroy();
    seen.add(request.socket);
    if (request.url === '/endless') return void response.write('first');
    request.resume().once('end', () => response.end('fine'));
  });
  server.on('connection', () => backend.connections++);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  backend.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  after(() => {
    server.closeAllConnections();
    server.close();
  });
  return backend;
}

async function* bytes(...texts: readonly string[]): AsyncGenerator<Uint8Array> {
  for (const text of texts) yield Buffer.from(text);
}

async function textOf({ body }: StreamedAnswer): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of body) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

const network = createNodeNetwork();

function open({ url }: Backend, path: string, more: Partial<StreamedRequest> = {}): Promise<StreamedAnswer> {
  const { signal } = new AbortController();
  return network.open({ method: 'GET', url: url + path, headers: {}, signal, ...more });
}

test('one after the other, requests share a connection, with bodies and without', async () => {
  const backend = await start();
  for (let i = 0; i < 5; i++) {
    const post = { method: 'POST', body: bytes('a', 'b') };
    assert.equal(await textOf(await open(backend, '/', i % 2 === 0 ? {} : post)), 'fine');
  }
  assert.equal(backend.connections, 1);
});

test('at the same time each has its own', async () => {
  const backend = await start();
  const round = async (): Promise<void> => {
    const answers = await Promise.all([1, 2, 3].map(() => open(backend, '/')));
    await Promise.all(answers.map(textOf));
  };
  await round();
  await round();
  assert.equal(backend.connections, 3);
});

test('the connection of an answer that nobody reads to its end is not used again', async () => {
  const backend = await start();
  const abort = new AbortController();
  await open(backend, '/endless', { signal: abort.signal });
  abort.abort();
  assert.equal(await textOf(await open(backend, '/')), 'fine');
  assert.equal(backend.connections, 2);
});

test('a read on a connection that breaks is made once more, on another', async () => {
  const backend = await start(true);
  await textOf(await open(backend, '/1'));
  assert.equal(await textOf(await open(backend, '/2')), 'fine');
  assert.deepEqual(backend.requests, ['GET /1', 'GET /2', 'GET /2']);
});

for (const method of ['POST', 'PUT', 'PATCH', 'DELETE']) {
  test(`${method} on a connection that breaks is not made again`, async () => {
    const backend = await start(true);
    await textOf(await open(backend, '/1'));
    const body = method === 'DELETE' ? {} : { body: bytes('x') };
    await assert.rejects(open(backend, '/2', { method, ...body }));
    assert.deepEqual(backend.requests, ['GET /1', `${method} /2`]);
  });
}

test('a read on a fresh connection that breaks fails', async () => {
  const backend = await start();
  const server = http.createServer((request) => void request.socket.destroy());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  await assert.rejects(open({ ...backend, url }, '/'), /socket hang up/);
  server.close();
});
