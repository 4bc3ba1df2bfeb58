/**
 * The server's side of a SPDY/3.1 session, as far as `kubectl port-forward` needs it: streams that the
 * client opens, data both ways, half-close, ping. It runs over any ordered byte transport; kubectl brings
 * one inside a WebSocket (KEP-4006), where the transport's own flow control bounds what is in flight.
 */

import { ByteQueue } from '../byte-queue.ts';
import { HeaderReader, HeaderWriter, type SpdyHeaders } from './headers.ts';

const SYN_STREAM = 1;
const SYN_REPLY = 2;
const RST_STREAM = 3;
const PING = 6;
const GOAWAY = 7;
const WINDOW_UPDATE = 9;

const FLAG_FIN = 1;
const CONTROL_BIT = 0x8000;
const VERSION = 3;
const FRAME_MAX_BYTES = 1 << 20;
const STREAMS_MAX = 1_000;
const STREAM_BUFFER_BYTES = 1 << 20;

export interface SpdyTransport {
  /** Resolves when more may be sent. */
  send(bytes: Uint8Array): Promise<void>;
  pause(): void;
  resume(): void;
  close(): void;
}

export class SpdySession {
  readonly #transport: SpdyTransport;
  readonly #onStream: (stream: SpdyStream) => void;
  readonly #streams = new Map<number, SpdyStream>();
  readonly #reader = new HeaderReader();
  readonly #writer = new HeaderWriter();
  #pending: Buffer = Buffer.alloc(0);
  /** Frames are handled strictly one after the other: header compression depends on it. */
  #handling: Promise<void> = Promise.resolve();
  #closed = false;

  constructor(transport: SpdyTransport, onStream: (stream: SpdyStream) => void) {
    this.#transport = transport;
    this.#onStream = onStream;
  }

  receive(chunk: Uint8Array): void {
    this.#pending = this.#pending.length === 0 ? Buffer.from(chunk) : Buffer.concat([this.#pending, chunk]);
    while (this.#pending.length >= 8) {
      const length = this.#pending.readUInt32BE(4) & 0xffffff;
      if (length > FRAME_MAX_BYTES) return this.close();
      if (this.#pending.length < 8 + length) return;
      const frame = this.#pending.subarray(0, 8 + length);
      this.#pending = this.#pending.subarray(8 + length);
      this.#handling = this.#handling.then(() => this.#handle(frame)).catch(() => this.close());
    }
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const stream of this.#streams.values()) stream.ended();
    this.#streams.clear();
    this.#reader.close();
    this.#writer.close();
    this.#transport.close();
  }

  async #handle(frame: Buffer): Promise<void> {
    if (this.#closed) return;
    const first = frame.readUInt16BE(0);
    const flags = frame[4] ?? 0;
    const payload = frame.subarray(8);
    if ((first & CONTROL_BIT) === 0) return this.#data(frame.readUInt32BE(0) & 0x7fffffff, flags, payload);
    switch (frame.readUInt16BE(2)) {
      case SYN_STREAM:
        return this.#open(payload, flags);
      case RST_STREAM:
        this.#drop(payload.readUInt32BE(0) & 0x7fffffff);
        return;
      case PING:
        return this.#transport.send(frame);
      case GOAWAY:
        if (this.#streams.size === 0) this.close();
        return;
      default:
        return;
    }
  }

  async #open(payload: Buffer, flags: number): Promise<void> {
    const id = payload.readUInt32BE(0) & 0x7fffffff;
    const headers = await this.#reader.read(payload.subarray(10));
    if (this.#streams.size >= STREAMS_MAX) {
      const body = Buffer.alloc(8);
      body.writeUInt32BE(id, 0);
      // REFUSED_STREAM
      body.writeUInt32BE(3, 4);
      return this.#transport.send(control(RST_STREAM, 0, body));
    }
    const stream = new SpdyStream(id, headers, {
      send: (bytes, fin) => this.#sendData(id, bytes, fin),
      consumed: (bytes) => this.#sendWindow(id, bytes),
      full: () => this.#transport.pause(),
      room: () => this.#transport.resume(),
      finished: () => this.#streams.delete(id),
    });
    this.#streams.set(id, stream);
    if ((flags & FLAG_FIN) !== 0) stream.ended();
    const block = await this.#writer.write(new Map());
    const body = Buffer.alloc(4);
    body.writeUInt32BE(id, 0);
    await this.#transport.send(control(SYN_REPLY, 0, Buffer.concat([body, block])));
    this.#onStream(stream);
  }

  #data(id: number, flags: number, payload: Buffer): void {
    const stream = this.#streams.get(id);
    if (stream === undefined) return;
    if (payload.length > 0) stream.received(payload);
    if ((flags & FLAG_FIN) !== 0) stream.ended();
  }

  #drop(id: number): void {
    this.#streams.get(id)?.ended();
    this.#streams.delete(id);
  }

  async #sendData(id: number, bytes: Uint8Array, fin: boolean): Promise<void> {
    if (this.#closed) return;
    const head = Buffer.alloc(8);
    head.writeUInt32BE(id, 0);
    head.writeUInt32BE((fin ? FLAG_FIN << 24 : 0) + bytes.length, 4);
    await this.#transport.send(bytes.length === 0 ? head : Buffer.concat([head, bytes]));
  }

  async #sendWindow(id: number, bytes: number): Promise<void> {
    const body = Buffer.alloc(8);
    body.writeUInt32BE(id, 0);
    body.writeUInt32BE(bytes, 4);
    if (!this.#closed) await this.#transport.send(control(WINDOW_UPDATE, 0, body));
  }
}

function control(type: number, flags: number, body: Uint8Array): Buffer {
  const head = Buffer.alloc(8);
  head.writeUInt16BE(CONTROL_BIT | VERSION, 0);
  head.writeUInt16BE(type, 2);
  head.writeUInt32BE(body.length, 4);
  head[4] = flags;
  return Buffer.concat([head, body]);
}

interface StreamPort {
  send(bytes: Uint8Array, fin: boolean): Promise<void>;
  consumed(bytes: number): Promise<void>;
  full(): void;
  room(): void;
  finished(): void;
}

export class SpdyStream {
  readonly id: number;
  readonly headers: SpdyHeaders;
  readonly incoming: AsyncIterable<Uint8Array>;
  readonly #queue: ByteQueue;
  readonly #port: StreamPort;
  #sentEnd = false;

  constructor(id: number, headers: SpdyHeaders, port: StreamPort) {
    this.id = id;
    this.headers = headers;
    this.#port = port;
    this.#queue = new ByteQueue(STREAM_BUFFER_BYTES, () => port.room());
    this.incoming = this.#queue;
  }

  received(bytes: Uint8Array): void {
    if (!this.#queue.push(bytes)) this.#port.full();
    void this.#port.consumed(bytes.length);
  }

  /** The client sends no more. */
  ended(): void {
    this.#queue.end();
    if (this.#sentEnd) this.#port.finished();
  }

  write(bytes: Uint8Array): Promise<void> {
    return this.#sentEnd ? Promise.resolve() : this.#port.send(bytes, false);
  }

  /** We send no more. */
  async end(): Promise<void> {
    if (this.#sentEnd) return;
    this.#sentEnd = true;
    await this.#port.send(new Uint8Array(), true);
  }
}
