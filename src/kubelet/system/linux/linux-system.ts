/**
 * A real Linux machine: facts from /proc, /sys and /etc, mounts through mount(8).
 *
 * The caller gives the door (`Host`); only files with modes and owners are reached directly, in `linux-
 * files.ts`.
 */

import * as fs from 'node:fs/promises';
import { arch } from 'node:os';
import { dirname } from 'node:path';

import type { Processes } from '../../../host/host.ts';
import type { Machine, MachineUsage, NodeFiles, NodeMounts, NodeSystem } from '../system.ts';
import { createLinuxFiles } from './linux-files.ts';
import { parseCpuNanoSeconds, parseMeminfo, parseMountPoints, parseOsRelease } from './proc.ts';

const MOUNT_TIMEOUT_MS = 30_000;

export function createLinuxSystem(processes: Processes): NodeSystem {
  const files = createLinuxFiles();
  return {
    files,
    mounts: createMounts(files, processes),
    machine: () => readMachine(files),
    usage: (folder) => readUsage(files, folder),
  };
}

/** The newer calls of the kernel take no more than 255 characters for an option. */
const ONE_CALL = { LIBMOUNT_FORCE_MOUNT2: 'always' };

/**
 * Where to mount from, and with which options. An overlay without a writable layer cannot be written to by
 * whatever is mounted from it later; it wants two layers, so the empty folder itself is the last one. Names
 * are relative: all options together have one page.
 */
export function overlayOf(
  folder: string,
  layers: readonly string[],
): { readonly base: string; readonly options: string } {
  const shared = dirname(dirname(layers[0] ?? folder));
  const base = layers.every((layer) => layer.startsWith(`${shared}/`)) ? shared : '/';
  const names = layers.map((layer) => layer.slice(base === '/' ? 0 : base.length + 1));
  return { base, options: `ro,noexec,lowerdir=${[...names, folder].join(':')}` };
}

function createMounts(files: NodeFiles, processes: Processes): NodeMounts {
  const isMounted = async (folder: string): Promise<boolean> =>
    parseMountPoints(await text(files, '/proc/self/mountinfo')).has(folder);
  const run = async (command: readonly string[]): Promise<void> => {
    const options = { timeoutMs: MOUNT_TIMEOUT_MS, environment: ONE_CALL };
    const { exitCode, stderr } = await processes.run(command, options);
    if (exitCode !== 0)
      throw new Error(`${command.join(' ')} ended with ${exitCode}: ${stderr.trim() || 'no output'}`);
  };
  return {
    isMounted,
    async tmpfs(folder, { sizeBytes } = {}) {
      const size = sizeBytes === undefined ? [] : ['-o', `size=${sizeBytes}`];
      await run(['mount', '-t', 'tmpfs', ...size, 'tmpfs', folder]);
    },
    async overlay(folder, layers) {
      const { base, options } = overlayOf(folder, layers);
      await run(['sh', '-c', 'cd "$0" && exec mount -t overlay -o "$1" overlay "$2"', base, options, folder]);
    },
    async unmount(folder) {
      if (await isMounted(folder)) await run(['umount', folder]);
    },
  };
}

async function readMachine(files: NodeFiles): Promise<Machine> {
  const read = (path: string): Promise<string> => text(files, path);
  const release = parseOsRelease(await read('/etc/os-release'));
  const cpus = (await read('/proc/stat')).split('\n').filter((line) => /^cpu\d/.test(line)).length;
  const machineId = (await read('/etc/machine-id')).trim();
  return {
    hostname: (await read('/proc/sys/kernel/hostname')).trim(),
    machineId,
    systemUuid: (await readable(read('/sys/class/dmi/id/product_uuid'))).trim() || machineId,
    bootId: (await read('/proc/sys/kernel/random/boot_id')).trim(),
    kernelVersion: (await read('/proc/sys/kernel/osrelease')).trim(),
    osImage: release.get('PRETTY_NAME') ?? 'Linux',
    operatingSystem: 'linux',
    architecture: goArchitecture(arch()),
    cpus: Math.max(1, cpus),
    memoryBytes: parseMeminfo(await read('/proc/meminfo')).get('MemTotal') ?? 0,
    storageBytes: (await storage('/')).storageBytes,
  };
}

async function readUsage(files: NodeFiles, folder: string): Promise<MachineUsage> {
  const memory = parseMeminfo(await text(files, '/proc/meminfo'));
  return {
    memoryAvailableBytes: memory.get('MemAvailable') ?? 0,
    cpuNanoSeconds: parseCpuNanoSeconds(await text(files, '/proc/stat')),
    ...(await storage(folder)),
  };
}

async function storage(
  folder: string,
): Promise<Pick<MachineUsage, 'storageBytes' | 'storageAvailableBytes' | 'inodes' | 'inodesFree'>> {
  const { bsize, blocks, bavail, files, ffree } = await fs.statfs(folder);
  return {
    storageBytes: blocks * bsize,
    storageAvailableBytes: bavail * bsize,
    inodes: files,
    inodesFree: ffree,
  };
}

async function text(files: NodeFiles, path: string): Promise<string> {
  return Buffer.from((await files.read(path)) ?? []).toString();
}

/** Some facts are for root only, or hidden in containers: no reason to fail. */
async function readable(reading: Promise<string>): Promise<string> {
  try {
    return await reading;
  } catch {
    return '';
  }
}

function goArchitecture(name: string): string {
  return name === 'x64' ? 'amd64' : name === 'ia32' ? '386' : name;
}
