/**
 * API priority and fairness: lets a request run now, later, or not at all, so that no client takes the server
 * from the others. A thin shell around pure parts: `classify.ts` says what a request is, `seats.ts` how much it
 * takes, `fair-queuing.ts` whose turn it is, `levels.ts` how many seats there are.
 *
 * Inputs: FlowSchemas and PriorityLevelConfigurations in the store, followed; each request and its user.
 * Outputs: a lease for every request that may run; whoever got one ends it. Refusals are 429 with
 * Retry-After.
 * Invariants: queues and seats are bounded; a request waits at most a quarter of the time it has; one
 * whose client left gives its place up. Behaviour: KEP-1040, upstream's filters/priority-and-fairness.go.
 */

import { flowSchemas } from '../../api/groups/flowcontrol/flow-schema/flow-schema.ts';
import { FLOW_CONTROL_GROUP } from '../../api/groups/flowcontrol/rules.ts';
import { tooManyRequestsError } from '../../api/meta/api-error.ts';
import { deepEqual } from '../../api/meta/equal.ts';
import type { KubernetesObject } from '../../api/meta/object.ts';
import type { JsonValue } from '../../api/schema/schema.ts';
import type { FlowSchema, PriorityLevelConfiguration } from '../../api/types.gen.ts';
import { present } from '../../base/assert.ts';
import type { Logger } from '../../base/log.ts';
import type { Target, UserInfo } from '../../client/operation.ts';
import type { Clock, Timer } from '../../host/host.ts';
import { prefixRange, type Store, type StoreWatch } from '../../store/store.ts';
import { classify, compileSchemas, distinguish, type CompiledSchema } from './classify.ts';
import type { Work } from './fair-queuing.ts';
import {
  isLongRunning,
  type AskedRequest,
  type FlowGate,
  type FlowHeaders,
  type Lease,
  type Refusal,
} from './flow-gate.ts';
import { Levels, type Level } from './levels.ts';
import { RequestTicket } from './request-ticket.ts';
import { listWork, mutatingWork, ONE_SEAT } from './seats.ts';
import { dealHand, hashFlow } from './shuffle.ts';
import { WatchCount } from './watch-count.ts';

export interface FlowControlParts {
  readonly store: Store<KubernetesObject>;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Seats of all levels together. */
  readonly totalSeats?: number;
}

/** Upstream's default limits of requests in flight, reading and writing, together. */
export const TOTAL_SEATS = 600;
const ADJUST_MS = 10_000;
/** After so many periods without a request every level's demand has faded. */
const QUIET_PERIODS_MAX = 60;
const WAIT_MAX_MS = 60_000;
/** Hands of so many flows are remembered for each schema. */
const HANDS_MAX = 10_000;

const OBJECTS = prefixRange(`/registry/${FLOW_CONTROL_GROUP}/`);
const SCHEMAS = `/registry/${FLOW_CONTROL_GROUP}/${flowSchemas.plural}/`;

interface Flows {
  readonly schema: CompiledSchema;
  readonly level: Level;
  readonly headers: FlowHeaders;
  readonly hands: Map<string, readonly number[]>;
}

const NO_END = (): void => {};
const FREE: Lease = { admitted: true, headers: {}, release: NO_END, end: NO_END };

/** A watch has its lease for as long as it lasts, but its seat and its request only until it has begun. */
class SeatLease implements Lease {
  readonly admitted = true;
  readonly headers: FlowHeaders;
  #finish: (() => void) | undefined;
  #forget: (() => void) | undefined;

  constructor(headers: FlowHeaders, finish: () => void, forget: () => void) {
    this.headers = headers;
    this.#finish = finish;
    this.#forget = forget;
  }

  release(): void {
    this.#finish?.();
    this.#finish = undefined;
  }

  end(): void {
    this.release();
    this.#forget?.();
    this.#forget = undefined;
  }
}

export class FlowControl implements FlowGate {
  readonly levels: Levels;
  readonly watches = new WatchCount();
  readonly #parts: FlowControlParts;
  readonly #schemas = new Map<string, FlowSchema>();
  readonly #levelObjects = new Map<string, PriorityLevelConfiguration>();
  #compiled: readonly CompiledSchema[] = [];
  #flows = new Map<CompiledSchema, Flows>();
  #watch: StoreWatch<KubernetesObject> | undefined;
  #timer: Timer | undefined;
  #adjustedMs = 0;
  #onSchemas: (schemas: readonly FlowSchema[], hasLevel: (name: string) => boolean) => void = NO_END;

  constructor(parts: FlowControlParts) {
    this.#parts = parts;
    this.levels = new Levels(parts.totalSeats ?? TOTAL_SEATS);
    this.#compile();
  }

