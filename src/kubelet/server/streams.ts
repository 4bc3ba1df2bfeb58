/**
 * WebSockets of the kubelet's API: processes by the channel protocol, ports as raw bytes, one connection
 * each.
 */

import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer, type WebSocket } from 'ws';

import { errorText, type Logger } from '../../base/log.ts';
import { badRequestError } from '../../api/meta/api-error.ts';
import type { ExecResult, NodeOperations } from '../../client/node-operations.ts';
import { PORT_PROTOCOL, portStream } from '../../client/node/remote-node-operations.ts';
import { CHANNEL_PROTOCOLS, ChannelServer } from '../../client/streams/channel-protocol.ts';
import { isSet, parseContainerPath, parsePodPath } from './paths.ts';

const MESSAGE_MAX_BYTES = 4 << 20;
const SUPPORTED: readonly string[] = [...CHANNEL_PROTOCOLS, PORT_PROTOCOL];
/** Close codes carry at most this much text. */
const REASON_MAX_BYTES = 120;

export class StreamServer {
  readonly #operations: NodeOperations;
  readonly #logger: Logger;
  readonly #server = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    maxPayload: MESSAGE_MAX_BYTES,
    handleProtocols: (offered) => SUPPORTED.find((protocol) => offered.has(protocol)) ?? false,
  });

  constructor(operations: NodeOperations, logger: Logger) {
    this.#operations = operations;
    this.#logger = logger;
  }

  /** Throws `ApiError` for what is no stream of this API. */
  accept(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const url = new URL(request.url ?? '/', 'https://kubelet');
    const serve = this.#serverOf(url);
    socket.on('error', () => socket.destroy());
    this.#server.handleUpgrade(request, socket, head, (opened) => {
      serve(opened).catch((error: unknown) => {
        this.#logger.warn(`a stream to ${url.pathname} failed: ${errorText(error)}`);
        opened.close(1011, Buffer.from(errorText(error)).subarray(0, REASON_MAX_BYTES));
      });
    });
  }

  #serverOf(url: URL): (socket: WebSocket) => Promise<void> {
    const query = url.searchParams;
    const tty = isSet(query.get('tty'));
    switch (url.pathname.split('/')[1]) {
      case 'exec': {
        const ref = parseContainerPath(url.pathname);
        const command = query.getAll('command');
        if (command.length === 0) throw badRequestError('you must specify at least 1 command');
        return (socket) =>
          this.#runProcess(socket, query, tty, (channel) =>
            this.#operations.exec(ref, { command, tty }, channel.streams, channel.signal),
          );
      }
      case 'attach': {
        const ref = parseContainerPath(url.pathname);
        return (socket) =>
          this.#runProcess(socket, query, tty, (channel) =>
            this.#operations.attach(ref, tty, channel.streams, channel.signal),
          );
      }
      case 'portForward': {
        const ref = parsePodPath(url.pathname);
        const port = Number(query.get('port'));
        if (!Number.isInteger(port) || port < 1 || port > 65_535)
          throw badRequestError('port is no port number');
        return (socket) => this.#forward(socket, ref, port);
      }
      default:
        throw badRequestError(`${url.pathname} cannot be upgraded`);
    }
  }

  async #runProcess(
    socket: WebSocket,
    query: URLSearchParams,
    tty: boolean,
    run: (channel: ChannelServer) => Promise<ExecResult>,
  ): Promise<void> {
    const asked = (name: string, short: string): boolean => isSet(query.get(name)) || isSet(query.get(short));
    const channel = new ChannelServer(socket, {
      stdin: asked('stdin', 'input'),
      stdout: asked('stdout', 'output'),
      stderr: asked('stderr', 'error'),
      tty,
    });
    let result: ExecResult;
    try {
      result = await run(channel);
    } catch (error) {
      result = { error: errorText(error) };
    }
    await channel.finish(result);
  }

  async #forward(socket: WebSocket, ref: ReturnType<typeof parsePodPath>, port: number): Promise<void> {
    const abort = new AbortController();
    socket.once('close', () => abort.abort());
    // Listens before anything is awaited: data may follow the handshake at once.
    const client = portStream(socket);
    const upstream = await this.#operations.portForward(ref, port, abort.signal);
    const sending = (async (): Promise<void> => {
      for await (const chunk of client.incoming) await upstream.write(chunk);
      upstream.end();
    })();
    try {
      for await (const chunk of upstream.incoming) await client.write(chunk);
      client.end();
    } finally {
      upstream.destroy();
      socket.close(1000);
    }
    await sending;
  }
}
