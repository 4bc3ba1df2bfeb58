/**
 * The cases of upstream's scheduler_perf at their sizes: API machinery on a durable store and the scheduler in
 * one process, pods created as fast as they are taken. `node bench/scheduler-perf.ts NAME...` runs some.
 */

import { fork } from 'node:child_process';
import { once } from 'node:events';
import { compare, report, type BenchResult } from './harness.ts';
import { setCollectionFlags } from '../src/cmd/engine.ts';
import { YOUNG_GENERATION } from './server.ts';
import { runWorkload, type Outcome } from './scheduler-perf/run.ts';
import { readCases, type Workload } from './scheduler-perf/workload.ts';

type Params = Readonly<Record<string, number>>;

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
        ...goalOf(workload),
        ours: async () => {
          const { podsPerSecond, seconds, cpuSeconds } = await runApart(one.name, workload.name);
          return {
            value: podsPerSecond,
            extra: {
              ...(workload.threshold === undefined ? {} : { 'upstream floor': workload.threshold }),
              seconds,
              'cpu s': cpuSeconds,
            },
          };
        },
      });
      report([result]);
      results.push(result);
    }
  }
  return results;
}

/** Where upstream has no floor there is nothing to compare with. */
function goalOf({ threshold, goalTimes = 1 }: Workload): { readonly goal?: number } {
  return threshold === undefined ? {} : { goal: Math.round(threshold * goalTimes) };
}

/** In a process of its own, with the flags of a server that has started; `params` in place of those that the workload names. */
export async function runApart(name: string, workload: string, params: Params = {}): Promise<Outcome> {
  const child = fork(new URL(import.meta.url), ['workload', name, workload, JSON.stringify(params)], {
    execArgv: [...process.execArgv, ...YOUNG_GENERATION],
  });
  const [outcome] = (await Promise.race([
    once(child, 'message'),
    once(child, 'exit').then(([code]) => {
      throw new Error(`${name} ended with ${String(code)}`);
    }),
  ])) as [Outcome];
  return outcome;
}

async function runHere(name: string, workloadName: string, params: Params): Promise<void> {
  setCollectionFlags();
  const one = readCases().find((other) => other.name === name);
  const workload = one?.workloads.find((other) => other.name === workloadName);
  if (one === undefined || workload === undefined) throw new Error(`no workload ${name} ${workloadName}`);
  const outcome = await runWorkload(one, { ...workload, params: { ...workload.params, ...params } });
  process.send?.(outcome);
  process.disconnect?.();
}

if (import.meta.main) {
  const [first = '', name = '', workload = '', params = '{}'] = process.argv.slice(2);
  await (first === 'workload'
    ? runHere(name, workload, JSON.parse(params) as Params)
    : run(process.argv.slice(2)));
}
