/** Reads and writes kubeconfig files; the user's own keeps everything else that is in it. */

import { chmod, mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { parseYaml, renderYaml } from '../api/yaml/yaml.ts';
import type { JsonObject } from '../api/schema/schema.ts';
import {
  kubeconfigFor,
  mergeKubeconfig,
  removeFromKubeconfig,
  type Access,
  type Kubeconfig,
} from './kubeconfig.ts';
import { UsageError } from './settings.ts';

export async function writeOwnKubeconfig(path: string, access: Access): Promise<void> {
  await write(path, kubeconfigFor(access));
}

/** After the administrator's certificate was renewed; a file that is not there is nobody's. */
export async function refreshOwnKubeconfig(path: string, access: Access): Promise<void> {
  if ((await read(path)) !== undefined) await writeOwnKubeconfig(path, access);
}

export async function mergeIntoUserKubeconfig(path: string, access: Access): Promise<void> {
  await write(path, mergeKubeconfig((await read(path)) ?? {}, kubeconfigFor(access)));
}

export async function removeFromUserKubeconfig(path: string, name: string): Promise<void> {
  const present = await read(path);
  if (present !== undefined) await write(path, removeFromKubeconfig(present, name));
}

async function read(path: string): Promise<Kubeconfig | undefined> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  const parsed = await parseYaml(text);
  if (!parsed.ok)
    throw new UsageError(
      `${path} is no readable kubeconfig (${parsed.error}); use --no-merge to leave it alone`,
    );
  return (parsed.documents[0] ?? {}) as Kubeconfig;
}

async function write(path: string, config: Kubeconfig): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const temporary = `${path}.k8ts-${process.pid}`;
  await writeFile(temporary, await renderYaml(config as unknown as JsonObject), { mode: 0o600 });
  await chmod(temporary, 0o600);
  await rename(temporary, path);
}
