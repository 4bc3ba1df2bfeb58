/**
 * Writes a volume's files so that readers see all old or all new ones, as upstream's atomic writer does
 * (programs rely on the names): the files lie in a folder with a time in its name, `..data` is a link to
 * it, and each visible name is a link through `..data`.
 *
 * Example: `ca.crt` → `..data/ca.crt`, `..data` → `..2026_01_31_10_00_00.123456789`. An update writes a
 * second folder, then renames a new `..data` over the old one, then removes the first folder.
 */

import { dirname } from 'node:path';

import type { NodeFiles } from '../system/system.ts';
import { makeFolders } from './make-folders.ts';
import type { Payload } from './payload.ts';

const DATA = '..data';
const DATA_NEW = '..data_tmp';

export interface Owner {
  /** -1: as it is. */
  readonly uid: number;
  readonly gid: number;
}

export interface WriteOptions {
  readonly owner?: Owner | undefined;
  readonly nowMs: number;
}

/** Returns whether anything had to be written. */
export async function writeAtomically(
  files: NodeFiles,
  folder: string,
  payload: Payload,
  { owner, nowMs }: WriteOptions,
): Promise<boolean> {
  const current = await files.readLink(`${folder}/${DATA}`);
  if (current !== undefined && (await holds(files, `${folder}/${current}`, payload))) return false;
  const fresh = await freshName(files, folder, nowMs);
  await files.makeFolder(`${folder}/${fresh}`, owner === undefined || owner.gid < 0 ? 0o755 : 0o2775);
  for (const [path, { bytes, mode }] of payload) {
    const target = `${folder}/${fresh}/${path}`;
    await makeFolders(files, `${folder}/${fresh}`, dirname(path), 0o755);
    // A group that owns the volume may read what the owner may.
    await files.write(target, bytes, owner === undefined || owner.gid < 0 ? mode : mode | 0o440);
    if (owner !== undefined) await files.chown(target, owner.uid, owner.gid);
  }
  await files.remove(`${folder}/${DATA_NEW}`);
  await files.symlink(fresh, `${folder}/${DATA_NEW}`);
  await files.rename(`${folder}/${DATA_NEW}`, `${folder}/${DATA}`);
  await linkVisible(files, folder, payload);
  if (current !== undefined) await files.remove(`${folder}/${current}`);
  return true;
}

async function linkVisible(files: NodeFiles, folder: string, payload: Payload): Promise<void> {
  const visible = new Set([...payload.keys()].map((path) => path.split('/')[0] ?? ''));
  const present = new Set((await files.list(folder)).filter((name) => !name.startsWith('..')));
  for (const name of visible) {
    if (!present.has(name)) await files.symlink(`${DATA}/${name}`, `${folder}/${name}`);
  }
  for (const name of present) if (!visible.has(name)) await files.remove(`${folder}/${name}`);
}

async function freshName(files: NodeFiles, folder: string, nowMs: number): Promise<string> {
  const stamp = new Date(nowMs).toISOString().replace(/[-T:]/g, '_').slice(0, 19);
  const taken = new Set(await files.list(folder));
  for (let i = (nowMs % 1000) * 1_000_000; ; i++) {
    const name = `..${stamp}.${String(i).padStart(9, '0')}`;
    if (!taken.has(name)) return name;
  }
}

async function holds(files: NodeFiles, folder: string, payload: Payload): Promise<boolean> {
  const present = await walk(files, folder, '');
  if (present.length !== payload.size) return false;
  for (const path of present) {
    const wanted = payload.get(path);
    const bytes = wanted === undefined ? undefined : await files.read(`${folder}/${path}`);
    if (wanted === undefined || bytes === undefined || !Buffer.from(wanted.bytes).equals(bytes)) return false;
  }
  return true;
}

async function walk(files: NodeFiles, folder: string, prefix: string): Promise<readonly string[]> {
  const found: string[] = [];
  for (const name of await files.list(`${folder}/${prefix}`)) {
    const path = `${prefix}${name}`;
    const stat = await files.stat(`${folder}/${path}`, { link: true });
    if (stat?.type === 'folder') found.push(...(await walk(files, folder, `${path}/`)));
    else found.push(path);
  }
  return found;
}
