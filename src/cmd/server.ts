/** `k8ts server`: the control plane in the foreground; with simulated nodes where asked for. */

import { mkdir } from 'node:fs/promises';
import { createNodeHost } from '../host/node/node.ts';
import type { Disk } from '../host/host.ts';
import { collectForLongRun } from './engine.ts';
import { serve } from './serving.ts';
import { chooseSettings, dataFolderOf, delayMs, savedSettings, type ServerFlags } from './settings.ts';
import { stopSignal, thisPlace } from './this-process.ts';

/** `keepCode` puts away what has been compiled, for the next start. */
export async function runServer(
  flags: ServerFlags,
  keepCode: (disk: Disk) => Promise<void> = async () => {},
): Promise<void> {
  const shutdownDelayMs = delayMs('--shutdown-delay-duration', flags.shutdownDelayDuration);
  const place = thisPlace();
  const host = createNodeHost();
  let kept: Promise<void> | undefined;
  const keep = (): Promise<void> => (kept ??= keepCode(host.disk));
  collectForLongRun(host.clock, keep);
  const folder = dataFolderOf(flags, place);
  const settings = chooseSettings(flags, await savedSettings(host.disk, folder), folder, place);
  const signal = stopSignal();
  await mkdir(folder.run, { recursive: true, mode: 0o700 });
  await serve({ host, folder, settings, signal, shutdownDelayMs });
  // One that did not live long enough.
  await keep();
}
