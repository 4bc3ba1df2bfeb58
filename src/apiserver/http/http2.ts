/** HTTP/2 on Node's stream API (measured 1.5 times faster than its request-response shim). */

import { constants, type IncomingHttpHeaders, type ServerHttp2Stream } from 'node:http2';
import type { Readable as NodeReadable } from 'node:stream';
import type { PeerCertificate } from 'node:tls';
import { tooLargeError } from '../../api/meta/api-error.ts';
import type { Exchange, Headers, ResponseStream } from './exchange.ts';

export class Http2Exchange implements Exchange {
  readonly method: string;
  readonly url: string;
  readonly headers: Headers;
  readonly remoteAddress: string;
  readonly certificate: PeerCertificate | undefined;
  readonly #stream: ServerHttp2Stream;
  #abort: AbortController | undefined;

  constructor(
    stream: ServerHttp2Stream,
    headers: IncomingHttpHeaders,
    remoteAddress: string,
    certificate: PeerCertificate | undefined,
  ) {
    this.#stream = stream;
    this.method = headers[':method'] ?? 'GET';
    this.url = headers[':path'] ?? '/';
    this.headers = headers;
    this.remoteAddress = remoteAddress;
    this.certificate = certificate;
    // A client that resets its stream is no fault of ours; `close` follows and aborts the signal.
    stream.on('error', ignore);
  }

  // Made when first asked for: most exchanges end before anyone looks.
  get signal(): AbortSignal {
    if (this.#abort === undefined) {
      const abort = new AbortController();
      this.#abort = abort;
      this.whenClosed(() => abort.abort());
    }
    return this.#abort.signal;
  }

  whenClosed(run: () => void): void {
    if (this.#stream.destroyed) run();
    else this.#stream.once('close', run);
  }

  body(limitBytes: number): Promise<Buffer> {
    return readAll(this.#stream, limitBytes);
  }

  bodyStream(): AsyncIterable<Uint8Array> {
    return streamOf(this.#stream);
  }

  respond(status: number, headers: Headers, body: Uint8Array | string): void {
    if (this.#stream.destroyed || this.#stream.headersSent) return;
    const stream = this.#stream;
    stream.respond({ ':status': status, ...headers });
    stream.end(body);
    // What the client still sends is of no use any more (RFC 9113, 8.1).
    if (!stream.endAfterHeaders && !stream.readableEnded) {
      stream.once('finish', () => stream.close(constants.NGHTTP2_NO_ERROR));
    }
  }

  startStream(status: number, headers: Headers): ResponseStream {
    const stream = this.#stream;
    if (!stream.destroyed && !stream.headersSent) stream.respond({ ':status': status, ...headers });
    return new Http2Sink(stream);
  }
}

const ignore = (): void => {};

/**
 * Of a stream that has closed. Node's session keeps half of its streams until the next full collection (see
 * `Slots`), and a listener knows the request, its object and all that came of it.
 */
export function forgetListeners(stream: ServerHttp2Stream): void {
  for (const event of ['data', 'end', 'finish', 'close', 'error']) stream.removeAllListeners(event);
  stream.on('error', ignore);
}

/** Leaves the source whole when the reader stops early: the answer still goes out on the same stream. */
export function streamOf(source: NodeReadable): AsyncIterable<Uint8Array> {
  return { [Symbol.asyncIterator]: () => source.iterator({ destroyOnReturn: false }) };
}

interface Readable {
  on(event: 'data', listener: (chunk: Buffer) => void): unknown;
  on(event: 'end' | 'aborted' | 'close', listener: () => void): unknown;
  on(event: 'error', listener: (error: Error) => void): unknown;
}

/** So much of a body that is too large is read; after the answer to a larger one, the connection closes. */
export const DROPPED_MAX_BYTES = 8 * 1024 * 1024;

export function readAll(source: Readable, limitBytes: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    let complete = false;
    source.on('data', (chunk) => {
      size += chunk.length;
      if (size <= limitBytes) return void chunks.push(chunk);
      // Read and dropped, up to a bound: a client that is still sending may not come to read the answer.
      chunks.length = 0;
      if (size > limitBytes + DROPPED_MAX_BYTES) reject(tooLargeError(limitBytes));
    });
    source.on('end', () => {
      complete = true;
      if (size > limitBytes) return reject(tooLargeError(limitBytes));
      resolve(chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks));
    });
    source.on('error', reject);
    source.on('close', () => {
      // Every stream closes; an error with its stack is only made for those that did so too early.
      if (!complete) reject(new Error('the client closed the connection before the body was complete'));
    });
  });
}

interface Writable {
  readonly destroyed: boolean;
  readonly writableEnded: boolean;
  write(chunk: Uint8Array | string): boolean;
  end(): unknown;
  destroy(): unknown;
  once(event: 'drain' | 'close', listener: () => void): unknown;
  removeListener(event: 'drain' | 'close', listener: () => void): unknown;
}

/** What is written goes to a stream of Node's. */
export class SinkStream<S extends Writable> implements ResponseStream {
  protected readonly sink: S;

  constructor(sink: S) {
    this.sink = sink;
  }

  write(chunk: Uint8Array | string): boolean {
    const { sink } = this;
    return sink.destroyed || sink.writableEnded ? true : sink.write(chunk);
  }

  drained(): Promise<void> {
    const { sink } = this;
    return new Promise((resolve) => {
      if (sink.destroyed) return resolve();
      const done = (): void => {
        sink.removeListener('drain', done);
        sink.removeListener('close', done);
        resolve();
      };
      sink.once('drain', done);
      sink.once('close', done);
    });
  }

  end(): void {
    if (!this.sink.destroyed) this.sink.end();
  }

  destroy(): void {
    this.sink.destroy();
  }
}

class Http2Sink extends SinkStream<ServerHttp2Stream> {
  override destroy(): void {
    this.sink.close(constants.NGHTTP2_INTERNAL_ERROR);
  }
}
