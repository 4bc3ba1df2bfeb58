/**
 * The cases of upstream's scheduler_perf at their sizes: API machinery on a durable store and the scheduler in
 * one process, pods created as fast as they are taken. `node bench/scheduler-perf.ts NAME...` runs some.
 */

import { compare, report, type BenchResult } from './harness.ts';
import { runWorkload } from './scheduler-perf/run.ts';
import { readCases } from './scheduler-perf/workload.ts';

export async function run(names: readonly string[] = []): Promise<BenchResult[]> {
  const results: BenchResult[] = [];
  for (const one of readCases()) {
    if (names.length > 0 && !names.includes(one.name)) continue;
    for (const workload of one.workloads) {
      const result = await compare({
        benchmark: 'scheduler_perf',
        case: `${one.name} ${workload.name}`,
        unit: 'pods/s',
        better: 'more',
        rounds: 1,
        goal: Math.round(workload.threshold * workload.goalTimes),
        ours: async () => {
          const { podsPerSecond, seconds } = await runWorkload(one, workload);
          return { value: podsPerSecond, extra: { 'upstream floor': workload.threshold, seconds } };
        },
      });
      report([result]);
      results.push(result);
    }
  }
  return results;
}

if (import.meta.main) await run(process.argv.slice(2));
