/** The door's bounds, and how it closes, over real sockets on loopback. */

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect as connectHttp2, constants, type ClientHttp2Session } from 'node:http2';
import { after, test } from 'node:test';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { createAuthority, issueCertificate } from '../../pki/pki.ts';
import { respondError } from './answer.ts';
import { BODY_MAX_BYTES } from './decode-operation.ts';
import type { Exchange } from './exchange.ts';
import { DROPPED_MAX_BYTES } from './http2.ts';
import { Listener } from './listener.ts';
import { createNodeHost } from '../../host/node/node.ts';
import { ApiError } from '../../api/meta/api-error.ts';

const { clock } = createNodeHost();
const authority = createAuthority('test-ca', clock.now(), 1);
const { certificatePem, keyPem } = issueCertificate(authority, {
  commonName: 'server',
  usage: 'server',
  hosts: ['127.0.0.1'],
  nowMs: clock.now(),
  validDays: 1,
});
const ca = authority.certificatePem;

test('listens on an address or a name, and says when the port is taken', async () => {
  const door = (host: string, port: number): Listener =>
    new Listener(
      { host, port, certificatePem, keyPem, clientCaPem: ca },
      () => {},
      () => {},
      clock,
    );
  for (const host of ['127.0.0.1', 'localhost']) {
    const first = door(host, 0);
    const port = await first.listen();
    assert.ok(port > 0);
    await assert.rejects(door(host, port).listen(), { code: 'EADDRINUSE' });
    await stop(first, 0);
  }
});

interface Door {
  readonly listener: Listener;
  readonly port: number;
  /** Exchanges at `/held`, to be answered by the test. */
  readonly held: Exchange[];
}

async function open(headersMaxMs?: number): Promise<Door> {
  const held: Exchange[] = [];
  const handler = async (exchange: Exchange): Promise<void> => {
    if (exchange.url === '/held') return void held.push(exchange);
    try {
      const body = await exchange.body(BODY_MAX_BYTES);
      exchange.respond(200, {}, String(body.length));
    } catch (error) {
      if (error instanceof ApiError) respondError(exchange, error);
    }
  };
  const listener = new Listener(
    {
      host: '127.0.0.1',
      port: 0,
      certificatePem,
      keyPem,
      clientCaPem: ca,
      ...(headersMaxMs === undefined ? {} : { headersMaxMs }),
    },
    (exchange) => void handler(exchange),
    ({ socket }) => socket.destroy(),
    clock,
  );
  const port = await listener.listen();
  after(() => stop(listener, 0));
  return { listener, port, held };
}

function stop(listener: Listener, graceMs: number): Promise<void> {
  return listener.stop(graceMs, (ms) => clock.sleep(ms));
}

async function http1({ port }: Door): Promise<TLSSocket> {
  const socket = connectTls({ host: '127.0.0.1', port, ca, ALPNProtocols: ['http/1.1'] });
  socket.on('error', () => {});
  await once(socket, 'secureConnect');
  return socket;
}
async function http2({ port }: Door): Promise<ClientHttp2Session> {
  const session = connectHttp2(`https://127.0.0.1:${port}`, { ca });
  session.on('error', () => {});
  await once(session, 'remoteSettings');
  return session;
}
/** All that the server says until it closes. */
async function rest(socket: TLSSocket): Promise<string> {
  let text = '';
  socket.on('data', (chunk: Buffer) => (text += chunk.toString('latin1')));
  await once(socket, 'close');
  return text;
}

async function post(session: ClientHttp2Session, size: number): Promise<{ status: number; text: string }> {
  const stream = session.request({ ':method': 'POST', ':path': '/' });
  stream.on('error', () => {});
  stream.end(Buffer.alloc(size));
  let status = 0;
  let text = '';
  stream.on('response', (headers) => (status = Number(headers[':status'])));
  stream.on('data', (chunk: Buffer) => (text += chunk.toString()));
  await once(stream, 'close');
  return { status, text };
}

const REFUSED = /Request entity too large: limit is 3145728/;

test('a body may be 3 MiB; a larger one is read to the end and refused, a huge one only to a bound', async () => {
  const session = await http2(await open());
  assert.deepEqual(await post(session, BODY_MAX_BYTES), { status: 200, text: String(BODY_MAX_BYTES) });
  for (const size of [BODY_MAX_BYTES + 1, BODY_MAX_BYTES + DROPPED_MAX_BYTES + (4 << 20)]) {
    const { status, text } = await post(session, size);
    assert.equal(status, 413);
    assert.match(text, REFUSED);
  }
  assert.equal((await post(session, 1)).status, 200, 'the connection goes on');
  session.close();
});

