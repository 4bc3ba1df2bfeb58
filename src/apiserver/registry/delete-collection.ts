/** Deletes every object of a selection, a few at a time; one that vanished meanwhile is no error. */

import { isApiError } from '../../api/meta/api-error.ts';
import type { KubernetesObject } from '../../api/meta/object.ts';
import type { Resource } from '../../api/resource.ts';
import type { ListResult, Operation, RequestContext } from '../../client/operation.ts';
import { deleteObject, type DeleteParts } from './delete.ts';
import { listObjects } from './read.ts';

/** Enough to fill a group commit, few enough to leave room for others. */
const CONCURRENT = 32;

export async function deleteCollection(
  parts: DeleteParts,
  resource: Resource,
  operation: Extract<Operation, { verb: 'deletecollection' }>,
  context: RequestContext,
  served?: Resource,
): Promise<ListResult> {
  const { target, selection, options } = operation;
  const list = await listObjects(parts.store, resource, { verb: 'list', target, selection });
  const queue = [...list.items];
  const deleteNext = async (): Promise<void> => {
    for (let object = queue.pop(); object !== undefined; object = queue.pop()) {
      await deleteOne(parts, resource, object, operation, context, served);
    }
  };
  await Promise.all(Array.from({ length: CONCURRENT }, deleteNext));
  return { ...list, ...(options.dryRun === true ? {} : { resourceVersion: String(parts.store.revision) }) };
}

async function deleteOne(
  parts: DeleteParts,
  resource: Resource,
  object: KubernetesObject,
  { target, options }: Extract<Operation, { verb: 'deletecollection' }>,
  context: RequestContext,
  served: Resource | undefined,
): Promise<void> {
  const { namespace = '', name = '' } = object.metadata;
  try {
    await deleteObject(parts, resource, { ...target, namespace, name }, options, context, served, true);
  } catch (error) {
    if (!isApiError(error, 'NotFound')) throw error;
  }
}
