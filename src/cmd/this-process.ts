/** What this process is and how it is told to stop. */

import { fileURLToPath } from 'node:url';
import type { Place } from './settings.ts';

export function thisPlace(): Place {
  return {
    environment: process.env,
    isRoot: process.getuid?.() === 0,
    isLinux: process.platform === 'linux',
  };
}

/** The command that runs this program again. */
export function selfCommand(): readonly string[] {
  const main = process.argv[1] ?? fileURLToPath(new URL('./main.ts', import.meta.url));
  return [process.execPath, ...process.execArgv, main];
}

/** Aborts on SIGTERM and SIGINT. */
export function stopSignal(): AbortSignal {
  const abort = new AbortController();
  for (const name of ['SIGTERM', 'SIGINT'] as const) process.on(name, () => abort.abort());
  return abort.signal;
}
