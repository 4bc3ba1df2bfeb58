/**
 * The door: one TLS port that speaks HTTP/2 and HTTP/1.1, chosen by ALPN, with optional client certificates.
 *
 * Input: certificates and a handler. Output: `Exchange`s, and raw sockets for upgrade requests.
 * Invariants: every open connection is known, so that `stop` can end them; connection count, header size and
 * idle time are bounded.
 */

import {
  createServer as createHttp1,
  type IncomingMessage,
  type Server as Http1Server,
  type ServerResponse,
} from 'node:http';
import {
  createServer as createHttp2,
  type Http2Server,
  type Http2Session,
  type IncomingHttpHeaders,
  type ServerHttp2Stream,
} from 'node:http2';
// Older versions of Node lack one of its names.
import * as net from 'node:net';
import type { Duplex } from 'node:stream';
import {
  createServer as createTls,
  type PeerCertificate,
  type Server as TlsServer,
  type TLSSocket,
} from 'node:tls';
import { Slots } from '../../base/slots.ts';
import { someWait } from '../../base/turn.ts';
import type { Clock } from '../../host/host.ts';
import type { ExchangeHandler } from './exchange.ts';
import { Http1Exchange } from './http1.ts';
import { forgetListeners, Http2Exchange } from './http2.ts';
import { Turnstile } from './turnstile.ts';

export interface ListenerOptions {
  readonly host: string;
  /** 0 picks a free port. */
  readonly port: number;
  readonly certificatePem: string;
  readonly keyPem: string;
  /** CA certificates that client certificates are checked against. */
  readonly clientCaPem: string;
  /** Within how many milliseconds a client has to get its headers said. */
  readonly headersMaxMs?: number;
}

export type UpgradeHandler = (request: UpgradeRequest) => void;

export interface UpgradeRequest {
  readonly message: IncomingMessage;
  readonly socket: Duplex;
  readonly head: Buffer;
  readonly remoteAddress: string;
  readonly certificate: PeerCertificate | undefined;
}

const CONNECTIONS_MAX = 20_000;
const HEADER_MAX_BYTES = 64 * 1024;
/** More than the 100 that upstream allows: one node's agent has its watches on one connection. */
const STREAMS_PER_CONNECTION_MAX = 250;
/** Idle connections, and clients that never get their headers said; both as upstream has them. */
const IDLE_MAX_MS = 90_000;
const HEADERS_MAX_MS = 32_000;
/** So much later at most: each look wakes a core. */
const HEADERS_CHECK_MS = 10_000;

/**
 * A host that may be a name is looked up when a server listens, and patterns are made to look at the answer:
 * 5 ms of a start. Undefined for names, and where Node has no such sockets.
 */
function boundSocket(host: string, port: number): net.BoundSocket | undefined {
  if (!net.isIPv4(host) || net.BoundSocket === undefined) return undefined;
  return new net.BoundSocket({ host, port });
}

export class Listener {
  readonly #tls: TlsServer;
  readonly #http1: Http1Server;
  readonly #http2: Http2Server;
  readonly #sockets = new Set<TLSSocket>();
  /** With the number of their open streams. */
  readonly #sessions = new Map<Http2Session, number>();
  readonly #responses = new Slots<ServerResponse>();
  readonly #turnstile: Turnstile;
  #isStopping = false;
  /** Whether there has been a connection that speaks it. */
  #hasHttp1 = false;
  readonly #peers = new WeakMap<object, Peer>();
  readonly #options: ListenerOptions;

