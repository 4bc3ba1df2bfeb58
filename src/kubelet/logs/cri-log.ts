/**
 * The log format of the CRI; pure. A line is `<time> <stdout|stderr> <F|P> <text>`: `P` marks a part of a
 * longer line that goes on, and has no newline of its own.
 */

export interface LogEntry {
  /** As written, with nanoseconds. */
  readonly time: string;
  readonly stream: 'stdout' | 'stderr';
  readonly isPartial: boolean;
  readonly text: Uint8Array;
}

const SPACE = 0x20;

/** Undefined for what is no line of the format (a torn write, for instance). `line` has no newline. */
export function parseLogLine(line: Uint8Array): LogEntry | undefined {
  const first = line.indexOf(SPACE);
  const second = line.indexOf(SPACE, first + 1);
  const third = line.indexOf(SPACE, second + 1);
  if (first < 0 || second < 0) return undefined;
  const end = third < 0 ? line.length : third;
  const time = latin(line.subarray(0, first));
  const stream = latin(line.subarray(first + 1, second));
  const [tag] = latin(line.subarray(second + 1, end)).split(':');
  if (stream !== 'stdout' && stream !== 'stderr') return undefined;
  if (tag !== 'F' && tag !== 'P') return undefined;
  return { time, stream, isPartial: tag === 'P', text: line.subarray(Math.min(end + 1, line.length)) };
}

/** The text with its newline, which parts do not have. */
export function entryBytes({ text, isPartial, time }: LogEntry, withTime: boolean): Uint8Array {
  const head = withTime ? Buffer.from(`${time} `) : Buffer.alloc(0);
  return Buffer.concat([head, text, ...(isPartial ? [] : [Buffer.from('\n')])]);
}

function latin(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('latin1');
}
