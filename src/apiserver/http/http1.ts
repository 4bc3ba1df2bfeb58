/** HTTP/1.1, for clients without HTTP/2 and for WebSocket upgrades. */

import type { IncomingMessage, ServerResponse } from 'node:http';
import type { PeerCertificate } from 'node:tls';
import type { Exchange, Headers, ResponseStream } from './exchange.ts';
import { readAll, SinkStream, streamOf } from './http2.ts';

export class Http1Exchange implements Exchange {
  readonly method: string;
  readonly url: string;
  readonly headers: Headers;
  readonly remoteAddress: string;
  readonly certificate: PeerCertificate | undefined;
  readonly #request: IncomingMessage;
  readonly #response: ServerResponse;
  #abort: AbortController | undefined;

  constructor(
    request: IncomingMessage,
    response: ServerResponse,
    remoteAddress: string,
    certificate: PeerCertificate | undefined,
  ) {
    this.#request = request;
    this.#response = response;
    this.method = request.method ?? 'GET';
    this.url = request.url ?? '/';
    this.headers = request.headers;
    this.remoteAddress = remoteAddress;
    this.certificate = certificate;
    response.on('error', () => {});
  }

  get signal(): AbortSignal {
    if (this.#abort === undefined) {
      const abort = new AbortController();
      this.#abort = abort;
      this.whenClosed(() => abort.abort());
    }
    return this.#abort.signal;
  }

  whenClosed(run: () => void): void {
    if (this.#response.destroyed) run();
    else this.#response.once('close', run);
  }

  body(limitBytes: number): Promise<Buffer> {
    return readAll(this.#request, limitBytes);
  }

  bodyStream(): AsyncIterable<Uint8Array> {
    return streamOf(this.#request);
  }

  respond(status: number, headers: Headers, body: Uint8Array | string): void {
    if (this.#response.destroyed || this.#response.headersSent) return;
    // A client that is still sending would have its next request behind the rest of this one.
    if (!this.#request.complete) this.#response.shouldKeepAlive = false;
    const length = typeof body === 'string' ? Buffer.byteLength(body) : body.byteLength;
    this.#writeHead(status, { ...headers, 'content-length': String(length) });
    this.#response.end(body);
  }

  startStream(status: number, headers: Headers): ResponseStream {
    if (!this.#response.destroyed && !this.#response.headersSent) {
      this.#writeHead(status, headers);
      this.#response.flushHeaders();
    }
    return new SinkStream(this.#response);
  }

  #writeHead(status: number, headers: Headers): void {
    this.#response.statusCode = status;
    for (const [name, value] of Object.entries(headers)) {
      if (value !== undefined) this.#response.setHeader(name, value);
    }
  }
}
