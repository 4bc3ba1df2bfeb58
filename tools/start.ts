/**
 * `npm start`: installs what the machine lacks, starts a cluster, deploys the guestbook and waits until it
 * answers. Running it again is harmless.
 */

import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { installPackages } from './install-packages.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const k8ts = `${root}k8ts`;
const guestbook = `${root}examples/guestbook`;
const ANSWER_MAX_MS = 60_000;

function run(...args: readonly string[]): void {
  const { status } = spawnSync(k8ts, args, { stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}

function read(...args: readonly string[]): string {
  return execFileSync(k8ts, args).toString().trim();
}

if (!existsSync(`${root}dist/k8ts.mjs`) || isStale()) {
  console.log('Building k8ts …');
  execFileSync(process.execPath, [`${root}tools/build.ts`], { stdio: 'inherit' });
}
const real = (await installPackages()) === 'complete';
run('up');
if (real) run('image', 'build', `${guestbook}/image`, '--tag', 'k8ts.local/guestbook:1');
run('kubectl', 'apply', '-f', `${guestbook}/guestbook.yaml`);
for (const tier of ['store', 'api', 'web']) {
  run('kubectl', 'rollout', 'status', `deployment/${tier}`, '--namespace', 'guestbook', '--timeout', '90s');
}
const things =
  '\nThree things to try:\n' +
  '  ./k8ts kubectl get pods --namespace guestbook --output wide\n' +
  '  ./k8ts kubectl delete pod --namespace guestbook --selector tier=web     (watch it heal)\n' +
  '  ./k8ts kubectl scale deployment/web --namespace guestbook --replicas 5';
if (real) console.log(`\nThe guestbook answers at ${await untilItAnswers()}${things}`);
else console.log(`\nThe guestbook is deployed; its pods are simulated, so no page answers.${things}`);

function isStale(): boolean {
  const newer = spawnSync('find', [
    `${root}src`,
    '-name',
    '*.ts',
    '-newer',
    `${root}dist/built`,
    '-print',
    '-quit',
  ]);
  return newer.stdout.toString() !== '';
}

async function untilItAnswers(): Promise<string> {
  const node = read(
    'kubectl',
    'get',
    'nodes',
    '--output',
    'jsonpath={.items[0].status.addresses[0].address}',
  );
  const service = read(
    'kubectl',
    'get',
    'service',
    'web',
    '--namespace',
    'guestbook',
    '--output',
    'jsonpath={.spec.clusterIP}',
  );
  const path = '/cgi-bin/guestbook';
  await Promise.all([answers(`http://${service}${path}`), answers(`http://${node}:30080${path}`)]);
  return `http://${node}:30080${path}`;
}

async function answers(url: string): Promise<void> {
  const end = Date.now() + ANSWER_MAX_MS;
  for (;;) {
    try {
      const response = await fetch(url, { signal: AbortSignal.timeout(5_000) });
      if (response.ok && (await response.text()).includes('answered by pod')) return;
    } catch (error) {
      if (Date.now() > end) throw new Error(`the guestbook does not answer at ${url}`, { cause: error });
    }
    if (Date.now() > end) throw new Error(`the guestbook does not answer at ${url}`);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}
