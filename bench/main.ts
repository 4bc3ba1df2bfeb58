/**
 * `npm run bench`: every benchmark in turn; `node bench/main.ts NAME...` only those. Prints a table for people
 * and a line of JSON for machines after each.
 *
 * The defaults are short, so that all of them together take some fifteen minutes; the files of the
 * benchmarks, run on their own, measure longer where that steadies the numbers.
 */

import { report, type BenchResult } from './harness.ts';

const BENCHMARKS: Readonly<Record<string, () => Promise<readonly BenchResult[]>>> = {
  store: async () => (await import('./store.ts')).run({ seconds: 2, rounds: 3 }),
  start: async () => (await import('./start.ts')).run(),
  restart: async () => (await import('./restart.ts')).run({ nodes: 1000, pods: 10_000 }),
  'real-pod': async () => (await import('./real-pod.ts')).run(),
  api: async () => (await import('./api.ts')).run(),
  machinery: async () => (await import('./machinery.ts')).run(),
  'custom-resources': async () => (await import('./custom-resources.ts')).run(),
  lists: async () => (await import('./lists.ts')).run(),
  watches: async () => (await import('./watches.ts')).run(),
  scheduler: async () => (await import('./scheduler.ts')).run(),
  'scheduler-perf': async () => (await import('./scheduler-perf.ts')).run(),
  fleet: async () => (await import('./fleet.ts')).run(),
  fairness: async () => (await import('./fairness.ts')).run(),
  autoscaling: async () => (await import('./autoscaling.ts')).run(),
  workloads: async () => (await import('./workloads.ts')).run({ deployments: 1000 }),
  density: async () => (await import('./density.ts')).run({ nodes: 1000, pods: 10_000, rate: 500 }),
  cel: async () => (await import('./cel.ts')).run(),
};

async function main(names: readonly string[]): Promise<void> {
  const unknown = names.filter((name) => BENCHMARKS[name] === undefined);
  if (unknown.length > 0) {
    console.error(`no benchmark ${unknown.join(', ')}; there are ${Object.keys(BENCHMARKS).join(', ')}`);
    process.exitCode = 2;
    return;
  }
  for (const [name, run] of Object.entries(BENCHMARKS))
    if (names.length === 0 || names.includes(name)) report(await run());
}

await main(process.argv.slice(2));
