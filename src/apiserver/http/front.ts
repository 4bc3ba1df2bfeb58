/**
 * The HTTP front end: authenticates an exchange, finds out what it asks for, runs it through the pipeline and
 * writes the answer. Every failure becomes a `Status`; what is not an `ApiError` is logged and answered as
 * 500.
 */

import type { PeerCertificate } from 'node:tls';
import { errorText, type Logger } from '../../base/log.ts';
import {
  ApiError,
  badRequestError,
  internalError,
  notAcceptableError,
  notFoundError,
  unauthorizedError,
} from '../../api/meta/api-error.ts';
import type { Executor, RequestContext, UserInfo } from '../../client/operation.ts';
import type { Clock } from '../../host/host.ts';
import { authenticate, type Authenticator, type Credentials } from '../authentication/authenticator.ts';
import type { RequestHeaderAuthenticator } from '../authentication/request-header.ts';
import { impersonate } from '../authentication/impersonation.ts';
import { requireAccess, type Authorizer } from '../authorization/authorizer.ts';
import type { AskedRequest, FlowGate, Lease } from '../flow-control/flow-gate.ts';
import type { Resource } from '../../api/resource.ts';
import type { ResourceIndex } from '../pipeline.ts';
import type { Codec, Codecs } from './codecs.ts';
import { allowedMs, Deadlines, expiredRequestError, REQUEST_MAX_MS, type Deadline } from './deadlines.ts';
import { decodeOperation, type BodyDecoders, type ResourceRequest } from './decode-operation.ts';
import { respondError, type ResponseShape } from './answer.ts';
import { respondOutcome } from './encode.ts';
import { headerText, type Exchange, type Headers } from './exchange.ts';
import { MEDIA_TYPES, negotiate, type Accepted, type Format } from './media-type.ts';
import { flag, parseRequest, type RequestInfo } from './request-info.ts';
import { StampedExchange } from './stamped-exchange.ts';

/**
 * Watches without `timeoutSeconds` end after 30 to 60 minutes, at random, so that clients do not return at
 * once.
 */
const WATCH_MIN_MS = 1_800_000;
const WARNINGS_MAX_BYTES = 4096;

/** Serves a plain path (`/version`, `/healthz`, discovery). Undefined when it is not its path. */
export interface PathHandler {
  handle(path: string, exchange: Exchange, query: URLSearchParams, user: UserInfo): Promise<void> | undefined;
}

/** Subresources that speak HTTP themselves: log, exec, attach, port-forward, proxy. They authorize by themselves. */
export interface StreamHandler {
  matches(request: ResourceRequest): boolean;
  serve(request: ResourceRequest, exchange: Exchange, user: UserInfo): Promise<void>;
}

/** Requests that other API servers answer. It authorizes by itself. */
export interface ForwardedApis {
  matches(request: RequestInfo): boolean;
  serve(request: RequestInfo, exchange: Exchange, user: UserInfo): Promise<void>;
}

export interface FrontParts {
  readonly executor: Executor;
  readonly resources: ResourceIndex;
  readonly authenticators: readonly Authenticator[];
  readonly frontProxy: RequestHeaderAuthenticator;
  readonly authorizer: Authorizer;
  readonly flow: FlowGate;
  readonly paths: readonly PathHandler[];
  readonly streams: readonly StreamHandler[];
  readonly aggregation?: ForwardedApis;
  readonly decoders: BodyDecoders;
  readonly codecs: Codecs;
  readonly clock: Clock;
  readonly randomInteger: (bound: number) => number;
  readonly logger: Logger;
}

export class Front {
  readonly #parts: FrontParts;
  readonly #deadlines: Deadlines;
  readonly #watches = new Set<AbortController>();
  /** Certificates do not change during a connection, nor does what they say. */
  readonly #certified = new WeakMap<PeerCertificate, UserInfo>();

  constructor(parts: FrontParts) {
    this.#parts = parts;
    this.#deadlines = new Deadlines(parts.clock);
  }

  /** Every watch ends after the frame that it is sending; its client goes on elsewhere from where it is. */
  endWatches(): void {
    for (const watch of this.#watches) watch.abort();
  }

  /** Answers the exchange; never rejects. */
  async handle(exchange: Exchange): Promise<void> {
    try {
      await this.#route(exchange);
    } catch (error) {
      this.#fail(exchange, error);
    }
  }

  #fail(exchange: Exchange, error: unknown): void {
    respondError(exchange, this.#toApiError(error, exchange), {}, this.#errorCodec(exchange));
  }

  /** Errors are said in the client's format, and in JSON to those who ask for none of ours. */
  #errorCodec(exchange: Exchange): Codec {
    const accepted = negotiate(headerText(exchange.headers, 'accept'), FORMATS);
    return this.#parts.codecs[accepted?.format ?? 'json'];
  }

