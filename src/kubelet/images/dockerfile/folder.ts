/**
 * Builds an image from a folder with a Dockerfile: the edge that reads the user's files.
 *
 * Inputs: the folder and the base images at hand. Output: the built image, or the line that cannot be
 * followed.
 */

import { lstat, readdir, readFile, readlink } from 'node:fs/promises';
import { join, matchesGlob } from 'node:path';

import { buildImage, layerBytesMax } from '../build.ts';
import type { Architecture, BuiltImage, LayerEntry } from '../image.ts';
import { completeImageReference } from '../reference.ts';
import type { ContextEntry, Copy } from './copy.ts';
import { type BuildPlan, readDockerfile } from './dockerfile.ts';

export interface FolderBuild {
  readonly folder: string;
  /** Relative to the folder; default `Dockerfile`. */
  readonly dockerfile?: string;
  readonly tags: readonly string[];
  readonly bases: readonly BuiltImage[];
  readonly buildArgs?: Readonly<Record<string, string>>;
  readonly architecture: Architecture;
}

export type FolderBuildResult =
  | { readonly ok: true; readonly image: BuiltImage }
  | { readonly ok: false; readonly message: string };

/** More files than this in a folder are a mistake, such as a missing `.dockerignore`. */
const contextEntriesMax = 200_000;

export async function buildFolder(build: FolderBuild): Promise<FolderBuildResult> {
  const { folder, dockerfile = 'Dockerfile', bases, architecture, buildArgs = {} } = build;
  const references: string[] = [];
  for (const tag of build.tags) {
    const reference = completeImageReference(tag);
    if (reference === undefined)
      return { ok: false, message: `${tag} is no image reference such as shop/web:1` };
    references.push(reference);
  }
  if (references.length === 0) return { ok: false, message: 'the image needs a tag' };
  const text = await readOptional(join(folder, dockerfile));
  if (text === undefined) return { ok: false, message: `${join(folder, dockerfile)} is not there` };
  const context = await listContext(
    folder,
    parseIgnore((await readOptional(join(folder, '.dockerignore'))) ?? ''),
  );
  const findBase = (name: string): BuiltImage | undefined => {
    const complete = completeImageReference(name);
    return bases.find((base) => complete !== undefined && base.references.includes(complete));
  };
  const result = readDockerfile({ text, context, buildArgs, findBase });
  if (!result.ok) return { ok: false, message: `${dockerfile}, line ${result.line}: ${result.message}` };
  const { plan } = result;
  const entries = await readEntries(folder, plan, context);
  if (entries === undefined)
    return { ok: false, message: `the files are larger than ${layerBytesMax} bytes` };
  const { base, config } = plan;
  const definition = { references, entries, config, architecture };
  return { ok: true, image: await buildImage(base === undefined ? definition : { ...definition, base }) };
}

async function readOptional(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

interface IgnoreRule {
  readonly pattern: string;
  /** `!pattern`: brings back what an earlier rule has ignored. */
  readonly brings: boolean;
}

function parseIgnore(text: string): readonly IgnoreRule[] {
  return text
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => {
      const brings = line.startsWith('!');
      return { brings, pattern: (brings ? line.slice(1) : line).replace(/^\/+|\/+$/g, '') };
    });
}

function isIgnored(path: string, rules: readonly IgnoreRule[]): boolean {
  let ignored = false;
  for (const { pattern, brings } of rules) {
    if (matchesGlob(path, pattern) || matchesGlob(path, `${pattern}/**`)) ignored = !brings;
  }
  return ignored;
}

async function listContext(folder: string, rules: readonly IgnoreRule[]): Promise<readonly ContextEntry[]> {
  const mayBringBack = rules.some((rule) => rule.brings);
  const found: ContextEntry[] = [];
  const waiting = [''];
  for (let below = waiting.pop(); below !== undefined; below = waiting.pop()) {
    for (const name of (await readdir(join(folder, below))).sort()) {
      const path = below === '' ? name : `${below}/${name}`;
      const ignored = isIgnored(path, rules);
      if (ignored && !mayBringBack) continue;
      const stat = await lstat(join(folder, path));
      if (stat.isDirectory()) waiting.push(path);
      if (ignored) continue;
      if (found.length >= contextEntriesMax)
        throw new Error(`${folder} has more than ${contextEntriesMax} files`);
      const mode = stat.mode & 0o7777;
      if (stat.isDirectory()) found.push({ path, type: 'folder', mode });
      else if (stat.isSymbolicLink()) found.push({ path, type: 'link', mode });
      else if (stat.isFile()) found.push({ path, type: 'file', mode });
      // Sockets, pipes and devices have no place in an image.
    }
  }
  return found;
}

/** Undefined when the files are too large for a layer. */
async function readEntries(
  folder: string,
  plan: BuildPlan,
  context: readonly ContextEntry[],
): Promise<readonly LayerEntry[] | undefined> {
  const modes = new Map(context.map((entry) => [entry.path, entry.mode]));
  const entries: LayerEntry[] = plan.folders.map((path) => ({ type: 'folder', path, mode: 0o755 }));
  let total = 0;
  for (const copy of plan.copies) {
    const entry = await readEntry(folder, copy, modes.get(copy.source) ?? 0o755);
    if (entry.type === 'file') total += entry.content.length;
    if (total > layerBytesMax) return undefined;
    entries.push(entry);
  }
  return entries;
}

async function readEntry(folder: string, copy: Copy, sourceMode: number): Promise<LayerEntry> {
  const { path, type, source, uid = 0, gid = 0, mode = sourceMode } = copy;
  const from = join(folder, source);
  switch (type) {
    case 'file':
      return { type, path, uid, gid, mode, content: await readFile(from) };
    case 'folder':
      return { type, path, uid, gid, mode };
    case 'link':
      return { type, path, uid, gid, target: await readlink(from) };
  }
}
