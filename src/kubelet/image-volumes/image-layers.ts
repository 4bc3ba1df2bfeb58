/**
 * The layers of an image that is in containerd, held for as long as somebody looks at them.
 *
 * Runtimes before CRI 1.33 (containerd before 2.1) cannot mount an image into a container, and containerd's
 * own `ctr images mount` lets go after a day. So the kubelet asks `ctr` for a read-only snapshot of the
 * image, which keeps its layers from being collected until it is removed, and mounts those by itself.
 */

import { createHash } from 'node:crypto';

import type { Processes } from '../../host/host.ts';
import { CRI_NAMESPACE, type ImportTarget } from '../images/import.ts';

export interface ImageLayers {
  /**
   * Folders of the layers, the topmost first. They stay until `release`, also when the image is removed and
   * after a restart of everything. May be repeated. Rejects when the image is not there.
   */
  hold(imageId: string, key: string): Promise<readonly string[]>;
  /** Harmless when nothing is held under that key. */
  release(key: string): Promise<void>;
}

const TIMEOUT_MS = 30_000;

export function createContainerdLayers(
  processes: Processes,
  { socketPath, snapshotter = 'overlayfs' }: ImportTarget,
): ImageLayers {
  const ctr = ['ctr', '--address', socketPath, '--namespace', CRI_NAMESPACE];
  const run = async (tolerated: RegExp | undefined, ...args: readonly string[]): Promise<string> => {
    const { exitCode, stdout, stderr } = await processes.run([...ctr, ...args], { timeoutMs: TIMEOUT_MS });
    if (exitCode !== 0 && tolerated?.test(stderr) !== true)
      throw new Error(stderr.trim() || `${args.join(' ')} ended with ${exitCode}`);
    return stdout;
  };
  const snapshots = ['snapshots', '--snapshotter', snapshotter];
  return {
    async hold(imageId, key) {
      const chain = chainIdOf(await run(undefined, 'content', 'get', imageId));
      await run(/already exists/, ...snapshots, 'view', key, chain);
      await run(undefined, ...snapshots, 'label', key, 'containerd.io/gc.root=kubelet');
      return layersOf(await run(undefined, ...snapshots, 'mounts', '/', key));
    },
    release: async (key) => void (await run(/not found/, ...snapshots, 'remove', key)),
  };
}

/**
 * The name of the snapshot with all layers of an image, from its configuration: the OCI specification's
 * chain id.
 */
export function chainIdOf(config: string): string {
  const { rootfs } = JSON.parse(config) as { rootfs?: { diff_ids?: readonly string[] } };
  const [first, ...rest] = rootfs?.diff_ids ?? [];
  if (first === undefined) throw new Error('the image has no layers');
  const sha256 = (text: string): string => `sha256:${createHash('sha256').update(text).digest('hex')}`;
  return rest.reduce((chain, id) => sha256(`${chain} ${id}`), first);
}

/** From the command line that `ctr snapshots mounts / …` prints; one layer is shown as a bind mount. */
export function layersOf(printed: string): readonly string[] {
  const [, one] = /^mount -t bind (.+) \/ -o /m.exec(printed) ?? [];
  const [, many = one] = /[ ,]lowerdir=([^,\n]+)/.exec(printed) ?? [];
  if (many === undefined) throw new Error(`these layers cannot be shown: ${printed.trim()}`);
  return many.split(':');
}
