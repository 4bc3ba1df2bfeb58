/**
 * The remote command protocol over a WebSocket: every message begins with the number of its channel.
 * Older clients speak `channel.k8s.io`, which tells failures as text and success not at all; with `base64` in its
 * name, messages are text: the channel as a digit, then the payload in base64.
 * `v4.channel.k8s.io` reports the exit as a Status on the error channel; `v5` can also close one direction,
 * which is how the end of stdin gets through. Both sides are here: servers read stdin and write output,
 * clients the other way.
 */

import { whenAborted } from '../../base/abort.ts';
import type { WebSocket } from 'ws';
import type { ExecResult, ProcessStreams, TerminalSize } from '../node-operations.ts';
import { ByteQueue } from './byte-queue.ts';

export const CHANNEL_PROTOCOLS = ['v5.channel.k8s.io', 'v4.channel.k8s.io'] as const;
/** What servers speak; clients that name none mean the oldest. */
export const SERVED_CHANNEL_PROTOCOLS: readonly string[] = [
  ...CHANNEL_PROTOCOLS,
  'v4.base64.channel.k8s.io',
  'channel.k8s.io',
  'base64.channel.k8s.io',
  '',
];
export type ChannelProtocol = (typeof CHANNEL_PROTOCOLS)[number];

const STDIN = 0;
const STDOUT = 1;
const STDERR = 2;
const ERROR = 3;
const RESIZE = 4;
/** Where the channel is a digit. */
const DIGIT_ZERO = 48;
/** v5: the byte after it names the channel that is closed. */
const CLOSE = 255;

const BUFFER_MAX_BYTES = 1 << 20;

export interface ChannelStreams {
  readonly stdin: boolean;
  readonly stdout: boolean;
  readonly stderr: boolean;
  readonly tty: boolean;
}

/** The server's side: what the process gets, and how its end is told. */
export class ChannelServer {
  readonly streams: ProcessStreams;
  readonly #socket: WebSocket;
  readonly #abort = new AbortController();

  constructor(socket: WebSocket, wanted: ChannelStreams) {
    this.#socket = socket;
    const stdin = new ByteQueue(BUFFER_MAX_BYTES, () => socket.resume());
    const resizes = new ByteQueue(BUFFER_MAX_BYTES);
    socket.on('message', (data: Buffer) => {
      const [channel, payload] = readMessage(socket, data);
      if (channel === STDIN && wanted.stdin && !stdin.push(payload)) socket.pause();
      else if (channel === RESIZE) resizes.push(payload);
      else if (channel === CLOSE && payload[0] === STDIN) stdin.end();
    });
    socket.on('close', () => {
      stdin.end();
      resizes.end();
      this.#abort.abort();
    });
    socket.on('error', () => socket.terminate());
    this.streams = {
      stdin: wanted.stdin ? stdin : undefined,
      stdout: wanted.stdout ? (chunk) => this.#send(STDOUT, chunk) : undefined,
      stderr: wanted.stderr && !wanted.tty ? (chunk) => this.#send(STDERR, chunk) : undefined,
      resizes: wanted.tty ? terminalSizes(resizes) : undefined,
    };
    // An empty message tells the client that the connection is there.
    void this.#send(wanted.stdout ? STDOUT : wanted.stderr ? STDERR : ERROR, Buffer.alloc(0));
  }

