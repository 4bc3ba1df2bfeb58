/**
 * A pure function that remembers what it said: for texts that come again and again, such as `100m` or
 * `f:spec`. When `max` results are known it forgets them all, which costs little and needs no order.
 */
export function remembered<V>(max: number, compute: (key: string) => V): (key: string) => V {
  const known = new Map<string, V>();
  return (key) => {
    const before = known.get(key);
    if (before !== undefined) return before;
    const result = compute(key);
    if (known.size >= max) known.clear();
    known.set(key, result);
    return result;
  };
}