test('over HTTP/1.1 the connection closes when a huge body was not read to its end', async () => {
  const door = await open();
  const socket = await http1(door);
  const length = BODY_MAX_BYTES + DROPPED_MAX_BYTES + (64 << 20);
  socket.write(`POST / HTTP/1.1\r\nhost: x\r\ncontent-length: ${length}\r\n\r\n`);
  socket.write(Buffer.alloc(BODY_MAX_BYTES + DROPPED_MAX_BYTES + 1));
  const answer = await rest(socket);
  assert.match(answer, /^HTTP\/1\.1 413 /);
  assert.match(answer, /^connection: close\r$/im);
  assert.match(answer, REFUSED);
});

test('headers and URLs beyond the limit are refused', async () => {
  const door = await open();
  for (const head of [
    `GET /${'x'.repeat(70_000)} HTTP/1.1\r\n`,
    `GET / HTTP/1.1\r\nx: ${'x'.repeat(70_000)}\r\n`,
  ]) {
    const socket = await http1(door);
    socket.write(`${head}host: x\r\n\r\n`);
    // The 431 is lost where the client was still sending when the connection closed.
    assert.match(await rest(socket), /^$|^HTTP\/1\.1 431 /);
  }
});

test('a client that never gets its headers said is cut off', async () => {
  const door = await open(200);
  const socket = await http1(door);
  socket.write('GET / HTTP/1.1\r\nhost: x\r\n');
  const drip = clock.after(50, () => socket.write('x-a: b\r\n'));
  assert.match(await rest(socket), /^HTTP\/1\.1 408 /);
  drip.cancel();
  assert.equal(door.listener.connections, 0);
});

test('streams of a connection are bounded', async () => {
  const session = await http2(await open());
  assert.equal(session.remoteSettings.maxConcurrentStreams, 250);
  session.close();
});

test('closing over HTTP/2: GOAWAY, what is under way ends whole, and then the connection', async () => {
  const door = await open();
  const session = await http2(door);
  const goaway = once(session, 'goaway');
  const stream = session.request({ ':path': '/held' });
  const chunks: Buffer[] = [];
  stream.on('data', (chunk: Buffer) => chunks.push(chunk));
  const ended = once(stream, 'end');
  while (door.held.length === 0) await clock.sleep(1);
  const stopped = stop(door.listener, 5_000);
  assert.equal((await goaway)[0], constants.NGHTTP2_NO_ERROR);
  const sink = door.held[0]?.startStream(200, {});
  sink?.write('first frame\n');
  sink?.write('last frame\n');
  sink?.end();
  await ended;
  assert.equal(Buffer.concat(chunks).toString(), 'first frame\nlast frame\n');
  await stopped;
  assert.ok(session.closed || session.destroyed);
  await assert.rejects(http1(door), 'no new connections');
});

test('closing over HTTP/1.1: idle connections at once, busy ones with their answer', async () => {
  const door = await open();
  const [idle, busy] = [await http1(door), await http1(door)];
  idle.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n');
  await once(idle, 'data');
  const idleClosed = once(idle, 'close');
  busy.write('GET /held HTTP/1.1\r\nhost: x\r\n\r\n');
  const answer = rest(busy);
  while (door.held.length === 0) await clock.sleep(1);
  const stopped = stop(door.listener, 5_000);
  await idleClosed;
  door.held[0]?.respond(200, {}, 'whole');
  const text = await answer;
  assert.match(text, /^connection: close\r$/im);
  assert.ok(text.endsWith('whole'));
  await stopped;
});

test('what does not end within the grace is cut', async () => {
  const door = await open();
  const session = await http2(door);
  session.request({ ':path': '/held' }).on('error', () => {});
  while (door.held.length === 0) await clock.sleep(1);
  const closed = once(session, 'close');
  await stop(door.listener, 40);
  await closed;
});

test('another certificate serves new connections, and those that are open stay', async () => {
  const { listener, port } = await open();
  const subject = (socket: TLSSocket): string | undefined => socket.getPeerX509Certificate()?.subject;
  const first = connectTls({ host: '127.0.0.1', port, ca });
  await once(first, 'secureConnect');
  assert.equal(subject(first), 'CN=server');
  const next = issueCertificate(authority, {
    commonName: 'renewed',
    usage: 'server',
    hosts: ['127.0.0.1'],
    nowMs: clock.now(),
    validDays: 1,
  });
  listener.replaceCertificate(next.certificatePem, next.keyPem);
  const second = connectTls({ host: '127.0.0.1', port, ca });
  await once(second, 'secureConnect');
  assert.equal(subject(second), 'CN=renewed');
  first.write('POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\n\r\nok');
  const [answer] = (await once(first, 'data')) as [Buffer];
  assert.match(answer.toString(), /^HTTP\/1\.1 200 OK/);
  first.destroy();
  second.destroy();
});
