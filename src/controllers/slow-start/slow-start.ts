/**
 * Many equal writes, carefully: one first, then twice as many each time. When writes fail for all (a quota, a
 * webhook), the server sees a handful of attempts instead of hundreds. Matches upstream's `slowStartBatch`.
 */

export interface SlowStartOutcome {
  readonly succeeded: number;
  /** The first error; nothing more was tried after its batch. */
  readonly error?: unknown;
}

export async function slowStart(
  count: number,
  write: (index: number) => Promise<void>,
): Promise<SlowStartOutcome> {
  let succeeded = 0;
  for (let start = 0, size = 1; start < count; size *= 2) {
    const batch = Math.min(size, count - start);
    const results = await Promise.allSettled(Array.from({ length: batch }, (_, i) => write(start + i)));
    const failures = results.filter((result) => result.status === 'rejected');
    succeeded += batch - failures.length;
    const [failure] = failures;
    if (failure !== undefined) return { succeeded, error: failure.reason };
    start += batch;
  }
  return { succeeded };
}
