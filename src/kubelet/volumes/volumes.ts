/**
 * The volumes of the node's pods: made before a pod starts, kept current while it runs, removed after it
 * ended.
 *
 * Inputs: pods; objects and tokens through the API; the machine's files and mounts. Outputs: for each
 * volume the place on the host; an error in upstream's words for one that cannot be made. Invariants:
 * `mount` may be repeated at any time and only changes what differs; secrets and tokens live in memory
 * (tmpfs), never on a disk.
 */

import { errorText } from '../../base/log.ts';
import { OneAtATime } from '../../base/one-at-a-time.ts';
import { quantityValue } from '../../api/quantity/quantity.ts';
import type { ConfigMap, EmptyDirVolumeSource, Pod, Secret, Volume } from '../../api/types.gen.ts';
import type { Clock } from '../../host/host.ts';
import type { PodFacts } from '../env/downward.ts';
import type { ImageVolumes } from '../image-volumes/image-volumes.ts';
import { podFolder, podName } from '../pods/pod-names.ts';
import type { References } from '../references/references.ts';
import { CONFIG_MAPS, SECRETS } from '../resource-types.ts';
import type { NodeSystem } from '../system/system.ts';
import { writeAtomically, type Owner } from './atomic-writer.ts';
import type { ClaimedVolumes } from './claimed-volumes.ts';
import { prepareHostPath } from './host-path.ts';
import { commonUser, volumePayload } from './payload.ts';
import type { TokenSource } from './token-source.ts';

export interface MountedVolumes {
  /** Path on the host, by volume name. */
  readonly paths: ReadonlyMap<string, string>;
  /** When a token has to be renewed. */
  readonly renewAtMs: number | undefined;
}

export interface VolumesOptions {
  readonly rootFolder: string;
  readonly system: NodeSystem;
  readonly clock: Clock;
  readonly references: References;
  readonly tokens: TokenSource;
  readonly claims: ClaimedVolumes;
  readonly images: Pick<ImageVolumes, 'release'>;
}

export class VolumeError extends Error {
  override readonly name = 'VolumeError';
}

interface Sources {
  readonly configMaps: Map<string, ConfigMap>;
  readonly secrets: Map<string, Secret>;
  readonly tokens: Map<string, string>;
  renewAtMs: number | undefined;
}

export class Volumes {
  readonly #options: VolumesOptions;
  /** By pod: a start and a change of what is mounted must not write into one folder together. */
  readonly #turns = new OneAtATime();

  constructor(options: VolumesOptions) {
    this.#options = options;
  }

  /** Rejects with a `VolumeError` when a volume cannot be made. */
  mount(facts: PodFacts): Promise<MountedVolumes> {
    return this.#turns.take(podName(facts.pod).uid, () => this.#mount(facts));
  }

