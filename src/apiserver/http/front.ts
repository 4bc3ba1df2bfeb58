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
import type { Executor, Outcome, RequestContext, UserInfo } from '../../client/operation.ts';
import type { Clock } from '../../host/host.ts';
import { authenticate, type Authenticator } from '../authentication/authenticator.ts';
import type { RequestHeaderAuthenticator } from '../authentication/request-header.ts';
import { impersonate } from '../authentication/impersonation.ts';
import { requireAccess, type Authorizer } from '../authorization/authorizer.ts';
import type { AskedRequest, FlowGate, Lease } from '../flow-control/flow-gate.ts';
import type { Resource } from '../../api/resource.ts';
import { isOnlyCreated } from '../../api/meta/virtual-kind.ts';
import type { ResourceIndex } from '../pipeline.ts';
import type { Codec, Codecs } from './codecs.ts';
import { credentialsOf } from './credentials.ts';
import { allowedMs, Deadlines, expiredRequestError, REQUEST_MAX_MS } from './deadlines.ts';
import { decodeOperation, type BodyDecoders, type ResourceRequest } from './decode-operation.ts';
import { respondError, type ResponseShape } from './answer.ts';
import { respondOutcome } from './encode.ts';
import { respondWatch } from './encode-watch.ts';
import { headerText, type Exchange, type Headers } from './exchange.ts';
import { negotiate, TOLD_MEDIA_TYPES, type Accepted, type Format, type View } from './media-type.ts';
import { OpenWatches, type OpenWatch } from './open-watches.ts';
import { parseRequest, type RequestInfo } from './request-info.ts';
import { includeObjectOf, wantsPretty, warningHeaders } from './response-options.ts';
import { StampedExchange } from './stamped-exchange.ts';

/**
 * Watches without `timeoutSeconds` end after 30 to 60 minutes, at random, so that clients do not return at
 * once.
 */
const WATCH_MIN_MS = 1_800_000;

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

/** A watch goes on after it was begun, and then ends its lease itself. */
interface Seat {
  readonly lease: Lease;
  isKept: boolean;
}

interface Served {
  readonly request: ResourceRequest;
  readonly exchange: Exchange;
  readonly user: UserInfo;
  readonly resource: Resource;
  readonly accepted: Accepted;
}

interface Running {
  readonly signal: AbortSignal;
  /** Whether the answer has been given by somebody else. */
  readonly isOver: () => boolean;
  readonly watchInitialized?: () => void;
}

export class Front {
  readonly #parts: FrontParts;
  readonly #deadlines: Deadlines;
  readonly #watches: OpenWatches;
  /** Certificates do not change during a connection, nor does what they say. */
  readonly #certified = new WeakMap<PeerCertificate, UserInfo>();

  constructor(parts: FrontParts) {
    this.#parts = parts;
    this.#deadlines = new Deadlines(parts.clock);
    this.#watches = new OpenWatches(parts.clock);
  }

  /** Every watch ends after the frame that it is sending; its client goes on elsewhere from where it is. */
  endWatches(): void {
    this.#watches.endAll();
  }

