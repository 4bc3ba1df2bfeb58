/**
 * `npm run check`: generated files, types, lint, tidy rules and the fast tests, side by side where they can.
 * Quick enough to run before every commit.
 */

import { spawn } from 'node:child_process';
import { globSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const bin = (name: string): string => `${root}node_modules/.bin/${name}`;

interface Step {
  readonly name: string;
  readonly command: readonly string[];
}

function run({ name, command }: Step): Promise<boolean> {
  const startedAt = performance.now();
  return new Promise((resolve) => {
    const [program = '', ...args] = command;
    const child = spawn(program, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
    const output: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => output.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => output.push(chunk));
    child.on('close', (code) => {
      const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
      console.log(`${code === 0 ? 'ok  ' : 'FAIL'} ${name} (${seconds} s)`);
      if (code !== 0 || name.startsWith('tests'))
        console.log(Buffer.concat(output).toString().slice(-20_000));
      resolve(code === 0);
    });
  });
}

const unitTests = globSync(['{src,tools,sim}/**/*.test.ts', 'test/conformance/*.test.ts'], {
  cwd: root,
  exclude: ['test/**/*.e2e.test.ts'],
});
/** Each runs its files one after the other in one process: loading the sources takes longer than most files. */
const SHARDS = Math.min(4, availableParallelism());
const testShards = Array.from({ length: SHARDS }, (_, i): Step => {
  const files = unitTests.filter((_file, at) => at % SHARDS === i);
  return {
    name: `tests ${i + 1}/${SHARDS} (${files.length} files)`,
    command: [bin('node'), '--test', '--test-isolation=none', '--test-reporter=dot', ...files],
  };
});

const steps: readonly (readonly Step[])[] = [
  [
    { name: 'generated types', command: [bin('node'), 'tools/generate-types.ts', '--check'] },
    { name: 'types', command: [bin('tsc')] },
  ],
  [
    {
      name: 'lint',
      command: [bin('oxlint'), '--type-aware', '--deny-warnings', 'src', 'tools', 'test', 'bench'],
    },
    { name: 'format', command: [bin('oxfmt'), '--check', 'src', 'tools', 'test', 'bench'] },
    { name: 'tidy', command: [bin('node'), 'tools/tidy.ts'] },
  ],
  testShards,
];

for (const together of steps) {
  const results = await Promise.all(together.map(run));
  if (results.includes(false)) process.exitCode = 1;
}
