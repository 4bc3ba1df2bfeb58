/**
 * The kernel's control groups, version 1 (a tree per controller) or 2 (one tree), behind one face.
 *
 * Inputs: paths such as `/kubepods/burstable/pod…` and limits. Outputs: folders and files below
 * `/sys/fs/cgroup`. Invariant: only what the kernel offers is written; a file that is not there is left
 * out.
 */

import type { NodeFiles } from '../system/system.ts';
import { CPU_PERIOD_US } from '../containers/resources.ts';
import type { GroupLimits } from './pod-limits.ts';

export interface Hierarchy {
  readonly version: 1 | 2;
  /** With its parents. Rejects when the kernel does not let us. */
  create(path: string): Promise<void>;
  limit(path: string, limits: Partial<GroupLimits>): Promise<void>;
  /** With what runtimes have left below it. Rejects while something runs there. */
  remove(path: string): Promise<void>;
  list(path: string): Promise<readonly string[]>;
}

const MOUNT = '/sys/fs/cgroup';
/** The ones that carry limits; runtimes make their own folders under the others. */
const LIMITING_V1 = ['cpu', 'memory', 'pids'];
const ENABLED_V2 = '+cpu +cpuset +memory +pids';

/** Undefined when there are no control groups that could be used. */
export async function openHierarchy(files: NodeFiles, mount = MOUNT): Promise<Hierarchy | undefined> {
  if ((await files.stat(`${mount}/cgroup.controllers`)) !== undefined) return versionTwo(files, mount);
  const names = await files.list(mount);
  return LIMITING_V1.every((name) => names.includes(name)) ? versionOne(files, mount, names) : undefined;
}

function versionOne(files: NodeFiles, mount: string, controllers: readonly string[]): Hierarchy {
  const write = async (controller: string, path: string, name: string, value: number): Promise<void> =>
    writeIfThere(files, `${mount}/${controller}${path}/${name}`, String(value));
  return {
    version: 1,
    async create(path) {
      for (const controller of LIMITING_V1) await files.makeFolder(`${mount}/${controller}${path}`, 0o755);
    },
    async limit(path, { cpuShares, cpuQuotaUs, memoryBytes }) {
      if (cpuShares !== undefined) await write('cpu', path, 'cpu.shares', cpuShares);
      if (cpuQuotaUs !== undefined) {
        await write('cpu', path, 'cpu.cfs_period_us', CPU_PERIOD_US);
        await write('cpu', path, 'cpu.cfs_quota_us', cpuQuotaUs);
      }
      if (memoryBytes !== undefined) await write('memory', path, 'memory.limit_in_bytes', memoryBytes);
    },
    async remove(path) {
      for (const controller of controllers) await removeTree(files, `${mount}/${controller}${path}`);
    },
    async list(path) {
      const found = new Set<string>();
      for (const controller of LIMITING_V1)
        for (const name of await folders(files, `${mount}/${controller}${path}`)) found.add(name);
      return [...found];
    },
  };
}

function versionTwo(files: NodeFiles, mount: string): Hierarchy {
  return {
    version: 2,
    async create(path) {
      let folder = mount;
      for (const part of path.split('/').filter((name) => name !== '')) {
        // Controllers reach a folder only when every one above it hands them down.
        await writeIfThere(files, `${folder}/cgroup.subtree_control`, ENABLED_V2);
        folder = `${folder}/${part}`;
        await files.makeFolder(folder, 0o755);
      }
      await writeIfThere(files, `${folder}/cgroup.subtree_control`, ENABLED_V2);
    },
    async limit(path, { cpuShares, cpuQuotaUs, memoryBytes }) {
      const folder = `${mount}${path}`;
      if (cpuShares !== undefined)
        await writeIfThere(files, `${folder}/cpu.weight`, String(cpuWeight(cpuShares)));
      if (cpuQuotaUs !== undefined)
        await writeIfThere(files, `${folder}/cpu.max`, `${cpuQuotaUs} ${CPU_PERIOD_US}`);
      if (memoryBytes !== undefined) await writeIfThere(files, `${folder}/memory.max`, String(memoryBytes));
    },
    remove: (path) => removeTree(files, `${mount}${path}`),
    list: (path) => folders(files, `${mount}${path}`),
  };
}

/** Shares (2 to 262144) as weights (1 to 10000), as upstream and runc convert them. */
export function cpuWeight(shares: number): number {
  return 1 + Math.floor(((shares - 2) * 9999) / 262_142);
}

async function writeIfThere(files: NodeFiles, path: string, text: string): Promise<void> {
  if ((await files.stat(path)) !== undefined) await files.write(path, text);
}

async function folders(files: NodeFiles, path: string): Promise<readonly string[]> {
  const found: string[] = [];
  for (const name of await files.list(path))
    if ((await files.stat(`${path}/${name}`))?.type === 'folder') found.push(name);
  return found;
}

/** Deepest first: a group with children cannot be removed, its files need not be. */
async function removeTree(files: NodeFiles, path: string): Promise<void> {
  for (const name of await folders(files, path)) await removeTree(files, `${path}/${name}`);
  await files.removeFolder(path);
}
