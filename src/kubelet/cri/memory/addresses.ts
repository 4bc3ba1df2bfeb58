/**
 * Hands out the pod addresses of a node's IPv4 CIDR: the lowest free one after the last given, as host-local
 * does, so that an address is reused as late as possible. Network, gateway (.1) and broadcast are left out.
 */

export interface AddressPool {
  /** Undefined when none is free. */
  take(): string | undefined;
  /** Harmless for an address that is not taken. */
  free(address: string): void;
}

/** Undefined when `cidr` is no IPv4 range of at least 8 addresses. */
export function createAddressPool(cidr: string): AddressPool | undefined {
  const range = parseCidr(cidr);
  if (range === undefined) return undefined;
  const { base, size } = range;
  const [first, last] = [2, size - 2];
  const taken = new Set<number>();
  let next = first;
  return {
    take() {
      if (taken.size > last - first) return undefined;
      while (taken.has(next)) next = next >= last ? first : next + 1;
      const given = next;
      taken.add(given);
      next = given >= last ? first : given + 1;
      return formatAddress(base + given);
    },
    free(address) {
      const value = parseAddress(address);
      if (value !== undefined) taken.delete(value - base);
    },
  };
}

function parseCidr(cidr: string): { readonly base: number; readonly size: number } | undefined {
  const [address = '', bits = ''] = cidr.split('/');
  const value = parseAddress(address);
  if (value === undefined || !/^\d{1,2}$/.test(bits) || Number(bits) > 29) return undefined;
  const size = 2 ** (32 - Number(bits));
  return { base: Math.floor(value / size) * size, size };
}

function parseAddress(address: string): number | undefined {
  const parts = address.split('.').map(Number);
  const valid =
    parts.length === 4 && parts.every((part) => Number.isInteger(part) && part >= 0 && part < 256);
  return valid ? parts.reduce((sum, part) => sum * 256 + part, 0) : undefined;
}

function formatAddress(value: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256).join('.');
}
