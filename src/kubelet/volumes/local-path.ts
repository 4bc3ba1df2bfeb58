/** Folders of this node's disk that the built-in provisioner hands out: the node's part of it. */

import { basename, dirname, normalize } from 'node:path';

import { badRequestError } from '../../api/meta/api-error.ts';
import type { NodeFiles } from '../system/system.ts';

/** `pvc-<uid of the claim>_<namespace>_<claim>`, which nothing else on a machine is called. */
const FOLDER_NAME = /^pvc-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}_/;

/** Pods of every user may get the folder, but only through the cluster: nobody else passes the one above. */
export async function makeLocalPath(files: NodeFiles, path: string): Promise<void> {
  if ((await files.stat(path)) !== undefined) return;
  await files.makeFolder(dirname(path), 0o700);
  await files.makeFolder(path, 0o777);
}

/** Refuses every path that is not certainly such a folder. Harmless when it is not there. */
export async function removeLocalPath(files: NodeFiles, path: string): Promise<void> {
  const isOwn = path.startsWith('/') && normalize(path) === path && FOLDER_NAME.test(basename(path));
  if (!isOwn) throw badRequestError(`"${path}" is no folder of a volume of this node`);
  await files.remove(path);
}
