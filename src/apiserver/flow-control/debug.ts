/**
 * What flow control is doing right now, as upstream's tables: `/debug/api_priority_and_fairness/dump_…` with
 * `priority_levels`, `queues` and `requests` (with `?includeRequestDetails=1` what each asks for).
 */

import type { Exchange } from '../http/exchange.ts';
import type { PathHandler } from '../http/front.ts';
import type { Clock } from '../../host/host.ts';
import type { FlowControl } from './flow-control.ts';
import type { Asked, RequestTicket } from './request-ticket.ts';

const PREFIX = '/debug/api_priority_and_fairness/dump_';
const COLUMN_MIN = 8;

type Row = readonly string[];

export class FlowDebugHandler implements PathHandler {
  readonly #flow: FlowControl;
  readonly #clock: Clock;

  constructor(flow: FlowControl, clock: Clock) {
    this.#flow = flow;
    this.#clock = clock;
  }

  handle(path: string, exchange: Exchange, query: URLSearchParams): Promise<void> | undefined {
    if (!path.startsWith(PREFIX)) return undefined;
    const rows = this.#rows(path.slice(PREFIX.length), (query.get('includeRequestDetails') ?? '') !== '');
    if (rows === undefined) return undefined;
    exchange.respond(200, { 'content-type': 'text/plain; charset=utf-8' }, renderColumns(rows));
    return Promise.resolve();
  }

  #rows(what: string, hasDetails: boolean): readonly Row[] | undefined {
    switch (what) {
      case 'priority_levels':
        return this.#levels();
      case 'queues':
        return this.#queues();
      case 'requests':
        return this.#requests(hasDetails);
      default:
        return undefined;
    }
  }

  #levels(): readonly Row[] {
    const rows = this.#flow.levels
      .all()
      .map(({ name, isQuiescing, queueSet }) => [
        name,
        queueSet.queues.filter(({ waiting }) => waiting.size > 0).length,
        queueSet.isIdle,
        isQuiescing,
        queueSet.requestsWaiting,
        queueSet.executingTickets.size,
        queueSet.counts.dispatched,
        queueSet.counts.rejected,
        queueSet.counts.timedOut,
        queueSet.counts.cancelled,
      ]);
    return [LEVEL_COLUMNS, ...rows.map((row) => row.map(String))];
  }

  #queues(): readonly Row[] {
    const rows = this.#flow.levels.all().flatMap(({ name, queueSet }) =>
      queueSet.queues.map((queue) => {
        const tickets = [...queue.waiting];
        return [
          name,
          queue.index,
          tickets.length,
          queue.executing,
          queue.seatsInUse,
          seatSeconds(queue.nextStart),
          tickets.reduce((sum, { work }) => sum + work.initialSeats, 0),
          tickets.reduce((sum, { seats }) => sum + seats, 0),
          seatSeconds(queue.waitingWork),
        ];
      }),
    );
    return [QUEUE_COLUMNS, ...rows.map((row) => row.map(String))];
  }

  #requests(hasDetails: boolean): readonly Row[] {
    const head = hasDetails ? [...REQUEST_COLUMNS, ...DETAIL_COLUMNS] : REQUEST_COLUMNS;
    const rows = this.#flow.levels
      .all()
      .flatMap(({ name, queueSet }) => [
        ...queueSet.queues.flatMap(({ index, waiting }) =>
          [...waiting].map((ticket, i) => this.#request(name, ticket, index, i, hasDetails)),
        ),
        ...[...queueSet.executingTickets].map((ticket) =>
          this.#request(name, ticket, ticket.queue, -1, hasDetails),
        ),
      ]);
    return [head, ...rows];
  }

  #request(level: string, ticket: RequestTicket, queue: number, place: number, hasDetails: boolean): Row {
    const { asked } = ticket;
    const row = [
      level,
      asked.schema,
      String(queue),
      String(place),
      asked.distinguisher,
      this.#time(ticket.arrivedMs),
      String(ticket.work.initialSeats),
      String(ticket.finalSeats),
      `${ticket.additionalMs}${ticket.additionalMs === 0 ? 's' : 'ms'}`,
      ticket.state === 'waiting' ? '0001-01-01T00:00:00Z' : this.#time(ticket.startedMs),
    ];
    return hasDetails ? [...row, ...detailsOf(asked)] : row;
  }

  /** Of a reading of the monotonic clock. */
  #time(monotonicMs: number): string {
    return new Date(this.#clock.now() - this.#clock.monotonicMs() + monotonicMs).toISOString();
  }
}

const LEVEL_COLUMNS: Row = [
  'PriorityLevelName',
  'ActiveQueues',
  'IsIdle',
  'IsQuiescing',
  'WaitingRequests',
  'ExecutingRequests',
  'DispatchedRequests',
  'RejectedRequests',
  'TimedoutRequests',
  'CancelledRequests',
];
const QUEUE_COLUMNS: Row = [
  'PriorityLevelName',
  'Index',
  'PendingRequests',
  'ExecutingRequests',
  'SeatsInUse',
  'NextDispatchR',
  'InitialSeatsSum',
  'MaxSeatsSum',
  'TotalWorkSum',
];
const REQUEST_COLUMNS: Row = [
  'PriorityLevelName',
  'FlowSchemaName',
  'QueueIndex',
  'RequestIndexInQueue',
  // Spelled as upstream spells it.
  'FlowDistingsher',
  'ArriveTime',
  'InitialSeats',
  'FinalSeats',
  'AdditionalLatency',
  'StartTime',
];
const DETAIL_COLUMNS: Row = [
  'UserName',
  'Verb',
  'APIPath',
  'Namespace',
  'Name',
  'APIVersion',
  'Resource',
  'SubResource',
];

function detailsOf({ request, user }: Asked): Row {
  if (request.type === 'path') return [user.name, request.verb, request.path, '', '', '', '', ''];
  const { group, version, resource, namespace, name, subresource } = request.target;
  const apiVersion = group === '' ? version : `${group}/${version}`;
  const root = group === '' ? 'api' : 'apis';
  const place = namespace === '' || resource === 'namespaces' ? '' : `/namespaces/${namespace}`;
  const tail = [resource, name, subresource].filter((part) => part !== '').join('/');
  const path = `/${root}/${apiVersion}${place}/${tail}`;
  return [user.name, request.verb, path, namespace, name, apiVersion, resource, subresource];
}

function seatSeconds(seatMs: number): string {
  return `${(seatMs / 1000).toFixed(8)}ss`;
}

/** Columns of at least eight characters, separated by a comma and filled with spaces. */
function renderColumns(rows: readonly Row[]): string {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [i, cell] of row.entries()) widths[i] = Math.max(widths[i] ?? COLUMN_MIN, cell.length + 2);
  }
  const line = (row: Row): string =>
    row.map((cell, i) => (i === row.length - 1 ? cell : `${cell},`.padEnd(widths[i] ?? 0))).join('');
  return rows.map((row) => `${line(row)}\n`).join('');
}
