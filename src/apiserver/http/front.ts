/**
 * The HTTP front end: authenticates an exchange, finds out what it asks for, runs it through the pipeline and
 * writes the answer. Every failure becomes a `Status`; what is not an `ApiError` is logged and answered as
 * 500.
 */

import { errorText, type Logger } from '../../base/log.ts';
import {
  ApiError,
  badRequestError,
  internalError,
  notAcceptableError,
  notFoundError,
  timeoutError,
  unauthorizedError,
} from '../../api/meta/api-error.ts';
import type { Executor, RequestContext, UserInfo } from '../../client/operation.ts';
import type { Clock } from '../../host/host.ts';
import { authenticate, type Authenticator, type Credentials } from '../authentication/authenticator.ts';
import { impersonate } from '../authentication/impersonation.ts';
import { requireAccess, type Authorizer } from '../authorization/authorizer.ts';
import type { ResourceIndex } from '../pipeline.ts';
import { decodeOperation, type BodyDecoders, type ResourceRequest } from './decode-operation.ts';
import { respondError, respondOutcome, type ResponseShape } from './encode.ts';
import { headerText, type Exchange, type Headers } from './exchange.ts';
import { MEDIA_TYPES, negotiate, type Accepted, type Format } from './media-type.ts';
import { parseRequest } from './request-info.ts';

/** Upstream's default for requests that are no watch. */
const REQUEST_MAX_MS = 60_000;
/**
 * Watches without `timeoutSeconds` end after 30 to 60 minutes, at random, so that clients do not return at
 * once.
 */
const WATCH_MIN_MS = 1_800_000;
const WARNINGS_MAX_BYTES = 4096;

/** Serves a plain path (`/version`, `/healthz`, discovery). Undefined when it is not its path. */
export interface PathHandler {
  handle(path: string, exchange: Exchange, query: URLSearchParams): Promise<void> | undefined;
}

/** Subresources that speak HTTP themselves: log, exec, attach, port-forward, proxy. */
export interface StreamHandler {
  /** Whether this request is one of its own; the front end has authorized it then. */
  matches(request: ResourceRequest): boolean;
  serve(request: ResourceRequest, exchange: Exchange, user: UserInfo): Promise<void>;
}

export interface FrontParts {
  readonly executor: Executor;
  readonly resources: ResourceIndex;
  readonly authenticators: readonly Authenticator[];
  readonly authorizer: Authorizer;
  readonly paths: readonly PathHandler[];
  readonly streams: readonly StreamHandler[];
  readonly decoders: BodyDecoders;
  readonly formats: ReadonlySet<Format>;
  readonly clock: Clock;
  readonly randomInteger: (bound: number) => number;
  readonly logger: Logger;
}

export class Front {
  readonly #parts: FrontParts;

  constructor(parts: FrontParts) {
    this.#parts = parts;
  }

  /** Answers the exchange; never rejects. */
  async handle(exchange: Exchange): Promise<void> {
    try {
      await this.#route(exchange);
    } catch (error) {
      respondError(exchange, this.#toApiError(error, exchange));
    }
  }

  /** The user behind an upgrade request, impersonation included. Throws `ApiError`. */
  async identify(headers: Headers, certificate: Exchange['certificate']): Promise<UserInfo> {
    const user = await authenticate(this.#parts.authenticators, credentialsOf(headers, certificate));
    if (user === undefined) throw unauthorizedError();
    return namesAnotherUser(headers) ? impersonate(user, headers, this.#parts.authorizer) : user;
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
    switch (request.type) {
      case 'malformed':
        throw badRequestError(request.message);
      case 'path':
        return this.#servePath(request.path, request.query, exchange, user);
      case 'resource':
        return this.#serveResource(request, exchange, user);
    }
  }

  async #servePath(path: string, query: URLSearchParams, exchange: Exchange, user: UserInfo): Promise<void> {
    const verb = exchange.method.toLowerCase();
    await requireAccess(this.#parts.authorizer, { type: 'path', user, verb, path });
    for (const handler of this.#parts.paths) {
      const served = handler.handle(path, exchange, query);
      if (served !== undefined) return served;
    }
    throw new ApiError(404, 'NotFound', 'the server could not find the requested resource', {});
  }

  async #serveResource(request: ResourceRequest, exchange: Exchange, user: UserInfo): Promise<void> {
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
    const accepted = this.#accept(exchange);
    const deadline = this.#deadline(request);
    const warnings: string[] = [];
    const context: RequestContext = {
      user,
      userAgent: headerText(exchange.headers, 'user-agent'),
      // Only what waits needs to hear that the client left.
      signal:
        request.verb === 'watch' ? AbortSignal.any([exchange.signal, deadline.signal]) : deadline.signal,
      warn: (text) => {
        if (!warnings.includes(text)) warnings.push(text);
      },
    };
    try {
      const operation = await decodeOperation(request, exchange, this.#parts.decoders);
      const outcome = await this.#parts.executor.execute(operation, context);
      const shape = this.#shape(request, accepted, () => warningHeaders(warnings));
      await respondOutcome(exchange, outcome, resource, shape);
    } catch (error) {
      respondError(exchange, this.#toApiError(error, exchange), warningHeaders(warnings));
    } finally {
      deadline.cancel();
    }
  }

  #accept(exchange: Exchange): Accepted {
    const accepted = negotiate(headerText(exchange.headers, 'accept'), this.#parts.formats);
    if (accepted === undefined) throw notAcceptableError(Object.values(MEDIA_TYPES));
    return accepted;
  }

  #deadline({ verb, query }: ResourceRequest): { signal: AbortSignal; cancel(): void } {
    const abort = new AbortController();
    const seconds = Number(query.get('timeoutSeconds') ?? query.get('timeout')?.replace(/s$/, '') ?? 0);
    const watchMs = seconds > 0 ? seconds * 1000 : WATCH_MIN_MS + this.#parts.randomInteger(WATCH_MIN_MS);
    const timer = this.#parts.clock.after(verb === 'watch' ? watchMs : REQUEST_MAX_MS, () =>
      abort.abort(timeoutError('request did not complete within the allowed time')),
    );
    return { signal: abort.signal, cancel: () => timer.cancel() };
  }

  #shape({ query }: ResourceRequest, accepted: Accepted, headers: () => Headers): ResponseShape {
    const include = query.get('includeObject');
    return {
      view: accepted.view,
      includeObject: include === 'None' || include === 'Object' ? include : 'Metadata',
      nowMs: this.#parts.clock.now(),
      headers,
    };
  }
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
