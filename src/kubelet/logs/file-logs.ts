/** Logs in the files that the runtime writes. */

import type { NodeFiles } from '../system/system.ts';
import type { ContainerLogs } from './logs.ts';

export function createFileLogs(files: NodeFiles): ContainerLogs {
  return {
    open: ({ logPath }) => ({
      size: async () => (await files.stat(logPath))?.size,
      read: (offset, length) => files.readRange(logPath, offset, length),
    }),
  };
}