  constructor(
    options: ListenerOptions,
    handler: ExchangeHandler,
    onUpgrade: UpgradeHandler,
    clock: Pick<Clock, 'monotonicMs'>,
  ) {
    this.#options = options;
    this.#turnstile = new Turnstile(
      () => clock.monotonicMs(),
      () => someWait('write'),
    );
    this.#http1 = createHttp1({
      maxHeaderSize: HEADER_MAX_BYTES,
      keepAliveTimeout: IDLE_MAX_MS,
      headersTimeout: options.headersMaxMs ?? HEADERS_MAX_MS,
      // Bodies have the time of their request, and watches are long.
      requestTimeout: 0,
      connectionsCheckingInterval: Math.min(HEADERS_CHECK_MS, options.headersMaxMs ?? HEADERS_MAX_MS),
    });
    this.#http1.on('request', (request, response) => {
      const slot = this.#responses.add(response);
      response.once('close', () => this.#responses.remove(slot));
      if (this.#isStopping) response.shouldKeepAlive = false;
      const exchange = new Http1Exchange(request, response, ...this.#peer(request.socket, request.socket));
      this.#turnstile.enter(request.socket, () => handler(exchange));
    });
    this.#http1.on('upgrade', (message, socket, head) => {
      const [remoteAddress, certificate] = this.#peer(socket, socket);
      socket.on('error', () => socket.destroy());
      onUpgrade({ message, socket, head, remoteAddress, certificate });
    });
    this.#http2 = createHttp2({
      maxSessionMemory: 64,
      settings: {
        maxConcurrentStreams: STREAMS_PER_CONNECTION_MAX,
        maxHeaderListSize: HEADER_MAX_BYTES,
        initialWindowSize: 1 << 20,
      },
    });
    this.#http2.on('session', (session) => {
      this.#sessions.set(session, 0);
      session.once('close', () => this.#sessions.delete(session));
      session.setTimeout(IDLE_MAX_MS, () => {
        if (this.#sessions.get(session) === 0) session.close();
      });
      session.on('error', () => session.destroy());
      session.setLocalWindowSize(8 << 20);
    });
    this.#http2.on('stream', (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => {
      const { session } = stream;
      if (session === undefined) return;
      this.#countStream(stream, session);
      const exchange = new Http2Exchange(stream, headers, ...this.#peer(session, session.socket));
      this.#turnstile.enter(session, () => handler(exchange));
    });
    this.#tls = createTls({
      cert: options.certificatePem,
      key: options.keyPem,
      ca: options.clientCaPem,
      requestCert: true,
      rejectUnauthorized: false,
      ALPNProtocols: ['h2', 'http/1.1'],
      minVersion: 'TLSv1.2',
      handshakeTimeout: options.headersMaxMs ?? HEADERS_MAX_MS,
    });
    this.#tls.maxConnections = CONNECTIONS_MAX;
    this.#tls.on('secureConnection', (socket) => this.#accept(socket));
    this.#tls.on('tlsClientError', (_error, socket) => socket.destroy());
  }

  /** Whether some have come in that are let in later. */
  get requestsWait(): boolean {
    return this.#turnstile.isAnyoneWaiting;
  }

  /** Apart from where the exchange is made: what listens to the stream would keep it alive. */
  #countStream(stream: ServerHttp2Stream, session: Http2Session): void {
    this.#countStreams(session, 1);
    stream.once('close', () => {
      this.#countStreams(session, -1);
      forgetListeners(stream);
    });
  }

  #countStreams(session: Http2Session, change: number): void {
    const open = this.#sessions.get(session);
    if (open !== undefined) this.#sessions.set(session, open + change);
  }

  /** Reading a certificate costs more than a request; it does not change during a connection. */
  #peer(connection: object, socket: object): Peer {
    let peer = this.#peers.get(connection);
    if (peer === undefined) {
      peer = peerOf(socket);
      this.#peers.set(connection, peer);
    }
    return peer;
  }

  #accept(socket: TLSSocket): void {
    this.#sockets.add(socket);
    socket.once('close', () => this.#sockets.delete(socket));
    socket.on('error', () => socket.destroy());
    socket.setNoDelay(true);
    if (socket.alpnProtocol === 'h2') this.#http2.emit('connection', socket);
    else this.#acceptHttp1(socket);
  }

  #acceptHttp1(socket: TLSSocket): void {
    // Its sockets come from elsewhere, so it never listens; but this is when it begins to look at their age.
    if (!this.#hasHttp1) this.#http1.emit('listening');
    this.#hasHttp1 = true;
    this.#http1.emit('connection', socket);
  }

  /** Listens. Resolves with the port; rejects (`EADDRINUSE`) when it is taken. */
  listen(): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#tls.once('error', reject);
      const listening = (): void => {
        this.#tls.removeListener('error', reject);
        resolve((this.#tls.address() as net.AddressInfo).port);
      };
      const { host, port } = this.#options;
      const bound = boundSocket(host, port);
      if (bound === undefined) this.#tls.listen(port, host, listening);
      else this.#tls.listen(bound, listening);
    });
  }

  /** Serves new connections with another certificate (rotation). */
  replaceCertificate(certificatePem: string, keyPem: string): void {
    this.#tls.setSecureContext({
      cert: certificatePem,
      key: keyPem,
      ca: this.#options.clientCaPem,
      minVersion: 'TLSv1.2',
    });
  }

  get connections(): number {
    return this.#sockets.size;
  }

  /**
   * Takes no new connections and asks clients to leave (GOAWAY, `Connection: close`); what is under way may
   * end. Cuts what is still open after `graceMs`.
   */
  async stop(graceMs: number, sleep: (ms: number) => Promise<void>): Promise<void> {
    this.#tls.close();
    this.#isStopping = true;
    for (const session of this.#sessions.keys()) session.close();
    for (const response of this.#responses) if (!response.headersSent) response.shouldKeepAlive = false;
    this.#http1.closeIdleConnections();
    for (let waited = 0; waited < graceMs && this.#sockets.size > 0; waited += 20) await sleep(20);
    for (const socket of this.#sockets) socket.destroy();
    this.#http1.close();
  }
}

type Peer = [remoteAddress: string, certificate: PeerCertificate | undefined];

function peerOf(socket: object): Peer {
  const tls = socket as Partial<TLSSocket>;
  const address = tls.remoteAddress ?? '';
  if (tls.authorized !== true) return [address, undefined];
  const certificate = tls.getPeerCertificate?.();
  return [address, certificate === undefined || certificate.subject === undefined ? undefined : certificate];
}
