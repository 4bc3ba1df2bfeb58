/** The disk fills up: writes are refused with a reason, reads go on, nothing that was acknowledged is lost. */

import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const disk = mkdtempSync(join(tmpdir(), 'k8ts-disk-'));
const folder = join(disk, 'data');
const environment = { ...process.env, K8TS_DATA_DIR: folder, KUBECONFIG: join(folder, 'admin.kubeconfig') };
const ballast = join(disk, 'ballast');

interface Outcome {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function k8ts(args: readonly string[], input?: string): Outcome {
  const options = { env: environment, encoding: 'utf8', timeout: 120_000, input } as const;
  return spawnSync(join(root, 'k8ts'), args, options);
}

function ok(...args: readonly string[]): string {
  const { status, stdout, stderr } = k8ts(args);
  assert.equal(status, 0, `${args.join(' ')}: ${stderr}`);
  return stdout;
}

/** Of 200 KB. */
function createMap(name: string): Outcome {
  const data = { text: name.padEnd(200_000, 'x') };
  const map = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data };
  return k8ts(['kubectl', 'create', '--filename', '-'], JSON.stringify(map));
}

function freeBytes(): number {
  const { bavail, bsize } = statfsSync(disk);
  return bavail * bsize;
}

describe('a full disk', () => {
  before(() => {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=256m', 'tmpfs', disk]);
    mkdirSync(folder);
    ok('up', '--runtime', 'simulated', '--nodes', '1', '--port', '16847', '--no-merge');
  });

  after(() => {
    k8ts(['delete']);
    execFileSync('umount', ['--lazy', disk]);
    rmSync(disk, { recursive: true, force: true });
  });

  const acknowledged: string[] = [];
  const create = (name: string): Outcome => {
    const outcome = createMap(name);
    if (outcome.status === 0) acknowledged.push(name);
    return outcome;
  };
  const stored = (): readonly string[] =>
    ok('kubectl', 'get', 'configmaps', '--output', 'jsonpath={.items[*].metadata.name}').split(' ');
  const assertNothingIsLost = (): void => {
    const names = stored();
    for (const name of acknowledged) assert.ok(names.includes(name), `${name} was acknowledged and is lost`);
  };

  test('refuses writes and says why, and answers reads', () => {
    assert.equal(create('first').status, 0);
    writeFileSync(ballast, Buffer.alloc(freeBytes() - 1_000_000));
    let refused: Outcome | undefined;
    for (let i = 0; i < 40 && refused === undefined; i++) {
      const outcome = create(`filler-${i}`);
      if (outcome.status !== 0) refused = outcome;
    }
    assert.match(refused?.stderr ?? '', /cannot make commits durable.*(ENOSPC|no space left)/i);
    assertNothingIsLost();
    const health = k8ts(['kubectl', 'get', '--raw', '/readyz?verbose']);
    assert.match(health.stderr, /\[-\]etcd failed/);
  });

  test('goes on when there is space again, and after a crash everything is there', () => {
    rmSync(ballast);
    assert.equal(create('later').status, 0);
    assertNothingIsLost();
    const { pid, children } = JSON.parse(readFileSync(join(folder, 'run/supervisor.json'), 'utf8')) as {
      readonly pid: number;
      readonly children: readonly { readonly pid: number }[];
    };
    for (const victim of [pid, ...children.map((child) => child.pid)]) process.kill(victim, 'SIGKILL');
    ok('up');
    assertNothingIsLost();
    assert.equal(create('last').status, 0);
  });
});
