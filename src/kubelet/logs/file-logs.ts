/**
 * Logs in the files that the runtime writes, rotated as upstream does: from 10 MiB on a log becomes
 * `0.log.20260131-100000`, and of these the newest four are kept beside the current one.
 */

import { basename, dirname } from 'node:path';

import type { NodeFiles } from '../system/system.ts';
import type { ContainerLogs } from './logs.ts';

export interface RotationLimits {
  readonly maxBytes: number;
  /** The current one included. */
  readonly maxFiles: number;
}

const LIMITS: RotationLimits = { maxBytes: 10 * 2 ** 20, maxFiles: 5 };

export function createFileLogs(files: NodeFiles, limits: RotationLimits = LIMITS): ContainerLogs {
  return {
    open: ({ logPath }) => ({
      size: async () => (await files.stat(logPath))?.size,
      read: (offset, length) => files.readRange(logPath, offset, length),
    }),
    async rotate({ logPath }, nowMs, reopen) {
      const size = (await files.stat(logPath))?.size ?? 0;
      if (size < limits.maxBytes) return;
      const rotated = `${logPath}.${stamp(nowMs)}`;
      await files.rename(logPath, rotated);
      try {
        await reopen();
      } catch (error) {
        // Otherwise the runtime would go on writing where nobody reads.
        await files.rename(rotated, logPath);
        throw error;
      }
      await removeOldest(files, logPath, limits.maxFiles - 1);
    },
  };
}

async function removeOldest(files: NodeFiles, logPath: string, kept: number): Promise<void> {
  const folder = dirname(logPath);
  const prefix = `${basename(logPath)}.`;
  const rotated = (await files.list(folder)).filter((name) => name.startsWith(prefix));
  for (const name of rotated.slice(0, Math.max(0, rotated.length - kept)))
    await files.remove(`${folder}/${name}`);
}

function stamp(nowMs: number): string {
  const [date = '', time = ''] = new Date(nowMs).toISOString().slice(0, 19).split('T');
  return `${date.replaceAll('-', '')}-${time.replaceAll(':', '')}`;
}
