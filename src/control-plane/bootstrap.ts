/** What every cluster has from its first second: system namespaces, and the Service of the API server itself. */

import { isApiError } from '../api/meta/api-error.ts';
import type { Draft, KubernetesObject, ResourceType } from '../api/meta/object.ts';
import { namespaces } from '../api/groups/core/namespace/namespace.ts';
import type { Client } from '../client/client.ts';

export const SYSTEM_NAMESPACES: readonly string[] = ['default', 'kube-system', 'kube-public', 'kube-node-lease'];

export async function ensureNamespaces(client: Client): Promise<void> {
  await Promise.all(SYSTEM_NAMESPACES.map((name) => createIfMissing(client, namespaces, { metadata: { name } })));
}

export async function createIfMissing<T extends KubernetesObject>(
  client: Client,
  type: ResourceType<T>,
  object: Draft<T>,
): Promise<void> {
  try {
    await client.create(type, object);
  } catch (error) {
    if (!isApiError(error, 'AlreadyExists')) throw error;
  }
}