  /** Follows the objects in the store until `stop`. `onSchemas` hears of every change. */
  start(onSchemas?: (schemas: readonly FlowSchema[], hasLevel: (name: string) => boolean) => void): void {
    if (onSchemas !== undefined) this.#onSchemas = onSchemas;
    const { store } = this.#parts;
    const page = store.list(OBJECTS);
    this.#schemas.clear();
    this.#levelObjects.clear();
    for (const { key, value } of page.ok ? page.result.entries : []) this.#take(key, value);
    this.#compile();
    this.#tell();
    this.#watch = store.watch(OBJECTS, page.ok ? page.result.revision : store.revision);
    void this.#follow(this.#watch);
    this.#timer?.cancel();
    this.#schedule();
  }

  stop(): void {
    this.#timer?.cancel();
    this.#watch?.stop();
    this.#watch = undefined;
  }

  #schedule(): void {
    this.#timer = this.#parts.clock.after(ADJUST_MS, () => this.#tick());
  }

  /** Rests when nobody asks: a server with nothing to do should not be woken for that. */
  #tick(): void {
    this.#adjust(this.#parts.clock.monotonicMs());
    if (this.isIdle) this.#timer = undefined;
    else this.#schedule();
  }

  #adjust(nowMs: number): void {
    this.levels.adjust(nowMs);
    this.#adjustedMs = nowMs;
  }

  /** Goes on with the periods, as if they had been ended in time. */
  #resume(): void {
    const nowMs = this.#parts.clock.monotonicMs();
    const missed = Math.floor((nowMs - this.#adjustedMs) / ADJUST_MS);
    for (let left = Math.min(missed, QUIET_PERIODS_MAX); left > 0; left--) {
      this.#adjust(nowMs - (left - 1) * ADJUST_MS);
    }
    this.#schedule();
  }

  async #follow(watch: StoreWatch<KubernetesObject>): Promise<void> {
    for (let item = await watch.next(); item !== undefined; item = await watch.next()) {
      // Too many changes at once: begin again from what is there.
      if (item.type === 'gone') return this.start();
      if (item.type !== 'events') continue;
      let isChanged = false;
      for (const { key, type, value, previous } of item.events) {
        this.#take(key, type === 'delete' ? undefined : value);
        isChanged ||= type === 'delete' || !deepEqual(specOf(value), specOf(previous));
      }
      if (isChanged) this.#compile();
      this.#tell();
    }
  }

  #take(key: string, object: KubernetesObject | undefined): void {
    const objects: Map<string, KubernetesObject> = key.startsWith(SCHEMAS)
      ? this.#schemas
      : this.#levelObjects;
    const name = key.slice(key.lastIndexOf('/') + 1);
    if (object === undefined) objects.delete(name);
    else objects.set(name, object);
  }

  #compile(): void {
    const hasLevel = (name: string): boolean => this.#levelObjects.has(name);
    this.levels.replace([...this.#levelObjects.values()].map(inputOf), this.#parts.clock.monotonicMs());
    this.#compiled = compileSchemas([...this.#schemas.values()].map(inputOf), hasLevel);
    this.#flows = new Map(
      this.#compiled.map((schema) => {
        const level = present(this.levels.get(schema.level), `priority level ${schema.level}`);
        const headers = {
          'x-kubernetes-pf-flowschema-uid': schema.uid,
          'x-kubernetes-pf-prioritylevel-uid': level.uid,
        };
        return [schema, { schema, level, headers, hands: new Map() }];
      }),
    );
  }

  #tell(): void {
    this.#onSchemas([...this.#schemas.values()], (name) => this.#levelObjects.has(name));
  }

  /** Whether no request is under way or waits. */
  get isIdle(): boolean {
    return this.levels.all().every(({ queueSet }) => queueSet.isIdle);
  }

  acquire(
    request: AskedRequest,
    user: UserInfo,
    allowedMs: number,
    asked: { readonly signal: AbortSignal },
  ): Lease | Refusal | Promise<Lease | Refusal> {
    if (isLongRunning(request)) return FREE;
    if (this.#timer === undefined && this.#watch !== undefined) this.#resume();
    const schema = classify(this.#compiled, request, user);
    const flows = present(this.#flows.get(schema), 'flows of a schema');
    const { level, headers } = flows;
    const { queuing } = level;
    // As upstream: without queues there are no flows to tell apart.
    const flow = queuing === undefined ? '' : distinguish(schema, request, user);
    const hand = queuing === undefined ? [] : handOf(flows, flow, queuing.queues, queuing.handSize);
    const work = level.isExempt ? ONE_SEAT : this.#workOf(request, level);
    let dispatched = NO_END;
    const told = { schema: schema.name, distinguisher: flow, request, user };
    const ticket = new RequestTicket(work, () => dispatched(), told);
    const outcome = level.queueSet.start(ticket, hand, this.#parts.clock.monotonicMs());
    if (outcome === 'rejected') return this.#refuse(level, headers);
    if (outcome === 'executing') return this.#lease(ticket, level, headers, request);
    const waitMs = Math.min(allowedMs / 4, WAIT_MAX_MS);
    return new Promise((resolve) => {
      const settle = (answer: Lease | Refusal): void => {
        timer.cancel();
        asked.signal.removeEventListener('abort', leave);
        resolve(answer);
      };
      const giveUp = (why: 'timedOut' | 'cancelled'): void => {
        if (!level.queueSet.leave(ticket, why, this.#parts.clock.monotonicMs())) return;
        settle(this.#refuse(level, headers));
      };
      const leave = (): void => giveUp('cancelled');
      const timer = this.#parts.clock.after(waitMs, () => giveUp('timedOut'));
      asked.signal.addEventListener('abort', leave, { once: true });
      dispatched = () => settle(this.#lease(ticket, level, headers, request));
      if (asked.signal.aborted) leave();
    });
  }

  #refuse(level: Level, headers: FlowHeaders): Refusal {
    level.retryAfter.refused(this.#parts.clock.now());
    const text = 'Too many requests, please try again later.';
    return { admitted: false, headers, error: tooManyRequestsError(text, level.retryAfter.seconds) };
  }

  #lease(ticket: RequestTicket, level: Level, headers: FlowHeaders, request: AskedRequest): Lease {
    const forget =
      request.verb === 'watch' && request.type === 'resource'
        ? this.watches.add(request.target, nameSelected(request.query) ?? '')
        : NO_END;
    return new SeatLease(headers, () => this.#finish(ticket, level), forget);
  }

  #finish(ticket: RequestTicket, level: Level): void {
    if (ticket.state !== 'executing') return;
    const { clock } = this.#parts;
    const lingersMs = level.queueSet.finish(ticket, clock.monotonicMs());
    if (lingersMs > 0) clock.after(lingersMs, () => level.queueSet.vacate(ticket, clock.monotonicMs()));
  }

  #workOf(request: AskedRequest, { seatsMax }: Level): Work {
    if (request.type !== 'resource') return ONE_SEAT;
    switch (request.verb) {
      case 'list':
        return this.#listWork(request.target, request.query, seatsMax);
      case 'watch':
        // Only one that begins with everything costs as much as a list of it.
        return ['', '0', 'false', null].includes(request.query.get('sendInitialEvents'))
          ? ONE_SEAT
          : this.#listWork(request.target, request.query, seatsMax);
      case 'create':
      case 'update':
      case 'patch':
      case 'delete':
        return isSilent(request.target)
          ? ONE_SEAT
          : mutatingWork(this.watches.interested(request.target), seatsMax);
      default:
        return ONE_SEAT;
    }
  }

  #listWork({ group, resource, namespace }: Target, query: URLSearchParams, seatsMax: number): Work {
    const collection = `/registry/${group === '' ? 'core' : group}/${resource}/`;
    const stored = this.#parts.store.count(
      prefixRange(namespace === '' ? collection : `${collection}${namespace}/`),
    );
    const limit = Number(query.get('limit') ?? 0);
    const isSingle = nameSelected(query) !== undefined;
    const hasSelector = query.has('labelSelector') || query.has('fieldSelector');
    return listWork({ stored, limit: limit > 0 ? limit : 0, hasSelector, isSingle }, seatsMax);
  }
}

function specOf(object: KubernetesObject | undefined): JsonValue | undefined {
  return (object as { spec?: JsonValue } | undefined)?.spec;
}

function inputOf<S>({ metadata, spec }: { metadata: KubernetesObject['metadata']; spec: S }): {
  name: string;
  uid: string;
  spec: S;
} {
  return { name: metadata.name ?? '', uid: metadata.uid ?? '', spec };
}

function handOf({ schema, hands }: Flows, flow: string, queues: number, size: number): readonly number[] {
  const known = hands.get(flow);
  if (known !== undefined) return known;
  if (hands.size >= HANDS_MAX) hands.clear();
  const hand = dealHand(hashFlow(schema.name, flow), queues, size);
  hands.set(flow, hand);
  return hand;
}

function nameSelected(query: URLSearchParams): string | undefined {
  const selector = query.get('fieldSelector');
  if (selector === null) return undefined;
  return /(?:^|,)metadata\.name==?([^,!=]+)(?:,|$)/.exec(selector)?.[1];
}

/** A token is answered, not stored: no watch hears of it. */
function isSilent({ resource, subresource }: Target): boolean {
  return resource === 'serviceaccounts' && subresource === 'token';
}
