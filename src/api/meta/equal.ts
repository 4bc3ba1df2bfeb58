/** Deep equality of JSON values; equal references, which sharing makes common, cost nothing. */
export function deepEqual(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a)) {
    return Array.isArray(b) && a.length === b.length && a.every((item, i) => deepEqual(item, b[i]));
  }
  if (Array.isArray(b)) return false;
  return equalFields(a as Fields, b as Fields);
}

type Fields = { readonly [key: string]: unknown };

/** A key whose value is undefined counts as absent, as it does in JSON. */
function equalFields(a: Fields, b: Fields): boolean {
  let sizeA = 0;
  for (const key in a) {
    if (a[key] === undefined) continue;
    sizeA++;
    if (!deepEqual(a[key], b[key])) return false;
  }
  let sizeB = 0;
  for (const key in b) if (b[key] !== undefined) sizeB++;
  return sizeA === sizeB;
}
