/**
 * One HTTP exchange, independent of the protocol's version. `http1.ts` and `http2.ts` implement it;
 * everything above sees only this. One contract suite runs over both.
 */

import type { PeerCertificate } from 'node:tls';

export type Headers = { readonly [name: string]: string | readonly string[] | undefined };

export interface Exchange {
  readonly method: string;
  /** Path and query as sent. */
  readonly url: string;
  /** Names in lower case. */
  readonly headers: Headers;
  readonly remoteAddress: string;
  /** The verified client certificate; undefined when none was presented or it is not of our CA. */
  readonly certificate: PeerCertificate | undefined;
  /** Aborts when the client goes away or the server gives up on the exchange. */
  readonly signal: AbortSignal;
  /** Calls `run` when `signal` would abort; at once when that is over. For what lasts: a signal is large. */
  whenClosed(run: () => void): void;
  /** The whole body. Rejects with `RequestEntityTooLarge` beyond the limit. */
  body(limitBytes: number): Promise<Buffer>;
  /** The body as it comes, without a limit; read it or `body`, not both. */
  bodyStream(): AsyncIterable<Uint8Array>;
  /** Answers and ends the exchange. May be called once, and not after `startStream`. */
  respond(status: number, headers: Headers, body: Uint8Array | string): void;
  startStream(status: number, headers: Headers): ResponseStream;
}

export interface ResponseStream {
  /** Queues bytes; false asks the caller to await `drained` before the next write. */
  write(chunk: Uint8Array | string): boolean;
  /** Resolves when the client has taken what was queued, or the exchange ended. */
  drained(): Promise<void>;
  end(): void;
  /** Breaks off: the client sees that this was not the whole answer. */
  destroy(): void;
}

export type ExchangeHandler = (exchange: Exchange) => void;

export function headerText(headers: Headers, name: string): string {
  const value = headers[name];
  return value === undefined ? '' : typeof value === 'string' ? value : value.join(', ');
}
