/**
 * Fair queuing for server requests: which request of a priority level goes next. Pure: the time comes in with
 * each call, and what is decided comes out through the calls' answers and each ticket's `onDispatch`.
 *
 * Every queue that has work is promised the same number of seats. A progress meter R counts the seat-time
 * that was promised to each of them. A queue remembers the reading at which its next request would start
 * if everybody got exactly what is promised; the request that would end first in that ideal world goes
 * first. How long a request takes is not known before it ends: 3 ms are assumed, and put right when it
 * ends.
 *
 * Worked example, one seat, every request taking its assumed 3 ms (so 3 seat-ms of work):
 *   t=0  R=0    flow A sends a1 to a4 to queue 0. a1 gets the seat; the queue's next start is 0 + 3 = 3.
 *   t=1  R=1    flow B sends b1 to queue 1, which was idle: its next start is R = 1. (R grew by 1 · 1 seat / 1
 *               queue with work; from now on it grows half as fast, for there are two.)
 *   t=3  R=2    a1 ends. Queue 0 would end a2 at 3 + 3 = 6, queue 1 would end b1 at 1 + 3 = 4: b1 goes.
 *   t=6  R=3.5  b1 ends. Queue 1 is idle again, so a2 goes; then a3 and a4.
 *   B waited for one request of A, not for four.
 *
 * Invariants: seats in use never exceed the limit, but for one request that is wider than the limit and runs
 * alone; nothing waits that could run next; a queue is served in its order of arrival; all bounds hold.
 * Source: KEP-1040 and `fairqueuing/queueset` upstream.
 */

import { Slots } from '../../base/slots.ts';
import { SeatDemand } from './borrowing.ts';

/** Seats that a request takes: while it runs, and for how long how many after it. */
export interface Work {
  readonly initialSeats: number;
  readonly finalSeats: number;
  readonly additionalMs: number;
}

/** What a request is assumed to take. */
const ASSUMED_MS = 3;

class Queue<T extends Ticket> {
  readonly index: number;
  /** In order of arrival. */
  readonly waiting = new Set<T>();
  waitingWork = 0;
  waitingSeats = 0;
  executing = 0;
  seatsInUse = 0;
  /** Reading of the meter at which the next request would start. */
  nextStart = 0;

  constructor(index: number) {
    this.index = index;
  }

  get isIdle(): boolean {
    return this.waiting.size === 0 && this.executing === 0;
  }

  get oldest(): T | undefined {
    for (const ticket of this.waiting) return ticket;
    return undefined;
  }
}

/** A request on its way through a `QueueSet`. */
export class Ticket {
  readonly work: Work;
  readonly onDispatch: () => void;
  state: 'new' | 'waiting' | 'executing' | 'lingering' | 'done' = 'new';
  /** Which of the queues; -1 where there are none. */
  queue = -1;
  /** Where it stands among those that are executed. */
  slot = -1;
  arrivedMs = 0;
  arrivedAt = 0;
  startedMs = 0;
  finalSeats: number;
  additionalMs: number;

  /** `onDispatch`: called when it leaves the queue to run, not when it runs at once. */
  constructor(work: Work, onDispatch: () => void) {
    this.work = work;
    this.onDispatch = onDispatch;
    this.finalSeats = work.finalSeats;
    this.additionalMs = work.additionalMs;
  }

  get seats(): number {
    return Math.max(this.work.initialSeats, this.finalSeats);
  }

  /** In seat-milliseconds. */
  get total(): number {
    return this.work.initialSeats * ASSUMED_MS + this.finalSeats * this.additionalMs;
  }
}

export interface QueueSettings {
  /** `unlimited`: exempt. 0: what cannot run at once is refused. */
  readonly queues: number | 'unlimited';
  readonly queueLengthLimit: number;
  readonly seats: number;
}

export class QueueSet<T extends Ticket = Ticket> {
  readonly demand: SeatDemand;
  readonly counts = { dispatched: 0, rejected: 0, timedOut: 0, cancelled: 0 };
  readonly executingTickets = new Slots<T>();
  #settings: QueueSettings;
  #queues: Queue<T>[] = [];
  readonly #waiting = new Set<Queue<T>>();
  #busyQueues = 0;
  #meter = 0;
  #meterMs: number;
  #last = 0;
  #enqueued = 0;
  #requestsWaiting = 0;
  #seatsWaiting = 0;
  #seatsInUse = 0;
  #seatsOfQueues = 0;

  constructor(settings: QueueSettings, nowMs: number) {
    this.#settings = settings;
    this.#meterMs = nowMs;
    this.demand = new SeatDemand(nowMs);
    this.configure(settings, nowMs);
  }

