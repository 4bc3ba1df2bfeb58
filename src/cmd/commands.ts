/**
 * The commands that manage the cluster of this machine: `up`, `down`, `delete`, `status` and the hidden
 * `supervise`.
 */

import { createNodeHost } from '../host/node/node.ts';
import { deleteCluster, down } from './down.ts';
import { existing, terminalProgress } from './existing-cluster.ts';
import { localChildren, removeJoinedNodes } from './local-nodes.ts';
import { createLogger } from './logging.ts';
import { rotateLogs } from './log-rotation.ts';
import { schedulerConfigurationOf } from './scheduler-file.ts';
import {
  chooseSettings,
  dataFolderOf,
  savedSettings,
  UsageError,
  type ClusterFlags,
  type Place,
} from './settings.ts';
import { clusterStatus } from './status.ts';
import { systemdUnits } from './service-unit.ts';
import { supervise } from './supervisor.ts';
import { selfCommand, stopSignal, thisPlace } from './this-process.ts';
import { up } from './up.ts';

export async function runUp(flags: ClusterFlags): Promise<void> {
  const place = thisPlace();
  const host = createNodeHost();
  const folder = dataFolderOf(flags, place);
  const settings = chooseSettings(flags, await savedSettings(host.disk, folder), folder, place);
  await schedulerConfigurationOf(host.disk, settings);
  const progress = terminalProgress(host);
  progress.say(`Starting a cluster in ${folder.root}`);
  if (settings.runtime === 'simulated' && flags.runtime === undefined)
    progress.say(`Nodes are simulated: ${whySimulated(place)}.`);
  if (settings.runtime === 'containerd' && !(place.isRoot && place.isLinux)) {
    throw new UsageError(
      `real containers are not possible here: ${whySimulated(place)}; use --runtime simulated`,
    );
  }
  await up({ host, folder, settings, progress, self: selfCommand(), environment: {} });
  progress.say(
    `\nThe cluster is ready.\n` +
      `  kubeconfig  ${settings.kubeconfig}\n` +
      (settings.mergeInto === ''
        ? ''
        : `  context     ${settings.context}, merged into ${settings.mergeInto}\n`) +
      `  try         ./k8ts kubectl get nodes   (or any kubectl with --context ${settings.context})`,
  );
}

function whySimulated({ isRoot, isLinux }: Place): string {
  return isLinux ? (isRoot ? 'the cluster was made so' : 'containers need root') : 'containers need Linux';
}

export async function runDown(flags: ClusterFlags): Promise<void> {
  const parts = await existing(flags);
  await down(parts);
}

export async function runDelete(flags: ClusterFlags): Promise<void> {
  const host = createNodeHost();
  const folder = dataFolderOf(flags, thisPlace());
  if ((await savedSettings(host.disk, folder)) === undefined && (await removeJoinedNodes(host, folder))) {
    await host.disk.remove(folder.root);
    return;
  }
  const parts = await existing(flags);
  await deleteCluster(parts);
}

export async function runStatus(flags: ClusterFlags): Promise<void> {
  const { host, folder, settings } = await existing(flags);
  const { lines, healthy } = await clusterStatus(host, folder, settings);
  process.stdout.write(`${lines.join('\n')}\n`);
  if (!healthy) process.exitCode = 1;
}

export async function runSupervisor(flags: ClusterFlags): Promise<void> {
  const { host, folder, settings } = await existing(flags);
  const logger = createLogger('supervisor');
  const signal = stopSignal();
  const children = await localChildren({ host, folder, settings, self: selfCommand() });
  void rotateLogs(folder.logs, host.clock, logger, signal);
  await supervise(
    { host, logger, children, logFolder: folder.logs, statusFile: folder.supervisorStatus, pid: process.pid },
    signal,
  );
}

export async function printUnits(flags: ClusterFlags): Promise<void> {
  const folder = dataFolderOf(flags, thisPlace());
  process.stdout.write(systemdUnits(selfCommand(), folder.root));
}
