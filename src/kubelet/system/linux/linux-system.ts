/**
 * A real Linux machine: facts from /proc, /sys and /etc, mounts through mount(8).
 *
 * The caller gives the door (`Host`); only files with modes and owners are reached directly, in `linux-
 * files.ts`.
 */

import * as fs from 'node:fs/promises';
import { arch } from 'node:os';

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

function createMounts(files: NodeFiles, processes: Processes): NodeMounts {
  const isMounted = async (folder: string): Promise<boolean> =>
    parseMountPoints(await text(files, '/proc/self/mountinfo')).has(folder);
  const run = async (command: readonly string[]): Promise<void> => {
    const { exitCode, stderr } = await processes.run(command, { timeoutMs: MOUNT_TIMEOUT_MS });
    if (exitCode !== 0)
      throw new Error(`${command.join(' ')} ended with ${exitCode}: ${stderr.trim() || 'no output'}`);
  };
  return {
    isMounted,
    async tmpfs(folder, { sizeBytes } = {}) {
      const size = sizeBytes === undefined ? [] : ['-o', `size=${sizeBytes}`];
      await run(['mount', '-t', 'tmpfs', ...size, 'tmpfs', folder]);
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
