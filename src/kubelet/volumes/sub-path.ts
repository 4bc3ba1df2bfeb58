/** Places within volumes, found without ever following a link out of them. */

import { normalize } from 'node:path';

import type { NodeFiles } from '../system/system.ts';
import { makeFolders } from './make-folders.ts';

const LINKS_MAX = 40;

/** The place itself, which need not be there; rejects when a link leads out of the volume. */
export async function insideOf(files: NodeFiles, volume: string, subPath: string): Promise<string> {
  let rest = parts(subPath);
  let real = volume;
  for (let links = 0; rest.length > 0;) {
    const [part = '', ...more] = rest;
    rest = more;
    const next = normalize(`${real}/${part}`);
    if (next !== volume && !next.startsWith(`${volume}/`))
      throw new Error(`subPath "${subPath}" leads out of its volume`);
    const target = await linkTarget(files, next);
    if (target === undefined) {
      real = next;
      continue;
    }
    if (target.startsWith('/') || ++links > LINKS_MAX)
      throw new Error(`subPath "${subPath}" leads out of its volume`);
    rest = [...parts(target), ...rest];
  }
  return real;
}

/**
 * Creates what is missing, open to whom the volume is open; rejects when a link leads out of the volume.
 */
export async function resolveSubPath(files: NodeFiles, volume: string, subPath: string): Promise<string> {
  const real = await insideOf(files, volume, subPath);
  if ((await files.stat(real)) === undefined) {
    const whole = await files.stat(volume);
    await makeFolders(files, volume, real.slice(volume.length), whole?.mode ?? 0o750);
  }
  return real;
}

function parts(path: string): readonly string[] {
  return path.split('/').filter((part) => part !== '' && part !== '.');
}

async function linkTarget(files: NodeFiles, path: string): Promise<string | undefined> {
  const stat = await files.stat(path, { link: true });
  return stat?.type === 'link' ? files.readLink(path) : undefined;
}