  /** Answers the exchange, or begins to, if it is a watch; never rejects. */
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
    const seat: Seat = { lease, isKept: false };
    try {
      await this.#serve(request, stamped, user, seat, ms);
    } catch (error) {
      this.#fail(stamped, error);
    } finally {
      if (!seat.isKept) lease.end();
    }
  }

  #serve(
    request: Exclude<RequestInfo, { type: 'malformed' }>,
    exchange: Exchange,
    user: UserInfo,
    seat: Seat,
    ms: number,
  ): Promise<void> {
    if (this.#parts.aggregation?.matches(request) === true) {
      return this.#parts.aggregation.serve(request, exchange, user);
    }
    return request.type === 'path'
      ? this.#servePath(request.path, request.query, exchange, user)
      : this.#serveResource(request, exchange, user, seat, ms);
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
    seat: Seat,
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
    const accept = async (): Promise<Accepted> => this.#accept(exchange, resource);
    const accepted = await this.#forAllowed(request, user, accept);
    const served = { request, exchange, user, resource, accepted };
    return request.verb === 'watch' ? this.#serveWatch(served, seat) : this.#serveInTime(served, ms);
  }

  /** Who may not do a thing at all is told so, and not what is wrong with how it was asked. */
  async #forAllowed<T>({ verb, target }: ResourceRequest, user: UserInfo, ask: () => Promise<T>): Promise<T> {
    try {
      return await ask();
    } catch (error) {
      await requireAccess(this.#parts.authorizer, { type: 'resource', user, verb, ...target });
      throw error;
    }
  }

  async #serveInTime(served: Served, ms: number): Promise<void> {
    const { exchange, resource, accepted } = served;
    const deadline = ms < REQUEST_MAX_MS ? this.#deadlines.after(ms) : this.#deadlines.usual();
    const { signal } = deadline;
    const { promise: over, resolve } = Promise.withResolvers<void>();
    // What goes on nevertheless, such as a webhook that does not answer, holds no seat any more.
    deadline.onExpire(() => {
      const codec = this.#parts.codecs[accepted.format];
      respondError(exchange, this.#toApiError(expiredRequestError(), exchange), {}, codec);
      resolve();
    });
    // Only what waits, such as a watch, needs to hear that the client left.
    const carriedOut = this.#carryOut(served, { signal, isOver: () => signal.aborted }, (outcome, shape) =>
      respondOutcome(exchange, outcome, resource, shape),
    );
    void carriedOut.then(resolve);
    await over;
    deadline.cancel();
  }

  /** Resolves when the watch has begun: then it goes on by itself, and little but its stream is kept. */
  async #serveWatch(served: Served, seat: Seat): Promise<void> {
    const { exchange, resource, request } = served;
    const { watch, over } = this.#openWatch(request, exchange, seat);
    const watchInitialized = (): void => seat.lease.release();
    let sent: Promise<void> | undefined;
    const running = { signal: watch.signal, isOver: () => false, watchInitialized };
    await this.#carryOut(served, running, async (outcome, shape) => {
      if (outcome.type !== 'watch') return respondOutcome(exchange, outcome, resource, shape);
      sent = respondWatch(exchange, outcome.batches, resource, shape);
    });
    if (sent === undefined) over();
    else this.#closeAfter(sent, over);
  }

  #openWatch(
    { query }: ResourceRequest,
    exchange: Exchange,
    seat: Seat,
  ): { readonly watch: OpenWatch; readonly over: () => void } {
    const seconds = Number(query.get('timeoutSeconds') ?? query.get('timeout')?.replace(/s$/, '') ?? 0);
    const ms = seconds > 0 ? seconds * 1000 : WATCH_MIN_MS + this.#parts.randomInteger(WATCH_MIN_MS);
    const watch = this.#watches.open(ms);
    exchange.whenClosed(() => watch.end());
    seat.isKept = true;
    const { lease } = seat;
    const over = (): void => {
      this.#watches.close(watch);
      lease.end();
    };
    return { watch, over };
  }

  #closeAfter(sent: Promise<void>, over: () => void): void {
    const failed = (error: unknown): void => {
      this.#parts.logger.error(`a watch failed: ${errorText(error)}`, { error });
      over();
    };
    void sent.then(over, failed);
  }

  /** Decodes, executes and answers; what fails is answered as an error, unless it is too late for one. */
  async #carryOut(
    { request, exchange, user, resource, accepted }: Served,
    { signal, isOver, watchInitialized }: Running,
    answer: (outcome: Outcome, shape: ResponseShape) => Promise<void>,
  ): Promise<void> {
    const warnings: string[] = [];
    const context: RequestContext = {
      user,
      userAgent: headerText(exchange.headers, 'user-agent'),
      signal,
      warn: (text) => {
        if (!warnings.includes(text)) warnings.push(text);
      },
      ...(watchInitialized === undefined ? {} : { watchInitialized }),
    };
    const headers = (): Headers => warningHeaders(warnings);
    try {
      const isCustom = resource.schema.message === undefined && request.target.subresource === '';
      const operation = await this.#forAllowed(request, user, () =>
        decodeOperation(request, exchange, this.#parts.decoders, isCustom),
      );
      // What cannot be answered as it is wanted is not begun.
      const shape = this.#shape(request, exchange, accepted, signal, headers);
      const outcome = await this.#parts.executor.execute(operation, context);
      if (!isOver()) await answer(outcome, shape);
    } catch (error) {
      if (isOver()) return;
      const codec = this.#parts.codecs[accepted.format];
      respondError(exchange, this.#toApiError(error, exchange), headers(), codec);
    }
  }

  #accept(exchange: Exchange, { schema, definition }: Resource): Accepted {
    const formats = schema.message === undefined ? CUSTOM_FORMATS : FORMATS;
    const views = isOnlyCreated(definition) ? VIEWS_WITHOUT_TABLE : undefined;
    const accepted = negotiate(headerText(exchange.headers, 'accept'), formats, views);
    if (accepted !== undefined) return accepted;
    throw notAcceptableError(TOLD_MEDIA_TYPES);
  }

  #shape(
    { query }: ResourceRequest,
    exchange: Exchange,
    accepted: Accepted,
    signal: AbortSignal,
    headers: () => Headers,
  ): ResponseShape {
    const includeObject = accepted.view === 'table' ? includeObjectOf(query) : 'Metadata';
    return {
      codec: this.#parts.codecs[accepted.format],
      pretty: wantsPretty(query, exchange),
      view: accepted.view,
      metaVersion: accepted.metaVersion ?? 'v1',
      includeObject,
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
const VIEWS_WITHOUT_TABLE: ReadonlySet<View> = new Set(['object', 'partial']);
/** Custom resources have no protobuf form. */
const CUSTOM_FORMATS: ReadonlySet<Format> = new Set(['json', 'yaml', 'cbor']);

/** Whether impersonation has anything to do: it has not for almost every request, and every one asks. */
function namesAnotherUser(headers: Headers): boolean {
  return Object.keys(headers).some((name) => name.startsWith('impersonate-'));
}
