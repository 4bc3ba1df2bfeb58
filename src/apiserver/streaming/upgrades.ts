/**
 * Upgrades: WebSockets for `exec`, `attach` and `portforward`, for logs and watches, and whatever is passed on to
 * another server.
 * The client is authenticated and authorized before the upgrade is accepted, so a refusal is a plain `Status`
 * that `kubectl` prints.
 */

import type { Duplex } from 'node:stream';
import type { WebSocket, WebSocketServer } from 'ws';
import { errorText, type Logger } from '../../base/log.ts';
import { ApiError, badRequestError, internalError } from '../../api/meta/api-error.ts';
import { ChannelServer, SERVED_CHANNEL_PROTOCOLS } from '../../client/streams/channel-protocol.ts';
import type { UserInfo } from '../../client/operation.ts';
import type { ResourceRequest } from '../http/decode-operation.ts';
import type { Front } from '../http/front.ts';
import type { UpgradeRequest } from '../http/listener.ts';
import { parseRequest } from '../http/request-info.ts';
import { chooseContainer, connectPod, type PodStreamParts } from './pod-streams.ts';
import { PORT_FORWARD_PROTOCOL, servePortForward } from './port-forward.ts';
import { socketExchange } from './socket-exchange.ts';

const MESSAGE_MAX_BYTES = 4 << 20;
/** Of logs and watches; clients that name none get bytes. */
const STREAM_PROTOCOLS = ['binary.k8s.io', 'base64.binary.k8s.io', ''];

/** Passes upgrades on to other servers. It authorizes by itself, before anything else. */
export interface UpgradeForwarder {
  matches(request: ResourceRequest): boolean;
  upgrade(request: ResourceRequest, upgrade: UpgradeRequest, user: UserInfo): Promise<void>;
}

export interface UpgradeParts extends PodStreamParts {
  readonly logger: Logger;
  /** Known only after the server is put together. */
  readonly front: () => Front;
  readonly forwarders: readonly UpgradeForwarder[];
}

export class Upgrades {
  readonly #parts: UpgradeParts;
  #server: Promise<WebSocketServer> | undefined;

  constructor(parts: UpgradeParts) {
    this.#parts = parts;
  }

  /** Answers the upgrade; never rejects. */
  async handle(upgrade: UpgradeRequest): Promise<void> {
    try {
      await this.#serve(upgrade);
    } catch (error) {
      if (!(error instanceof ApiError)) this.#parts.logger.warn(`upgrade failed: ${errorText(error)}`);
      refuse(upgrade.socket, error instanceof ApiError ? error : internalError(errorText(error), error));
    }
  }

