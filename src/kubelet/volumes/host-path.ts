/** hostPath volumes: what `type` asks of the path. */

import { dirname } from 'node:path';

import type { HostPathVolumeSource } from '../../api/types.gen.ts';
import type { FileType, NodeFiles } from '../system/system.ts';

const WANTED: Readonly<Record<string, { readonly is: FileType; readonly text: string }>> = {
  Directory: { is: 'folder', text: 'is not a directory' },
  File: { is: 'file', text: 'is not a file' },
  Socket: { is: 'socket', text: 'is not a socket' },
  CharDevice: { is: 'charDevice', text: 'is not a character device' },
  BlockDevice: { is: 'blockDevice', text: 'is not a block device' },
  DirectoryOrCreate: { is: 'folder', text: 'is not a directory' },
  FileOrCreate: { is: 'file', text: 'is not a file' },
};

/** Throws when the path is not what `type` says. */
export async function prepareHostPath(
  files: NodeFiles,
  { path, type = '' }: HostPathVolumeSource,
): Promise<string> {
  const wanted = WANTED[type];
  if (wanted === undefined) return path;
  if ((await files.stat(path)) === undefined) {
    if (type === 'DirectoryOrCreate') await files.makeFolder(path, 0o755);
    if (type === 'FileOrCreate' && (await files.stat(dirname(path))) !== undefined)
      await files.write(path, '', 0o644);
  }
  const stat = await files.stat(path);
  if (stat?.type !== wanted.is) throw new Error(`hostPath type check failed: ${path} ${wanted.text}`);
  return path;
}
