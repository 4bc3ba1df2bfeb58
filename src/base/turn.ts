/**
 * Gives other work on the event loop a turn; long pure work is cut into slices with it.
 *
 * Who waits is resumed one in each turn: with a hundred long answers under way a request that arrives waits
 * for one slice of one of them, not for a slice of each. Kinds of work take turns, and within a kind the
 * order is that of arrival, so that the scheduler, which is one, does not wait behind each of hundreds of
 * controllers' workers.
 *
 * Example: controllers a, b, c and then the scheduler wait; resumed are a, the scheduler, b, c.
 */

export type WorkKind = 'request' | 'controller' | 'scheduler';

/** The kind whose turn it is comes first; none is empty. */
const waiting = new Map<WorkKind, (() => void)[]>();
let isPlanned = false;

export function nextTurn(kind: WorkKind): Promise<void> {
  return new Promise((resolve) => {
    const present = waiting.get(kind);
    if (present === undefined) waiting.set(kind, [resolve]);
    else present.push(resolve);
    plan();
  });
}

/** How many wait for their turn: a virtual clock must not go on before they had it. */
export function turnsWaiting(): number {
  let count = 0;
  for (const ones of waiting.values()) count += ones.length;
  return count;
}

function plan(): void {
  if (isPlanned || waiting.size === 0) return;
  isPlanned = true;
  setImmediate(resume);
}

function resume(): void {
  isPlanned = false;
  for (const [kind, ones] of waiting) {
    waiting.delete(kind);
    const next = ones.shift();
    if (ones.length > 0) waiting.set(kind, ones);
    next?.();
    break;
  }
  plan();
}
