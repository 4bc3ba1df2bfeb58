/** The cluster of this machine that an earlier `up` made. */

import type { Host } from '../host/host.ts';
import { createNodeHost } from '../host/node/node.ts';
import type { DataFolder } from './data-folder.ts';
import { Progress } from './progress.ts';
import { dataFolderOf, savedSettings, UsageError, type ClusterSettings } from './settings.ts';
import { thisPlace } from './this-process.ts';

export interface ExistingCluster {
  readonly host: Host;
  readonly folder: DataFolder;
  readonly settings: ClusterSettings;
  readonly progress: Progress;
}

/** The cluster that an earlier `up` made. */
export async function existing(flags: { readonly dataDir?: string }): Promise<ExistingCluster> {
  const place = thisPlace();
  const host = createNodeHost();
  const folder = dataFolderOf(flags, place);
  const settings = await savedSettings(host.disk, folder);
  if (settings === undefined)
    throw new UsageError(`there is no cluster in ${folder.root}: make one with k8ts up`);
  return { host, folder, settings, progress: terminalProgress(host) };
}

export function terminalProgress(host: Host): Progress {
  return new Progress(
    (text) => process.stdout.write(text),
    () => host.clock.monotonicMs(),
  );
}
