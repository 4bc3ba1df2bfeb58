/**
 * Upgrades: WebSockets for `exec`, `attach` and `portforward`, and whatever is passed on to another server.
 * The client is authenticated and authorized before the upgrade is accepted, so a refusal is a plain `Status`
 * that `kubectl` prints.
 */

import type { Duplex } from 'node:stream';
import type { WebSocket, WebSocketServer } from 'ws';
import { errorText, type Logger } from '../../base/log.ts';
import { ApiError, badRequestError, internalError } from '../../api/meta/api-error.ts';
import { CHANNEL_PROTOCOLS, ChannelServer } from '../../client/streams/channel-protocol.ts';
import type { UserInfo } from '../../client/operation.ts';
import type { ResourceRequest } from '../http/decode-operation.ts';
import type { Front } from '../http/front.ts';
import type { UpgradeRequest } from '../http/listener.ts';
import { flag, parseRequest } from '../http/request-info.ts';
import { chooseContainer, findPod, type PodStreamParts } from './pod-streams.ts';
import { PORT_FORWARD_PROTOCOL, servePortForward } from './port-forward.ts';

const MESSAGE_MAX_BYTES = 4 << 20;

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
    if (request.type !== 'resource' || request.target.resource !== 'pods' || request.target.group !== '') {
      throw badRequestError('this path cannot be upgraded');
    }
    if ((message.headers['upgrade'] ?? '').toLowerCase() !== 'websocket') {
      throw badRequestError('only WebSocket upgrades are supported');
    }
    switch (request.target.subresource) {
      case 'exec':
      case 'attach':
        return this.#runProcess(upgrade, request, user);
      case 'portforward':
        return this.#forwardPorts(upgrade, request, user);
      default:
        throw badRequestError(`pods/${request.target.subresource} cannot be upgraded`);
    }
  }

  async #runProcess(upgrade: UpgradeRequest, request: ResourceRequest, user: UserInfo): Promise<void> {
    const { query, target } = request;
    const { pod, operations } = await findPod(this.#parts, request, user, 'create');
    const container = chooseContainer(pod, query.get('container') ?? '');
    const command = query.getAll('command');
    if (target.subresource === 'exec' && command.length === 0) {
      throw badRequestError('you must specify at least 1 command for the container');
    }
    const wanted = {
      stdin: flag(query.get('stdin')),
      stdout: flag(query.get('stdout')),
      stderr: flag(query.get('stderr')),
      tty: flag(query.get('tty')),
    };
    const socket = await this.#accept(upgrade, CHANNEL_PROTOCOLS);
    const server = new ChannelServer(socket, wanted);
    try {
      const result =
        target.subresource === 'exec'
          ? await operations.exec(container, { command, tty: wanted.tty }, server.streams, server.signal)
          : await operations.attach(container, wanted.tty, server.streams, server.signal);
      await server.finish(result);
    } catch (error) {
      await server.finish({ error: errorText(error) });
    }
  }

  async #forwardPorts(upgrade: UpgradeRequest, request: ResourceRequest, user: UserInfo): Promise<void> {
    const { pod, operations } = await findPod(this.#parts, request, user, 'create');
    const socket = await this.#accept(upgrade, [PORT_FORWARD_PROTOCOL]);
    const { name = '', namespace = '', uid = '' } = pod.metadata;
    servePortForward(socket, { namespace, pod: name, uid }, operations, this.#parts.logger);
  }

  async #accept({ message, socket, head }: UpgradeRequest, protocols: readonly string[]): Promise<WebSocket> {
    const offered = (message.headers['sec-websocket-protocol'] ?? '')
      .split(',')
      .map((protocol) => protocol.trim());
    const chosen = protocols.find((protocol) => offered.includes(protocol));
    if (chosen === undefined) {
      throw badRequestError(`unable to upgrade: none of the protocols ${offered.join(', ')} is supported`);
    }
    this.#server ??= import('ws').then(({ WebSocketServer: Server }) => {
      const made = new Server({
        noServer: true,
        maxPayload: MESSAGE_MAX_BYTES,
        handleProtocols: () => false,
      });
      made.on('headers', (lines, request) =>
        lines.push(`Sec-WebSocket-Protocol: ${chosenFor.get(request) ?? ''}`),
      );
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

function withProtocol(socket: WebSocket, protocol: string): WebSocket {
  Object.defineProperty(socket, 'protocol', { value: protocol });
  return socket;
}

function refuse(socket: Duplex, error: ApiError): void {
  if (socket.destroyed) return;
  const body = JSON.stringify(error.toStatus());
  socket.end(
    `HTTP/1.1 ${error.code} ${error.reason === '' ? 'Error' : error.reason}\r\n` +
      `content-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
  );
}
