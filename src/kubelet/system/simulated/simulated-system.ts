/** The machine of a simulated node: as large as it is told to be, files in memory, mounts remembered. */

import type { Machine, MachineUsage, NodeMounts, NodeSystem } from '../system.ts';
import { MemoryFiles } from './memory-files.ts';

export interface SimulatedMachine {
  readonly hostname: string;
  readonly cpus?: number;
  readonly memoryBytes?: number;
  readonly storageBytes?: number;
  readonly architecture?: string;
}

export interface SimulatedSystem extends NodeSystem {
  readonly files: MemoryFiles;
  /** What the machine has left; replace it to bring pressure about. */
  available: { memoryBytes: number; storageBytes: number };
}

const GIB = 2 ** 30;
const INODES = 6_553_600;

export function createSimulatedSystem(machine: SimulatedMachine): SimulatedSystem {
  const { hostname, cpus = 8, memoryBytes = 32 * GIB, storageBytes = 256 * GIB } = machine;
  const facts: Machine = {
    hostname,
    machineId: hostname,
    systemUuid: hostname,
    bootId: hostname,
    kernelVersion: '6.12.0-k8ts',
    osImage: 'k8ts simulated node',
    operatingSystem: 'linux',
    architecture: machine.architecture ?? 'amd64',
    cpus,
    memoryBytes,
    storageBytes,
  };
  const system: SimulatedSystem = {
    files: new MemoryFiles(),
    mounts: createMemoryMounts(),
    available: { memoryBytes: memoryBytes * 0.9, storageBytes: storageBytes * 0.9 },
    machine: async () => facts,
    usage: async (): Promise<MachineUsage> => ({
      memoryAvailableBytes: system.available.memoryBytes,
      storageBytes,
      storageAvailableBytes: system.available.storageBytes,
      inodes: INODES,
      inodesFree: INODES,
      cpuNanoSeconds: 0,
    }),
  };
  return system;
}

function createMemoryMounts(): NodeMounts {
  const mounted = new Set<string>();
  return {
    tmpfs: async (folder) => void mounted.add(folder),
    overlay: async (folder) => void mounted.add(folder),
    isMounted: async (folder) => mounted.has(folder),
    unmount: async (folder) => void mounted.delete(folder),
  };
}
