/**
 * Addresses for pods that no packet will ever reach: unique in 100.64.0.0/10 (RFC 6598), the space between
 * a provider and its customers, which no cluster's own networks should use.
 */

import { flat } from '../../base/flat-text.ts';

const FIRST = (100 << 24) + (64 << 16) + 1;
const COUNT = 2 ** 22 - 2;

export class PodAddresses {
  readonly #taken = new Set<number>();
  #next = 0;

  take(): string {
    while (this.#taken.has(this.#next)) this.#next = (this.#next + 1) % COUNT;
    const number = this.#next;
    this.#taken.add(number);
    this.#next = (number + 1) % COUNT;
    const address = FIRST + number;
    return flat(`${address >>> 24}.${(address >> 16) & 255}.${(address >> 8) & 255}.${address & 255}`);
  }

  /** One that a pod has already. */
  note(address: string): void {
    const number = numberOf(address);
    if (number >= 0 && number < COUNT) this.#taken.add(number);
  }

  release(address: string): void {
    this.#taken.delete(numberOf(address));
  }
}

function numberOf(address: string): number {
  const [a = 0, b = 0, c = 0, d = 0] = address.split('.').map(Number);
  return (a << 24) + (b << 16) + (c << 8) + d - FIRST;
}
