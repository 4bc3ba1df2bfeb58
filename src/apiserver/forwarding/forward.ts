/**
 * Passes a request on to another HTTP(S) server and its answer back: the transport behind `proxy`
 * subresources and aggregated APIs.
 *
 * Inputs: the client's exchange (or its upgrade), and where to pass it on. Outputs: what the other side
 * answers. Invariants: bodies flow both ways, read no faster than the other side takes them; headers of one
 * hop and the client's credentials stay here; when the client leaves, the request to the other side ends,
 * and an answer that breaks off breaks off at the client too.
 */

import { gunzip, inflateRaw } from 'node:zlib';
import { promisify } from 'node:util';
import { pipeline } from 'node:stream/promises';
import { errorText } from '../../base/log.ts';
import { ApiError } from '../../api/meta/api-error.ts';
import type { Network, StreamedAnswer, StreamedRequest } from '../../host/host.ts';
import { headerText, type Exchange, type Headers } from '../http/exchange.ts';
import type { UpgradeRequest } from '../http/listener.ts';
import { answerHeaders, requestHeaders, upgradeHeaders } from './forward-headers.ts';
import { rewriteHtml, rewriteLink, type LinkPlace } from './links.ts';

/** A page that is longer goes through as it is. */
const PAGE_MAX_BYTES = 8 << 20;

/** Where a request is passed on to. */
export interface Upstream {
  /** Scheme, host, path and query. */
  readonly url: string;
  /** Added to the client's, or in place of them. */
  readonly headers: Headers;
  /** What stands before the proxied path in links to the client. */
  readonly prefix: string;
  /** `host` of the request; absent: that of the client. */
  readonly host?: string;
  readonly trust: Pick<StreamedRequest, 'connectTo' | 'caPem' | 'insecure' | 'clientCertificate'>;
}

/** Rejects with `ServiceUnavailable` when there is no answer, as long as nothing was answered. */
export async function forward(
  network: Network,
  exchange: Exchange,
  upstream: Upstream,
  signal: AbortSignal = exchange.signal,
): Promise<void> {
  const { method, headers } = exchange;
  const clientHost = headerText(headers, 'host') || headerText(headers, ':authority');
  const answer = await ask(network, {
    method,
    url: upstream.url,
    headers: {
      ...requestHeaders(headers, exchange.remoteAddress),
      ...forwarded(upstream),
      host: upstream.host ?? clientHost,
    },
    ...upstream.trust,
    ...(hasBody(method, headers) ? { body: exchange.bodyStream() } : {}),
    signal,
  });
  const place = { prefix: upstream.prefix, host: new URL(upstream.url).host, clientHost };
  await respond(exchange, answer, place);
}

async function ask(network: Network, request: StreamedRequest): Promise<StreamedAnswer> {
  try {
    return await network.open(request);
  } catch (error) {
    throw unreachable(errorText(error), error);
  }
}

export function unreachable(why: string, cause?: unknown): ApiError {
  return new ApiError(503, 'ServiceUnavailable', `error trying to reach service: ${why}`, undefined, cause);
}

function forwarded({ prefix, url, headers }: Upstream): Headers {
  return { ...headers, 'x-forwarded-uri': prefix + new URL(url).pathname };
}

function hasBody(method: string, headers: Headers): boolean {
  if (headers['content-length'] !== undefined) return headers['content-length'] !== '0';
  // HTTP/2 has no other sign of a body than that it comes.
  return headers['transfer-encoding'] !== undefined || /^(POST|PUT|PATCH)$/.test(method);
}

async function respond(exchange: Exchange, answer: StreamedAnswer, place: LinkPlace): Promise<void> {
  const headers = answerHeaders(answer.headers);
  const location = headerText(headers, 'location');
  if (location !== '') headers['location'] = rewriteLink(location, place);
  else if (isPage(headers) && exchange.method !== 'HEAD' && place.prefix !== '') {
    return respondPage(exchange, answer, headers, place);
  }
  return pour(exchange, answer.status, headers, answer.body);
}

