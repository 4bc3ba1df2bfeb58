/** Durations of fleets, and what is drawn by lot: always the same for the same object. Pure. */

import { createHash } from 'node:crypto';
import { parseDuration } from '../api/time/time.ts';
import type { Delay } from './node-fleet.ts';

const NANOS_PER_MS = 1_000_000n;

/** Milliseconds; 0 when there is none, or none that can be read. */
export function durationMs(text: string | undefined): number {
  if (text === undefined) return 0;
  const nanos = parseDuration(text);
  return typeof nanos === 'bigint' && nanos > 0n ? Number(nanos / NANOS_PER_MS) : 0;
}

/** In [0, 1), from what and whom it is about. */
export function lot(subject: string, what: string): number {
  return createHash('md5').update(`${what}\n${subject}`).digest().readUInt32LE(0) / 2 ** 32;
}

export function delayMs(delay: Delay | undefined, subject: string, what: string): number {
  const jitter = durationMs(delay?.jitter);
  return durationMs(delay?.duration) + (jitter === 0 ? 0 : Math.floor(lot(subject, what) * jitter));
}
