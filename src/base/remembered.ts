/**
 * A pure function that remembers what it said: of texts that come again and again, such as `100m` or `f:spec`,
 * and of objects that many others share, such as the specification of replicas. When `max` results are known
 * it forgets them all, which costs little and needs no order.
 */
export function remembered<K, V>(max: number, compute: (key: K) => V): (key: K) => V {
  const known = new Map<K, V>();
  return (key) => {
    const before = known.get(key);
    if (before !== undefined) return before;
    const result = compute(key);
    if (known.size >= max) known.clear();
    known.set(key, result);
    return result;
  };
}