  /** The user behind an upgrade request, impersonation included. Throws `ApiError`. */
  async identify(headers: Headers, certificate: Exchange['certificate']): Promise<UserInfo> {
    const user = await this.#authenticate(headers, certificate);
    return namesAnotherUser(headers) ? impersonate(user, headers, this.#parts.authorizer) : user;
  }

  async #authenticate(headers: Headers, certificate: Exchange['certificate']): Promise<UserInfo> {
    const { frontProxy } = this.#parts;
    const claimed = certificate === undefined ? undefined : frontProxy.userOf(certificate, headers);
    if (claimed !== undefined) return claimed;
    const own = certificate === undefined || frontProxy.issued(certificate) ? undefined : certificate;
    return this.#authenticateOwn(headers, own);
  }

  async #authenticateOwn(headers: Headers, certificate: Exchange['certificate']): Promise<UserInfo> {
    const credentials = credentialsOf(headers, certificate);
    const isByCertificate = certificate !== undefined && credentials.bearerToken === '';
    const known = isByCertificate ? this.#certified.get(certificate) : undefined;
    if (known !== undefined) return known;
    const user = await authenticate(this.#parts.authenticators, credentials);
    if (user === undefined) throw unauthorizedError();
    if (isByCertificate) this.#certified.set(certificate, user);
    return user;
  }

  #toApiError(error: unknown, exchange: Exchange): ApiError {
    if (error instanceof ApiError) return error;
    const where = { method: exchange.method, path: exchange.url.split('?')[0] };
    this.#parts.logger.error(`request failed: ${errorText(error)}`, { ...where, error });
    return internalError(errorText(error), error);
  }

  async #route(exchange: Exchange): Promise<void> {
    const request = parseRequest(exchange.method, exchange.url);
    const user = await this.identify(exchange.headers, exchange.certificate);
    if (request.type === 'malformed') throw badRequestError(request.message);
    const isWatch = request.type === 'resource' && request.verb === 'watch';
    const ms = isWatch ? REQUEST_MAX_MS : allowedMs(request.query.get('timeout'));
    const asked = askedOf(request, exchange.method);
    const answer = this.#parts.flow.acquire(asked, user, ms, exchange);
    const lease = answer instanceof Promise ? await answer : answer;
    const stamped = new StampedExchange(exchange, lease.headers);
    if (!lease.admitted) return this.#fail(stamped, lease.error);
    try {
      await this.#serve(request, stamped, user, lease, ms);
    } catch (error) {
      this.#fail(stamped, error);
    } finally {
      lease.end();
    }
  }

  #serve(
    request: Exclude<RequestInfo, { type: 'malformed' }>,
    exchange: Exchange,
    user: UserInfo,
    lease: Lease,
    ms: number,
  ): Promise<void> {
    if (this.#parts.aggregation?.matches(request) === true) {
      return this.#parts.aggregation.serve(request, exchange, user);
    }
    return request.type === 'path'
      ? this.#servePath(request.path, request.query, exchange, user)
      : this.#serveResource(request, exchange, user, lease, ms);
  }

  async #servePath(path: string, query: URLSearchParams, exchange: Exchange, user: UserInfo): Promise<void> {
    const verb = exchange.method.toLowerCase();
    await requireAccess(this.#parts.authorizer, { type: 'path', user, verb, path });
    for (const handler of this.#parts.paths) {
      const served = handler.handle(path, exchange, query, user);
      if (served !== undefined) return served;
    }
    throw new ApiError(404, 'NotFound', 'the server could not find the requested resource', {});
  }

  async #serveResource(
    request: ResourceRequest,
    exchange: Exchange,
    user: UserInfo,
    lease: Lease,
    ms: number,
  ): Promise<void> {
    const { target } = request;
    const stream = this.#parts.streams.find((handler) => handler.matches(request));
    if (stream !== undefined) return stream.serve(request, exchange, user);
    const resource = this.#parts.resources.find(target.group, target.version, target.resource);
    if (resource === undefined) {
      // Who may not even ask learns nothing about what exists.
      await requireAccess(this.#parts.authorizer, { type: 'resource', user, verb: request.verb, ...target });
      if (target.name === '')
        throw new ApiError(404, 'NotFound', 'the server could not find the requested resource', {});
      throw notFoundError({ group: target.group, resource: target.resource }, target.name);
    }
    const accepted = this.#accept(exchange, resource);
    const deadline = this.#deadline(request, ms);
    const codec = this.#parts.codecs[accepted.format];
    const ending = new AbortController();
    if (request.verb === 'watch') this.#watches.add(ending);
    const warnings: string[] = [];
    const context: RequestContext = {
      user,
      userAgent: headerText(exchange.headers, 'user-agent'),
      // Only what waits needs to hear that the client left.
      signal:
        request.verb === 'watch'
          ? AbortSignal.any([exchange.signal, deadline.signal, ending.signal])
          : deadline.signal,
      warn: (text) => {
        if (!warnings.includes(text)) warnings.push(text);
      },
      watchInitialized: () => lease.release(),
    };
    const carryOut = async (): Promise<void> => {
      try {
        const operation = await decodeOperation(request, exchange, this.#parts.decoders);
        const outcome = await this.#parts.executor.execute(operation, context);
        if (hasExpired()) return;
        const headers = (): Headers => warningHeaders(warnings);
        const shape = this.#shape(request, exchange, accepted, deadline.signal, headers);
        await respondOutcome(exchange, outcome, resource, shape);
      } catch (error) {
        if (hasExpired()) return;
        respondError(exchange, this.#toApiError(error, exchange), warningHeaders(warnings), codec);
      }
    };
    const hasExpired = (): boolean => request.verb !== 'watch' && deadline.signal.aborted;
    const { promise: over, resolve } = Promise.withResolvers<void>();
    if (request.verb !== 'watch') {
      // What goes on nevertheless, such as a webhook that does not answer, holds no seat any more.
      deadline.onExpire(() => {
        respondError(exchange, this.#toApiError(expiredRequestError(), exchange), {}, codec);
        resolve();
      });
    }
    void carryOut().then(resolve);
    await over;
    deadline.cancel();
    this.#watches.delete(ending);
  }

  #accept(exchange: Exchange, { schema }: Resource): Accepted {
    const formats = schema.message === undefined ? CUSTOM_FORMATS : FORMATS;
    const accepted = negotiate(headerText(exchange.headers, 'accept'), formats);
    if (accepted !== undefined) return accepted;
    throw notAcceptableError([...formats].map((format) => MEDIA_TYPES[format]));
  }

  #deadline({ verb, query }: ResourceRequest, ms: number): Deadline {
    if (verb !== 'watch') return ms < REQUEST_MAX_MS ? this.#deadlines.after(ms) : this.#deadlines.usual();
    const seconds = Number(query.get('timeoutSeconds') ?? query.get('timeout')?.replace(/s$/, '') ?? 0);
    const watchMs = seconds > 0 ? seconds * 1000 : WATCH_MIN_MS + this.#parts.randomInteger(WATCH_MIN_MS);
    return this.#deadlines.after(watchMs);
  }

  #shape(
    { query }: ResourceRequest,
    exchange: Exchange,
    accepted: Accepted,
    signal: AbortSignal,
    headers: () => Headers,
  ): ResponseShape {
    const include = query.get('includeObject');
    return {
      codec: this.#parts.codecs[accepted.format],
      pretty: wantsPretty(query, exchange),
      view: accepted.view,
      includeObject: include === 'None' || include === 'Object' ? include : 'Metadata',
      nowMs: this.#parts.clock.now(),
      signal,
      headers,
    };
  }
}

