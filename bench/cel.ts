/**
 * CEL: compiling a rule and evaluating it against a pod, beside the fastest CEL of npm, which counts no costs
 * and types nothing here.
 */

import { parse } from '@marcbachmann/cel-js';
import { compile, type Program } from '../src/api/cel/cel.ts';
import { COST_PER_CALL_MAX, kubernetesEnvironment } from '../src/api/cel/kubernetes/environment.ts';
import { celTypeOf } from '../src/api/cel/types/schema-type.ts';
import { loadBuiltInSchemas } from '../src/api/schema/built-in.ts';
import { compare, report, type BenchResult, type Round } from './harness.ts';

const RULE = 'self.containers.all(c, has(c.image) && c.image.startsWith("r/"))';
const SELF = { containers: ['a', 'b', 'c'].map((name) => ({ name, image: `r/${name}:1` })) };

export async function run({ rounds = 5, ms = 300 } = {}): Promise<BenchResult[]> {
  const message = loadBuiltInSchemas().get('core/v1')?.messages.get('PodSpec');
  if (message === undefined) throw new Error('the schema of pods is missing');
  const type = celTypeOf({ form: 'message', message });
  const environment = kubernetesEnvironment(new Map([['self', type]]));
  const program = compiled();
  const peer = parse(RULE);
  return [
    await compare({
      benchmark: 'cel: compile',
      case: 'a rule over containers',
      unit: 'µs',
      better: 'less',
      rounds,
      ours: async () => microseconds(ms, () => compile(RULE, environment)),
      peer: { name: 'cel-js', run: async () => microseconds(ms, () => parse(RULE)) },
    }),
    await compare({
      benchmark: 'cel: evaluate',
      case: 'a rule over 3 containers',
      unit: 'evaluations/s',
      better: 'more',
      rounds,
      goal: 1,
      ours: async () => perSecond(ms, () => evaluate(program)),
      peer: { name: 'cel-js', run: async () => perSecond(ms, () => peer({ self: SELF }) === true) },
    }),
  ];

  function compiled(): Program {
    const outcome = compile(RULE, environment);
    if (!outcome.ok) throw new Error('the rule does not compile');
    return outcome.program;
  }
}

function evaluate(program: Program): boolean {
  const evaluation = program.evaluate({ self: SELF }, { costLimit: COST_PER_CALL_MAX });
  return evaluation.ok && evaluation.value === true;
}

/** How often `once`, which has to answer true, runs in a second. */
function perSecond(ms: number, once: () => boolean): Round {
  const begin = performance.now();
  let count = 0;
  while (performance.now() - begin < ms) {
    for (let i = 0; i < 1000; i++) if (!once()) throw new Error('a wrong answer');
    count += 1000;
  }
  return { value: (count / (performance.now() - begin)) * 1000 };
}

function microseconds(ms: number, once: () => unknown): Round {
  const begin = performance.now();
  let count = 0;
  while (performance.now() - begin < ms) {
    for (let i = 0; i < 100; i++) once();
    count += 100;
  }
  return { value: ((performance.now() - begin) / count) * 1000 };
}

if (import.meta.main) report(await run());
