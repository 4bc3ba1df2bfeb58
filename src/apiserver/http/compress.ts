/**
 * Answers as gzip for clients that take it, on the thread pool. As upstream, only large ones: over a fast
 * network a small answer is there before it is compressed.
 */

import { constants, createGzip, gzip } from 'node:zlib';
import { headerText, type Exchange, type Headers, type ResponseStream } from './exchange.ts';

/** Upstream's `defaultGzipThresholdBytes`, and the level that it compresses at. */
const FROM_BYTES = 128 * 1024;
const OPTIONS = { level: constants.Z_BEST_SPEED };

export function acceptsGzip({ headers }: Exchange): boolean {
  return headerText(headers, 'accept-encoding')
    .split(',')
    .some((clause) => /^\s*gzip\s*(;|$)/i.test(clause) && !/;\s*q=0(\.0*)?\s*$/.test(clause));
}

export async function respondCompressed(
  exchange: Exchange,
  status: number,
  headers: Headers,
  body: Uint8Array | string,
): Promise<void> {
  const size = typeof body === 'string' ? body.length : body.byteLength;
  if (size < FROM_BYTES || !acceptsGzip(exchange)) return exchange.respond(status, headers, body);
  const compressed = await new Promise<Buffer>((resolve, reject) => {
    gzip(body, OPTIONS, (error, result) => (error === null ? resolve(result) : reject(error)));
  });
  exchange.respond(status, compressedHeaders(headers), compressed);
}

function compressedHeaders(headers: Headers): Headers {
  return { ...headers, 'content-encoding': 'gzip', vary: 'Accept-Encoding' };
}

/** A stream that compresses what is written to it; to be told apart from a plain one by nothing. */
export function startCompressedStream(exchange: Exchange, status: number, headers: Headers): ResponseStream {
  const target = exchange.startStream(status, compressedHeaders(headers));
  const gzipper = createGzip(OPTIONS);
  gzipper.on('data', (chunk: Buffer) => {
    if (target.write(chunk)) return;
    gzipper.pause();
    void target.drained().then(() => gzipper.resume());
  });
  gzipper.once('end', () => target.end());
  return {
    write: (chunk) => exchange.signal.aborted || gzipper.write(chunk),
    drained: () =>
      new Promise((resolve) => {
        if (exchange.signal.aborted || !gzipper.writableNeedDrain) return resolve();
        const done = (): void => {
          gzipper.removeListener('drain', done);
          exchange.signal.removeEventListener('abort', done);
          resolve();
        };
        gzipper.once('drain', done);
        exchange.signal.addEventListener('abort', done, { once: true });
      }),
    end: () => gzipper.end(),
    destroy: () => {
      gzipper.destroy();
      target.destroy();
    },
  };
}