  async #mount(facts: PodFacts): Promise<MountedVolumes> {
    const paths = new Map<string, string>();
    let renewAtMs: number | undefined;
    for (const volume of facts.pod.spec.volumes ?? []) {
      // Images are pulled for the containers that mount them.
      if (volume.image !== undefined) continue;
      try {
        const made = await this.#make(facts, volume);
        paths.set(volume.name, made.path);
        if (made.renewAtMs !== undefined)
          renewAtMs = Math.min(renewAtMs ?? Number.POSITIVE_INFINITY, made.renewAtMs);
      } catch (error) {
        const message = `MountVolume.SetUp failed for volume "${volume.name}" : ${errorText(error)}`;
        throw new VolumeError(message, { cause: error });
      }
    }
    return { paths, renewAtMs };
  }

  /** Harmless when there is nothing. */
  unmount(uid: string): Promise<void> {
    return this.#turns.take(uid, () => this.#unmount(uid));
  }

  async #unmount(uid: string): Promise<void> {
    const { rootFolder, system, tokens, images } = this.#options;
    const folder = `${podFolder(rootFolder, uid)}/volumes`;
    for (const plugin of await system.files.list(folder)) {
      for (const name of await system.files.list(`${folder}/${plugin}`))
        await system.mounts.unmount(`${folder}/${plugin}/${name}`);
    }
    await images.release(uid);
    await system.files.remove(folder);
    tokens.release(uid);
  }

  async #make(facts: PodFacts, volume: Volume): Promise<{ path: string; renewAtMs?: number | undefined }> {
    const { system, claims } = this.#options;
    const { hostPath, emptyDir } = volume;
    if (hostPath !== undefined) return { path: await prepareHostPath(system.files, hostPath) };
    if (emptyDir !== undefined) return { path: await this.#makeEmptyDir(facts.pod, volume.name, emptyDir) };
    if (volume.persistentVolumeClaim !== undefined || volume.ephemeral !== undefined)
      return { path: await claims.path(facts.pod, volume) };
    return this.#makeFiles(facts, volume);
  }

  async #makeEmptyDir(pod: Pod, name: string, source: EmptyDirVolumeSource): Promise<string> {
    const { files, mounts } = this.#options.system;
    const path = this.#path(pod, 'empty-dir', name);
    if ((await files.stat(path)) === undefined) await files.makeFolder(path, 0o777);
    const isMemory = source.medium === 'Memory';
    if (isMemory && !(await mounts.isMounted(path))) {
      const sizeBytes = source.sizeLimit === undefined ? undefined : quantityValue(source.sizeLimit);
      await mounts.tmpfs(path, sizeBytes === undefined ? {} : { sizeBytes });
      await files.chmod(path, 0o777);
    }
    const group = pod.spec.securityContext?.fsGroup;
    if (group !== undefined) {
      await files.chown(path, -1, group);
      await files.chmod(path, 0o2777);
    }
    return path;
  }

  async #makeFiles(
    facts: PodFacts,
    volume: Volume,
  ): Promise<{ path: string; renewAtMs: number | undefined }> {
    const { files, mounts } = this.#options.system;
    const sources = await this.#fetch(facts.pod, volume);
    const payload = volumePayload(volume, { ...facts, ...sources });
    if (payload === undefined) throw new Error('this kind of volume is not supported by this node');
    if (payload.type === 'failed') throw new Error(payload.message);
    const plugin = pluginOf(volume);
    const path = this.#path(facts.pod, plugin, volume.name);
    await files.makeFolder(path, 0o755);
    const inMemory = plugin === 'secret' || plugin === 'projected';
    if (inMemory && !(await mounts.isMounted(path))) {
      await mounts.tmpfs(path);
      await files.chmod(path, 0o755);
    }
    const nowMs = this.#options.clock.now();
    await writeAtomically(files, path, payload.files, { owner: ownerOf(facts, volume), nowMs });
    return { path, renewAtMs: sources.renewAtMs };
  }

  async #fetch(pod: Pod, volume: Volume): Promise<Sources> {
    const sources: Sources = {
      configMaps: new Map(),
      secrets: new Map(),
      tokens: new Map(),
      renewAtMs: undefined,
    };
    const parts = volume.projected?.sources ?? [
      { configMap: volume.configMap, secret: volume.secret && { name: volume.secret.secretName } },
    ];
    const { uid, namespace } = podName(pod);
    for (const part of parts) {
      const { name: configMapName = '' } = part.configMap ?? {};
      const { name: secretName = '' } = part.secret ?? {};
      if (configMapName !== '') {
        const found = await this.#options.references.get(CONFIG_MAPS, namespace, configMapName, uid);
        if (found !== undefined) sources.configMaps.set(configMapName, found);
      }
      if (secretName !== '') {
        const found = await this.#options.references.get(SECRETS, namespace, secretName, uid);
        if (found !== undefined) sources.secrets.set(secretName, found);
      }
      if (!('serviceAccountToken' in part) || part.serviceAccountToken === undefined) continue;
      const { token, renewAtMs } = await this.#options.tokens.get(pod, part.serviceAccountToken);
      sources.tokens.set(part.serviceAccountToken.path, token);
      sources.renewAtMs = Math.min(sources.renewAtMs ?? Number.POSITIVE_INFINITY, renewAtMs);
    }
    return sources;
  }

  #path(pod: Pod, plugin: string, name: string): string {
    const folder = podFolder(this.#options.rootFolder, podName(pod).uid);
    return `${folder}/volumes/kubernetes.io~${plugin}/${name}`;
  }
}

function pluginOf({ configMap, secret, downwardAPI }: Volume): string {
  if (configMap !== undefined) return 'configmap';
  if (secret !== undefined) return 'secret';
  return downwardAPI !== undefined ? 'downward-api' : 'projected';
}

/** A token belongs to the user who runs, if that is known; everything else to root. */
function ownerOf(facts: PodFacts, { projected }: Volume): Owner | undefined {
  const gid = facts.pod.spec.securityContext?.fsGroup ?? -1;
  const hasToken = projected?.sources.some(({ serviceAccountToken }) => serviceAccountToken !== undefined);
  const uid = hasToken === true ? (commonUser(facts) ?? -1) : -1;
  return gid < 0 && uid < 0 ? undefined : { uid, gid };
}
