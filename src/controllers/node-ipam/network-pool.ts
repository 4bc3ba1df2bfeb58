/**
 * The networks of one size inside a larger one, and who holds which. Pure state.
 *
 * Networks are handed out in turn, so that one which just became free is the last to be used again: routes to
 * its former node may still be known somewhere. A holder may have brought a network that is larger or smaller
 * than those of the pool, or that another one holds, too: whatever it touches is handed to nobody else.
 */

import { assert } from '../../base/assert.ts';
import { parseNetwork, subnet } from '../../api/addresses/addresses.ts';

/** Indices of the pool's networks, both included; empty when the last is before the first. */
interface Range {
  readonly first: number;
  readonly last: number;
}

const NONE: Range = { first: 0, last: -1 };

interface Held {
  readonly network: string;
  readonly range: Range;
}

export class NetworkPool {
  readonly #cidr: string;
  readonly #prefixLength: number;
  readonly #base: number;
  readonly #count: number;
  readonly #held = new Map<string, Held>();
  /** How many hold a network, or a part of it, by its index; absent: it is free. */
  readonly #holders = new Map<number, number>();
  #next = 0;

  constructor(cidr: string, prefixLength: number) {
    const network = parseNetwork(cidr);
    assert(network !== undefined, `${cidr} is no network`);
    this.#cidr = cidr;
    this.#prefixLength = prefixLength;
    this.#base = network.base;
    this.#count = Math.floor(network.size / this.#size);
  }

  get #size(): number {
    return 2 ** (32 - this.#prefixLength);
  }

  /** Notes that `holder` has a network already. */
  occupy(holder: string, network: string): void {
    if (this.#held.get(holder)?.network === network) return;
    this.release(holder);
    const range = this.#rangeOf(network);
    this.#held.set(holder, { network, range });
    this.#mark(range, 1);
  }

  /** The holder's network, a free one when it has none; undefined when none is free. */
  take(holder: string): string | undefined {
    const held = this.#held.get(holder);
    if (held !== undefined) return held.network;
    const network = this.#free();
    if (network !== undefined) this.occupy(holder, network);
    return network;
  }

  release(holder: string): void {
    const held = this.#held.get(holder);
    if (held === undefined) return;
    this.#held.delete(holder);
    this.#mark(held.range, -1);
  }

  /** What the network touches; nothing when it lies elsewhere, or is of the other family. */
  #rangeOf(text: string): Range {
    const network = parseNetwork(text);
    if (network === undefined) return NONE;
    const from = network.base - this.#base;
    return {
      first: Math.max(0, Math.floor(from / this.#size)),
      last: Math.min(this.#count - 1, Math.floor((from + network.size - 1) / this.#size)),
    };
  }

  #mark({ first, last }: Range, by: 1 | -1): void {
    for (let index = first; index <= last; index++) {
      const holders = (this.#holders.get(index) ?? 0) + by;
      if (holders === 0) this.#holders.delete(index);
      else this.#holders.set(index, holders);
    }
  }

  #free(): string | undefined {
    for (let tried = 0; tried < this.#count; tried++) {
      const index = this.#next;
      this.#next = (index + 1) % this.#count;
      if (!this.#holders.has(index)) return subnet(this.#cidr, this.#prefixLength, index);
    }
    return undefined;
  }
}