  get seatsInUse(): number {
    return this.#seatsInUse;
  }
  get seatsWaiting(): number {
    return this.#seatsWaiting;
  }
  get requestsWaiting(): number {
    return this.#requestsWaiting;
  }
  get isIdle(): boolean {
    return this.#requestsWaiting === 0 && this.executingTickets.size === 0;
  }
  get queues(): readonly Readonly<Queue<T>>[] {
    return this.#queues;
  }

  /** Queues that are too many go when they are empty. */
  configure(settings: QueueSettings, nowMs: number): void {
    this.#advance(nowMs);
    this.#settings = settings;
    const wanted = settings.queues === 'unlimited' ? 0 : settings.queues;
    while (this.#queues.length < wanted) this.#queues.push(new Queue(this.#queues.length));
    this.#dropSpareQueues();
    this.#dispatch(nowMs);
  }

  /** `hand`: the queues that its flow may use; not looked at where there are none. */
  start(ticket: T, hand: readonly number[], nowMs: number): 'executing' | 'waiting' | 'rejected' {
    this.#advance(nowMs);
    ticket.arrivedMs = nowMs;
    ticket.arrivedAt = this.#meter;
    const { queues } = this.#settings;
    if (queues === 'unlimited' || queues === 0) {
      if (!this.#fits(ticket.seats)) return this.#reject();
      this.#execute(ticket, nowMs);
      return 'executing';
    }
    const queue = this.#pick(hand);
    const { queueLengthLimit, seats } = this.#settings;
    if (this.#seatsInUse >= seats && queue.waiting.size >= queueLengthLimit) return this.#reject();
    if (queue.isIdle) queue.nextStart = this.#meter;
    ticket.queue = queue.index;
    // The usual case, without a detour over the queue: nobody waits and there are seats.
    if (this.#requestsWaiting === 0 && this.#fits(ticket.seats)) {
      queue.nextStart = Math.max(queue.nextStart, this.#meter);
      this.#last = queue.index;
      this.#execute(ticket, nowMs);
      return 'executing';
    }
    this.#enqueue(ticket, queue);
    this.#dispatch(nowMs, ticket);
    this.#noteDemand(nowMs);
    return ticket.state === 'waiting' ? 'waiting' : 'executing';
  }

  /** Takes a waiting request out. False when it has left its queue already. */
  leave(ticket: T, why: 'timedOut' | 'cancelled', nowMs: number): boolean {
    if (ticket.state !== 'waiting') return false;
    this.#advance(nowMs);
    this.#dequeue(ticket);
    ticket.state = 'done';
    this.counts.rejected++;
    this.counts[why]++;
    // What stood behind it may be narrower, and run now.
    this.#dispatch(nowMs);
    this.#dropSpareQueues();
    this.#noteDemand(nowMs);
    return true;
  }

  /** A request has ended. For how many milliseconds its seats stay taken; then `vacate` is to be called. */
  finish(ticket: T, nowMs: number): number {
    this.#advance(nowMs);
    this.executingTickets.remove(ticket.slot);
    ticket.slot = -1;
    const queue = this.#queues[ticket.queue];
    if (queue !== undefined) {
      queue.nextStart -= ticket.work.initialSeats * (ASSUMED_MS - (nowMs - ticket.startedMs));
      queue.executing--;
      if (queue.isIdle) this.#busyQueues--;
      this.#bound(queue);
    }
    ticket.state = 'lingering';
    if (ticket.finalSeats > 0 && ticket.additionalMs > 0) {
      this.#dispatch(nowMs);
      return ticket.additionalMs;
    }
    this.vacate(ticket, nowMs);
    return 0;
  }

  vacate(ticket: T, nowMs: number): void {
    if (ticket.state !== 'lingering') return;
    this.#advance(nowMs);
    ticket.state = 'done';
    this.#seatsInUse -= ticket.seats;
    const queue = this.#queues[ticket.queue];
    if (queue !== undefined) {
      queue.seatsInUse -= ticket.seats;
      this.#seatsOfQueues -= ticket.seats;
    }
    this.#dispatch(nowMs);
    this.#dropSpareQueues();
    this.#noteDemand(nowMs);
  }

  /** The queue of the hand with the least work waiting; of equal ones another one each time. */
  #pick(hand: readonly number[]): Queue<T> {
    const offset = this.#enqueued++ % hand.length;
    let best: Queue<T> | undefined;
    for (let i = 0; i < hand.length; i++) {
      const queue = this.#queues[hand[(offset + i) % hand.length] ?? 0];
      if (queue !== undefined && (best === undefined || queue.waitingWork < best.waitingWork)) best = queue;
      if (best?.waitingWork === 0) return best;
    }
    if (best === undefined) throw new Error('a hand without queues');
    return best;
  }

  #reject(): 'rejected' {
    this.counts.rejected++;
    return 'rejected';
  }

  #fits(seats: number): boolean {
    if (this.#settings.queues === 'unlimited') return true;
    // A request that is wider than all there is runs alone, rather than never.
    if (seats > this.#settings.seats) return this.#seatsInUse === 0;
    return this.#seatsInUse + seats <= this.#settings.seats;
  }

  /** The meter runs at the seats that each queue with work is promised. */
  #advance(nowMs: number): void {
    const ms = nowMs - this.#meterMs;
    this.#meterMs = nowMs;
    if (this.#busyQueues === 0 || ms <= 0) return;
    const wanted = Math.min(this.#seatsOfQueues + this.#seatsWaiting, this.#settings.seats);
    this.#meter += (wanted / this.#busyQueues) * ms;
  }

  #enqueue(ticket: T, queue: Queue<T>): void {
    if (queue.isIdle) this.#busyQueues++;
    ticket.state = 'waiting';
    queue.waiting.add(ticket);
    queue.waitingWork += ticket.total;
    this.#waiting.add(queue);
    this.#requestsWaiting++;
    this.#seatsWaiting += ticket.seats;
    this.#bound(queue);
  }

  #dequeue(ticket: T): void {
    const queue = this.#queues[ticket.queue];
    if (queue === undefined) return;
    queue.waiting.delete(ticket);
    if (queue.waiting.size === 0) {
      queue.waitingWork = 0;
      this.#waiting.delete(queue);
    } else queue.waitingWork -= ticket.total;
    if (queue.isIdle) this.#busyQueues--;
    this.#requestsWaiting--;
    this.#seatsWaiting -= ticket.seats;
    this.#bound(queue);
  }

  #execute(ticket: T, nowMs: number): void {
    const queue = this.#queues[ticket.queue];
    ticket.state = 'executing';
    ticket.startedMs = nowMs;
    this.counts.dispatched++;
    ticket.slot = this.executingTickets.add(ticket);
    this.#seatsInUse += ticket.seats;
    if (queue !== undefined) {
      if (queue.isIdle) this.#busyQueues++;
      queue.executing++;
      queue.seatsInUse += ticket.seats;
      this.#seatsOfQueues += ticket.seats;
      queue.nextStart += ticket.total;
    }
    this.demand.set(this.#seatsInUse + this.#seatsWaiting, nowMs);
  }

  /** `arriving` is told by the answer of `start`. */
  #dispatch(nowMs: number, arriving?: T): void {
    while (this.#requestsWaiting > 0) {
      const ticket = this.#next();
      if (ticket === undefined || !this.#fits(ticket.seats)) return;
      this.#dequeue(ticket);
      this.#reshape(ticket);
      this.#last = Math.max(ticket.queue, 0);
      this.#execute(ticket, nowMs);
      const queue = this.#queues[ticket.queue];
      if (queue !== undefined) this.#bound(queue);
      if (ticket !== arriving) ticket.onDispatch();
    }
  }

  /** Of the queues whose oldest request would end first, the next one after the last served. */
  #next(): T | undefined {
    let best: T | undefined;
    let bestFinish = 0;
    let bestTurn = 0;
    const count = this.#queues.length;
    for (const queue of this.#waiting) {
      const { oldest } = queue;
      if (oldest === undefined) continue;
      const finish = queue.nextStart + oldest.total;
      const turn = (queue.index - this.#last - 1 + count) % count;
      if (best === undefined || finish < bestFinish || (finish === bestFinish && turn < bestTurn)) {
        best = oldest;
        bestFinish = finish;
        bestTurn = turn;
      }
    }
    return best;
  }

  /** Final seats that are more than there are become fewer for longer. */
  #reshape(ticket: T): void {
    const { seats } = this.#settings;
    if (ticket.finalSeats <= seats || seats === 0) return;
    ticket.additionalMs *= ticket.finalSeats / seats;
    ticket.finalSeats = seats;
  }

  /** Nothing starts before it has arrived: a queue that was slow to fill saves up no claim. */
  #bound(queue: Queue<T>): void {
    const { oldest } = queue;
    if (oldest !== undefined && queue.nextStart < oldest.arrivedAt) queue.nextStart = oldest.arrivedAt;
  }

  #noteDemand(nowMs: number): void {
    this.demand.set(this.#seatsInUse + this.#seatsWaiting, nowMs);
  }

  #dropSpareQueues(): void {
    const wanted = this.#settings.queues === 'unlimited' ? 0 : this.#settings.queues;
    while (this.#queues.length > wanted) {
      const last = this.#queues.at(-1);
      if (last === undefined || !last.isIdle || last.seatsInUse > 0) return;
      this.#queues.pop();
    }
  }
}
