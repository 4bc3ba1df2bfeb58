/** How this server reaches the API server behind an APIService, for clients and for itself. */

import { claimHeaders, type FrontProxy } from '../authentication/request-header.ts';
import { ApiError } from '../../api/meta/api-error.ts';
import type { KubernetesObject } from '../../api/meta/object.ts';
import type { JsonValue } from '../../api/schema/schema.ts';
import type { APIService, Status } from '../../api/types.gen.ts';
import { errorText } from '../../base/log.ts';
import type { UserInfo } from '../../client/operation.ts';
import type { Clock, Network, StreamedAnswer, StreamedRequest } from '../../host/host.ts';
import type { Store } from '../../store/store.ts';
import type { Upstream } from '../forwarding/forward.ts';
import { headerText } from '../http/exchange.ts';
import { serviceAddress, type Address } from '../webhooks/service-address.ts';

export interface ExtensionParts {
  readonly store: Store<KubernetesObject>;
  readonly clock: Clock;
  readonly network: Network;
  readonly frontProxy: FrontProxy;
  readonly randomInteger: (bound: number) => number;
}

const AGGREGATOR: UserInfo = { name: 'system:kube-aggregator', groups: ['system:masters'] };
/** As upstream: these are small documents. */
const TIMEOUT_MS = 5_000;
const DOCUMENT_MAX_BYTES = 32 << 20;

export interface DocumentRequest {
  readonly accept: string;
  /** Of what is there already. */
  readonly etag?: string;
  /** Who asks; absent: the aggregator, who may see everything. */
  readonly user?: UserInfo;
  readonly timeoutMs?: number;
}

/** A request of this server itself, for somebody. */
export interface Asked {
  readonly method: 'GET' | 'DELETE';
  readonly path: string;
  readonly body?: JsonValue;
}

export interface RemoteDocument {
  readonly status: number;
  /** Empty when the server says none. */
  readonly etag: string;
  /** Undefined unless the status is 200. */
  readonly json: JsonValue | undefined;
}

export class ExtensionClient {
  readonly #parts: ExtensionParts;

  constructor(parts: ExtensionParts) {
    this.#parts = parts;
  }

  /** Where a request for this user goes; undefined while nothing stands behind the Service. */
  upstreamOf({ spec }: APIService, url: string, user: UserInfo): Upstream | undefined {
    const { service, caBundle = '', insecureSkipTLSVerify = false } = spec;
    const found = this.#address({ spec });
    if (service === undefined || typeof found === 'string') return undefined;
    const host = `${service.name ?? ''}.${service.namespace ?? ''}.svc`;
    return {
      url: `https://${host}:${service.port ?? 443}${url}`,
      host: `${host}:${service.port ?? 443}`,
      headers: claimHeaders(user),
      prefix: '',
      trust: {
        connectTo: found,
        clientCertificate: this.#parts.frontProxy.client,
        ...(insecureSkipTLSVerify ? { insecure: true } : {}),
        ...(caBundle === '' ? {} : { caPem: Buffer.from(caBundle, 'base64').toString() }),
      },
    };
  }

