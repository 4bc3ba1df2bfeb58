/**
 * Streams of the container runtime: its streaming server is reached over WebSocket, at the URL that the
 * runtime gave for one session.
 */

import { WebSocket } from 'ws';

import type { ExecResult, PortStream, ProcessStreams } from '../../client/node-operations.ts';
import { ByteQueue } from '../../client/streams/byte-queue.ts';
import { runChannelClient } from '../../client/streams/channel-protocol.ts';

/** Containerd before 2.0 refuses v5, and answers 403 when it is offered. */
const PROTOCOLS = ['v4.channel.k8s.io'];
const CONNECT_TIMEOUT_MS = 30_000;
const BUFFER_BYTES = 1 << 20;
const PORT_DATA = 0;
const PORT_ERROR = 1;

/** A command or an attachment; resolves with its end. */
export async function runRuntimeStream(
  url: string,
  streams: ProcessStreams,
  signal: AbortSignal,
): Promise<ExecResult> {
  const socket = await connect(url);
  return runChannelClient(socket, streams, signal);
}

/** One connection to a port: data on channel 0, errors on channel 1; each begins with the port's number. */
export async function openRuntimePort(url: string, signal: AbortSignal): Promise<PortStream> {
  const socket = await connect(url);
  const incoming = new ByteQueue(BUFFER_BYTES, () => socket.resume());
  const begun = new Set<number>();
  let failure: string | undefined;
  socket.on('message', (data: Buffer) => {
    const channel = data[0] ?? PORT_DATA;
    if (!begun.has(channel)) {
      begun.add(channel);
      return;
    }
    if (channel === PORT_ERROR) failure = data.subarray(1).toString();
    else if (!incoming.push(data.subarray(1))) socket.pause();
  });
  const stop = (): void => socket.terminate();
  signal.addEventListener('abort', stop, { once: true });
  socket.on('error', () => socket.terminate());
  socket.on('close', () => {
    signal.removeEventListener('abort', stop);
    incoming.end();
  });
  return {
    incoming: failing(incoming, () => failure),
    write: (chunk) => send(socket, chunk),
    // The protocol cannot close one direction: the connection ends when the other side has ended it.
    end: () => {},
    destroy: () => socket.terminate(),
  };
}

async function* failing(
  chunks: AsyncIterable<Uint8Array>,
  failure: () => string | undefined,
): AsyncGenerator<Uint8Array> {
  yield* chunks;
  const text = failure();
  if (text !== undefined) throw new Error(text);
}

function send(socket: WebSocket, chunk: Uint8Array): Promise<void> {
  if (socket.readyState !== socket.OPEN) return Promise.resolve();
  const message = Buffer.concat([Uint8Array.of(PORT_DATA), chunk]);
  return new Promise((resolve) => socket.send(message, { binary: true }, () => resolve()));
}

function connect(url: string): Promise<WebSocket> {
  const address = new URL(url);
  address.protocol = address.protocol === 'https:' ? 'wss:' : 'ws:';
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(address, PROTOCOLS, {
      handshakeTimeout: CONNECT_TIMEOUT_MS,
      perMessageDeflate: false,
      // The runtime serves itself a certificate, on the loopback interface only.
      rejectUnauthorized: false,
    });
    // Data may follow the handshake at once: nothing must be read before somebody listens.
    socket.once('open', () => {
      socket.pause();
      resolve(socket);
      setImmediate(() => socket.resume());
    });
    socket.once('error', (cause) => reject(new Error("cannot connect to the runtime's streams", { cause })));
  });
}
