/** What a COPY instruction copies where (pure). */

import { matchesGlob } from 'node:path';

export interface ContextEntry {
  /** Relative to the folder, with `/`. */
  readonly path: string;
  readonly type: 'file' | 'folder' | 'link';
  readonly mode: number;
}

/** One entry of the folder and its place in the image, without the leading slash. */
export interface Copy extends CopyOptions {
  readonly source: string;
  readonly path: string;
  readonly type: ContextEntry['type'];
}

export interface CopyOptions {
  readonly uid?: number;
  readonly gid?: number;
  readonly mode?: number;
}

export interface CopyRequest {
  readonly sources: readonly string[];
  readonly destination: string;
  readonly workingDir: string;
  readonly context: readonly ContextEntry[];
  readonly isFolder: (path: string) => boolean;
  readonly options: CopyOptions;
}

export function planCopies(
  request: CopyRequest,
): { readonly copies: readonly Copy[] } | { readonly problem: string } {
  const { sources, destination, workingDir, context, options } = request;
  const target = resolvePath(workingDir, destination).slice(1);
  const copies: Copy[] = [];
  const matched: ContextEntry[] = [];
  for (const source of sources) {
    const found = matching(source, context);
    if (found.length === 0)
      return { problem: `${source} is not in the folder that is built (or is ignored)` };
    matched.push(...found);
  }
  const intoFolder = matched.length > 1 || /(?:^|\/)\.?$/.test(destination) || request.isFolder(target);
  for (const entry of matched) {
    if (entry.type !== 'folder') {
      const name = entry.path.slice(entry.path.lastIndexOf('/') + 1);
      const path = intoFolder ? join(target, name) : target;
      copies.push({ source: entry.path, path, type: entry.type, ...options });
      continue;
    }
    // Of a folder its content is copied, not the folder itself.
    const below = entry.path === '' ? '' : `${entry.path}/`;
    if (target !== '') copies.push({ source: entry.path, path: target, type: 'folder', ...options });
    for (const inner of context) {
      if (inner.path === '' || !inner.path.startsWith(below)) continue;
      const path = join(target, inner.path.slice(below.length));
      copies.push({ source: inner.path, path, type: inner.type, ...options });
    }
  }
  return { copies };
}

function matching(source: string, context: readonly ContextEntry[]): readonly ContextEntry[] {
  const wanted = resolvePath('/', source).slice(1);
  if (wanted === '') return [{ path: '', type: 'folder', mode: 0o755 }];
  if (!/[*?[]/.test(wanted)) return context.filter((entry) => entry.path === wanted);
  return context.filter((entry) => matchesGlob(entry.path, wanted));
}

/** An absolute path without `.`, `..` and double slashes; `..` stops at the root, as Docker has it. */
export function resolvePath(from: string, path: string): string {
  const parts: string[] = [];
  for (const part of (path.startsWith('/') ? path : `${from}/${path}`).split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  return `/${parts.join('/')}`;
}

function join(folder: string, name: string): string {
  return folder === '' ? name : `${folder}/${name}`;
}
