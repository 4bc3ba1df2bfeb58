/**
 * An answer that streams, over a WebSocket: logs and watches as browsers ask for them. To the rest of the
 * server it is an exchange like any other; a refusal is a plain HTTP answer, for the connection becomes a
 * WebSocket only when there is something to stream.
 *
 * Framing: each event of a watch is a text message; a log's bytes are binary messages, or text ones in base64.
 */

import type { WebSocket } from 'ws';
import type { UpgradeRequest } from '../http/listener.ts';
import type { Exchange, Headers, ResponseStream } from '../http/exchange.ts';

export type Framing = 'events' | 'bytes' | 'base64';

export interface SocketAnswer {
  readonly framing: Framing;
  readonly accept: () => Promise<WebSocket>;
  readonly refuse: (status: number, headers: Headers, body: Uint8Array | string) => void;
}

export function socketExchange(
  { message, socket, remoteAddress, certificate }: UpgradeRequest,
  { framing, accept, refuse }: SocketAnswer,
): Exchange {
  const abort = new AbortController();
  socket.once('close', () => abort.abort());
  const { signal } = abort;
  return {
    method: 'GET',
    url: message.url ?? '',
    // Events are split by lines, which only JSON has.
    headers: framing === 'events' ? { ...message.headers, accept: 'application/json' } : message.headers,
    remoteAddress,
    certificate,
    signal,
    whenClosed: (run) => (signal.aborted ? run() : signal.addEventListener('abort', run, { once: true })),
    body: async () => Buffer.alloc(0),
    bodyStream: async function* () {},
    respond: refuse,
    startStream: () => new SocketStream(accept(), framing, () => abort.abort()),
  };
}

class SocketStream implements ResponseStream {
  readonly #framing: Framing;
  readonly #socket: Promise<WebSocket | undefined>;
  #sent: Promise<void> = Promise.resolve();
  /** Of an event whose end has not come yet. */
  #rest = '';

  constructor(socket: Promise<WebSocket>, framing: Framing, onFailure: () => void) {
    this.#framing = framing;
    this.#socket = socket.then(
      (open) => {
        open.on('error', () => open.terminate());
        return open;
      },
      () => {
        onFailure();
        return undefined;
      },
    );
  }

  write(chunk: Uint8Array | string): boolean {
    for (const message of this.#messages(Buffer.from(chunk)))
      this.#sent = Promise.all([this.#socket, this.#sent]).then(([socket]) => send(socket, message));
    return false;
  }

  #messages(bytes: Buffer): readonly (Buffer | string)[] {
    switch (this.#framing) {
      case 'bytes':
        return [bytes];
      case 'base64':
        return [bytes.toString('base64')];
      case 'events': {
        const lines = (this.#rest + bytes.toString()).split('\n');
        this.#rest = lines.pop() ?? '';
        return lines;
      }
    }
  }

  drained(): Promise<void> {
    return this.#sent;
  }

  end(): void {
    void Promise.all([this.#socket, this.#sent]).then(([socket]) => socket?.close(1000));
  }

  destroy(): void {
    void this.#socket.then((socket) => socket?.terminate());
  }
}

function send(socket: WebSocket | undefined, message: Buffer | string): Promise<void> {
  if (socket === undefined || socket.readyState !== socket.OPEN) return Promise.resolve();
  // A socket that closes meanwhile is noticed by its `close` event.
  return new Promise((resolve) => socket.send(message, () => resolve()));
}
