/**
 * A kubelet's operations over HTTPS: logs as a plain response, everything else over WebSockets with the
 * channel protocol. The kubelet's certificate is of the cluster's authority, and so is ours.
 */

import { whenAborted } from '../../base/abort.ts';
import { request as httpsRequest } from 'node:https';
import type { IncomingMessage } from 'node:http';
import type { WebSocket } from 'ws';
import { ApiError } from '../../api/meta/api-error.ts';
import type { Status } from '../../api/types.gen.ts';
import type {
  ContainerRef,
  ExecOptions,
  ExecResult,
  LogOptions,
  NodeOperations,
  PortStream,
  ProcessStreams,
} from '../node-operations.ts';
import { ByteQueue } from '../streams/byte-queue.ts';
import { CHANNEL_PROTOCOLS, runChannelClient } from '../streams/channel-protocol.ts';

export interface RemoteNode {
  readonly address: string;
  readonly port: number;
  readonly authorityPem: string;
  readonly client: { readonly certificatePem: string; readonly keyPem: string };
}

const BUFFER_MAX_BYTES = 1 << 20;
/** One raw byte stream per connection, nothing else on it. */
export const PORT_PROTOCOL = 'port.k8ts.io';

export class RemoteNodeOperations implements NodeOperations {
  readonly #node: RemoteNode;

  constructor(node: RemoteNode) {
    this.#node = node;
  }

  async *logs(container: ContainerRef, options: LogOptions, signal: AbortSignal): AsyncGenerator<Uint8Array> {
    const answer = await this.#ask(
      'GET',
      `/containerLogs/${containerPath(container)}${logQuery(options)}`,
      signal,
    );
    if (answer.statusCode !== 200) throw await errorOf(answer);
    try {
      for await (const chunk of answer) yield chunk as Buffer;
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  }

  async exec(
    container: ContainerRef,
    { command, tty }: ExecOptions,
    streams: ProcessStreams,
    signal: AbortSignal,
  ): Promise<ExecResult> {
    const query = streamQuery(streams, tty);
    for (const word of command) query.append('command', word);
    const socket = await this.#open(`/exec/${containerPath(container)}?${query}`, CHANNEL_PROTOCOLS);
    return runChannelClient(socket, streams, signal);
  }

  async attach(
    container: ContainerRef,
    tty: boolean,
    streams: ProcessStreams,
    signal: AbortSignal,
  ): Promise<ExecResult> {
    const socket = await this.#open(
      `/attach/${containerPath(container)}?${streamQuery(streams, tty)}`,
      CHANNEL_PROTOCOLS,
    );
    return runChannelClient(socket, streams, signal);
  }

  async portForward(
    { namespace, pod, uid }: Omit<ContainerRef, 'container'>,
    port: number,
    signal: AbortSignal,
  ): Promise<PortStream> {
    const path = `/portForward/${[namespace, pod, uid].map(encodeURIComponent).join('/')}?port=${port}`;
    const socket = await this.#open(path, [PORT_PROTOCOL]);
    whenAborted(signal, () => socket.terminate());
    return portStream(socket);
  }

  async removeLocalPath(path: string, signal: AbortSignal): Promise<void> {
    const answer = await this.#ask('DELETE', `/localPaths?${new URLSearchParams({ path })}`, signal);
    if (answer.statusCode !== 200) throw await errorOf(answer);
    answer.resume();
  }

  #ask(method: 'GET' | 'DELETE', path: string, signal: AbortSignal): Promise<IncomingMessage> {
    const { address, port, authorityPem, client } = this.#node;
    return new Promise((resolve, reject) => {
      const request = httpsRequest(
        {
          host: address,
          port,
          method,
          path,
          ca: authorityPem,
          cert: client.certificatePem,
          key: client.keyPem,
          signal,
          agent: false,
        },
        resolve,
      );
      request.once('error', (cause) =>
        reject(new Error(`the kubelet at ${address}:${port} is not reachable`, { cause })),
      );
      request.end();
    });
  }

  async #open(path: string, protocols: readonly string[]): Promise<WebSocket> {
    const { address, port, authorityPem, client } = this.#node;
    const { WebSocket: Socket } = await import('ws');
    const socket = new Socket(`wss://${address}:${port}${path}`, [...protocols], {
      ca: authorityPem,
      cert: client.certificatePem,
      key: client.keyPem,
    });
    return new Promise((resolve, reject) => {
      socket.once('open', () => resolve(socket));
      socket.once('unexpected-response', (_request, answer) => void errorOf(answer).then(reject, reject));
      socket.once('error', (cause) =>
        reject(new Error(`the kubelet at ${address}:${port} is not reachable`, { cause })),
      );
    });
  }
}

function containerPath({ namespace, pod, uid, container }: ContainerRef): string {
  return [namespace, pod, uid, container].map(encodeURIComponent).join('/');
}

function streamQuery({ stdin, stdout, stderr }: ProcessStreams, tty: boolean): URLSearchParams {
  const query = new URLSearchParams();
  if (stdin !== undefined) query.set('stdin', '1');
  if (stdout !== undefined) query.set('stdout', '1');
  if (stderr !== undefined) query.set('stderr', '1');
  if (tty) query.set('tty', '1');
  return query;
}

function logQuery(options: LogOptions): string {
  const parts = Object.entries(options).map(
    ([name, value]) => `${name}=${encodeURIComponent(String(value))}`,
  );
  return parts.length === 0 ? '' : `?${parts.join('&')}`;
}

async function errorOf(answer: IncomingMessage): Promise<ApiError> {
  const chunks: Buffer[] = [];
  for await (const chunk of answer) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString();
  const code = answer.statusCode ?? 500;
  try {
    return ApiError.fromStatus(JSON.parse(text) as Partial<Status>, code);
  } catch {
    return new ApiError(code, '', text === '' ? `the kubelet answered ${code}` : text.slice(0, 500));
  }
}

/** The bytes of one WebSocket as a connection. */
export function portStream(socket: WebSocket): PortStream {
  const incoming = new ByteQueue(BUFFER_MAX_BYTES, () => socket.resume());
  socket.on('message', (data: Buffer) => {
    // An empty message is the other side's end of sending.
    if (data.length === 0) incoming.end();
    else if (!incoming.push(data)) socket.pause();
  });
  socket.on('close', () => incoming.end());
  socket.on('error', () => socket.terminate());
  const send = (chunk: Uint8Array): Promise<void> =>
    new Promise((resolve) => {
      if (socket.readyState !== socket.OPEN) resolve();
      else socket.send(chunk, { binary: true }, () => resolve());
    });
  return {
    incoming,
    write: send,
    end: () => void send(new Uint8Array()),
    destroy: () => socket.terminate(),
  };
}
