/** Gives other work on the event loop a turn; long pure work is cut into slices with it. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
