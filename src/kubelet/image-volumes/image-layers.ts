/**
 * The layers of an image that is in containerd, held for as long as somebody looks at them.
 *
 * Runtimes before CRI 1.33 (containerd before 2.1) cannot mount an image into a container, and containerd's own
 * `ctr images mount` lets go after a day. So the kubelet asks containerd itself for a read-only snapshot of the
 * image, which from its first moment on is not to be collected, and mounts what it consists of.
 */

import { CriError, isNotFound } from '../cri/cri.ts';
import { openChannel, type Channel } from '../cri/grpc/channel.ts';
import { field, list, message, text, textMap, bool, type Fields } from '../cri/grpc/protobuf.ts';
import type { Call } from '../cri/grpc/wire-calls.ts';
import { imageSpec } from '../cri/grpc/wire-messages.ts';
import type { ImageSpec } from '../cri/messages.ts';
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

/** How containerd would mount something. */
export interface ContainerdMount {
  readonly type: string;
  readonly source: string;
  readonly options: readonly string[];
}

interface SnapshotKey {
  readonly snapshotter: string;
  readonly key: string;
}
interface ViewRequest extends SnapshotKey {
  readonly parent: string;
  readonly labels: Readonly<Record<string, string>>;
}
interface Mounts {
  readonly mounts: readonly ContainerdMount[];
}
interface VerboseImage {
  readonly info: Readonly<Record<string, string>>;
}

const TIMEOUT_MS = 30_000;
/** With this label a snapshot stays until it is removed by name. */
const KEPT = { 'containerd.io/gc.root': 'kubelet' };

const snapshotKey: Fields<SnapshotKey> = { snapshotter: field(1, text), key: field(2, text) };
const mounts = message<Mounts>({
  mounts: list(
    1,
    message<ContainerdMount>({ type: field(1, text), source: field(2, text), options: list(4, text) }),
  ),
});
const path = (name: string): string => `/containerd.services.snapshots.v1.Snapshots/${name}`;

const VIEW: Call<ViewRequest, Mounts> = {
  path: path('View'),
  request: message({ ...snapshotKey, parent: field(3, text), labels: textMap(4) }),
  response: mounts,
};
const MOUNTS: Call<SnapshotKey, Mounts> = {
  path: path('Mounts'),
  request: message(snapshotKey),
  response: mounts,
};
const REMOVE: Call<SnapshotKey, object> = {
  path: path('Remove'),
  request: message(snapshotKey),
  response: message({}),
};
const IMAGE: Call<{ readonly image: ImageSpec; readonly verbose: boolean }, VerboseImage> = {
  path: '/runtime.v1.ImageService/ImageStatus',
  request: message({ image: field(1, imageSpec), verbose: field(2, bool) }),
  response: message<VerboseImage>({ info: textMap(2) }),
};

export async function connectImageLayers({ socketPath, snapshotter }: ImportTarget): Promise<ImageLayers> {
  const channel = await openChannel(socketPath, { 'containerd-namespace': CRI_NAMESPACE });
  return createImageLayers(channel, snapshotter);
}

export function createImageLayers(channel: Pick<Channel, 'call'>, snapshotter = 'overlayfs'): ImageLayers {
  const call = <Q, R>(what: Call<Q, R>, request: Q): Promise<R> =>
    channel.call(what, request, { timeoutMs: TIMEOUT_MS });
  return {
    async hold(imageId, key) {
      const { info } = await call(IMAGE, { image: { image: imageId }, verbose: true });
      const parent = chainIdOf(info['info']);
      try {
        return layersOf((await call(VIEW, { snapshotter, key, parent, labels: KEPT })).mounts);
      } catch (error) {
        if (!(error instanceof CriError) || error.code !== 'AlreadyExists') throw error;
        return layersOf((await call(MOUNTS, { snapshotter, key })).mounts);
      }
    },
    async release(key) {
      try {
        await call(REMOVE, { snapshotter, key });
      } catch (error) {
        if (!isNotFound(error)) throw error;
      }
    },
  };
}

/** The name of the snapshot with all layers of the image, from what the runtime tells more of it. */
function chainIdOf(info: string | undefined): string {
  if (info === undefined) throw new Error('the image is not there');
  const { chainID: chainId } = JSON.parse(info) as { readonly chainID?: string };
  if (chainId === undefined || chainId === '') throw new Error('the runtime does not tell its layers');
  return chainId;
}

/** An overlay of several layers, or one that is shown as it is. */
export function layersOf(mounted: readonly ContainerdMount[]): readonly string[] {
  const [only, ...more] = mounted;
  const option = only?.options.find((each) => each.startsWith('lowerdir='));
  if (option !== undefined && more.length === 0) return option.slice('lowerdir='.length).split(':');
  if (only?.type === 'bind' && more.length === 0) return [only.source];
  throw new Error(`layers of type ${mounted.map(({ type }) => type).join()} cannot be shown`);
}
