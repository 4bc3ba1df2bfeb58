/** What lets requests in: asked by the front end for each of them, between who asks and what is asked. */

import type { ApiError } from '../../api/meta/api-error.ts';
import type { UserInfo } from '../../client/operation.ts';
import type { FlowRequest } from './classify.ts';

export type FlowHeaders = { readonly [name: string]: string };

/** The right to run. `release` gives the seats back, `end` also forgets the watch that it may be. */
export interface Lease {
  readonly admitted: true;
  readonly headers: FlowHeaders;
  release(): void;
  end(): void;
}

export interface Refusal {
  readonly admitted: false;
  readonly headers: FlowHeaders;
  readonly error: ApiError;
}

/** A request with what its cost is estimated from. */
export type AskedRequest = FlowRequest & { readonly query: URLSearchParams };

export interface FlowGate {
  /** `asked.signal` is only looked at when the request has to wait. `allowedMs`: how long it may take. */
  acquire(
    request: AskedRequest,
    user: UserInfo,
    allowedMs: number,
    asked: { readonly signal: AbortSignal },
  ): Lease | Refusal | Promise<Lease | Refusal>;
}

const LONG_RUNNING: ReadonlySet<string> = new Set(['attach', 'exec', 'proxy', 'log', 'portforward']);

/** Streams last as long as their clients like: they take no seat. Watches take one while they begin. */
export function isLongRunning(request: FlowRequest): boolean {
  return (
    request.type === 'resource' && LONG_RUNNING.has(request.target.subresource) && request.verb !== 'watch'
  );
}
