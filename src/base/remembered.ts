/**
 * For objects that others share. Those that come only once are kept in vain until then, and the engine copies
 * what it finds alive: with 256 of them, a quarter of the time that a new pod took went there.
 */
export const SHARED_OBJECTS_MAX = 64;

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
