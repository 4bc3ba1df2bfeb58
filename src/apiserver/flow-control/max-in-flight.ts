/**
 * The fallback for servers without priority and fairness: so many reading and so many writing requests at
 * once, and 429 for the rest, except for administrators. Watches and streams do not count, as upstream has
 * it.
 */

import { tooManyRequestsError } from '../../api/meta/api-error.ts';
import type { UserInfo } from '../../client/operation.ts';
import { SUPERUSER_GROUP } from '../authorization/rbac.ts';
import { isLongRunning, type AskedRequest, type FlowGate, type Lease, type Refusal } from './flow-gate.ts';

export interface InFlightLimits {
  readonly reading: number;
  readonly mutating: number;
}

/** Upstream's defaults. */
export const IN_FLIGHT_LIMITS: InFlightLimits = { reading: 400, mutating: 200 };
const RETRY_AFTER_S = 1;
const READING: ReadonlySet<string> = new Set(['get', 'list', 'watch']);

export class MaxInFlight implements FlowGate {
  readonly #limits: InFlightLimits;
  readonly #running = { reading: 0, mutating: 0 };

  constructor(limits: InFlightLimits = IN_FLIGHT_LIMITS) {
    this.#limits = limits;
  }

  acquire(request: AskedRequest, user: UserInfo): Lease | Refusal {
    const kind = READING.has(request.verb) ? 'reading' : 'mutating';
    const isFree = request.verb === 'watch' || isLongRunning(request);
    const isFull = this.#running[kind] >= this.#limits[kind];
    if (isFree || (isFull && user.groups.includes(SUPERUSER_GROUP))) {
      return { admitted: true, headers: {}, release: () => {}, end: () => {} };
    }
    if (isFull) {
      const error = tooManyRequestsError('Too many requests, please try again later.', RETRY_AFTER_S);
      return { admitted: false, headers: {}, error };
    }
    this.#running[kind]++;
    let isRunning = true;
    const release = (): void => {
      if (isRunning) this.#running[kind]--;
      isRunning = false;
    };
    return { admitted: true, headers: {}, release, end: release };
  }
}
