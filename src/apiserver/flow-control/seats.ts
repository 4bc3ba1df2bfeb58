/**
 * How much of the server a request takes, in seats: one seat is one small request at a time. Pure; the
 * numbers are upstream's (`util/flowcontrol/request`).
 */

import type { Work } from './fair-queuing.ts';

const OBJECTS_PER_SEAT = 100;
const WATCHES_PER_SEAT = 10;
/** What the events of a write cost after it, per seat of watchers. */
const EVENT_MS = 5;
const SEATS_MAX = 10;
/** A single request takes at most so much of its level's seats. */
const LEVEL_FRACTION_MAX = 0.15;

export const ONE_SEAT: Work = { initialSeats: 1, finalSeats: 0, additionalMs: 0 };

/** The most that a request of a level may take. `handSize` is 0 for a level without queues. */
export function seatsMax(nominalSeats: number, handSize: number): number {
  if (handSize === 0) return SEATS_MAX;
  const share = Math.min(Math.ceil(nominalSeats * LEVEL_FRACTION_MAX), Math.floor(nominalSeats / handSize));
  return Math.min(SEATS_MAX, Math.max(1, share));
}

export interface ListShape {
  /** Objects of the collection. */
  readonly stored: number;
  /** 0: no limit. */
  readonly limit: number;
  readonly hasSelector: boolean;
  /** Whether a field selector names the one object. */
  readonly isSingle: boolean;
}

/** Also of a watch that begins with the present objects. */
export function listWork({ stored, limit, hasSelector, isSingle }: ListShape, max: number): Work {
  const examined = isSingle ? 1 : limit > 0 && !hasSelector ? Math.min(limit, stored) : stored;
  const seats = Math.min(max, Math.max(1, Math.ceil(examined / OBJECTS_PER_SEAT)));
  return seats === 1 ? ONE_SEAT : { initialSeats: seats, finalSeats: 0, additionalMs: 0 };
}

/** Of a create, update, patch or delete that `watches` watches hear of. */
export function mutatingWork(watches: number, max: number): Work {
  if (watches < WATCHES_PER_SEAT) return ONE_SEAT;
  const wide = Math.ceil(watches / WATCHES_PER_SEAT);
  const finalSeats = Math.min(wide, max);
  // The same work in another shape: fewer seats for longer.
  return { initialSeats: 1, finalSeats, additionalMs: (wide * EVENT_MS) / finalSeats };
}
