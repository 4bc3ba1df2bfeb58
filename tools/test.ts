/**
 * `npm test`: everything that CI runs. First the checks and fast tests, then the end-to-end tests against
 * real containers, for which missing system packages are installed.
 */

import { spawnSync } from 'node:child_process';
import { globSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { installPackages } from './install-packages.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
/** What the tests need beyond what a node needs. */
const TEST_PACKAGES = ['docker-registry', 'etcd-server', 'openssl', 'curl'];

function run(name: string, ...args: readonly string[]): void {
  console.log(`\n== ${name}`);
  const { status } = spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit' });
  if (status !== 0) {
    console.error(`${name} failed`);
    process.exit(status ?? 1);
  }
}

run('field descriptions', 'tools/generate-descriptions.ts');
run('check', 'tools/check.ts');
const installed = await installPackages(TEST_PACKAGES);
if (installed === 'impossible') {
  console.error('the end-to-end tests need root on a Linux machine with apt-get');
  process.exit(1);
}
run('build', 'tools/build.ts');
const files = globSync('test/**/*.e2e.test.ts', { cwd: root }).toSorted();
run(
  `end-to-end tests (${files.length} files)`,
  '--test',
  '--test-concurrency=1',
  '--test-timeout=300000',
  ...files,
);
