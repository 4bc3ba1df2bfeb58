/**
 * Brings images into a containerd: the CRI has no call for it, so `ctr` from containerd's package does it.
 *
 * Input: an archive (OCI layout or `docker save`) on the disk. Output: the references that were imported.
 */

import type { Host, Processes } from '../../host/host.ts';
import type { ImageService } from '../cri/cri.ts';
import { imageArchive } from './build.ts';
import type { BuiltImage } from './image.ts';

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

/**
 * Makes sure that the runtime has these very images; imports what is missing or differs in one go.
 * `scratchFolder` takes the archive for the time of the import. Returns the references that were imported.
 */
export async function ensureImages(
  { disk, processes }: Pick<Host, 'disk' | 'processes'>,
  runtime: ImageService,
  target: ImportTarget,
  images: readonly BuiltImage[],
  scratchFolder: string,
): Promise<readonly string[]> {
  const missing: BuiltImage[] = [];
  for (const image of images) {
    const present = await Promise.all(
      image.references.map(async (name) => (await runtime.imageStatus({ image: name }))?.id === image.id),
    );
    if (present.includes(false)) missing.push(image);
  }
  if (missing.length === 0) return [];
  await disk.makeFolder(scratchFolder);
  const archivePath = `${scratchFolder}/import-${missing[0]?.digest.slice(7, 23)}.tar`;
  try {
    await disk.writeFileAtomic(archivePath, await imageArchive(missing));
    return await importArchive(processes, target, archivePath);
  } finally {
    await disk.remove(archivePath);
  }
}