  /** Aborts when the client is gone. */
  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  async finish(result: ExecResult): Promise<void> {
    const isOld = !/^v[45]\./.test(this.#socket.protocol);
    const end = isOld ? failureText(result) : JSON.stringify(statusOf(result));
    if (end !== '') await this.#send(ERROR, Buffer.from(end));
    this.#socket.close(1000);
  }

  #send(channel: number, chunk: Uint8Array): Promise<void> {
    return sendOn(this.#socket, channel, chunk);
  }
}

/** The client's side: feeds a remote process from `streams` and resolves with its end. */
export function runChannelClient(
  socket: WebSocket,
  streams: ProcessStreams,
  signal: AbortSignal,
): Promise<ExecResult> {
  const canClose = socket.protocol === 'v5.channel.k8s.io';
  void feed(socket, streams, canClose);
  return new Promise<ExecResult>((resolve) => {
    let result: ExecResult = { error: 'the connection to the node was closed before the command ended' };
    let delivered = Promise.resolve();
    const deliver = (write: ProcessStreams['stdout'], chunk: Uint8Array): void => {
      if (write === undefined) return;
      // Output is passed on in order; a slow reader pauses the connection.
      socket.pause();
      delivered = delivered
        .then(() => write(chunk))
        .then(
          () => socket.resume(),
          () => socket.terminate(),
        );
    };
    socket.on('message', (data: Buffer) => {
      const payload = data.subarray(1);
      if (data[0] === STDOUT) deliver(streams.stdout, payload);
      else if (data[0] === STDERR) deliver(streams.stderr, payload);
      else if (data[0] === ERROR && payload.length > 0) result = resultOf(payload.toString());
    });
    socket.on('error', (error) => {
      result = { error: error.message };
    });
    const stop = whenAborted(signal, () => socket.terminate());
    socket.on('close', () => {
      stop();
      void delivered.finally(() => resolve(result));
    });
  });
}

async function feed(socket: WebSocket, { stdin, resizes }: ProcessStreams, canClose: boolean): Promise<void> {
  const sizes = (async (): Promise<void> => {
    if (resizes === undefined) return;
    for await (const { width, height } of resizes) {
      await sendOn(socket, RESIZE, Buffer.from(JSON.stringify({ Width: width, Height: height })));
    }
  })();
  if (stdin !== undefined) {
    for await (const chunk of stdin) await sendOn(socket, STDIN, chunk);
    if (canClose) await sendOn(socket, CLOSE, Uint8Array.of(STDIN));
  }
  await sizes;
}

const isBase64 = ({ protocol }: WebSocket): boolean => protocol.includes('base64');

function readMessage(socket: WebSocket, data: Buffer): readonly [channel: number, payload: Buffer] {
  const [first = STDIN, payload] = [data[0], data.subarray(1)];
  if (!isBase64(socket)) return [first, payload];
  return [first - DIGIT_ZERO, Buffer.from(payload.toString('latin1'), 'base64')];
}

function sendOn(socket: WebSocket, channel: number, chunk: Uint8Array): Promise<void> {
  if (socket.readyState !== socket.OPEN) return Promise.resolve();
  if (isBase64(socket)) {
    const text = `${channel}${Buffer.from(chunk).toString('base64')}`;
    return new Promise((resolve) => socket.send(text, () => resolve()));
  }
  const message = Buffer.allocUnsafe(chunk.length + 1);
  message[0] = channel;
  message.set(chunk, 1);
  // A socket that closes meanwhile is noticed by its `close` event.
  return new Promise((resolve) => socket.send(message, { binary: true }, () => resolve()));
}

async function* terminalSizes(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<TerminalSize> {
  for await (const chunk of chunks) {
    try {
      const { Width = 0, Height = 0 } = JSON.parse(Buffer.from(chunk).toString()) as {
        Width?: number;
        Height?: number;
      };
      yield { width: Width, height: Height };
    } catch {
      // A malformed size changes nothing.
    }
  }
}

/** The Status that ends a command: success, a non-zero exit, or a failure to run it. */
export function statusOf(result: ExecResult): object {
  const base = { metadata: {}, apiVersion: 'v1', kind: 'Status' };
  if ('error' in result) {
    return {
      ...base,
      status: 'Failure',
      reason: 'InternalError',
      message: result.error,
      code: 500,
      details: { causes: [{ message: result.error }] },
    };
  }
  if (result.exitCode === 0) return { ...base, status: 'Success' };
  return {
    ...base,
    status: 'Failure',
    reason: 'NonZeroExitCode',
    message: `command terminated with non-zero exit code: exit status ${result.exitCode}`,
    details: { causes: [{ reason: 'ExitCode', message: String(result.exitCode) }] },
  };
}

function failureText(result: ExecResult): string {
  const status = statusOf(result) as { readonly status: string; readonly message?: string };
  return status.status === 'Success' ? '' : (status.message ?? '');
}

export function resultOf(text: string): ExecResult {
  interface Received {
    readonly status?: string;
    readonly message?: string;
    readonly details?: {
      readonly causes?: readonly { readonly reason?: string; readonly message?: string }[];
    };
  }
  let status: Received;
  try {
    status = JSON.parse(text) as Received;
  } catch {
    return { error: text };
  }
  if (status.status === 'Success') return { exitCode: 0 };
  const exit = status.details?.causes?.find((cause) => cause.reason === 'ExitCode');
  return exit === undefined ? { error: status.message ?? text } : { exitCode: Number(exit.message) };
}
