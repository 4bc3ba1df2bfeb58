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
export const CRI_NAMESPACE = 'k8s.io';
/** No registry has this name: images under it are only ever built here. */
const ownRegistry = 'k8ts.local/';
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
  const command = ['ctr', '--address', socketPath, '--namespace', CRI_NAMESPACE, 'images', 'import'];
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
 * Imports images that were built here, replacing what had their names. `scratchFolder` takes the archive
 * meanwhile.
 */
export async function importImages(
  { disk, processes }: Pick<Host, 'disk' | 'processes'>,
  target: ImportTarget,
  images: readonly BuiltImage[],
  scratchFolder: string,
): Promise<readonly string[]> {
  if (images.length === 0) return [];
  await disk.makeFolder(scratchFolder);
  const archivePath = `${scratchFolder}/import-${images[0]?.digest.slice(7, 23)}.tar`;
  try {
    await disk.writeFileAtomic(archivePath, await imageArchive(images));
    return await importArchive(processes, target, archivePath);
  } finally {
    await disk.remove(archivePath);
  }
}

/**
 * Makes sure that the runtime has the images that a node starts with, and imports what is missing. Names of
 * our own must mean these very images; under other names, an image that was pulled stays. Returns what was
 * imported.
 */
export async function ensureImages(
  host: Pick<Host, 'disk' | 'processes'>,
  runtime: ImageService,
  target: ImportTarget,
  images: readonly BuiltImage[],
  scratchFolder: string,
): Promise<readonly string[]> {
  const missing: BuiltImage[] = [];
  for (const image of images) {
    const references: string[] = [];
    for (const name of image.references) {
      const present = await runtime.imageStatus({ image: name });
      const isOurs = name.startsWith(ownRegistry);
      if (present === undefined || (isOurs && present.id !== image.id)) references.push(name);
    }
    if (references.length > 0) missing.push({ ...image, references });
  }
  return importImages(host, target, missing, scratchFolder);
}
