/** IP addresses of both versions and networks, as Go's `net/netip` reads and prints them. Pure. */

import { parseAddress } from '../../addresses/addresses.ts';
import { ipVersion } from '../../addresses/ip-version.ts';

export interface IpAddress {
  readonly version: 4 | 6;
  readonly bits: bigint;
}

export interface IpNetwork {
  /** As written, perhaps with bits behind the prefix. */
  readonly address: IpAddress;
  readonly prefixLength: number;
}

export function widthOf({ version }: IpAddress): number {
  return version === 4 ? 32 : 128;
}

/** Undefined when the text is none; with a zone (`fe80::1%eth0`) it is none here. */
export function parseIp(text: string): IpAddress | undefined {
  const version = ipVersion(text);
  if (version === 0) return undefined;
  if (version === 4) return { version, bits: BigInt(parseAddress(text) ?? 0) };
  const dotted = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(text);
  const last = dotted === null ? 0 : (parseAddress(dotted[2] ?? '') ?? 0);
  const hex =
    dotted === null
      ? text
      : `${dotted[1] ?? ''}${(last >>> 16).toString(16)}:${(last & 0xffff).toString(16)}`;
  const [head = '', tail] = hex.split('::');
  const left = groupsOf(head);
  const right = groupsOf(tail ?? '');
  const zeros = Array.from({ length: 8 - left.length - right.length }, () => 0);
  const bits = [...left, ...zeros, ...right].reduce((sum, group) => (sum << 16n) | BigInt(group), 0n);
  return { version, bits };
}

function groupsOf(text: string): readonly number[] {
  return text === '' ? [] : text.split(':').map((group) => parseInt(group, 16));
}

export function isIpv4Mapped({ version, bits }: IpAddress): boolean {
  return version === 6 && bits >> 32n === 0xffffn;
}

/** The canonical text: RFC 5952. */
export function formatIp({ version, bits }: IpAddress): string {
  if (version === 4) return [24n, 16n, 8n, 0n].map((shift) => (bits >> shift) & 255n).join('.');
  const groups = Array.from({ length: 8 }, (_, i) => Number((bits >> BigInt(112 - 16 * i)) & 0xffffn));
  const { start, length } = longestZeros(groups);
  const text = groups.map((group) => group.toString(16));
  if (length < 2) return text.join(':');
  return `${text.slice(0, start).join(':')}::${text.slice(start + length).join(':')}`;
}

function longestZeros(groups: readonly number[]): { start: number; length: number } {
  let best = { start: 0, length: 0 };
  for (let start = 0; start < groups.length; start++) {
    let length = 0;
    while (groups[start + length] === 0) length++;
    if (length > best.length) best = { start, length };
  }
  return best;
}

/** `192.168.0.0/16`; undefined when it is none. */
export function parseIpNetwork(text: string): IpNetwork | undefined {
  const slash = text.lastIndexOf('/');
  const address = parseIp(text.slice(0, Math.max(slash, 0)));
  const length = text.slice(slash + 1);
  if (slash < 0 || address === undefined || !/^(0|[1-9]\d{0,2})$/.test(length)) return undefined;
  const prefixLength = Number(length);
  return prefixLength <= widthOf(address) ? { address, prefixLength } : undefined;
}

/** Without the bits behind the prefix. */
export function masked({ address, prefixLength }: IpNetwork): IpNetwork {
  const shift = BigInt(widthOf(address) - prefixLength);
  return { address: { ...address, bits: (address.bits >> shift) << shift }, prefixLength };
}

export function networkContains(network: IpNetwork, address: IpAddress): boolean {
  if (network.address.version !== address.version) return false;
  const shift = BigInt(widthOf(address) - network.prefixLength);
  return network.address.bits >> shift === address.bits >> shift;
}

/** Whether the address lies in one of the networks, of its own version. */
export function isWithin(address: IpAddress, ...networks: readonly string[]): boolean {
  return networks.some((text) => {
    const network = parseIpNetwork(text);
    return network !== undefined && networkContains(network, address);
  });
}
