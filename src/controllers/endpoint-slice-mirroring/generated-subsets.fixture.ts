/** For property tests: subsets of Endpoints, of both families, at times with more addresses than fit. */

import fc from 'fast-check';
import type { EndpointAddress, EndpointPort, EndpointSubset } from '../../api/types.gen.ts';

/** What fits into one slice. */
const SUBSET_ADDRESSES = 1_000;
const MANY = 1_010;

const PORTS: readonly (readonly EndpointPort[])[] = [
  [],
  [{ port: 80 }],
  [{ name: 'a', port: 80, protocol: 'UDP' }],
  [
    { name: 'a', port: 80 },
    { name: 'b', port: 81, appProtocol: 'http' },
  ],
];
const count = fc.oneof({ weight: 16, arbitrary: fc.nat(3) }, { weight: 1, arbitrary: fc.constant(MANY) });
/** Of one Endpoints no two have a net in common, since an address would be there twice. */
const subset = fc.record({
  net: fc.nat(3),
  ports: fc.nat(PORTS.length - 1),
  ready: count,
  notReady: fc.nat(2),
  isBoth: fc.boolean(),
  hasHostname: fc.boolean(),
});
type Subset = typeof subset extends fc.Arbitrary<infer S> ? S : never;
/** Each of them fits, both together do not, and they have one slice. */
const FULL = { ports: 1, ready: SUBSET_ADDRESSES - 1, notReady: 1, isBoth: false, hasHostname: false };
export const generatedSubsets: fc.Arbitrary<readonly Subset[]> = fc.oneof(
  {
    weight: 16,
    arbitrary: fc.uniqueArray(subset, { maxLength: 3, selector: ({ net }) => net }),
  },
  {
    weight: 1,
    arbitrary: fc.constant([
      { ...FULL, net: 0 },
      { ...FULL, net: 1, ready: 1 },
    ]),
  },
);

/** As the API has it; nothing without addresses. */
export function subsetOf(what: Subset): EndpointSubset | undefined {
  const all = Array.from({ length: what.ready + what.notReady }, (_, i) => addressOf(what, i));
  const [addresses, notReadyAddresses] = [all.slice(0, what.ready), all.slice(what.ready)];
  if (all.length === 0) return undefined;
  return { addresses, notReadyAddresses, ports: PORTS[what.ports] ?? [] };
}

function addressOf({ net, isBoth, hasHostname }: Subset, i: number): EndpointAddress {
  const isOther = isBoth && i % 2 === 1;
  const ip = isOther ? `fd00::${net + 1}:${i + 1}` : `10.${net}.${Math.floor(i / 200)}.${(i % 200) + 1}`;
  return { ip, ...(hasHostname ? { hostname: `host-${i}` } : {}) };
}
