/**
 * Reads a container's log as `kubectl logs` wants it: from the beginning, or the last lines, or from a time
 * on; to the end, or on and on while the container runs.
 *
 * Inputs: the file in CRI format and the options; `isOver` says that nothing will be added any more.
 * Outputs: chunks of text. Invariant: never more than one chunk of the file in memory, plus one line.
 */

import type { Clock } from '../../host/host.ts';
import type { LogOptions } from '../../client/node-operations.ts';
import { entryBytes, parseLogLine } from './cri-log.ts';
import type { LogFile } from './logs.ts';

const CHUNK_BYTES = 64 * 1024;
/** Far longer than what runtimes write as one part of a line (16 KiB). */
const LINE_MAX_BYTES = 256 * 1024;
const POLL_MS = 100;
const NEWLINE = 0x0a;

export interface Follow {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly isOver: () => boolean;
}

export async function* readLog(
  file: LogFile,
  options: LogOptions,
  { clock, signal, isOver }: Follow,
): AsyncGenerator<Uint8Array> {
  const sinceMs = startMs(options, clock.now());
  let left = options.limitBytes ?? Number.POSITIVE_INFINITY;
  let offset = options.tailLines === undefined ? 0 : await tailOffset(file, options.tailLines);
  let rest: Uint8Array = new Uint8Array(0);
  while (!signal.aborted && left > 0) {
    // Asked before reading: what is written before the end is then in this read, or in the next.
    const over = !options.follow || isOver();
    const chunk = await file.read(offset, CHUNK_BYTES);
    if (chunk.length === 0) {
      if (over) return;
      await clock.sleep(POLL_MS, signal);
      // A rotated log begins anew.
      if (((await file.size()) ?? 0) < offset) [offset, rest] = [0, new Uint8Array(0)];
      continue;
    }
    offset += chunk.length;
    const { lines, remainder } = splitLines(rest, chunk);
    rest = remainder;
    const text = Buffer.concat(lines.flatMap((line) => render(line, options, sinceMs)));
    if (text.length === 0) continue;
    yield text.length > left ? text.subarray(0, left) : text;
    left -= text.length;
  }
}

function startMs({ sinceSeconds, sinceTime }: LogOptions, nowMs: number): number {
  if (sinceSeconds !== undefined) return nowMs - sinceSeconds * 1000;
  const ms = sinceTime === undefined ? Number.NaN : Date.parse(sinceTime);
  return Number.isNaN(ms) ? Number.NEGATIVE_INFINITY : ms;
}

function render(line: Uint8Array, options: LogOptions, sinceMs: number): readonly Uint8Array[] {
  const entry = parseLogLine(line);
  if (entry === undefined) return [];
  if (options.stream !== undefined && options.stream.toLowerCase() !== entry.stream) return [];
  if (sinceMs !== Number.NEGATIVE_INFINITY && Date.parse(entry.time) < sinceMs) return [];
  return [entryBytes(entry, options.timestamps)];
}

function splitLines(
  rest: Uint8Array,
  chunk: Uint8Array,
): { readonly lines: readonly Uint8Array[]; readonly remainder: Uint8Array } {
  const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
  const lines: Uint8Array[] = [];
  let start = 0;
  for (let end = bytes.indexOf(NEWLINE); end >= 0; end = bytes.indexOf(NEWLINE, start)) {
    lines.push(bytes.subarray(start, end));
    start = end + 1;
  }
  const remainder = bytes.subarray(start);
  return { lines, remainder: remainder.length > LINE_MAX_BYTES ? new Uint8Array(0) : remainder };
}

/** Where the last `count` lines begin. */
export async function tailOffset(file: LogFile, count: number): Promise<number> {
  const size = (await file.size()) ?? 0;
  let wanted = count;
  for (let end = size; end > 0;) {
    const start = Math.max(0, end - CHUNK_BYTES);
    const chunk = await file.read(start, end - start);
    for (let i = chunk.length - 1; i >= 0; i--) {
      // The newline at the very end closes the last line and begins none.
      if (chunk[i] !== NEWLINE || (start + i === size - 1 && count > 0)) continue;
      if (wanted <= 1) return count === 0 ? size : start + i + 1;
      wanted--;
    }
    end = start;
  }
  return count === 0 ? size : 0;
}
