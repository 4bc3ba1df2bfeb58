/**
 * Lists of completion indexes as Jobs write them: `1,3-5,7`. Increasing, and below the number of completions.
 *
 * Outputs: the intervals, or why the text is no such list, worded as upstream words it.
 */

export interface IndexInterval {
  readonly first: number;
  readonly last: number;
}

export type IndexListOutcome =
  | { readonly ok: true; readonly intervals: readonly IndexInterval[] }
  | { readonly ok: false; readonly error: string };

export function parseIndexList(text: string, completions: number): IndexListOutcome {
  const intervals: IndexInterval[] = [];
  if (text === '') return { ok: true, intervals };
  let previous: IndexInterval | undefined;
  for (const part of text.split(',')) {
    const interval = parseInterval(part, completions);
    if (typeof interval === 'string') return { ok: false, error: interval };
    if (previous !== undefined && previous.last >= interval.first) {
      return { ok: false, error: disorder(previous.last, interval.first) };
    }
    intervals.push(interval);
    previous = interval;
  }
  return { ok: true, intervals };
}

export function countIndexes(intervals: readonly IndexInterval[]): number {
  return intervals.reduce((sum, { first, last }) => sum + last - first + 1, 0);
}

/** The first index that stands in both lists; parts that are no intervals are passed over. */
export function overlap(a: string, b: string, completions: number): number | undefined {
  const left = intervalsOf(a, completions);
  const right = intervalsOf(b, completions);
  let [i, j] = [0, 0];
  for (;;) {
    const [x, y] = [left[i], right[j]];
    if (x === undefined || y === undefined) return undefined;
    if (x.first <= y.last && y.first <= x.last) return Math.max(x.first, y.first);
    if (x.first <= y.first) i++;
    else j++;
  }
}

function intervalsOf(text: string, completions: number): readonly IndexInterval[] {
  if (text === '') return [];
  return text.split(',').flatMap((part) => {
    const interval = parseInterval(part, completions);
    return typeof interval === 'string' ? [] : [interval];
  });
}

function disorder(previous: number, current: number): string {
  return `non-increasing order, previous: ${previous}, current: ${current}`;
}

function parseInterval(text: string, completions: number): IndexInterval | string {
  const [low = '', high, ...more] = text.split('-');
  const quoted = JSON.stringify(text);
  if (more.length > 0) {
    return `the fragment ${quoted} violates the requirement that an index interval can have at most two parts separated by '-'`;
  }
  const first = parseIndex(low, completions);
  if (typeof first === 'string' || high === undefined) {
    return typeof first === 'string' ? first : { first, last: first };
  }
  const last = parseIndex(high, completions);
  if (typeof last === 'string') return last;
  return first >= last ? disorder(first, last) : { first, last };
}

function parseIndex(text: string, completions: number): number | string {
  if (!/^\+?\d+$/.test(text)) return `cannot convert string to integer for index: ${JSON.stringify(text)}`;
  const index = Number(text);
  return index >= completions ? `too large index: ${JSON.stringify(text)}` : index;
}
