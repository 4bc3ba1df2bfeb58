/** `net.IP` and `net.CIDR`. */

import { fn, global, type Library, onValue } from '../library/declare.ts';
import { BOOL, type CelType, INT, opaque, STRING } from '../types/type.ts';
import { CelError, OpaqueValue } from '../values/value.ts';
import {
  formatIp,
  type IpAddress,
  type IpNetwork,
  isIpv4Mapped,
  isWithin,
  masked,
  networkContains,
  parseIp,
  parseIpNetwork,
  widthOf,
} from './ip-address.ts';

const IP = opaque('net.IP');
const CIDR = opaque('net.CIDR');

export class IpValue extends OpaqueValue {
  override readonly type: CelType = IP;
  readonly address: IpAddress;

  constructor(address: IpAddress) {
    super();
    this.address = address;
  }

  /** In bytes. */
  override get costSize(): number {
    return widthOf(this.address) / 8;
  }

  override equals(other: OpaqueValue): boolean {
    return other instanceof IpValue && formatIp(other.address) === formatIp(this.address);
  }
}

export class CidrValue extends OpaqueValue {
  override readonly type: CelType = CIDR;
  readonly network: IpNetwork;

  constructor(network: IpNetwork) {
    super();
    this.network = network;
  }

  override get costSize(): number {
    return Math.ceil(this.network.prefixLength / 8);
  }

  override equals(other: OpaqueValue): boolean {
    return other instanceof CidrValue && formatCidr(other) === formatCidr(this);
  }
}

function formatCidr({ network }: CidrValue): string {
  return `${formatIp(network.address)}/${network.prefixLength}`;
}

/** The address, or why the text is none that is allowed. */
function readIp(text: string): IpAddress | string {
  const [plain = '', zone] = text.split('%');
  const address = parseIp(plain);
  const quoted = JSON.stringify(text);
  if (address === undefined || zone === '' || (zone !== undefined && address.version === 4)) {
    const reason = `ParseAddr(${quoted}): unable to parse IP`;
    return `IP Address ${quoted} parse error during conversion from string: ${reason}`;
  }
  if (zone !== undefined) return `IP address ${quoted} with zone value is not allowed`;
  if (isIpv4Mapped(address)) return `IPv4-mapped IPv6 address ${quoted} is not allowed`;
  return address;
}

function toIp(text: string): IpAddress {
  const address = readIp(text);
  if (typeof address === 'string') throw new CelError(address);
  return address;
}

const CONVERSION = 'network address parse error during conversion from string';

function readCidr(text: string): IpNetwork | string {
  const network = parseIpNetwork(text);
  const quoted = JSON.stringify(text);
  if (network === undefined) {
    const reason = text.includes('/') ? `ParseAddr(${quoted}): unable to parse IP` : "no '/'";
    return `${CONVERSION}: netip.ParsePrefix(${quoted}): ${reason}`;
  }
  return isIpv4Mapped(network.address) ? `IPv4-mapped IPv6 address ${quoted} is not allowed` : network;
}

function toCidr(text: string): IpNetwork {
  const network = readCidr(text);
  if (typeof network === 'string') throw new CelError(`${CONVERSION}: ${network}`);
  return network;
}

function containsNetwork(outer: IpNetwork, inner: IpNetwork): boolean {
  return outer.prefixLength <= inner.prefixLength && networkContains(outer, inner.address);
}

function isGlobalUnicast({ address }: IpValue): boolean {
  const isBroadcast = address.version === 4 && address.bits === 0xffffffffn;
  const other = [
    '0.0.0.0/32',
    '127.0.0.0/8',
    '224.0.0.0/4',
    '169.254.0.0/16',
    '::/127',
    'ff00::/8',
    'fe80::/10',
  ];
  return !isBroadcast && !isWithin(address, ...other);
}

function within(...networks: readonly string[]): (ip: IpValue) => boolean {
  return ({ address }) => isWithin(address, ...networks);
}

export const IPS: Library = {
  functions: [
    fn('ip', global('string_to_ip', [STRING], IP, (text: string) => new IpValue(toIp(text)))),
    fn('family', onValue('ip_family', [IP], INT, ({ address }: IpValue) => address.version)),
    fn('ip.isCanonical', global('ip_is_canonical', [STRING], BOOL, (text: string) => formatIp(toIp(text)) === text)),
    fn('isUnspecified', onValue('ip_is_unspecified', [IP], BOOL, ({ address }: IpValue) => address.bits === 0n)),
    fn('isLoopback', onValue('ip_is_loopback', [IP], BOOL, within('127.0.0.0/8', '::1/128'))),
    fn('isLinkLocalMulticast', onValue('ip_is_link_local_multicast', [IP], BOOL, within('224.0.0.0/24', 'ff02::/16'))),
    fn('isLinkLocalUnicast', onValue('ip_is_link_local_unicast', [IP], BOOL, within('169.254.0.0/16', 'fe80::/10'))),
    fn('isGlobalUnicast', onValue('ip_is_global_unicast', [IP], BOOL, isGlobalUnicast)),
    fn('isIP', global('is_ip', [STRING], BOOL, (text: string) => typeof readIp(text) !== 'string')),
    fn('string', global('ip_to_string', [IP], STRING, ({ address }: IpValue) => formatIp(address))),
  ],
  macros: [],
}; // prettier-ignore

export const CIDRS: Library = {
  functions: [
    fn('cidr', global('string_to_cidr', [STRING], CIDR, (text: string) => new CidrValue(toCidr(text)))),
    fn('containsIP',
      onValue('cidr_contains_ip_string', [CIDR, STRING], BOOL, ({ network }: CidrValue, text: string) =>
        networkContains(network, toIp(text))),
      onValue('cidr_contains_ip_ip', [CIDR, IP], BOOL, ({ network }: CidrValue, { address }: IpValue) =>
        networkContains(network, address))),
    fn('containsCIDR',
      onValue('cidr_contains_cidr_string', [CIDR, STRING], BOOL, ({ network }: CidrValue, text: string) =>
        containsNetwork(network, toCidr(text))),
      onValue('cidr_contains_cidr', [CIDR, CIDR], BOOL, (outer: CidrValue, inner: CidrValue) =>
        containsNetwork(outer.network, inner.network))),
    fn('ip', onValue('cidr_ip', [CIDR], IP, ({ network }: CidrValue) => new IpValue(network.address))),
    fn('prefixLength', onValue('cidr_prefix_length', [CIDR], INT, ({ network }: CidrValue) => network.prefixLength)),
    fn('masked', onValue('cidr_masked', [CIDR], CIDR, ({ network }: CidrValue) => new CidrValue(masked(network)))),
    fn('isCIDR', global('is_cidr', [STRING], BOOL, (text: string) => typeof readCidr(text) !== 'string')),
    fn('string', global('cidr_to_string', [CIDR], STRING, formatCidr)),
  ],
  macros: [],
}; // prettier-ignore
