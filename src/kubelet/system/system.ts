/**
 * What a kubelet needs of its machine beyond the `Host`: files with modes and owners, mounts, and facts about
 * hardware. `linux/` is a real machine, `simulated/` keeps everything in memory.
 *
 * Invariant: like `Host`, this is the only door; nothing else in the kubelet touches files or mounts.
 */

export interface NodeSystem {
  readonly files: NodeFiles;
  readonly mounts: NodeMounts;
  machine(): Promise<Machine>;
  usage(folder: string): Promise<MachineUsage>;
}

export interface Machine {
  readonly hostname: string;
  readonly machineId: string;
  readonly systemUuid: string;
  readonly bootId: string;
  readonly kernelVersion: string;
  readonly osImage: string;
  readonly operatingSystem: string;
  /** As Go names it: `amd64`, `arm64`. */
  readonly architecture: string;
  readonly cpus: number;
  readonly memoryBytes: number;
  readonly storageBytes: number;
}

export interface MachineUsage {
  readonly memoryAvailableBytes: number;
  readonly storageBytes: number;
  readonly storageAvailableBytes: number;
  readonly inodes: number;
  readonly inodesFree: number;
  /** CPU time of the machine since it started, in nanoseconds. */
  readonly cpuNanoSeconds: number;
}

export type FileType = 'file' | 'folder' | 'link' | 'socket' | 'charDevice' | 'blockDevice' | 'other';

export interface FileStat {
  readonly type: FileType;
  /** The permission bits, setuid, setgid and sticky included. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly size: number;
}

/** Paths are absolute. A missing file reads as undefined; other failures reject. */
export interface NodeFiles {
  /** Follows links; `link: true` looks at the link itself. */
  stat(path: string, options?: { readonly link?: boolean }): Promise<FileStat | undefined>;
  /** With its parents; `mode` is exact, whatever the umask. An existing folder is left as it is. */
  makeFolder(path: string, mode: number): Promise<void>;
  /** Creates or overwrites in place (which is how cgroup files are written). */
  write(path: string, bytes: Uint8Array | string, mode?: number): Promise<void>;
  read(path: string): Promise<Uint8Array | undefined>;
  readRange(path: string, offset: number, length: number): Promise<Uint8Array>;
  /** Names in a folder, sorted; empty when it is not there. */
  list(path: string): Promise<readonly string[]>;
  symlink(target: string, path: string): Promise<void>;
  readLink(path: string): Promise<string | undefined>;
  rename(from: string, to: string): Promise<void>;
  /** A file or a folder with what is in it; harmless when it is not there. Links are not followed. */
  remove(path: string): Promise<void>;
  /** An empty folder only, as cgroups must be removed; harmless when it is not there. */
  removeFolder(path: string): Promise<void>;
  chmod(path: string, mode: number): Promise<void>;
  chown(path: string, uid: number, gid: number): Promise<void>;
}

export interface NodeMounts {
  tmpfs(folder: string, options?: { readonly sizeBytes?: number }): Promise<void>;
  /**
   * Shows layers, the topmost first, at an empty folder: nobody can write there, and no program be run from
   * there.
   */
  overlay(folder: string, layers: readonly string[]): Promise<void>;
  isMounted(folder: string): Promise<boolean>;
  /** Harmless when nothing is mounted there. */
  unmount(folder: string): Promise<void>;
}