function askedOf(request: Exclude<RequestInfo, { type: 'malformed' }>, method: string): AskedRequest {
  return request.type === 'path' ? { ...request, verb: method.toLowerCase() } : request;
}

const FORMATS: ReadonlySet<Format> = new Set(['json', 'yaml', 'protobuf', 'cbor']);
/** Custom resources have no protobuf form. */
const CUSTOM_FORMATS: ReadonlySet<Format> = new Set(['json', 'yaml', 'cbor']);

/** People with a browser or curl see line breaks, as upstream has it; programs ask with `pretty`. */
function wantsPretty(query: URLSearchParams, { headers }: Exchange): boolean {
  const wanted = query.get('pretty');
  if (wanted !== null) return flag(wanted);
  return /^(curl|Wget|Mozilla\/5\.0)/.test(headerText(headers, 'user-agent'));
}

/** Whether impersonation has anything to do: it has not for almost every request, and every one asks. */
function namesAnotherUser(headers: Headers): boolean {
  return Object.keys(headers).some((name) => name.startsWith('impersonate-'));
}

/** RFC 7234 warnings as clients print them, each once, bounded in total. */
function warningHeaders(warnings: readonly string[]): Headers {
  const lines: string[] = [];
  let size = 0;
  for (const text of new Set(warnings)) {
    const line = `299 - ${JSON.stringify(text.replace(/[^\x20-\x7e]/g, '?'))}`;
    size += line.length;
    if (size > WARNINGS_MAX_BYTES) break;
    lines.push(line);
  }
  return lines.length === 0 ? {} : { warning: lines };
}

const BEARER_PROTOCOL = 'base64url.bearer.authorization.k8s.io.';

export function credentialsOf(headers: Headers, certificate: Exchange['certificate']): Credentials {
  const authorization = headerText(headers, 'authorization');
  const bearer = /^bearer\s+(\S+)$/i.exec(authorization)?.[1] ?? '';
  return {
    bearerToken: bearer === '' ? tokenOfProtocols(headerText(headers, 'sec-websocket-protocol')) : bearer,
    certificate:
      certificate === undefined
        ? undefined
        : { commonName: textOf(certificate.subject.CN), organizations: listOf(certificate.subject.O) },
  };
}

/** Browsers cannot set headers on a WebSocket; upstream takes the token from a subprotocol then. */
function tokenOfProtocols(protocols: string): string {
  const carrier = protocols
    .split(',')
    .map((protocol) => protocol.trim())
    .find((protocol) => protocol.startsWith(BEARER_PROTOCOL));
  return carrier === undefined
    ? ''
    : Buffer.from(carrier.slice(BEARER_PROTOCOL.length), 'base64url').toString();
}

function textOf(value: string | string[] | undefined): string {
  return listOf(value)[0] ?? '';
}
function listOf(value: string | string[] | undefined): readonly string[] {
  return value === undefined ? [] : typeof value === 'string' ? [value] : value;
}
