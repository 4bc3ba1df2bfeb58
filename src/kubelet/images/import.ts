/**
 * Brings images into a containerd: the CRI has no call for it, so `ctr` from containerd's package does it.
 *
 * Input: an archive (OCI layout or `docker save`) on the disk. Output: the references that were imported.
 */

import type { Processes } from '../../host/host.ts';

/** The namespace in which containerd keeps what belongs to Kubernetes. */
const criNamespace = 'k8s.io';
/** Unpacking a large image on a slow disk. */
const importTimeoutMs = 10 * 60_000;

export interface ImportTarget {
  readonly socketPath: string;
  readonly snapshotter?: 'overlayfs' | 'native';
}

export async function importArchive(
  processes: Processes,
  { socketPath, snapshotter = 'overlayfs' }: ImportTarget,
  archivePath: string,
  signal?: AbortSignal,
): Promise<readonly string[]> {
  const command = ['ctr', '--address', socketPath, '--namespace', criNamespace, 'images', 'import'];
  const options = { timeoutMs: importTimeoutMs, ...(signal === undefined ? {} : { signal }) };
  const { exitCode, stdout, stderr } = await processes.run(
    [...command, '--snapshotter', snapshotter, archivePath],
    options,
  );
  if (exitCode !== 0) {
    throw new Error(
      `${archivePath} was not imported: ${(stderr || stdout).trim() || `ctr ended with ${exitCode}`}`,
    );
  }
  return [...stdout.matchAll(/^(?:unpacking )?(\S+?)(?: \(sha256:[0-9a-f]+\)|\s+saved)/gm)].flatMap(
    ([, reference]) => (reference === undefined ? [] : [reference]),
  );
}
