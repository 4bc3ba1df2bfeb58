/**
 * `k8ts down` stops the cluster and keeps its state; `k8ts delete` also removes everything that it brought.
 */

import { rm } from 'node:fs/promises';
import type { Host } from '../host/host.ts';
import type { DataFolder } from './data-folder.ts';
import { removeFromUserKubeconfig } from './kubeconfig-files.ts';
import { isOurs } from './process-file.ts';
import type { Progress } from './progress.ts';
import { removeNodes } from './local-nodes.ts';
import { runningServer, runningSupervisor, SUPERVISE } from './running-cluster.ts';
import { UsageError, type ClusterSettings } from './settings.ts';

const STOP_MAX_MS = 20_000;

export interface DownParts {
  readonly host: Host;
  readonly folder: DataFolder;
  readonly settings: ClusterSettings;
  readonly progress: Progress;
}

export async function down(parts: DownParts): Promise<void> {
  const { folder, progress } = parts;
  const supervisor = await runningSupervisor(folder);
  if (supervisor === undefined) progress.say('the cluster is not running');
  else await progress.step('server and agents', () => stopProcess(parts.host, supervisor.pid, SUPERVISE));
  // A supervisor that was killed cannot have stopped its server.
  const server = await runningServer(folder);
  if (server !== undefined) await stopProcess(parts.host, server.pid, 'server');
}

export async function deleteCluster(parts: DownParts): Promise<void> {
  const { folder, settings, progress } = parts;
  await down(parts);
  await progress.step('containers and network', () => removeNodes(parts));
  if (settings.mergeInto !== '') await removeFromUserKubeconfig(settings.mergeInto, settings.context);
  await progress.step('data folder', () => rm(folder.root, { recursive: true, force: true }));
  if (!settings.kubeconfig.startsWith(folder.root)) await rm(settings.kubeconfig, { force: true });
}

async function stopProcess({ clock }: Host, pid: number, word: string): Promise<void> {
  if (isOurs(pid, word)) process.kill(pid, 'SIGTERM');
  const endMs = clock.monotonicMs() + STOP_MAX_MS;
  while (isOurs(pid, word)) {
    if (clock.monotonicMs() > endMs) {
      process.kill(pid, 'SIGKILL');
      throw new UsageError(
        `process ${pid} (${word}) did not stop within ${STOP_MAX_MS / 1000} s and was killed; run the command again`,
      );
    }
    await clock.sleep(20);
  }
}
