/** An exchange whose answer carries some headers whatever it is. */

import type { PeerCertificate } from 'node:tls';
import type { Exchange, Headers, ResponseStream } from './exchange.ts';

export class StampedExchange implements Exchange {
  readonly #inner: Exchange;
  readonly #stamp: Headers;
  readonly method: string;
  readonly url: string;
  readonly headers: Headers;

  constructor(inner: Exchange, stamp: Headers) {
    this.#inner = inner;
    this.#stamp = stamp;
    this.method = inner.method;
    this.url = inner.url;
    this.headers = inner.headers;
  }

  get remoteAddress(): string {
    return this.#inner.remoteAddress;
  }
  get certificate(): PeerCertificate | undefined {
    return this.#inner.certificate;
  }
  get signal(): AbortSignal {
    return this.#inner.signal;
  }

  whenClosed(run: () => void): void {
    this.#inner.whenClosed(run);
  }

  body(limitBytes: number): Promise<Buffer> {
    return this.#inner.body(limitBytes);
  }

  bodyStream(): AsyncIterable<Uint8Array> {
    return this.#inner.bodyStream();
  }

  respond(status: number, headers: Headers, body: Uint8Array | string): void {
    this.#inner.respond(status, { ...this.#stamp, ...headers }, body);
  }

  startStream(status: number, headers: Headers): ResponseStream {
    return this.#inner.startStream(status, { ...this.#stamp, ...headers });
  }
}
