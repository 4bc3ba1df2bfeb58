/**
 * One HTTP/1.1 request whose bodies flow. The caller's body is sent as fast as the other side takes it,
 * the answer arrives as fast as the caller reads it; an upgrade hands over the connection.
 *
 * Connections are used again, by those who would trust the same server with the same certificate. One that
 * the other side has closed while nothing was under way may fail the next request; that request is made
 * once more only when it cannot have done anything twice, as Go's transport has it.
 */

import * as http from 'node:http';
import * as https from 'node:https';
import { Readable, type Duplex } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { StreamedAnswer, StreamedRequest } from '../host.ts';

/** Open connections that nothing is under way on: how many for one server, and how long (as upstream has them). */
const IDLE_MAX = 25;
const IDLE_MAX_MS = 90_000;

export interface Connections {
  readonly http: http.Agent;
  /** Keeps apart what differs in certificates and names. */
  readonly https: https.Agent;
}

export function createConnections(): Connections {
  const options = { keepAlive: true, maxFreeSockets: IDLE_MAX, timeout: IDLE_MAX_MS };
  return { http: new http.Agent(options), https: new https.Agent(options) };
}

/** `connections` undefined: over a connection of its own. */
export function open(wanted: StreamedRequest, connections: Connections | undefined): Promise<StreamedAnswer> {
  const { promise, resolve, reject } = Promise.withResolvers<StreamedAnswer>();
  const { signal, body, connectTo } = wanted;
  if (signal.aborted) return Promise.reject(new Error('context canceled'));
  const url = new URL(wanted.url);
  const host = connectTo?.host ?? url.hostname.replace(/^\[|\]$/g, '');
  const port = connectTo?.port ?? portOf(url);
  const [request, agent] =
    url.protocol === 'https:' ? [https.request, connections?.https] : [http.request, connections?.http];
  const sent = request({ ...optionsOf(wanted, url), agent: agent ?? false, host, port });
  let isAnswered = false;
  const fail = (error: Error): void => {
    if (signal.aborted) return reject(new Error('context canceled', { cause: error }));
    const isStale = sent.reusedSocket && !isAnswered && wasClosedBefore(error);
    if (isStale && isRepeatable(wanted)) return resolve(open(wanted, undefined));
    reject(new Error(textOf(error, host, port), { cause: error }));
  };
  sent.on('error', fail);
  sent.once('upgrade', (response, socket: Duplex, head: Buffer) => {
    if (head.length > 0) socket.unshift(head);
    socket.on('error', () => socket.destroy());
    resolve({ ...headOf(response), body: Readable.from([]), upgraded: socket });
  });
  sent.once('response', (response) => {
    isAnswered = true;
    // The reader hears of a broken connection while it reads; nobody may be reading when it breaks.
    response.on('error', () => undefined);
    resolve({ ...headOf(response), body: response });
  });
  if (body === undefined) sent.end();
  // A failure to send is told by `error`, unless an answer came first: then the answer stands.
  else void pipeline(Readable.from(body, { objectMode: false }), sent).catch(fail);
  return promise;
}

/** How a connection ends that the other side had closed before. */
const RESET: ReadonlySet<string> = new Set(['ECONNRESET', 'EPIPE']);

export function wasClosedBefore(error: NodeJS.ErrnoException): boolean {
  return RESET.has(error.code ?? '');
}

/** It changes nothing, and nothing of a body is gone. */
function isRepeatable({ method, body }: StreamedRequest): boolean {
  return body === undefined && /^(GET|HEAD|OPTIONS|TRACE)$/.test(method);
}

function optionsOf(wanted: StreamedRequest, url: URL): https.RequestOptions {
  const { caPem, insecure, clientCertificate, signal } = wanted;
  const headers: Record<string, string | string[]> = {};
  for (const [name, value] of Object.entries(wanted.headers)) {
    if (value !== undefined) headers[name] = typeof value === 'string' ? value : [...value];
  }
  const isAddress = /^[\d.]+$|:/.test(url.hostname);
  return {
    method: wanted.method,
    path: url.pathname + url.search,
    headers: { host: url.host, ...headers },
    signal,
    ...(url.protocol === 'https:' && !isAddress ? { servername: url.hostname } : {}),
    ...(insecure === true ? { rejectUnauthorized: false } : {}),
    ...(caPem === undefined ? {} : { ca: caPem }),
    ...(clientCertificate === undefined
      ? {}
      : { cert: clientCertificate.certificatePem, key: clientCertificate.keyPem }),
  };
}

function headOf({
  statusCode = 0,
  headers,
}: http.IncomingMessage): Pick<StreamedAnswer, 'status' | 'headers'> {
  return { status: statusCode, headers };
}

function portOf({ port, protocol }: URL): number {
  return port === '' ? (protocol === 'https:' ? 443 : 80) : Number(port);
}

/** In the words that clients of the reference implementation know. */
export function textOf(error: NodeJS.ErrnoException, host: string, port: number): string {
  const place = host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
  switch (error.code) {
    case 'ECONNREFUSED':
      return `dial tcp ${place}: connect: connection refused`;
    case 'EHOSTUNREACH':
      return `dial tcp ${place}: connect: no route to host`;
    case 'ETIMEDOUT':
      return `dial tcp ${place}: i/o timeout`;
    case 'ENOTFOUND':
      return `dial tcp: lookup ${host}: no such host`;
    default:
      return error.message;
  }
}
