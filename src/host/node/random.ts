/** The machine's entropy. */

import { randomBytes, randomInt, randomUUID } from 'node:crypto';
import type { Random } from '../host.ts';

export function createNodeRandom(): Random {
  return {
    next: () => Math.random(),
    integer: (bound) => randomInt(bound),
    // A copy of its own: small Buffers are views into a shared pool.
    bytes: (length) => new Uint8Array(randomBytes(length)),
    uuid: () => randomUUID(),
  };
}
