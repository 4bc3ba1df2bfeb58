/** The machine's entropy. */

import { randomFillSync, randomUUID } from 'node:crypto';
import { flat } from '../../base/flat-text.ts';
import type { Random } from '../host.ts';

/** A call into the system for every few bytes would cost more than what they are used for. */
const POOL_BYTES = 16_384;
const INTEGER_BYTES = 4;

export function createNodeRandom(): Random {
  const pool = Buffer.alloc(POOL_BYTES);
  let used = POOL_BYTES;
  /** Where so many unused bytes begin. */
  const take = (length: number): number => {
    if (used + length > POOL_BYTES) {
      randomFillSync(pool);
      used = 0;
    }
    used += length;
    return used - length;
  };
  return {
    next: () => Math.random(),
    integer: (bound) => {
      // The last, incomplete round of numbers would favour small ones.
      const fair = 2 ** 32 - (2 ** 32 % bound);
      for (;;) {
        const number = pool.readUInt32LE(take(INTEGER_BYTES));
        if (number < fair) return number % bound;
      }
    },
    bytes: (length) => {
      if (length > POOL_BYTES) return randomFillSync(new Uint8Array(length));
      const at = take(length);
      const bytes = Uint8Array.from(pool.subarray(at, at + length));
      // What was handed out may be a secret.
      pool.fill(0, at, at + length);
      return bytes;
    },
    uuid: () => flat(randomUUID()),
  };
}
