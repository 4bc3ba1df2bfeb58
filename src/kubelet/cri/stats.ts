/** What containers and image stores use, as the CRI reports it; conventions as in `messages.ts`. */

import type { ContainerFilter, ContainerMetadata, StringMap } from './messages.ts';

export interface CpuUsage {
  readonly timestampMs: number;
  readonly usageCoreNanoSeconds?: number;
  readonly usageNanoCores?: number;
}

export interface MemoryUsage {
  readonly timestampMs: number;
  readonly workingSetBytes?: number;
  readonly availableBytes?: number;
  readonly usageBytes?: number;
  readonly rssBytes?: number;
  readonly pageFaults?: number;
  readonly majorPageFaults?: number;
}

export interface SwapUsage {
  readonly timestampMs: number;
  readonly swapAvailableBytes?: number;
  readonly swapUsageBytes?: number;
}

export interface FilesystemUsage {
  readonly timestampMs: number;
  readonly mountpoint: string;
  readonly usedBytes?: number;
  readonly inodesUsed?: number;
}

export interface ContainerAttributes {
  readonly id: string;
  readonly metadata: ContainerMetadata;
  readonly labels: StringMap;
  readonly annotations: StringMap;
}

export interface ContainerStats {
  readonly attributes: ContainerAttributes;
  readonly cpu?: CpuUsage;
  readonly memory?: MemoryUsage;
  readonly writableLayer?: FilesystemUsage;
  readonly swap?: SwapUsage;
}

export type ContainerStatsFilter = Omit<ContainerFilter, 'state'>;

export interface ImageFsInfo {
  readonly imageFilesystems: readonly FilesystemUsage[];
  readonly containerFilesystems: readonly FilesystemUsage[];
}
