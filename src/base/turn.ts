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

const waiting: Readonly<Record<WorkKind, (() => void)[]>> = { request: [], controller: [], scheduler: [] };
/** The kinds that wait; the one whose turn it is comes first. */
const kinds: WorkKind[] = [];
let isPlanned = false;

export function nextTurn(kind: WorkKind): Promise<void> {
  return new Promise((resolve) => {
    if (waiting[kind].push(resolve) === 1) kinds.push(kind);
    plan();
  });
}

/** How many wait for their turn: a virtual clock must not go on before they had it. */
export function turnsWaiting(): number {
  return waiting.request.length + waiting.controller.length + waiting.scheduler.length;
}

function plan(): void {
  if (isPlanned || kinds.length === 0) return;
  isPlanned = true;
  setImmediate(resume);
}

function resume(): void {
  isPlanned = false;
  const kind = kinds.shift();
  if (kind !== undefined) {
    const next = waiting[kind].shift();
    if (waiting[kind].length > 0) kinds.push(kind);
    next?.();
  }
  plan();
}
