/** The names of the store's files, and which of them are history that may go. Pure. */

import type { Revision } from '../store.ts';
import type { FileType } from './frame.ts';

const SUFFIX = { log: 'log', snapshot: 'snapshot' } as const;

/** `0000000000001234.log`: names sort by revision. */
export function fileName(type: FileType, revision: Revision): string {
  return `${String(revision).padStart(16, '0')}.${SUFFIX[type]}`;
}

export function parseFileName(
  name: string,
): { readonly type: FileType; readonly revision: Revision } | undefined {
  const match = /^(\d{16})\.(log|snapshot)$/.exec(name);
  if (match === null) return undefined;
  return { type: match[2] === 'log' ? 'log' : 'snapshot', revision: Number(match[1]) };
}

/** A file of the store: a log from `revision` on, or the state at `revision`. */
export interface StoreFile {
  readonly type: FileType;
  readonly revision: Revision;
  readonly bytes: number;
  /** When it was begun. */
  readonly timeMs: number;
}

export interface RetentionLimits {
  /** Of files that recovery does not need any more. */
  readonly maxBytes: number;
  readonly maxAgeMs: number;
}

/**
 * The files that may be removed, oldest first.
 *
 * Recovery needs the newest snapshot and the logs with revisions after it. What is older is history, kept
 * without holes: it loses its oldest file as long as it is too large or that file's last commit is too old.
 * A snapshot from before the oldest kept log leads nowhere and goes with it.
 */
export function removable(files: readonly StoreFile[], limits: RetentionLimits, nowMs: number): StoreFile[] {
  const snapshots = files.filter((f) => f.type === 'snapshot').sort((a, b) => a.revision - b.revision);
  const logs = files.filter((f) => f.type === 'log').sort((a, b) => a.revision - b.revision);
  const base = snapshots.at(-1);
  if (base === undefined) return [];
  // A log ends where the next one begins.
  const history = logs.filter(
    (_, i) => (logs[i + 1]?.revision ?? Number.POSITIVE_INFINITY) <= base.revision + 1,
  );
  const old = snapshots.slice(0, -1);
  const gone: StoreFile[] = [];
  for (;;) {
    const bytes = [...history, ...old].reduce((sum, file) => sum + file.bytes, 0);
    const first = history[0];
    const endedMs = first === undefined ? 0 : (logs[logs.indexOf(first) + 1]?.timeMs ?? first.timeMs);
    if (first === undefined || (bytes <= limits.maxBytes && nowMs - endedMs <= limits.maxAgeMs)) break;
    history.shift();
    gone.push(first);
    const from = history[0]?.revision ?? base.revision + 1;
    while (old[0] !== undefined && old[0].revision < from - 1) gone.push(...old.splice(0, 1));
  }
  return gone;
}
