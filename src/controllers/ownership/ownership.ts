/**
 * Who owns what: the controller reference of an object, and how a controller takes over matching orphans and
 * lets go of objects that no longer match its selector.
 *
 * `planClaims` decides (pure), `applyClaims` writes. Matches upstream's `ControllerRefManager`: an object
 * with another controller is never touched, an owner on its way out adopts and releases nothing, and before
 * an adoption the owner is read from the server, because the cache may not know yet that it is gone.
 */

import { isApiError } from '../../api/meta/api-error.ts';
import { apiVersionOf, type KubernetesObject, type ResourceType } from '../../api/meta/object.ts';
import { matches, type Selector } from '../../api/labels/selector.ts';
import type { JsonObject } from '../../api/schema/schema.ts';
import type { OwnerReference } from '../../api/types.gen.ts';
import type { Client } from '../../client/client.ts';
import type { Informers } from '../../client/informer/informer.ts';

/** Index name: objects by the uid of their controller, and orphans by namespace. */
export const BY_CONTROLLER = 'controller';

export function controllerOf(object: KubernetesObject): OwnerReference | undefined {
  return object.metadata.ownerReferences?.find((reference) => reference.controller === true);
}

export function isControlledBy(object: KubernetesObject, owner: KubernetesObject): boolean {
  return controllerOf(object)?.uid === owner.metadata.uid;
}

/** The reference that makes `owner` the controller of an object. */
export function controllerReference<T extends KubernetesObject>(
  type: ResourceType<T>,
  owner: Pick<T, 'metadata'>,
): OwnerReference {
  const { name = '', uid = '' } = owner.metadata;
  return {
    apiVersion: apiVersionOf(type),
    kind: type.kind,
    name,
    uid,
    controller: true,
    blockOwnerDeletion: true,
  };
}

/** Whether a reference points to an object of this kind, whatever the version. */
export function refersTo(reference: OwnerReference | undefined, type: ResourceType): boolean {
  if (reference?.kind !== type.kind) return false;
  const slash = reference.apiVersion.indexOf('/');
  return (slash < 0 ? '' : reference.apiVersion.slice(0, slash)) === type.group;
}

/** The queue key of the `type` that controls an object; undefined when none does. */
export function ownerKey(object: KubernetesObject | undefined, type: ResourceType): string | undefined {
  if (object === undefined) return undefined;
  const owner = controllerOf(object);
  if (owner === undefined || !refersTo(owner, type)) return undefined;
  return `${object.metadata.namespace ?? ''}/${owner.name}`;
}

export function indexByController<T extends KubernetesObject>(
  informers: Informers,
  type: ResourceType<T>,
): void {
  informers.index(type, BY_CONTROLLER, controllerKeys);
}

function controllerKeys(object: KubernetesObject): readonly string[] {
  const controller = controllerOf(object);
  return [controller === undefined ? orphansOf(object.metadata.namespace ?? '') : controller.uid];
}

/** The index value of objects without a controller in a namespace. */
export function orphansOf(namespace: string): string {
  return `orphans/${namespace}`;
}

export interface Claims<T> {
  readonly owned: readonly T[];
  readonly adopt: readonly T[];
  readonly release: readonly T[];
}

/** `belongs` narrows the selector down: what it refuses is released as if it did not match. */
export function planClaims<T extends KubernetesObject>(
  owner: KubernetesObject,
  selector: Selector,
  candidates: readonly T[],
  belongs: (object: T) => boolean = () => true,
): Claims<T> {
  const owned: T[] = [];
  const adopt: T[] = [];
  const release: T[] = [];
  const leaving = owner.metadata.deletionTimestamp !== undefined;
  for (const object of candidates) {
    const { labels, namespace, deletionTimestamp } = object.metadata;
    const controller = controllerOf(object);
    const wanted = matches(selector, labels) && belongs(object);
    if (controller !== undefined) {
      if (controller.uid !== owner.metadata.uid) continue;
      if (wanted) owned.push(object);
      else if (!leaving) release.push(object);
    } else if (wanted && !leaving && deletionTimestamp === undefined) {
      if (namespace === owner.metadata.namespace) adopt.push(object);
    }
  }
  return { owned, adopt, release };
}

/**
 * Writes the claims; returns what the owner has now. `onWrite` hears of each object as it was written.
 * `finalizer` is put on what is adopted and taken off what is released.
 */
export async function applyClaims<T extends KubernetesObject, O extends KubernetesObject>(
  client: Client,
  claims: Claims<T>,
  type: ResourceType<T>,
  owner: O,
  ownerType: ResourceType<O>,
  onWrite: (written: T) => void,
  finalizer?: string,
): Promise<readonly T[]> {
  if (claims.adopt.length === 0 && claims.release.length === 0) return claims.owned;
  if (claims.adopt.length > 0) await requireLive(client, ownerType, owner);
  const adoption = ownersPatch({ ...controllerReference(ownerType, owner) }, 'finalizers', finalizer);
  const adopted = await Promise.all(
    claims.adopt.map((object) => patchOwners(client, type, object, adoption, onWrite, ['NotFound'])),
  );
  const removal = { $patch: 'delete', uid: owner.metadata.uid ?? '' };
  const release = ownersPatch(removal, '$deleteFromPrimitiveList/finalizers', finalizer);
  await Promise.all(
    // Invalid: the object was replaced by one of the same name, or is not ours any more.
    claims.release.map((object) =>
      patchOwners(client, type, object, release, onWrite, ['NotFound', 'Invalid']),
    ),
  );
  return [...claims.owned, ...adopted.filter((object) => object !== undefined)];
}

async function requireLive<O extends KubernetesObject>(
  client: Client,
  type: ResourceType<O>,
  owner: O,
): Promise<void> {
  const { namespace, name = '', uid } = owner.metadata;
  const fresh = await client.get(type, { namespace, name });
  const what = `${type.kind} ${namespace ?? ''}/${name}`;
  if (fresh.metadata.uid !== uid) {
    throw new Error(`original ${what} is gone: got uid ${fresh.metadata.uid ?? ''}, wanted ${uid ?? ''}`);
  }
  if (fresh.metadata.deletionTimestamp !== undefined) {
    throw new Error(`${what} has just been deleted at ${fresh.metadata.deletionTimestamp}`);
  }
}

function ownersPatch(reference: JsonObject, field: string, finalizer: string | undefined): JsonObject {
  return { ownerReferences: [reference], ...(finalizer === undefined ? {} : { [field]: [finalizer] }) };
}

async function patchOwners<T extends KubernetesObject>(
  client: Client,
  type: ResourceType<T>,
  object: T,
  metadata: JsonObject,
  onWrite: (written: T) => void,
  harmless: readonly ('NotFound' | 'Invalid')[],
): Promise<T | undefined> {
  const { namespace, name = '', uid = '' } = object.metadata;
  const body: JsonObject = { metadata: { ...metadata, uid } };
  try {
    const written = await client.patch(type, { namespace, name }, { type: 'strategic', body });
    onWrite(written);
    return written;
  } catch (error) {
    if (harmless.some((reason) => isApiError(error, reason))) return undefined;
    throw error;
  }
}
