/**
 * `k8ts server`: the control plane in the foreground; with simulated nodes where asked for.
 *
 * What it takes to serve is loaded while a thread of its own makes the first keys and certificates.
 */

import { mkdir } from 'node:fs/promises';
import { createNodeHost } from '../host/node/node.ts';
import { makeFirstCredentials } from './first-credentials.ts';
import { serverHosts } from './server-hosts.ts';
import { chooseSettings, dataFolderOf, delayMs, savedSettings, type ServerFlags } from './settings.ts';
import { stopSignal, thisPlace } from './this-process.ts';

export async function runServer(flags: ServerFlags): Promise<void> {
  const shutdownDelayMs = delayMs('--shutdown-delay-duration', flags.shutdownDelayDuration);
  const place = thisPlace();
  const host = createNodeHost();
  const folder = dataFolderOf(flags, place);
  const settings = chooseSettings(flags, await savedSettings(host.disk, folder), folder, place);
  const signal = stopSignal();
  await mkdir(folder.run, { recursive: true, mode: 0o700 });
  const [{ serve }] = await Promise.all([
    import('./serving.ts'),
    makeFirstCredentials({ folder: folder.pki, hosts: serverHosts(settings, folder) }),
  ]);
  await serve({ host, folder, settings, signal, shutdownDelayMs });
}
