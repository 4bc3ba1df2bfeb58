/**
 * The programs of the system that a real node needs, and the Debian packages that bring them.
 *
 * `findPrograms` looks (through the host), `missingPrograms` judges (pure).
 */

import type { Disk, Processes } from '../../host/host.ts';

export type ProgramName =
  | 'containerd'
  | 'ctr'
  | 'runc'
  | 'bridge'
  | 'host-local'
  | 'portmap'
  | 'loopback'
  | 'nft'
  | 'ip'
  | 'iptables'
  | 'nsenter'
  | 'conntrack'
  | 'busybox';

export interface FoundPrograms {
  /** The version as the program tells it; empty when it tells none. Absent: not found. */
  readonly versions: Readonly<Partial<Record<ProgramName, string>>>;
  /** The folder that holds the CNI plugins that were found. */
  readonly cniBinFolder: string;
}

export interface MissingProgram {
  readonly program: ProgramName;
  readonly debianPackage: string;
  readonly reason: string;
}

interface Requirement {
  readonly debianPackage: string;
  /** Argument that makes it tell its version; absent for CNI plugins, which are only looked for. */
  readonly versionArgument?: string;
  readonly isCniPlugin?: true;
  readonly versionMin?: readonly [major: number, minor: number];
}

const cniPlugin: Requirement = { debianPackage: 'containernetworking-plugins', isCniPlugin: true };

const requirements: Readonly<Record<ProgramName, Requirement>> = {
  // 1.6 is the first that speaks CRI v1 and keeps network namespaces in its state folder.
  containerd: { debianPackage: 'containerd', versionArgument: '--version', versionMin: [1, 6] },
  ctr: { debianPackage: 'containerd', versionArgument: '--version' },
  runc: { debianPackage: 'runc', versionArgument: '--version', versionMin: [1, 1] },
  bridge: cniPlugin,
  'host-local': cniPlugin,
  portmap: cniPlugin,
  loopback: cniPlugin,
  nft: { debianPackage: 'nftables', versionArgument: '--version' },
  ip: { debianPackage: 'iproute2', versionArgument: '-Version' },
  // The portmap plugin publishes host ports with it.
  iptables: { debianPackage: 'iptables', versionArgument: '--version' },
  nsenter: { debianPackage: 'util-linux', versionArgument: '--version' },
  conntrack: { debianPackage: 'conntrack', versionArgument: '--version' },
  busybox: { debianPackage: 'busybox-static', versionArgument: '--help' },
};

const names = Object.keys(requirements) as readonly ProgramName[];

/** Debian's folder first, then the one of upstream's releases. */
export const cniBinFolders = ['/usr/lib/cni', '/opt/cni/bin'] as const;

/** What is missing or too old, in the order of the table; empty when a node can run. */
export function missingPrograms(found: FoundPrograms): readonly MissingProgram[] {
  return names.flatMap((program) => {
    const { debianPackage, versionMin } = requirements[program];
    const version = found.versions[program];
    if (version === undefined) return [{ program, debianPackage, reason: `${program} is not installed` }];
    if (versionMin === undefined || !isOlder(version, versionMin)) return [];
    return [
      { program, debianPackage, reason: `${program} ${version} is older than ${versionMin.join('.')}` },
    ];
  });
}

/** The packages to install, each once. */
export function missingPackages(missing: readonly MissingProgram[]): readonly string[] {
  return [...new Set(missing.map((entry) => entry.debianPackage))];
}

function isOlder(version: string, [major, minor]: readonly [number, number]): boolean {
  const [, foundMajor, foundMinor] = /^(\d+)\.(\d+)/.exec(version) ?? [];
  // A version that cannot be read (a development build) is given the benefit of the doubt.
  if (foundMajor === undefined || foundMinor === undefined) return false;
  return Number(foundMajor) < major || (Number(foundMajor) === major && Number(foundMinor) < minor);
}

export async function findPrograms(processes: Processes, disk: Disk): Promise<FoundPrograms> {
  const folders = await Promise.all(
    cniBinFolders.map(async (folder) => ({ folder, plugins: await disk.list(folder) })),
  );
  const cni = folders.find(({ plugins }) => plugins.includes('bridge')) ?? {
    folder: cniBinFolders[0],
    plugins: [],
  };
  const versions = await Promise.all(
    names.map(async (name) => {
      const { versionArgument, isCniPlugin } = requirements[name];
      if (isCniPlugin) return [name, cni.plugins.includes(name) ? '' : undefined] as const;
      return [name, await askVersion(processes, name, versionArgument ?? '--version')] as const;
    }),
  );
  return {
    versions: Object.fromEntries(versions.filter(([, version]) => version !== undefined)),
    cniBinFolder: cni.folder,
  };
}

async function askVersion(processes: Processes, name: string, argument: string): Promise<string | undefined> {
  try {
    const { exitCode, stdout, stderr } = await processes.run([name, argument], { timeoutMs: 10_000 });
    // What `env` and shells say for a program that is not there or not executable.
    if (exitCode === 126 || exitCode === 127) return undefined;
    return /\d+\.\d+(?:\.\d+)*/.exec(stdout || stderr)?.[0] ?? '';
  } catch {
    // The port rejects for one reason only: the program cannot be started.
    return undefined;
  }
}
