/**
 * Addresses and networks of both families as numbers, and upstream's rules for their texts. Pure.
 *
 * Two strictnesses: fields that were made before 2025 take any unambiguous form (`legacy…`), later ones
 * only the canonical one (RFC 5952). What upstream once took sloppily (leading zeros, IPv4 inside of IPv6)
 * is refused everywhere, with a reason of its own.
 */

import { ipVersion } from './ip-version.ts';

interface Address {
  readonly version: 4 | 6;
  readonly value: bigint;
  readonly hasLeadingZeros: boolean;
  /** `::ffff:10.0.0.1` */
  readonly isMapped: boolean;
}

export interface Cidr extends Address {
  readonly prefixLength: number;
}

const GROUPS = 8;
const MAPPED_PREFIX = 0xffffn;

export function parseIp(text: string): Address | undefined {
  const bare = /^[\d.]+$/.test(text) ? text.replace(/(^|\.)0+(?=\d)/g, '$1') : text;
  const hasLeadingZeros = bare !== text;
  switch (ipVersion(bare)) {
    case 4:
      return { version: 4, value: dottedValue(bare), hasLeadingZeros, isMapped: false };
    case 6: {
      const value = groupsValue(bare);
      return { version: 6, value, hasLeadingZeros, isMapped: value >> 32n === MAPPED_PREFIX };
    }
    case 0:
      return undefined;
  }
}

function dottedValue(text: string): bigint {
  return text.split('.').reduce((sum, part) => sum * 256n + BigInt(part), 0n);
}

function groupsValue(text: string): bigint {
  const dotted = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(text);
  const tail = dotted === null ? 0n : dottedValue(dotted[2] ?? '');
  const plain =
    dotted === null
      ? text
      : `${dotted[1] ?? ''}${(tail >> 16n).toString(16)}:${(tail & 0xffffn).toString(16)}`;
  const [head = '', rest] = plain.split('::');
  const groups = (part: string): string[] => (part === '' ? [] : part.split(':'));
  const before = groups(head);
  const after = groups(rest ?? '');
  const zeros = Array.from({ length: GROUPS - before.length - after.length }, () => '0');
  return [...before, ...zeros, ...after].reduce((sum, group) => (sum << 16n) + BigInt(`0x${group}`), 0n);
}

/** The canonical text: dotted, or RFC 5952. */
export function formatIp({ version, value, isMapped }: Omit<Address, 'hasLeadingZeros'>): string {
  if (version === 4 || isMapped) {
    return [24n, 16n, 8n, 0n].map((shift) => (value >> shift) & 255n).join('.');
  }
  const groups = Array.from({ length: GROUPS }, (_, i) => (value >> BigInt(16 * (GROUPS - 1 - i))) & 0xffffn);
  const run = longestZeros(groups);
  const hex = (part: readonly bigint[]): string => part.map((group) => group.toString(16)).join(':');
  if (run.length < 2) return hex(groups);
  return `${hex(groups.slice(0, run.start))}::${hex(groups.slice(run.start + run.length))}`;
}

function longestZeros(groups: readonly bigint[]): { start: number; length: number } {
  let best = { start: 0, length: 0 };
  for (let start = 0; start < groups.length; start++) {
    let end = start;
    while (groups[end] === 0n) end++;
    if (end - start > best.length) best = { start, length: end - start };
  }
  return best;
}

export function parseCidr(text: string): Cidr | undefined {
  const [address = '', length = '', ...more] = text.split('/');
  const ip = parseIp(address);
  if (ip === undefined || more.length > 0 || !/^\d+$/.test(length)) return undefined;
  const prefixLength = Number(length);
  if (prefixLength > bitsOf(ip)) return undefined;
  return { ...ip, prefixLength, hasLeadingZeros: ip.hasLeadingZeros || /^0\d/.test(length) };
}

const bitsOf = ({ version }: Pick<Address, 'version'>): number => (version === 4 ? 32 : 128);

