/**
 * Gives other work on the event loop a turn; long pure work is cut into slices with it.
 *
 * Who waits is resumed one in each turn, in order: with a hundred long answers under way a request that
 * arrives waits for one slice of one of them, not for a slice of each.
 */

const waiting: (() => void)[] = [];

export function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    waiting.push(resolve);
    if (waiting.length === 1) setImmediate(resume);
  });
}

/** How many wait for their turn: a virtual clock must not go on before they had it. */
export function turnsWaiting(): number {
  return waiting.length;
}

function resume(): void {
  waiting.shift()?.();
  if (waiting.length > 0) setImmediate(resume);
}
