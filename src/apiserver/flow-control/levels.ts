/**
 * The priority levels of this server and their seats: built from PriorityLevelConfigurations, rebuilt when
 * they change, adjusted to the demand every ten seconds. A level that was deleted serves what it has, then
 * goes. The exempt level and the catch-all are always there.
 */

import { MANDATORY_PRIORITY_LEVELS } from '../../api/groups/flowcontrol/mandatory-objects.ts';
import type { PriorityLevelConfigurationSpec, QueuingConfiguration } from '../../api/types.gen.ts';
import { currentSeats, nominalSeats, type LevelShares, type SeatBounds } from './borrowing.ts';
import { QueueSet } from './fair-queuing.ts';
import type { RequestTicket } from './request-ticket.ts';
import { RetryAfter } from './retry-after.ts';
import { seatsMax } from './seats.ts';

export interface LevelInput {
  readonly name: string;
  readonly uid: string;
  readonly spec: PriorityLevelConfigurationSpec;
}

export class Level {
  readonly name: string;
  readonly queueSet: QueueSet<RequestTicket>;
  readonly retryAfter = new RetryAfter();
  uid: string;
  spec: PriorityLevelConfigurationSpec;
  bounds: SeatBounds = { nominal: 0, min: 0, max: 0 };
  /** The most that one request may take. */
  seatsMax = 1;
  /** Deleted, and still serving. */
  isQuiescing = false;

  constructor({ name, uid, spec }: LevelInput, nowMs: number) {
    this.name = name;
    this.uid = uid;
    this.spec = spec;
    this.queueSet = new QueueSet({ queues: 0, queueLengthLimit: 0, seats: 0 }, nowMs);
  }

  get isExempt(): boolean {
    return this.spec.type === 'Exempt';
  }

  get queuing(): QueuingConfiguration | undefined {
    return this.spec.limited?.limitResponse.queuing;
  }

  get shares(): LevelShares {
    const { limited, exempt } = this.spec;
    const { nominalConcurrencyShares = 0, lendablePercent = 0 } = limited ?? exempt ?? {};
    return {
      shares: nominalConcurrencyShares,
      lendablePercent,
      borrowingLimitPercent: limited === undefined ? 0 : limited.borrowingLimitPercent,
    };
  }

  configure(seats: number, nowMs: number): void {
    const queues = this.isExempt ? 'unlimited' : (this.queuing?.queues ?? 0);
    const queueLengthLimit = this.queuing?.queueLengthLimit ?? 0;
    this.queueSet.configure({ queues, queueLengthLimit, seats }, nowMs);
  }
}

export class Levels {
  readonly #totalSeats: number;
  #byName = new Map<string, Level>();

  constructor(totalSeats: number) {
    this.#totalSeats = totalSeats;
  }

  get(name: string): Level | undefined {
    return this.#byName.get(name);
  }

  /** By name. */
  all(): readonly Level[] {
    return [...this.#byName.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1));
  }

  replace(inputs: readonly LevelInput[], nowMs: number): void {
    const missing = MANDATORY_PRIORITY_LEVELS.filter(({ name }) => inputs.every((own) => own.name !== name));
    const wanted = [...inputs, ...missing.map((level) => ({ ...level, uid: '' }))];
    const next = new Map<string, Level>();
    for (const input of wanted) {
      const level = this.#byName.get(input.name) ?? new Level(input, nowMs);
      level.uid = input.uid;
      level.spec = input.spec;
      level.isQuiescing = false;
      next.set(input.name, level);
    }
    for (const [name, level] of this.#byName) {
      if (next.has(name) || level.queueSet.isIdle) continue;
      level.isQuiescing = true;
      next.set(name, level);
    }
    this.#byName = next;
    this.#divide(nowMs);
  }

  #divide(nowMs: number): void {
    const levels = [...this.#byName.values()];
    const bounds = nominalSeats(
      levels.map(({ shares }) => shares),
      this.#totalSeats,
    );
    for (const [i, level] of levels.entries()) {
      level.bounds = bounds[i] ?? level.bounds;
      level.seatsMax = seatsMax(level.bounds.nominal, level.queuing?.handSize ?? 0);
    }
    this.adjust(nowMs);
  }

  /** Ends a period: levels get seats by what they needed in it. Levels that are done with go. */
  adjust(nowMs: number): void {
    for (const [name, level] of this.#byName) {
      if (level.isQuiescing && level.queueSet.isIdle) this.#byName.delete(name);
    }
    const levels = [...this.#byName.values()];
    const seats = currentSeats(
      levels.map((level) => ({
        ...level.bounds,
        isExempt: level.isExempt,
        demand: level.queueSet.demand.close(nowMs),
      })),
    );
    for (const [i, level] of levels.entries()) level.configure(seats[i] ?? level.bounds.nominal, nowMs);
  }
}
