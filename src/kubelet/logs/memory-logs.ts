/** Logs of the in-memory runtime, in the format that real runtimes write. */

import type { LogLine } from '../cri/memory/container.ts';
import type { ContainerLogs } from './logs.ts';

export function createMemoryLogs(readLog: (containerId: string) => readonly LogLine[]): ContainerLogs {
  return {
    open({ id }) {
      const bytes = (): Uint8Array => Buffer.from(readLog(id).map(formatLine).join(''));
      return {
        size: async () => bytes().length,
        read: async (offset, length) => bytes().subarray(offset, offset + length),
      };
    },
  };
}

function formatLine({ timeMs, stream, text }: LogLine): string {
  return `${new Date(timeMs).toISOString().slice(0, -1)}000000Z ${stream} F ${text}\n`;
}
