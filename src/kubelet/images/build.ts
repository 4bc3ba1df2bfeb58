/**
 * The image builder: files and a configuration in, an OCI image out; no tool, no daemon, no network.
 *
 * Invariants: the same definition gives the same digests on every machine (sorted entries, fixed times, and
 * layers that are not compressed, since compressors differ by version); nothing is read but the definition.
 */

import { createHash } from 'node:crypto';

import { pack } from 'tar-stream';

import type { Blob, BuiltImage, ImageDefinition, LayerEntry, RunConfig } from './image.ts';

/** A layer is held in memory: what is larger belongs into a volume or a registry. */
export const layerBytesMax = 2 ** 30;

const epoch = new Date(0);
const mediaTypes = {
  config: 'application/vnd.oci.image.config.v1+json',
  layer: 'application/vnd.oci.image.layer.v1.tar',
  manifest: 'application/vnd.oci.image.manifest.v1+json',
  index: 'application/vnd.oci.image.index.v1+json',
} as const;

export async function buildImage(definition: ImageDefinition): Promise<BuiltImage> {
  const { references, base, entries, config, architecture } = definition;
  const sorted = layerEntries(entries, base?.folders ?? new Set());
  const added = sorted.length === 0 ? [] : [blob(mediaTypes.layer, await writeTar(sorted))];
  const own = sorted.filter((entry) => entry.type === 'folder').map((entry) => entry.path);
  const folders = new Set([...(base?.folders ?? []), ...own]);
  const layers = [...(base?.layers ?? []), ...added];
  const configBlob = jsonBlob(mediaTypes.config, {
    created: epoch.toISOString(),
    architecture,
    os: 'linux',
    config: ociConfig(config),
    // Layers are not compressed, so the digest of a layer is also its diff id.
    rootfs: { type: 'layers', diff_ids: layers.map((layer) => layer.digest) },
    history: layers.map(() => ({ created: epoch.toISOString(), created_by: 'k8ts image build' })),
  });
  const manifest = jsonBlob(mediaTypes.manifest, {
    schemaVersion: 2,
    mediaType: mediaTypes.manifest,
    config: descriptor(configBlob),
    layers: layers.map(descriptor),
  });
  const { digest } = manifest;
  return {
    references,
    digest,
    id: configBlob.digest,
    config,
    architecture,
    layers,
    folders,
    manifest,
    configBlob,
  };
}

/** The image as an OCI layout in a tar archive, which `ctr images import`, Podman and others take. */
export async function imageArchive(images: readonly BuiltImage[]): Promise<Uint8Array> {
  const manifests = images.flatMap((image) =>
    image.references.map((reference) => ({
      ...descriptor(image.manifest),
      platform: { os: 'linux', architecture: image.architecture },
      annotations: {
        'io.containerd.image.name': reference,
        'org.opencontainers.image.ref.name': reference.slice(reference.lastIndexOf(':') + 1),
      },
    })),
  );
  const index = { schemaVersion: 2, mediaType: mediaTypes.index, manifests };
  const blobs = images.flatMap((image) => [...image.layers, image.configBlob, image.manifest]);
  const byDigest = new Map(blobs.map((entry) => [entry.digest, entry.bytes]));
  const file = (path: string, content: Uint8Array): LayerEntry => ({
    type: 'file',
    path,
    mode: 0o644,
    content,
  });
  return writeTar([
    file('oci-layout', Buffer.from('{"imageLayoutVersion":"1.0.0"}')),
    file('index.json', Buffer.from(JSON.stringify(index))),
    ...[...byDigest].map(([digest, bytes]) => file(`blobs/${digest.replace(':', '/')}`, bytes)),
  ]);
}

/** Sorts the entries, adds parent folders that the base has not, and lets the last entry of a path win. */
function layerEntries(
  entries: readonly LayerEntry[],
  baseFolders: ReadonlySet<string>,
): readonly LayerEntry[] {
  const byPath = new Map<string, LayerEntry>();
  for (const entry of entries) {
    const path = entry.path
      .split('/')
      .filter((part) => part !== '' && part !== '.')
      .join('/');
    if (path === '' || path.split('/').includes('..')) continue;
    byPath.set(path, { ...entry, path });
    for (let end = path.lastIndexOf('/'); end > 0; end = path.lastIndexOf('/', end - 1)) {
      const parent = path.slice(0, end);
      if (byPath.has(parent) || baseFolders.has(parent)) continue;
      byPath.set(parent, { type: 'folder', path: parent, mode: 0o755 });
    }
  }
  const sorted = [...byPath.values()].toSorted((a, b) => (a.path < b.path ? -1 : 1));
  const total = sorted.reduce((sum, entry) => sum + (entry.type === 'file' ? entry.content.length : 0), 0);
  if (total > layerBytesMax) {
    throw new Error(
      `the layer has ${total} bytes, more than the ${layerBytesMax} that an image may have here`,
    );
  }
  return sorted;
}

async function writeTar(entries: readonly LayerEntry[]): Promise<Uint8Array> {
  const tar = pack();
  for (const entry of entries) {
    const { path: name, uid = 0, gid = 0 } = entry;
    const common = { mtime: epoch, uid, gid };
    if (entry.type === 'file') {
      tar.entry({ ...common, name, type: 'file', mode: entry.mode }, Buffer.from(entry.content));
    } else if (entry.type === 'folder') {
      tar.entry({ ...common, name: `${name}/`, type: 'directory', mode: entry.mode });
    } else {
      tar.entry({ ...common, name, type: 'symlink', linkname: entry.target, mode: 0o777 });
    }
  }
  tar.finalize();
  return Buffer.concat(await Array.fromAsync(tar as AsyncIterable<Uint8Array>));
}

function ociConfig(config: RunConfig): Readonly<Record<string, unknown>> {
  const set = (names: readonly string[] | undefined): Readonly<Record<string, object>> | undefined =>
    names && Object.fromEntries(names.map((name) => [name, {}]));
  // JSON leaves out what is undefined.
  return {
    User: config.user,
    ExposedPorts: set(config.exposedPorts),
    Env: config.env,
    Entrypoint: config.entrypoint,
    Cmd: config.cmd,
    Volumes: set(config.volumes),
    WorkingDir: config.workingDir,
    Labels: config.labels,
    StopSignal: config.stopSignal,
  };
}

function blob(mediaType: string, bytes: Uint8Array): Blob {
  return { mediaType, digest: `sha256:${createHash('sha256').update(bytes).digest('hex')}`, bytes };
}

function jsonBlob(mediaType: string, value: unknown): Blob {
  return blob(mediaType, Buffer.from(JSON.stringify(value)));
}

function descriptor({ mediaType, digest, bytes }: Blob): {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
} {
  return { mediaType, digest, size: bytes.length };
}
