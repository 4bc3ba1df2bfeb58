/**
 * The networks of one size inside a larger one, and who holds which. Pure state.
 *
 * Networks are handed out in turn, so that one which just became free is the last to be used again: routes to
 * its former node may still be known somewhere.
 */

import { subnet } from '../../api/addresses/addresses.ts';

export class NetworkPool {
  readonly #cidr: string;
  readonly #prefixLength: number;
  readonly #holders = new Map<string, string>();
  readonly #networks = new Map<string, string>();
  #next = 0;

  constructor(cidr: string, prefixLength: number) {
    this.#cidr = cidr;
    this.#prefixLength = prefixLength;
  }

  /** Notes that `holder` has a network already. */
  occupy(holder: string, network: string): void {
    if (this.#networks.get(holder) === network) return;
    this.release(holder);
    this.#networks.set(holder, network);
    this.#holders.set(network, holder);
  }

  /** The holder's network, a free one when it has none; undefined when none is free. */
  take(holder: string): string | undefined {
    const held = this.#networks.get(holder);
    if (held !== undefined) return held;
    const network = this.#free();
    if (network !== undefined) this.occupy(holder, network);
    return network;
  }

  release(holder: string): void {
    const network = this.#networks.get(holder);
    if (network === undefined) return;
    this.#networks.delete(holder);
    if (this.#holders.get(network) === holder) this.#holders.delete(network);
  }

  #free(): string | undefined {
    for (let wrapped = false; ; this.#next++) {
      const network = subnet(this.#cidr, this.#prefixLength, this.#next);
      if (network === undefined) {
        if (wrapped) return undefined;
        wrapped = true;
        this.#next = -1;
      } else if (!this.#holders.has(network)) {
        this.#next++;
        return network;
      }
    }
  }
}
