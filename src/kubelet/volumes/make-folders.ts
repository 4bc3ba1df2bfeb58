/** Folders within a volume, each with the same exact mode, whatever the umask. */

import type { NodeFiles } from '../system/system.ts';

/** `path` is relative to `root`; what is there already is left as it is. */
export async function makeFolders(files: NodeFiles, root: string, path: string, mode: number): Promise<void> {
  let folder = root;
  for (const part of path.split('/').filter((each) => each !== '' && each !== '.')) {
    folder = `${folder}/${part}`;
    await files.makeFolder(folder, mode);
  }
}
