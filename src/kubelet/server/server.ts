/**
 * The kubelet's own API over HTTPS: logs, exec, attach, port-forward, the node's pods and statistics.
 *
 * Inputs: the kubelet and its serving certificate. Outputs: what the API server and metrics collectors ask
 * for. Invariants: nothing but `/healthz` is answered without a client certificate of the cluster's
 * authority that belongs to the API server or a cluster administrator; connections and messages are
 * bounded.
 */

import { aborted } from '../../base/abort.ts';
import { createServer, type Server } from 'node:https';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { TLSSocket, type SecureContextOptions } from 'node:tls';
import type { Duplex } from 'node:stream';

import { notReady, READY, type Component, type Readiness } from '../../base/component.ts';
import { errorText, type Logger } from '../../base/log.ts';
import {
  ApiError,
  forbiddenError,
  internalError,
  notFoundError,
  unauthorizedError,
} from '../../api/meta/api-error.ts';
import type { LiveKeyPair } from '../../pki/live-key-pair.ts';
import type { KeyPair } from '../../pki/pki.ts';
import type { Kubelet } from '../kubelet.ts';
import { readUsage, resourceMetrics, statsSummary } from '../operations/stats.ts';
import { parseContainerPath, parseLogOptions } from './paths.ts';
import { StreamServer } from './streams.ts';

export interface KubeletServerOptions {
  readonly kubelet: Kubelet;
  readonly address: string;
  readonly port: number;
  readonly serving: LiveKeyPair;
  /** Client certificates must be of this authority. */
  readonly authorityPem: string;
  readonly logger: Logger;
}

const CONNECTIONS_MAX = 1_000;
const REMOVE_MAX_MS = 60_000;
const ALLOWED_GROUP = 'system:masters';
const ALLOWED_NAMES: ReadonlySet<string> = new Set(['kube-apiserver-kubelet-client', 'system:apiserver']);

export class KubeletServer implements Component {
  readonly name = 'kubelet-server';
  readonly #options: KubeletServerOptions;
  readonly #streams: StreamServer;
  #isListening = false;

  constructor(options: KubeletServerOptions) {
    this.#options = options;
    this.#streams = new StreamServer(options.kubelet.operations, options.logger);
  }

  ready(): Readiness {
    return this.#isListening ? READY : notReady('the kubelet does not listen yet');
  }

  async start(signal: AbortSignal): Promise<void> {
    const { address, port, serving, authorityPem } = this.#options;
    const context = ({ certificatePem, keyPem }: KeyPair): SecureContextOptions => ({
      cert: certificatePem,
      key: keyPem,
      ca: authorityPem,
    });
    const server = createServer(
      {
        ...context(serving.current),
        requestCert: true,
        // Judged per request, so that health checks need no certificate.
        rejectUnauthorized: false,
      },
      (request, response) => void this.#answer(request, response),
    );
    serving.onReplace((pair) => server.setSecureContext(context(pair)), signal);
    server.maxConnections = CONNECTIONS_MAX;
    server.on('upgrade', (request, socket, head) => this.#upgrade(request, socket, head));
    await listen(server, address, port);
    this.#isListening = true;
    await aborted(signal);
    this.#isListening = false;
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    response.on('error', () => response.destroy());
    try {
      const url = new URL(request.url ?? '/', 'https://kubelet');
      if (url.pathname === '/healthz') return void response.end('ok');
      requireAllowed(request);
      if (request.method === 'DELETE') await this.#remove(url, response);
      else await this.#serve(url, response);
    } catch (error) {
      const refusal = error instanceof ApiError ? error : internalError(errorText(error), error);
      if (response.headersSent) return void response.destroy();
      response.writeHead(refusal.code, { 'content-type': 'application/json' });
      response.end(JSON.stringify(refusal.toStatus()));
    }
  }

  async #remove(url: URL, response: ServerResponse): Promise<void> {
    if (url.pathname !== '/localPaths') throw notFoundError({ group: '', resource: 'paths' }, url.pathname);
    const { operations } = this.#options.kubelet;
    await operations.removeLocalPath(url.searchParams.get('path') ?? '', AbortSignal.timeout(REMOVE_MAX_MS));
    response.end('ok');
  }

  async #serve(url: URL, response: ServerResponse): Promise<void> {
    const { kubelet } = this.#options;
    const [, area = ''] = url.pathname.split('/');
    if (area === 'containerLogs') return this.#logs(url, response);
    const { node } = kubelet;
    if (node === undefined) throw internalError('the node has not started yet');
    const { context, pods, heartbeat } = node;
    const json = (body: unknown): void => {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(JSON.stringify(body));
    };
    const text = (body: string): void => {
      response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4' });
      response.end(body);
    };
    switch (url.pathname) {
      case '/pods':
        return json({ apiVersion: 'v1', kind: 'PodList', metadata: {}, items: pods.all() });
      case '/stats/summary':
        return json(statsSummary(context.settings.nodeName, await readUsage(context)));
      case '/metrics/resource':
        return text(resourceMetrics(await readUsage(context)));
      case '/metrics': {
        const running = context.view.pods().length;
        return text(`# TYPE kubelet_running_pods gauge\nkubelet_running_pods ${running}\n`);
      }
      case '/configz':
        return json({ kubeletconfig: { registered: heartbeat.isRegistered } });
      default:
        throw notFoundError({ group: '', resource: 'paths' }, url.pathname);
    }
  }

  async #logs(url: URL, response: ServerResponse): Promise<void> {
    const { operations } = this.#options.kubelet;
    const abort = new AbortController();
    response.once('close', () => abort.abort());
    const options = parseLogOptions(url.searchParams);
    const chunks = operations.logs(parseContainerPath(url.pathname), options, abort.signal);
    const iterator = chunks[Symbol.asyncIterator]();
    // Whether there is a log at all shows before the answer begins; a followed one may stay silent for long.
    let next = options.follow ? undefined : await iterator.next();
    response.writeHead(200, { 'content-type': 'text/plain' });
    response.flushHeaders();
    for (next ??= await iterator.next(); next.done !== true; next = await iterator.next()) {
      if (!response.write(next.value) && !abort.signal.aborted)
        await new Promise<void>((resolve) => {
          response.once('drain', resolve);
          response.once('close', resolve);
        });
    }
    response.end();
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    try {
      requireAllowed(request);
      this.#streams.accept(request, socket, head);
    } catch (error) {
      const refusal = error instanceof ApiError ? error : internalError(errorText(error), error);
      refuse(socket, refusal);
    }
  }
}

function refuse(socket: Duplex, refusal: ApiError): void {
  const body = JSON.stringify(refusal.toStatus());
  const head = `HTTP/1.1 ${refusal.code} Refused\r\nconnection: close\r\ncontent-type: application/json\r\n`;
  socket.end(`${head}content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
}

function requireAllowed({ socket }: IncomingMessage): void {
  if (!(socket instanceof TLSSocket) || !socket.authorized) throw unauthorizedError();
  const { subject } = socket.getPeerCertificate();
  // Several organizations arrive as a list, whatever the types say.
  const groups: readonly string[] = [subject.O ?? []].flat();
  const names: readonly string[] = [subject.CN ?? []].flat();
  if (groups.includes(ALLOWED_GROUP) || names.some((name) => ALLOWED_NAMES.has(name))) return;
  throw forbiddenError(
    { group: '', resource: 'nodes' },
    '',
    `User "${names[0] ?? ''}" cannot use this node's API`,
  );
}

function listen(server: Server, address: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, address, () => {
      server.removeListener('error', reject);
      resolve();
    });
  });
}
