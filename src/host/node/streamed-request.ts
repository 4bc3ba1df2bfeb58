/**
 * One HTTP/1.1 request whose bodies flow. The caller's body is sent as fast as the other side takes it, the
 * answer arrives as fast as the caller reads it; an upgrade hands over the connection.
 */

import * as http from 'node:http';
import * as https from 'node:https';
import { Readable, type Duplex } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { StreamedAnswer, StreamedRequest } from '../host.ts';

export function open(wanted: StreamedRequest): Promise<StreamedAnswer> {
  const { promise, resolve, reject } = Promise.withResolvers<StreamedAnswer>();
  const { signal, body, connectTo } = wanted;
  if (signal.aborted) return Promise.reject(new Error('context canceled'));
  const url = new URL(wanted.url);
  const host = connectTo?.host ?? url.hostname.replace(/^\[|\]$/g, '');
  const port = connectTo?.port ?? portOf(url);
  const sent = (url.protocol === 'https:' ? https : http).request({ ...optionsOf(wanted, url), host, port });
  const fail = (error: Error): void => {
    reject(new Error(signal.aborted ? 'context canceled' : textOf(error, host, port), { cause: error }));
  };
  sent.on('error', fail);
  sent.once('upgrade', (response, socket: Duplex, head: Buffer) => {
    if (head.length > 0) socket.unshift(head);
    socket.on('error', () => socket.destroy());
    resolve({ ...headOf(response), body: Readable.from([]), upgraded: socket });
  });
  sent.once('response', (response) => {
    // The reader hears of a broken connection while it reads; nobody may be reading when it breaks.
    response.on('error', () => undefined);
    resolve({ ...headOf(response), body: response });
  });
  if (body === undefined) sent.end();
  // A failure to send is told by `error`, unless an answer came first: then the answer stands.
  else void pipeline(Readable.from(body, { objectMode: false }), sent).catch(fail);
  return promise;
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
    agent: false,
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
function textOf(error: NodeJS.ErrnoException, host: string, port: number): string {
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