function masked(cidr: Cidr): bigint {
  const rest = BigInt(bitsOf(cidr) - cidr.prefixLength);
  return (cidr.value >> rest) << rest;
}

export function formatCidr(cidr: Cidr): string {
  return `${formatIp({ ...cidr, value: masked(cidr) })}/${cidr.prefixLength}`;
}

/** Whether the first address of `inner` lies in `outer`. */
export function containsCidr(outer: Cidr, inner: Cidr): boolean {
  return (
    outer.version === inner.version &&
    masked({ ...inner, prefixLength: outer.prefixLength }) === masked(outer)
  );
}

/** Whether a Service may have this address of the network: not the network's own, nor that for everybody. */
export function hasUsableAddress(network: Cidr, text: string): boolean {
  const ip = parseIp(text);
  if (ip === undefined || ip.version !== network.version) return false;
  if (!containsCidr(network, { ...ip, prefixLength: bitsOf(ip) })) return false;
  const first = masked(network);
  const last = first + (1n << BigInt(bitsOf(network) - network.prefixLength)) - 1n;
  return ip.value !== first && (ip.version === 6 || ip.value !== last);
}

export function legacyIpProblem(text: string): string | undefined {
  const ip = parseIp(text);
  if (ip === undefined) return 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)';
  if (ip.hasLeadingZeros) return 'must not have leading 0s';
  return ip.isMapped ? 'must not be an IPv4-mapped IPv6 address' : undefined;
}

export function ipProblem(text: string): string | undefined {
  const problem = legacyIpProblem(text);
  const ip = parseIp(text);
  if (problem !== undefined || ip === undefined) return problem;
  return canonicalProblem(text, formatIp(ip));
}

export function legacyCidrProblem(text: string): string | undefined {
  const cidr = parseCidr(text);
  if (cidr === undefined) return 'must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)';
  if (cidr.hasLeadingZeros) return 'must not have leading 0s in IP or prefix length';
  if (cidr.isMapped) return 'must not have an IPv4-mapped IPv6 address';
  return masked(cidr) === cidr.value ? undefined : 'must not have bits set beyond the prefix length';
}

export function cidrProblem(text: string): string | undefined {
  const problem = legacyCidrProblem(text);
  const cidr = parseCidr(text);
  if (problem !== undefined || cidr === undefined) return problem;
  return canonicalProblem(text, formatCidr(cidr));
}

/** An address with the length of its network: `192.0.2.5/24`. */
export function interfaceAddressProblem(text: string): string | undefined {
  const cidr = parseCidr(text);
  if (cidr === undefined) return 'must be a valid address in CIDR form, (e.g. 10.9.8.7/24 or 2001:db8::1/64)';
  return canonicalProblem(text, `${formatIp(cidr)}/${cidr.prefixLength}`);
}

function canonicalProblem(text: string, canonical: string): string | undefined {
  return text === canonical ? undefined : `must be in canonical form (${JSON.stringify(canonical)})`;
}

/** For fields of the older kind: what a valid address should rather look like. */
export function ipWarning(path: string, text: string): string | undefined {
  const ip = parseIp(text);
  return ip === undefined
    ? undefined
    : canonicalWarning(path, 'address', text, { ip, canonical: formatIp(ip) });
}

/** The same of a network. */
export function cidrWarning(path: string, text: string): string | undefined {
  const ip = parseCidr(text);
  if (ip === undefined) return undefined;
  return canonicalWarning(path, 'CIDR value', text, { ip, canonical: formatCidr(ip) });
}

function canonicalWarning(
  path: string,
  what: string,
  text: string,
  { ip, canonical }: { readonly ip: Address; readonly canonical: string },
): string | undefined {
  if (ip.version !== 6 || ip.isMapped || text === canonical) return undefined;
  const [was, wanted] = [JSON.stringify(text), JSON.stringify(canonical)];
  return `${path}: IPv6 ${what} ${was} should be in RFC 5952 canonical format (${wanted})`;
}
