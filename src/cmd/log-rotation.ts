/**
 * Keeps log files small: the current one and a few older ones. The writers hold their file open for
 * appending, so it is copied and emptied in place rather than renamed.
 */

import { copyFile, readdir, rename, stat, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { errorText, type Logger } from '../base/log.ts';
import type { Clock } from '../host/host.ts';

const SIZE_MAX_BYTES = 10 * 1024 * 1024;
const KEPT = 3;
const PERIOD_MS = 60_000;

export async function rotateLogs(
  folder: string,
  clock: Clock,
  logger: Logger,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    try {
      for (const name of await readdir(folder)) if (name.endsWith('.log')) await rotate(join(folder, name));
    } catch (error) {
      logger.warn(`logs could not be rotated: ${errorText(error)}`);
    }
    await clock.sleep(PERIOD_MS, signal);
  }
}

async function rotate(path: string): Promise<void> {
  if ((await stat(path)).size < SIZE_MAX_BYTES) return;
  for (let i = KEPT - 1; i >= 1; i--) await rename(`${path}.${i}`, `${path}.${i + 1}`).catch(ignoreMissing);
  await copyFile(path, `${path}.1`);
  await truncate(path);
}

function ignoreMissing(error: NodeJS.ErrnoException): void {
  if (error.code !== 'ENOENT') throw error;
}
