/**
 * What the files of configMap, secret, downwardAPI and projected volumes hold; pure. Objects and tokens are
 * fetched before. A missing object or key is an error unless the source is optional.
 */

import type {
  ConfigMap,
  DownwardAPIVolumeFile,
  KeyToPath,
  Secret,
  Volume,
  VolumeProjection,
} from '../../api/types.gen.ts';
import { containerOf, fieldValue, resourceValue, type PodFacts } from '../env/downward.ts';

export interface FileContent {
  readonly bytes: Uint8Array;
  readonly mode: number;
}

/** By path in the volume. */
export type Payload = ReadonlyMap<string, FileContent>;
export type PayloadOutcome =
  | { readonly type: 'ok'; readonly files: Payload }
  | { readonly type: 'failed'; readonly message: string };

export interface PayloadSources extends PodFacts {
  readonly configMaps: ReadonlyMap<string, ConfigMap>;
  readonly secrets: ReadonlyMap<string, Secret>;
  /** By path in the volume. */
  readonly tokens: ReadonlyMap<string, string>;
}

const DEFAULT_MODE = 0o644;
/** A token is for its user only, when it is known who that is. */
const OWNED_TOKEN_MODE = 0o600;

class Failure extends Error {}

/** Undefined for volumes of other kinds. */
export function volumePayload(volume: Volume, sources: PayloadSources): PayloadOutcome | undefined {
  const files = new Map<string, FileContent>();
  try {
    if (!addVolume(volume, sources, files)) return undefined;
  } catch (error) {
    if (error instanceof Failure) return { type: 'failed', message: error.message };
    throw error;
  }
  return { type: 'ok', files };
}

function addVolume(volume: Volume, sources: PayloadSources, files: Map<string, FileContent>): boolean {
  const { configMap, secret, downwardAPI, projected } = volume;
  if (configMap !== undefined) addConfigMap(configMap, configMap.defaultMode ?? DEFAULT_MODE, sources, files);
  else if (secret !== undefined) {
    const named = { ...secret, name: secret.secretName ?? '' };
    addSecret(named, secret.defaultMode ?? DEFAULT_MODE, sources, files);
  } else if (downwardAPI !== undefined) {
    addDownward(downwardAPI.items ?? [], downwardAPI.defaultMode ?? DEFAULT_MODE, sources, files);
  } else if (projected !== undefined) {
    for (const source of projected.sources)
      addProjection(source, projected.defaultMode ?? DEFAULT_MODE, sources, files);
  } else return false;
  return true;
}

function addProjection(
  source: VolumeProjection,
  mode: number,
  sources: PayloadSources,
  files: Map<string, FileContent>,
): void {
  const { configMap, secret, downwardAPI, serviceAccountToken } = source;
  if (configMap !== undefined) addConfigMap(configMap, mode, sources, files);
  else if (secret !== undefined) addSecret(secret, mode, sources, files);
  else if (downwardAPI !== undefined) addDownward(downwardAPI.items ?? [], mode, sources, files);
  else if (serviceAccountToken !== undefined) {
    const token = sources.tokens.get(serviceAccountToken.path);
    if (token === undefined) throw new Failure('the service account token is not there');
    const isOwned =
      sources.pod.spec.securityContext?.fsGroup !== undefined || commonUser(sources) !== undefined;
    files.set(serviceAccountToken.path, {
      bytes: Buffer.from(token),
      mode: isOwned ? OWNED_TOKEN_MODE : mode,
    });
  } else throw new Failure('this kind of volume projection is not supported by this node');
}

/** The user that every container runs as; undefined when they differ or leave it to the image. */
export function commonUser({ pod }: Pick<PodFacts, 'pod'>): number | undefined {
  const shared = pod.spec.securityContext?.runAsUser;
  const containers = [...(pod.spec.initContainers ?? []), ...pod.spec.containers];
  const users = new Set(containers.map(({ securityContext }) => securityContext?.runAsUser ?? shared));
  const [user] = users;
  return users.size === 1 ? user : undefined;
}

interface KeyedSource {
  readonly name?: string;
  readonly items?: readonly KeyToPath[];
  readonly optional?: boolean;
}

function addConfigMap(
  source: KeyedSource,
  mode: number,
  { configMaps }: PayloadSources,
  files: Map<string, FileContent>,
): void {
  const { name = '', optional = false } = source;
  const configMap = configMaps.get(name);
  if (configMap === undefined) {
    if (optional) return;
    throw new Failure(`configmap "${name}" not found`);
  }
  const values = new Map<string, Uint8Array>();
  for (const [key, text] of Object.entries(configMap.data ?? {})) values.set(key, Buffer.from(text));
  for (const [key, text] of Object.entries(configMap.binaryData ?? {}))
    values.set(key, Buffer.from(text, 'base64'));
  addKeys(source, values, mode, files);
}

function addSecret(
  source: KeyedSource,
  mode: number,
  { secrets }: PayloadSources,
  files: Map<string, FileContent>,
): void {
  const { name = '', optional = false } = source;
  const secret = secrets.get(name);
  if (secret === undefined) {
    if (optional) return;
    throw new Failure(`secret "${name}" not found`);
  }
  const entries = Object.entries(secret.data ?? {});
  const values = new Map(entries.map(([key, text]) => [key, Buffer.from(text, 'base64')] as const));
  addKeys(source, values, mode, files);
}

function addKeys(
  { items, optional = false }: KeyedSource,
  values: ReadonlyMap<string, Uint8Array>,
  mode: number,
  files: Map<string, FileContent>,
): void {
  if (items === undefined || items.length === 0) {
    for (const [key, bytes] of values) files.set(key, { bytes, mode });
    return;
  }
  for (const item of items) {
    const bytes = values.get(item.key);
    if (bytes !== undefined) files.set(item.path, { bytes, mode: item.mode ?? mode });
    else if (!optional) throw new Failure(`references non-existent config key: ${item.key}`);
  }
}

function addDownward(
  items: readonly DownwardAPIVolumeFile[],
  defaultMode: number,
  facts: PodFacts,
  files: Map<string, FileContent>,
): void {
  for (const { path, fieldRef, resourceFieldRef, mode = defaultMode } of items) {
    const container = containerOf(facts.pod, resourceFieldRef?.containerName ?? '');
    const found =
      fieldRef !== undefined
        ? fieldValue(facts, fieldRef)
        : resourceFieldRef !== undefined && container !== undefined
          ? resourceValue(facts, container, resourceFieldRef)
          : { error: `the source of ${path} is not supported` };
    if ('error' in found) throw new Failure(found.error);
    files.set(path, { bytes: Buffer.from(found.value), mode });
  }
}
