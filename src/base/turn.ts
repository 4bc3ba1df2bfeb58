/**
 * Gives other work on the event loop a turn; long pure work is cut into slices with it.
 *
 * Who waits is resumed in the order of arrival within its kind, and only so many of a kind in each turn of
 * the loop: with a hundred long answers under way a request that arrives waits for one slice of one of them,
 * not for a slice of each. Every kind goes on in every turn, so that none of them waits for the others: the
 * scheduler, which is one, does not wait behind each of hundreds of controllers' workers.
 *
 * A slice of a controller is short, up to its next write, and hundreds of workers share one turn; with one of
 * them in a turn they would fall behind just when turns are long because requests keep the server busy.
 *
 * Writes from within take turns only while requests from outside wait for theirs: a write has its
 * consequences in the same turn, and whoever waits outside would wait for those of all writes at once. With
 * 24 in a turn it stays short, and those inside do not fall behind for long.
 *
 * Example: controllers 1 to 9, the scheduler and two requests wait. Resumed are controllers 1 to 8, the
 * scheduler and one request, and with the next turn the other two.
 */

export type WorkKind = 'request' | 'controller' | 'scheduler' | 'informer' | 'write';

const PER_TURN: Readonly<Record<WorkKind, number>> = {
  request: 1,
  controller: 8,
  scheduler: 1,
  informer: 1,
  write: 24,
};

const waiting: Readonly<Record<WorkKind, (() => void)[]>> = {
  request: [],
  controller: [],
  scheduler: [],
  informer: [],
  write: [],
};

export function nextTurn(kind: WorkKind): Promise<void> {
  return new Promise((resolve) => {
    if (waiting[kind].push(resolve) === 1) setImmediate(resume, kind);
  });
}

export function someWait(kind: WorkKind): boolean {
  return waiting[kind].length > 0;
}

/** How many wait for their turn: a virtual clock must not go on before they had it. */
export function turnsWaiting(): number {
  return Object.values(waiting).reduce((sum, { length }) => sum + length, 0);
}

function resume(kind: WorkKind): void {
  const next = waiting[kind].splice(0, PER_TURN[kind]);
  if (waiting[kind].length > 0) setImmediate(resume, kind);
  for (const each of next) each();
}
