/** Listening for the end that a signal says, also when it has been said already: an event alone would be missed. */

/** Runs `run` once, when `signal` aborts or at once if it has. Returns what stops listening. */
export function whenAborted(signal: AbortSignal, run: () => void): () => void {
  if (signal.aborted) {
    run();
    return () => {};
  }
  const listener = (): void => run();
  signal.addEventListener('abort', listener, { once: true });
  return () => signal.removeEventListener('abort', listener);
}

/** Resolves when `signal` aborts, or at once if it has. For signals that end soon: nothing takes the listener away. */
export function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => void whenAborted(signal, resolve));
}
