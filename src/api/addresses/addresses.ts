/** IPv4 addresses and networks as numbers. Pure. */

export interface Network {
  /** First address as an unsigned 32-bit number. */
  readonly base: number;
  readonly prefixLength: number;
  readonly size: number;
}

/** Undefined when the text is no dotted quad. */
export function parseAddress(text: string): number | undefined {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text);
  if (match === null) return undefined;
  let value = 0;
  for (const part of match.slice(1)) {
    // Leading zeros read as octal elsewhere, so nobody may write them.
    if (Number(part) > 255 || (part.length > 1 && part.startsWith('0'))) return undefined;
    value = value * 256 + Number(part);
  }
  return value;
}

export function formatAddress(value: number): string {
  return [24, 16, 8, 0].map((shift) => (value >>> shift) & 255).join('.');
}

/** `10.42.0.0/16`; undefined when it is none, or has bits behind its prefix. */
export function parseNetwork(text: string): Network | undefined {
  const [address = '', length = ''] = text.split('/');
  const base = parseAddress(address);
  const prefixLength = Number(length);
  if (base === undefined || !/^\d{1,2}$/.test(length) || prefixLength > 32) return undefined;
  const size = 2 ** (32 - prefixLength);
  return base % size === 0 ? { base, prefixLength, size } : undefined;
}

export function contains(network: Network, address: number): boolean {
  return address >= network.base && address < network.base + network.size;
}

/** The first usable address: that of the API server's Service in the service network. */
export function firstAddress(cidr: string): string {
  return nthAddress(cidr, 1);
}

export function nthAddress(cidr: string, n: number): string {
  const network = parseNetwork(cidr);
  return network === undefined ? '' : formatAddress(network.base + n);
}

/** The n-th subnet of the given prefix length inside a network; undefined beyond its end. */
export function subnet(cidr: string, prefixLength: number, n: number): string | undefined {
  const network = parseNetwork(cidr);
  if (network === undefined) return undefined;
  const size = 2 ** (32 - prefixLength);
  if ((n + 1) * size > network.size) return undefined;
  return `${formatAddress(network.base + n * size)}/${prefixLength}`;
}
