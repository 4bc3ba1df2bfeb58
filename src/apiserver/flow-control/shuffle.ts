/**
 * Shuffle sharding: each flow gets a hand of a few queues out of many, so that one that floods its hand
 * rarely covers the whole hand of another. Pure; hash and deal are upstream's, so that the same flow gets
 * the same queues on every server.
 */

import { createHash } from 'node:crypto';

/** The first eight bytes, little endian, of SHA-256 over schema, a zero byte, and distinguisher. */
export function hashFlow(schema: string, distinguisher: string): bigint {
  return createHash('sha256').update(`${schema}\0${distinguisher}`).digest().readBigUInt64LE(0);
}

/**
 * Deals `handSize` distinct cards out of a deck of `deckSize`. The hash is read as a number whose digits have
 * the bases `deckSize`, `deckSize - 1`, …; digit `i` names a card among those that are not dealt yet.
 *
 * Example: deck 5, hand 2, hash 13: 13 = 3 + 5 · 2, so the first digit is 3 and the second 2 (base 4):
 * card 3, then the third card of 0, 1, 2, 4, which is 2.
 */
export function dealHand(hash: bigint, deckSize: number, handSize: number): readonly number[] {
  const digits: number[] = [];
  let rest = hash;
  for (let i = 0; i < handSize; i++) {
    const base = BigInt(deckSize - i);
    digits.push(Number(rest % base));
    rest /= base;
  }
  return digits.map((digit, i) => {
    let card = digit;
    for (let j = i - 1; j >= 0; j--) if (card >= (digits[j] ?? 0)) card++;
    return card;
  });
}
