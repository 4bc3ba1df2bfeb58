/** `k8ts image build|import|ls`: images into and on the real nodes of this machine. */

import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { connectRuntime } from '../kubelet/cri/grpc/grpc.ts';
import { buildFolder } from '../kubelet/images/dockerfile/folder.ts';
import { imageArchive } from '../kubelet/images/build.ts';
import { importArchive } from '../kubelet/images/import.ts';
import { readBusybox, standardImages } from '../kubelet/images/standard.ts';
import { existing, type ExistingCluster } from './existing-cluster.ts';
import { nodePlaces, type NodePlace } from './node-places.ts';
import { UsageError } from './settings.ts';

interface Flags {
  readonly dataDir?: string;
}

export async function buildCommand(
  source: string,
  flags: Flags & { readonly tag: string; readonly output?: string },
): Promise<void> {
  const cluster = await existing(flags);
  const { disk, processes } = cluster.host;
  const architecture = process.arch === 'arm64' ? 'arm64' : 'amd64';
  const bases = await standardImages(await readBusybox(disk, processes), architecture);
  const built = await buildFolder({ folder: resolve(source), tags: [flags.tag], bases, architecture });
  if (!built.ok) throw new UsageError(`${source}: ${built.message}`);
  const archive = await imageArchive([built.image]);
  if (flags.output !== undefined) {
    await writeFile(flags.output, archive);
    process.stdout.write(`${flags.tag} ${built.image.digest} written to ${flags.output}\n`);
    return;
  }
  const scratch = join(cluster.folder.images, `build-${process.pid}.tar`);
  await mkdir(cluster.folder.images, { recursive: true });
  try {
    await writeFile(scratch, archive);
    await importEverywhere(cluster, scratch);
  } finally {
    await rm(scratch, { force: true });
  }
}

export async function importCommand(file: string, flags: Flags): Promise<void> {
  await importEverywhere(await existing(flags), resolve(file));
}

async function importEverywhere(cluster: ExistingCluster, file: string): Promise<void> {
  for (const place of realNodes(cluster)) {
    const names = await importArchive(cluster.host.processes, { socketPath: socketOf(place) }, file);
    process.stdout.write(`${place.name}: imported ${names.join(', ')}\n`);
  }
}

export async function listCommand(flags: Flags): Promise<void> {
  const cluster = await existing(flags);
  for (const place of realNodes(cluster)) {
    const runtime = await connectRuntime({ socketPath: socketOf(place) });
    for (const { repoTags, id, size } of await runtime.listImages()) {
      const megabytes = (size / 1e6).toFixed(1);
      for (const tag of repoTags)
        process.stdout.write(`${place.name}  ${tag}  ${id.slice(7, 19)}  ${megabytes} MB\n`);
    }
  }
}

function realNodes({ folder, settings }: ExistingCluster): readonly NodePlace[] {
  if (settings.runtime === 'simulated') {
    throw new UsageError('the nodes of this cluster are simulated: every image is taken to be there');
  }
  return nodePlaces(folder, settings);
}

function socketOf(place: NodePlace): string {
  return join(place.stateFolder, 'containerd.sock');
}