  async #serve(upgrade: UpgradeRequest): Promise<void> {
    const { message } = upgrade;
    const { front, forwarders } = this.#parts;
    const user = await front().identify(message.headers, upgrade.certificate);
    const asked = parseRequest(message.method ?? 'GET', message.url ?? '');
    if (asked.type === 'resource') {
      const forwarder = forwarders.find((candidate) => candidate.matches(asked));
      if (forwarder !== undefined) return forwarder.upgrade(asked, upgrade, user);
    }
    // A WebSocket handshake is a GET; what is asked for counts as creating, as with POST.
    const request = parseRequest('GET', message.url ?? '');
    if (request.type !== 'resource') throw badRequestError('this path cannot be upgraded');
    if ((message.headers['upgrade'] ?? '').toLowerCase() !== 'websocket') {
      throw badRequestError('only WebSocket upgrades are supported');
    }
    if (request.verb === 'watch') return this.#stream(upgrade, 'events');
    if (request.target.resource !== 'pods' || request.target.group !== '') {
      throw badRequestError('this path cannot be upgraded');
    }
    switch (request.target.subresource) {
      case 'exec':
      case 'attach':
        return this.#runProcess(upgrade, request, user);
      case 'portforward':
        return this.#forwardPorts(upgrade, request, user);
      case 'log':
        return this.#stream(upgrade, 'bytes');
      default:
        throw badRequestError(`pods/${request.target.subresource} cannot be upgraded`);
    }
  }

  /** Takes the way of every request from here on, its own authorization included. */
  #stream(upgrade: UpgradeRequest, framing: 'events' | 'bytes'): Promise<void> {
    const protocol = chooseProtocol(upgrade, STREAM_PROTOCOLS);
    const exchange = socketExchange(upgrade, {
      framing: framing === 'bytes' && protocol.startsWith('base64') ? 'base64' : framing,
      accept: () => this.#accept(upgrade, protocol),
      refuse: (status, _headers, body) => answer(upgrade.socket, status, body),
    });
    return this.#parts.front().handle(exchange);
  }

  async #runProcess(upgrade: UpgradeRequest, request: ResourceRequest, user: UserInfo): Promise<void> {
    const { target } = request;
    const { pod, operations, options } = await connectPod(this.#parts, request, user);
    const { command = [], stdin = false, stdout = false, stderr = false, tty = false } = options;
    const container = chooseContainer(pod, options.container ?? '');
    if (target.subresource === 'exec' && command.length === 0) {
      throw badRequestError('you must specify at least 1 command for the container');
    }
    const socket = await this.#accept(upgrade, chooseProtocol(upgrade, SERVED_CHANNEL_PROTOCOLS));
    const server = new ChannelServer(socket, { stdin, stdout, stderr, tty });
    try {
      const result =
        target.subresource === 'exec'
          ? await operations.exec(container, { command, tty }, server.streams, server.signal)
          : await operations.attach(container, tty, server.streams, server.signal);
      await server.finish(result);
    } catch (error) {
      await server.finish({ error: errorText(error) });
    }
  }

  async #forwardPorts(upgrade: UpgradeRequest, request: ResourceRequest, user: UserInfo): Promise<void> {
    const { pod, operations } = await connectPod(this.#parts, request, user);
    const socket = await this.#accept(upgrade, chooseProtocol(upgrade, [PORT_FORWARD_PROTOCOL]));
    const { name = '', namespace = '', uid = '' } = pod.metadata;
    servePortForward(socket, { namespace, pod: name, uid }, operations, this.#parts.logger);
  }

  async #accept({ message, socket, head }: UpgradeRequest, chosen: string): Promise<WebSocket> {
    this.#server ??= import('ws').then(({ WebSocketServer: Server }) => {
      const made = new Server({
        noServer: true,
        maxPayload: MESSAGE_MAX_BYTES,
        handleProtocols: () => false,
      });
      made.on('headers', (lines, request) => {
        const protocol = chosenFor.get(request) ?? '';
        if (protocol !== '') lines.push(`Sec-WebSocket-Protocol: ${protocol}`);
      });
      return made;
    });
    const server = await this.#server;
    // kubectl's name for tunnelled SPDY has a slash, which the library refuses as no token: it never sees it.
    delete message.headers['sec-websocket-protocol'];
    chosenFor.set(message, chosen);
    return new Promise((resolve) => {
      server.handleUpgrade(message, socket, head, (webSocket) => resolve(withProtocol(webSocket, chosen)));
    });
  }
}

/** The protocol that an upgrade request was answered with. */
const chosenFor = new WeakMap<object, string>();

/** The first that the client offers and we serve; who offers none means the empty one. Throws `ApiError`. */
function chooseProtocol({ message }: UpgradeRequest, served: readonly string[]): string {
  const offered = (message.headers['sec-websocket-protocol'] ?? '')
    .split(',')
    .map((protocol) => protocol.trim());
  const chosen = offered.find((protocol) => served.includes(protocol));
  if (chosen !== undefined) return chosen;
  throw badRequestError(`unable to upgrade: none of the protocols ${offered.join(', ')} is supported`);
}

function withProtocol(socket: WebSocket, protocol: string): WebSocket {
  Object.defineProperty(socket, 'protocol', { value: protocol });
  return socket;
}

function refuse(socket: Duplex, error: ApiError): void {
  answer(socket, error.code, JSON.stringify(error.toStatus()));
}

/** A plain answer in place of the upgrade. */
function answer(socket: Duplex, status: number, body: Uint8Array | string): void {
  if (socket.destroyed) return;
  const head =
    `HTTP/1.1 ${status} Refused\r\n` +
    `content-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n`;
  socket.end(Buffer.concat([Buffer.from(head), Buffer.from(body)]));
}
