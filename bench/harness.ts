/**
 * What all benchmarks share: rounds of ours and the peer's in turn, medians, one table, one JSON document.
 *
 * Absolute numbers say little about another machine; ratios of runs that alternate on one machine do.
 */

export interface BenchResult {
  readonly benchmark: string;
  readonly case: string;
  readonly unit: string;
  /** Whether more of the unit is better (throughput) or less (time, memory). */
  readonly better: 'more' | 'less';
  readonly ours: Series;
  readonly peer?: Series & { readonly name: string };
  /** How many times better ours is; above 1 is a win. */
  readonly ratio?: number;
  /** What the ratio, or without a peer our median, should reach. */
  readonly goal?: number;
  /** Further figures of our side, e.g. `p99 ms`. */
  readonly extra?: Readonly<Record<string, number>>;
}

export interface Series {
  readonly median: number;
  readonly rounds: readonly number[];
}

export interface Round {
  readonly value: number;
  readonly extra?: Readonly<Record<string, number>>;
}

export interface Comparison {
  readonly benchmark: string;
  readonly case: string;
  readonly unit: string;
  readonly better: 'more' | 'less';
  readonly rounds: number;
  readonly goal?: number;
  readonly ours: () => Promise<Round>;
  readonly peer?: { readonly name: string; readonly run: () => Promise<Round> };
}

/** Runs ours and the peer in turn, each first every other time: neither profits from a quiet moment. */
export async function compare(comparison: Comparison): Promise<BenchResult> {
  const { peer, rounds, better } = comparison;
  const ours: Round[] = [];
  const theirs: Round[] = [];
  for (let round = 0; round < rounds; round++) {
    const turns = [async () => ours.push(await comparison.ours())];
    if (peer !== undefined) turns.push(async () => theirs.push(await peer.run()));
    if (round % 2 === 1) turns.reverse();
    for (const turn of turns) await turn();
  }
  const mine = series(ours);
  const names = Object.keys(ours[0]?.extra ?? {});
  const result: BenchResult = {
    benchmark: comparison.benchmark,
    case: comparison.case,
    unit: comparison.unit,
    better,
    ours: mine,
    ...(comparison.goal === undefined ? {} : { goal: comparison.goal }),
    extra: Object.fromEntries(
      names.map((name) => [name, median(ours.map((round) => round.extra?.[name] ?? 0))]),
    ),
  };
  if (peer === undefined) return result;
  const other = series(theirs);
  const ratio = better === 'more' ? mine.median / other.median : other.median / mine.median;
  return { ...result, peer: { name: peer.name, ...other }, ratio };
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const high = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? high : (high + (sorted[middle - 1] ?? Number.NaN)) / 2;
}

/** The value below which `share` of the values lie. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

/** The table for people, then one line of JSON for machines. */
export function report(results: readonly BenchResult[]): void {
  const rows = results.map((r) => [
    r.benchmark,
    r.case,
    `${format(r.ours.median)} ${r.unit}`,
    r.peer === undefined ? '-' : `${format(r.peer.median)} (${r.peer.name})`,
    r.ratio === undefined ? '-' : `${r.ratio.toFixed(2)}x`,
    r.goal === undefined ? '-' : verdict(r),
    Object.entries(r.extra ?? {})
      .map(([name, value]) => `${name} ${format(value)}`)
      .join(', '),
  ]);
  const table = [['benchmark', 'case', 'ours', 'peer', 'ratio', 'goal', ''], ...rows];
  const widths =
    table[0]?.map((_, column) => Math.max(...table.map((row) => row[column]?.length ?? 0))) ?? [];
  for (const row of table)
    console.log(
      row
        .map((cell, i) => cell.padEnd(widths[i] ?? 0))
        .join('  ')
        .trimEnd(),
    );
  console.log(JSON.stringify({ node: process.version, results }));
}

function series(rounds: readonly Round[]): Series {
  const values = rounds.map((round) => round.value);
  return { median: median(values), rounds: values };
}

function verdict({ goal = 0, ratio, ours, better }: BenchResult): string {
  const reached =
    ratio === undefined ? (better === 'more' ? ours.median >= goal : ours.median <= goal) : ratio >= goal;
  return `${ratio === undefined ? format(goal) : `${goal}x`} ${reached ? 'reached' : 'MISSED'}`;
}

function format(value: number): string {
  return value >= 1000 ? Math.round(value).toLocaleString('en') : value.toPrecision(3);
}
