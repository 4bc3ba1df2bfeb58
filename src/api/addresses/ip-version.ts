/**
 * Whether a text is an IP address, and of which version. Pure: 10.0.0.1 is 4, fe80::1 is 6, anything else
 * 0.
 */

import { parseAddress } from './addresses.ts';

export function ipVersion(text: string): 0 | 4 | 6 {
  if (parseAddress(text) !== undefined) return 4;
  return isVersion6(text) ? 6 : 0;
}

const GROUPS = 8;

/**
 * RFC 4291: eight groups of four hexadecimal digits, one run of zeros as `::`, the last two perhaps dotted.
 */
function isVersion6(text: string): boolean {
  const dotted = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(text);
  if (dotted !== null && parseAddress(dotted[2] ?? '') === undefined) return false;
  const hexadecimal = dotted === null ? text : `${dotted[1] ?? ''}0:0`;
  const halves = hexadecimal.split('::');
  if (halves.length > 2) return false;
  const groups = halves.flatMap((half) => (half === '' ? [] : half.split(':')));
  if (!groups.every((group) => /^[0-9a-f]{1,4}$/i.test(group))) return false;
  return halves.length === 2 ? groups.length < GROUPS : groups.length === GROUPS;
}
