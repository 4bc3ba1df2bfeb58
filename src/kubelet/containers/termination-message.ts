/** What an ended container leaves behind: its message file, or the end of its log when it failed. */

import type { NodeFiles } from '../system/system.ts';
import type { ContainerLogs } from '../logs/logs.ts';
import { parseLogLine } from '../logs/cri-log.ts';
import type { ObservedContainer } from '../pods/observed-pod.ts';
import type { Container } from '../../api/types.gen.ts';

/** As upstream's limits for messages. */
const MESSAGE_MAX_BYTES = 4096;
const LOG_MAX_BYTES = 2048;
const LOG_MAX_LINES = 80;

/** Empty when there is none. */
export async function terminationMessage(
  files: NodeFiles,
  logs: ContainerLogs,
  container: Container,
  ended: ObservedContainer,
): Promise<string> {
  const { terminationMessagePath = '', terminationMessagePolicy } = container;
  const mount = ended.mounts.find(({ containerPath }) => containerPath === terminationMessagePath);
  const bytes = mount === undefined ? undefined : await files.readRange(mount.hostPath, 0, MESSAGE_MAX_BYTES);
  const text = Buffer.from(bytes ?? []).toString();
  if (text !== '' || terminationMessagePolicy !== 'FallbackToLogsOnError' || ended.exitCode === 0)
    return text;
  return logTail(logs, ended);
}

async function logTail(logs: ContainerLogs, ended: ObservedContainer): Promise<string> {
  const file = logs.open(ended);
  const size = (await file.size()) ?? 0;
  // Times and stream names take room of their own in the file.
  const length = Math.min(size, LOG_MAX_BYTES * 2);
  const bytes = Buffer.from(await file.read(size - length, length));
  const lines = bytes
    .toString('latin1')
    .split('\n')
    .slice(length < size ? 1 : 0);
  const texts = lines.flatMap((line) => {
    const entry = parseLogLine(Buffer.from(line, 'latin1'));
    return entry === undefined ? [] : [Buffer.from(entry.text).toString() + (entry.isPartial ? '' : '\n')];
  });
  return Buffer.from(texts.slice(-LOG_MAX_LINES).join('')).subarray(-LOG_MAX_BYTES).toString();
}
