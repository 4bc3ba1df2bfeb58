/** How far the wishes of claims come true that name alternatives, the best first. Pure. */

import type { ResourceV1ResourceClaim } from '../../api/types.gen.ts';
import type { Given } from './allocator.ts';

/** As many alternatives as a request may have: the first of them counts so much. */
const FIRST = 8;

export function hasAlternatives({ spec }: ResourceV1ResourceClaim): boolean {
  return spec.devices.requests.some(({ firstAvailable = [] }) => firstAvailable.length > 0);
}

/** The sum over all requests with alternatives: 8 for the first, 7 for the second, and so on. */
export function preferenceOf(
  claims: readonly ResourceV1ResourceClaim[],
  given: readonly (readonly Given[])[],
): number {
  let sum = 0;
  for (const [i, { spec }] of claims.entries()) {
    const chosen = new Set((given[i] ?? []).map(({ alternative }) => alternative.name));
    for (const { name, firstAvailable = [] } of spec.devices.requests) {
      const at = firstAvailable.findIndex((one) => chosen.has(`${name}/${one.name}`));
      if (at >= 0) sum += FIRST - at;
    }
  }
  return sum;
}
