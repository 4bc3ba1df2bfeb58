/**
 * From `k8ts up` on an installed machine to a pod of a present image that runs in a real container and is Ready.
 * As root, with containerd; the first start, which builds the images, does not count.
 */

import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { compare, report, type BenchResult, type Round } from './harness.ts';
import { buildBundle } from './server.ts';

const LAUNCHER = fileURLToPath(new URL('../k8ts', import.meta.url));
const FLAGS = [
  '--port',
  '16851',
  '--pod-cidr',
  '10.156.0.0/16',
  '--service-cidr',
  '10.157.0.0/16',
  '--no-merge',
];
const COMMAND_MAX_MS = 120_000;

export async function run(): Promise<BenchResult[]> {
  buildBundle();
  const folder = mkdtempSync(join(tmpdir(), 'k8ts-bench-'));
  const env = { ...process.env, K8TS_DATA_DIR: folder, KUBECONFIG: join(folder, 'admin.kubeconfig') };
  const k8ts = (...args: readonly string[]): string =>
    execFileSync(LAUNCHER, args, { env, encoding: 'utf8', timeout: COMMAND_MAX_MS });
  try {
    k8ts('up', ...FLAGS);
    k8ts('down');
    return [
      await compare({
        benchmark: 'real pod',
        case: 'from `k8ts up` to a pod Ready in a container',
        unit: 's',
        better: 'less',
        rounds: 3,
        goal: 4,
        ours: async () => start(k8ts),
      }),
    ];
  } finally {
    k8ts('delete');
    rmSync(folder, { recursive: true, force: true });
  }
}

function start(k8ts: (...args: readonly string[]) => string): Round {
  const began = performance.now();
  k8ts('up', ...FLAGS);
  const upSeconds = (performance.now() - began) / 1000;
  k8ts('kubectl', 'run', 'main', '--image', 'k8ts.local/busybox:1', '--', 'sleep', '3600');
  k8ts('kubectl', 'wait', '--for', 'condition=Ready', 'pod/main', '--timeout', '60s');
  const value = (performance.now() - began) / 1000;
  k8ts('kubectl', 'delete', 'pod', 'main', '--force', '--grace-period', '0');
  k8ts('down');
  return { value, extra: { 'up s': upSeconds } };
}

if (import.meta.main) report(await run());