  /** Asks for the group-version's discovery; whatever certificate it shows, as upstream does. */
  async check(service: APIService): Promise<void> {
    const address = this.#address(service);
    if (typeof address === 'string') throw new Error(address);
    const { group = '', version = '' } = service.spec;
    const path = group === '' ? `/api/${version}` : `/apis/${group}/${version}`;
    const url = `https://${hostOf(address)}${path}`;
    await this.#within(TIMEOUT_MS, async (signal) => {
      const { client: clientCertificate } = this.#parts.frontProxy;
      const headers = claimHeaders(AGGREGATOR);
      const request = { method: 'GET', url, headers, insecure: true, clientCertificate, signal };
      const answer = await this.#parts.network.open(request).catch((cause: unknown) => {
        const why = signal.aborted ? 'context deadline exceeded' : errorText(cause);
        throw new Error(`failing or missing response from ${url}: Get "${url}": ${why}`, { cause });
      });
      const { status } = answer;
      // Read to its end, so that the connection can be used again; what it says is for discovery to judge.
      await textOf(answer).catch(() => '');
      if (status >= 200 && status < 300) return;
      throw new Error(`failing or missing response from ${url}: bad status from ${url}: ${status}`);
    });
  }

  /** A JSON document of the server; undefined when it has none there. Rejects when it does not answer. */
  async document(service: APIService, path: string, accept: string): Promise<JsonValue | undefined> {
    const { status, json } = await this.fetch(service, path, { accept });
    if ([403, 404, 406].includes(status)) return undefined;
    if (json === undefined) throw new Error(`${path} was answered with ${status}`);
    return json;
  }

  /** As `document`, with what the server says of it. */
  async fetch(service: APIService, path: string, asked: DocumentRequest): Promise<RemoteDocument> {
    const { accept, etag = '', user = AGGREGATOR, timeoutMs = TIMEOUT_MS } = asked;
    const upstream = this.upstreamOf(service, path, user);
    if (upstream === undefined) throw new Error('service unavailable');
    const { url, trust } = upstream;
    const headers = { ...upstream.headers, accept, ...(etag === '' ? {} : { 'if-none-match': etag }) };
    return this.#within(timeoutMs, async (signal) => {
      const answer = await this.#parts.network.open({ method: 'GET', url, headers, ...trust, signal });
      const { status } = answer;
      const text = await textOf(answer);
      if (status !== 200) return { status, etag: '', json: undefined };
      return { status, etag: headerText(answer.headers, 'etag'), json: JSON.parse(text) as JsonValue };
    });
  }

  /** What the server answers to a request by this user. Throws `ApiError` with what it refuses. */
  async ask(service: APIService, { method, path, body }: Asked, user: UserInfo): Promise<JsonValue> {
    const upstream = this.upstreamOf(service, path, user);
    if (upstream === undefined) throw new ApiError(503, 'ServiceUnavailable', 'service unavailable');
    const { url, trust } = upstream;
    const headers = { ...upstream.headers, accept: 'application/json' };
    const sent = body === undefined ? { headers } : withBody(headers, body);
    return this.#within(TIMEOUT_MS, async (signal) => {
      const answer = await this.#parts.network.open({ method, url, ...sent, ...trust, signal });
      const text = await textOf(answer);
      if (answer.status >= 200 && answer.status < 300) return JSON.parse(text) as JsonValue;
      throw refusalOf(text, answer.status);
    });
  }

  #address({ spec: { service } }: Pick<APIService, 'spec'>): Address | string {
    const { namespace = '', name = '', port = 443 } = service ?? {};
    const { store, randomInteger } = this.#parts;
    const found = serviceAddress(store, namespace, name, port, randomInteger);
    return found.ok ? found.address : found.reason;
  }

  async #within<T>(timeoutMs: number, run: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const abort = new AbortController();
    const timer = this.#parts.clock.after(timeoutMs, () => abort.abort());
    try {
      return await run(abort.signal);
    } finally {
      timer.cancel();
      // What was not read of the answer is not wanted.
      abort.abort();
    }
  }
}

function refusalOf(text: string, status: number): ApiError {
  try {
    return ApiError.fromStatus(JSON.parse(text) as Partial<Status>, status);
  } catch {
    return new ApiError(status, '', `the server answered ${status}: ${text.slice(0, 500)}`);
  }
}

function withBody(
  headers: StreamedRequest['headers'],
  body: JsonValue,
): Pick<StreamedRequest, 'headers' | 'body'> {
  const bytes = Buffer.from(JSON.stringify(body));
  const described = { 'content-type': 'application/json', 'content-length': String(bytes.byteLength) };
  return {
    headers: { ...headers, ...described },
    body: (async function* () {
      yield bytes;
    })(),
  };
}

function hostOf({ host, port }: Address): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}

async function textOf({ body }: StreamedAnswer): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.byteLength;
    if (size > DOCUMENT_MAX_BYTES) throw new Error(`the document is longer than ${DOCUMENT_MAX_BYTES} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}