function isPage(headers: Headers): boolean {
  return /^text\/html\s*(;|$)/.test(headerText(headers, 'content-type'));
}

async function pour(
  exchange: Exchange,
  status: number,
  headers: Headers,
  chunks: AsyncIterable<Uint8Array>,
): Promise<void> {
  const stream = exchange.startStream(status, headers);
  try {
    for await (const chunk of chunks) {
      if (!stream.write(chunk)) await stream.drained();
      if (exchange.signal.aborted) break;
    }
    stream.end();
  } catch {
    // Nothing else tells the client that what it has is not the whole.
    stream.destroy();
  }
}

const unpack: { readonly [encoding: string]: ((bytes: Buffer) => Promise<Buffer>) | undefined } = {
  '': async (bytes) => bytes,
  gzip: promisify(gunzip),
  deflate: promisify(inflateRaw),
};

/** A page is read whole, since a link may stand anywhere. It leaves unpacked. */
async function respondPage(
  exchange: Exchange,
  { status, body }: StreamedAnswer,
  headers: { [name: string]: string | readonly string[] },
  place: LinkPlace,
): Promise<void> {
  const decode = unpack[headerText(headers, 'content-encoding')];
  if (decode === undefined) return pour(exchange, status, headers, body);
  const chunks: Uint8Array[] = [];
  let size = 0;
  const rest = body[Symbol.asyncIterator]();
  for (let next = await rest.next(); next.done !== true; next = await rest.next()) {
    chunks.push(next.value);
    size += next.value.byteLength;
    if (size > PAGE_MAX_BYTES) return pour(exchange, status, headers, joined(chunks, rest));
  }
  delete headers['content-length'];
  delete headers['content-encoding'];
  const text = (await decode(Buffer.concat(chunks))).toString('latin1');
  // Every byte stays what it was: markup is ASCII in all encodings that a page can have here.
  exchange.respond(status, headers, Buffer.from(rewriteHtml(text, place), 'latin1'));
}

async function* joined(
  first: readonly Uint8Array[],
  rest: AsyncIterator<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  yield* first;
  for (let next = await rest.next(); next.done !== true; next = await rest.next()) yield next.value;
}

/** Passes an upgrade on; resolves when one side has closed. Rejects as `forward` does. */
export async function forwardUpgrade(
  network: Network,
  { message, socket, head, remoteAddress }: UpgradeRequest,
  upstream: Upstream,
): Promise<void> {
  const abort = new AbortController();
  socket.once('close', () => abort.abort());
  const answer = await ask(network, {
    method: message.method ?? 'GET',
    url: upstream.url,
    headers: {
      ...upgradeHeaders(message.headers, remoteAddress),
      ...upstream.headers,
      host: upstream.host ?? message.headers.host,
    },
    ...upstream.trust,
    signal: abort.signal,
  });
  const { upgraded, status } = answer;
  if (upgraded === undefined) {
    if (status < 400)
      throw new ApiError(500, 'InternalError', `invalid upgrade response: status code ${status}`);
    socket.write(headText(status, { ...answerHeaders(answer.headers), connection: 'close' }));
    await pipeline(answer.body, socket);
    return;
  }
  const { connection = 'Upgrade', upgrade = '' } = answer.headers;
  socket.write(headText(status, { ...answerHeaders(answer.headers), connection, upgrade }));
  if (head.length > 0) upgraded.write(head);
  // Either side's end is the end of both; how it ended is told by the sockets themselves.
  const ways = [pipeline(socket, upgraded), pipeline(upgraded, socket)];
  await Promise.allSettled(ways);
  upgraded.destroy();
  socket.destroy();
}

function headText(status: number, headers: Headers): string {
  const lines = Object.entries(headers).flatMap(([name, value]) =>
    value === undefined ? [] : (typeof value === 'string' ? [value] : value).map((one) => `${name}: ${one}`),
  );
  return [`HTTP/1.1 ${status} ${status === 101 ? 'Switching Protocols' : 'Error'}`, ...lines, '', ''].join(
    '\r\n',
  );
}
