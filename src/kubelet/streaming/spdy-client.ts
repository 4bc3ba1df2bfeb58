/**
 * The client's side of a SPDY/3.1 session with a runtime's streaming server. Unlike the WebSocket protocol
 * that runtimes speak, it can end one direction of a stream, so that a command sees the end of its input.
 *
 * Invariants: frames leave in the order in which they were asked for (header compression depends on it); a
 * consumer that is slow pauses the whole connection, which bounds what is in memory.
 */

import { request } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';

import { ByteQueue } from '../../client/streams/byte-queue.ts';
import { HeaderReader, HeaderWriter, type SpdyHeaders } from '../../client/streams/spdy/headers.ts';

const SYN_STREAM = 1;
const SYN_REPLY = 2;
const RST_STREAM = 3;
const PING = 6;
const GOAWAY = 7;
const FLAG_FIN = 1;
const CONTROL_BIT = 0x8000;
const VERSION = 3;
const FRAME_MAX_BYTES = 1 << 20;
const STREAM_BUFFER_BYTES = 1 << 20;
const CONNECT_TIMEOUT_MS = 30_000;

export interface SpdyClientStream {
  /** Ends when the other side has ended it, or the connection is gone. */
  readonly incoming: AsyncIterable<Uint8Array>;
  write(bytes: Uint8Array): Promise<void>;
  /** No more is written; `incoming` goes on. */
  end(): Promise<void>;
}

/** `protocols` in order of preference; the server chooses one. */
export function connectSpdy(url: string, protocols: readonly string[]): Promise<SpdyClient> {
  return new Promise((resolve, reject) => {
    const asking = request(url, {
      method: 'POST',
      agent: false,
      timeout: CONNECT_TIMEOUT_MS,
      headers: {
        connection: 'Upgrade',
        upgrade: 'SPDY/3.1',
        'x-stream-protocol-version': [...protocols],
      },
    });
    asking.once('upgrade', (_answer, socket: Duplex, head: Buffer) =>
      resolve(new SpdyClient(socket as Socket, head)),
    );
    asking.once('response', (answer) => {
      answer.resume();
      reject(new Error(`the runtime refused the stream with code ${answer.statusCode ?? 0}`));
    });
    asking.once('timeout', () => asking.destroy(new Error('the runtime did not answer in time')));
    asking.once('error', (cause) =>
      reject(new Error('cannot connect to the streams of the runtime', { cause })),
    );
    asking.end();
  });
}

export class SpdyClient {
  readonly #socket: Socket;
  readonly #writer = new HeaderWriter();
  readonly #reader = new HeaderReader();
  readonly #streams = new Map<number, ByteQueue>();
  readonly #closed = Promise.withResolvers<void>();
  #nextId = 1;
  #pending: Buffer;
  #sending: Promise<void> = Promise.resolve();
  #handling: Promise<void> = Promise.resolve();

  constructor(socket: Socket, head: Buffer) {
    this.#socket = socket;
    this.#pending = head;
    socket.setTimeout(0);
    socket.on('data', (chunk: Buffer) => this.#receive(chunk));
    socket.on('error', () => socket.destroy());
    socket.on('close', () => this.#end());
    if (head.length > 0) this.#receive(Buffer.alloc(0));
  }

  /** Resolves when the connection is gone. */
  get closed(): Promise<void> {
    return this.#closed.promise;
  }

  async open(headers: SpdyHeaders): Promise<SpdyClientStream> {
    const id = this.#nextId;
    this.#nextId += 2;
    const incoming = new ByteQueue(STREAM_BUFFER_BYTES, () => this.#socket.resume());
    this.#streams.set(id, incoming);
    await this.#send(async () => {
      const body = Buffer.alloc(10);
      body.writeUInt32BE(id, 0);
      return control(SYN_STREAM, Buffer.concat([body, await this.#writer.write(headers)]));
    });
    let isEnded = false;
    return {
      incoming,
      write: (bytes) =>
        isEnded || bytes.length === 0 ? Promise.resolve() : this.#send(async () => data(id, bytes, 0)),
      end: () => {
        if (isEnded) return Promise.resolve();
        isEnded = true;
        return this.#send(async () => data(id, new Uint8Array(), FLAG_FIN));
      },
    };
  }

  close(): void {
    this.#socket.destroy();
  }

  /** Resolves when the connection can take more. */
  #send(frame: () => Promise<Buffer>): Promise<void> {
    this.#sending = this.#sending.then(async () => {
      const bytes = await frame();
      if (this.#socket.destroyed || this.#socket.write(bytes)) return;
      await new Promise<void>((resolve) => {
        this.#socket.once('drain', resolve);
        this.#socket.once('close', () => resolve());
      });
    });
    return this.#sending;
  }

  #receive(chunk: Buffer): void {
    this.#pending = this.#pending.length === 0 ? chunk : Buffer.concat([this.#pending, chunk]);
    while (this.#pending.length >= 8) {
      const length = this.#pending.readUInt32BE(4) & 0xffffff;
      if (length > FRAME_MAX_BYTES) return this.close();
      if (this.#pending.length < 8 + length) return;
      const frame = this.#pending.subarray(0, 8 + length);
      this.#pending = this.#pending.subarray(8 + length);
      this.#handling = this.#handling.then(() => this.#handle(frame)).catch(() => this.close());
    }
  }

  async #handle(frame: Buffer): Promise<void> {
    const first = frame.readUInt16BE(0);
    const flags = frame[4] ?? 0;
    const payload = frame.subarray(8);
    if ((first & CONTROL_BIT) === 0) {
      const stream = this.#streams.get(frame.readUInt32BE(0) & 0x7fffffff);
      if (stream === undefined) return;
      if (payload.length > 0 && !stream.push(payload)) this.#socket.pause();
      if ((flags & FLAG_FIN) !== 0) stream.end();
      return;
    }
    switch (frame.readUInt16BE(2)) {
      case SYN_REPLY:
        // Nothing in it matters, but it moves the state of the decompressor.
        await this.#reader.read(payload.subarray(4));
        if ((flags & FLAG_FIN) !== 0) this.#streams.get(payload.readUInt32BE(0) & 0x7fffffff)?.end();
        return;
      case RST_STREAM:
        this.#streams.get(payload.readUInt32BE(0) & 0x7fffffff)?.end();
        return;
      case PING:
        return this.#send(async () => frame);
      case GOAWAY:
      default:
        return;
    }
  }

  #end(): void {
    // What has arrived is still handed over.
    void this.#handling.finally(() => {
      for (const stream of this.#streams.values()) stream.end();
      this.#reader.close();
      this.#writer.close();
      this.#closed.resolve();
    });
  }
}

function control(type: number, body: Uint8Array): Buffer {
  const head = Buffer.alloc(8);
  head.writeUInt16BE(CONTROL_BIT | VERSION, 0);
  head.writeUInt16BE(type, 2);
  head.writeUInt32BE(body.length, 4);
  return Buffer.concat([head, body]);
}

function data(id: number, bytes: Uint8Array, flags: number): Buffer {
  const head = Buffer.alloc(8);
  head.writeUInt32BE(id, 0);
  head.writeUInt32BE(flags * 2 ** 24 + bytes.length, 4);
  return Buffer.concat([head, bytes]);
}
