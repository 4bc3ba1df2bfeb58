/** Files in memory, for simulated nodes and tests: modes, owners and links, but no permissions. */

import { dirname } from 'node:path';

import type { FileStat, NodeFiles } from '../system.ts';

interface Entry {
  readonly type: 'file' | 'folder' | 'link';
  mode: number;
  uid: number;
  gid: number;
  bytes: Uint8Array;
}

const NOTHING = new Uint8Array(0);
const LINKS_MAX = 40;

export class MemoryFiles implements NodeFiles {
  readonly #entries = new Map<string, Entry>();
  /** Paths in each folder, so that listing and removing do not scan every file of a node. */
  readonly #children = new Map<string, Set<string>>();

  async stat(path: string, options: { readonly link?: boolean } = {}): Promise<FileStat | undefined> {
    const entry = this.#entries.get(this.#resolve(path, options.link !== true));
    if (path === '/') return { type: 'folder', mode: 0o755, uid: 0, gid: 0, size: 0 };
    if (entry === undefined) return undefined;
    const { type, mode, uid, gid, bytes } = entry;
    return { type, mode, uid, gid, size: bytes.length };
  }

  async makeFolder(path: string, mode: number): Promise<void> {
    const real = this.#resolve(path);
    const entry = this.#entries.get(real);
    if (real === '/' || entry?.type === 'folder') return;
    if (entry !== undefined) throw systemError('EEXIST', `${path} is no folder`);
    await this.makeFolder(dirname(real), 0o755);
    this.#add(real, { type: 'folder', mode, uid: 0, gid: 0, bytes: NOTHING });
  }

  async write(path: string, content: Uint8Array | string, mode?: number): Promise<void> {
    const real = this.#resolve(path);
    const parent = dirname(real);
    if (parent !== '/' && this.#entries.get(parent)?.type !== 'folder')
      throw systemError('ENOENT', `no such folder: ${parent}`);
    const entry = this.#entries.get(real);
    if (entry?.type === 'folder') throw systemError('EISDIR', `${path} is a folder`);
    const bytes = typeof content === 'string' ? Buffer.from(content) : content.slice();
    if (entry === undefined) this.#add(real, { type: 'file', mode: mode ?? 0o644, uid: 0, gid: 0, bytes });
    else {
      entry.bytes = bytes;
      if (mode !== undefined) entry.mode = mode;
    }
  }

  async read(path: string): Promise<Uint8Array | undefined> {
    return this.#entries.get(this.#resolve(path))?.bytes;
  }

  async readRange(path: string, offset: number, length: number): Promise<Uint8Array> {
    return this.#entries.get(this.#resolve(path))?.bytes.slice(offset, offset + length) ?? NOTHING;
  }

  async list(path: string): Promise<readonly string[]> {
    const real = this.#resolve(path);
    return [...(this.#children.get(real) ?? [])]
      .map((child) => child.slice(child.lastIndexOf('/') + 1))
      .sort();
  }

  async symlink(target: string, path: string): Promise<void> {
    const real = this.#resolve(path, false);
    if (this.#entries.has(real)) throw systemError('EEXIST', `${path} exists`);
    await this.makeFolder(dirname(real), 0o755);
    this.#add(real, { type: 'link', mode: 0o777, uid: 0, gid: 0, bytes: Buffer.from(target) });
  }

  async readLink(path: string): Promise<string | undefined> {
    const entry = this.#entries.get(this.#resolve(path, false));
    return entry?.type === 'link' ? Buffer.from(entry.bytes).toString() : undefined;
  }

  async rename(from: string, to: string): Promise<void> {
    const [source, target] = [this.#resolve(from, false), this.#resolve(to, false)];
    const entry = this.#entries.get(source);
    if (entry === undefined) throw systemError('ENOENT', `no such file: ${from}`);
    await this.remove(target);
    for (const child of [...(this.#children.get(source) ?? [])])
      await this.rename(child, `${target}${child.slice(source.length)}`);
    this.#drop(source);
    this.#add(target, entry);
  }

  async remove(path: string): Promise<void> {
    const real = this.#resolve(path, false);
    for (const child of [...(this.#children.get(real) ?? [])]) await this.remove(child);
    this.#drop(real);
  }

  async removeFolder(path: string): Promise<void> {
    const real = this.#resolve(path, false);
    if ((this.#children.get(real)?.size ?? 0) > 0) throw systemError('ENOTEMPTY', `${path} is not empty`);
    this.#drop(real);
  }

  async chmod(path: string, mode: number): Promise<void> {
    this.#present(this.#resolve(path)).mode = mode;
  }

  async chown(path: string, uid: number, gid: number): Promise<void> {
    const entry = this.#present(this.#resolve(path, false));
    if (uid >= 0) entry.uid = uid;
    if (gid >= 0) entry.gid = gid;
  }

  #present(path: string): Entry {
    const entry = this.#entries.get(path);
    if (entry === undefined) throw systemError('ENOENT', `no such file: ${path}`);
    return entry;
  }

  #add(path: string, entry: Entry): void {
    this.#entries.set(path, entry);
    const parent = dirname(path);
    const siblings = this.#children.get(parent) ?? new Set();
    siblings.add(path);
    this.#children.set(parent, siblings);
  }

  #drop(path: string): void {
    this.#entries.delete(path);
    this.#children.delete(path);
    const siblings = this.#children.get(dirname(path));
    siblings?.delete(path);
    if (siblings?.size === 0) this.#children.delete(dirname(path));
  }

  /** The path with links followed, in its last part only when `last` is set. */
  #resolve(path: string, last = true): string {
    let rest = path.split('/').filter((part) => part !== '' && part !== '.');
    let real = '';
    for (let links = 0; rest.length > 0;) {
      const [part = '', ...more] = rest;
      rest = more;
      if (part === '..') {
        real = real.slice(0, Math.max(0, real.lastIndexOf('/')));
        continue;
      }
      const next = `${real}/${part}`;
      const entry = this.#entries.get(next);
      if (entry?.type !== 'link' || (rest.length === 0 && !last)) {
        real = next;
        continue;
      }
      if (++links > LINKS_MAX) throw systemError('ELOOP', `too many links in ${path}`);
      const target = Buffer.from(entry.bytes).toString();
      rest = [...target.split('/').filter((name) => name !== '' && name !== '.'), ...rest];
      if (target.startsWith('/')) real = '';
    }
    return real === '' ? '/' : real;
  }
}

function systemError(code: string, message: string): Error {
  return Object.assign(new Error(`${code}: ${message}`), { code });
}
