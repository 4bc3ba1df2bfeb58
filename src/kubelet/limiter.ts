/** Runs at most `max` pieces of work at once; the others wait in order. */
export function createLimiter(max: number): <T>(work: () => Promise<T>) => Promise<T> {
  const waiting: (() => void)[] = [];
  let active = 0;
  return async (work) => {
    if (active >= max) await new Promise<void>((resolve) => waiting.push(resolve));
    else active++;
    try {
      return await work();
    } finally {
      // The place is handed on, so that nobody overtakes those who wait.
      const next = waiting.shift();
      if (next === undefined) active--;
      else next();
    }
  };
}
