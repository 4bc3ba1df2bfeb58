/** What controllers see of the API servers behind this one: their kinds, and a way to list and delete objects. */

import { apiVersionOf, type KubernetesObject, type ResourceType } from '../api/meta/object.ts';
import type { JsonValue } from '../api/schema/schema.ts';
import { namespacedTypes } from '../apiserver/aggregation/remote-discovery.ts';
import type { Aggregation } from '../apiserver/aggregation/aggregation.ts';
import type { DeleteRequest, ListRequest, ObjectList, ObjectRef, Selection } from '../client/client.ts';
import type { UserInfo } from '../client/operation.ts';
import type { ControllerOptions } from '../controllers/catalog.ts';
import type { ContentType, OtherServers } from '../controllers/namespace/content.ts';

/** For a controller by its name, which is asked for as the user that the controller is. */
export function otherServers(
  aggregation: Pick<Aggregation, 'ask' | 'groupVersions' | 'read' | 'versionsOf'>,
  userOf: (controller: string) => UserInfo,
): Pick<ControllerOptions, 'aggregatedApis' | 'otherServers'> {
  return {
    aggregatedApis: (controller) => ({
      versionsOf: (group) => aggregation.versionsOf(group),
      read: (path) => aggregation.read(path, userOf(controller)),
    }),
    otherServers: (controller) => contentOf(aggregation, userOf(controller)),
  };
}

function contentOf(aggregation: Pick<Aggregation, 'ask' | 'groupVersions'>, user: UserInfo): OtherServers {
  const remove = async (path: string, { dryRun, ...options }: DeleteRequest = {}): Promise<void> => {
    const rehearsal = dryRun === true ? { dryRun: ['All'] } : {};
    const body: JsonValue = { kind: 'DeleteOptions', apiVersion: 'v1', ...options, ...rehearsal };
    await aggregation.ask({ method: 'DELETE', path, body }, user);
  };
  return {
    content() {
      const { types, stale } = namespacedTypes(aggregation.groupVersions());
      return { types: types as readonly ContentType[], stale };
    },
    client: {
      async list<T extends KubernetesObject>(
        type: ResourceType<T>,
        { namespace, ...query }: ListRequest = {},
      ): Promise<ObjectList<T>> {
        const words = Object.entries(query).map(([name, value]): [string, string] => [name, String(value)]);
        const path = `${pathOf(type, namespace)}?${new URLSearchParams(words).toString()}`;
        const { items, metadata } = (await aggregation.ask({ method: 'GET', path }, user)) as unknown as {
          readonly items: readonly T[] | null;
          readonly metadata?: { readonly resourceVersion?: string; readonly continue?: string };
        };
        const token = metadata?.continue ?? '';
        return {
          items: items ?? [],
          resourceVersion: metadata?.resourceVersion ?? '',
          ...(token === '' ? {} : { continue: token }),
        };
      },
      delete: <T extends KubernetesObject>(
        type: ResourceType<T>,
        { namespace, name }: ObjectRef,
        options?: DeleteRequest,
      ) => remove(`${pathOf(type, namespace)}/${encodeURIComponent(name)}`, options),
      deleteCollection: <T extends KubernetesObject>(
        type: ResourceType<T>,
        { namespace }: Pick<Selection, 'namespace'>,
        options?: DeleteRequest,
      ) => remove(pathOf(type, namespace), options),
    },
  };
}

function pathOf(type: Pick<ResourceType, 'group' | 'version' | 'plural'>, namespace = ''): string {
  const within = namespace === '' ? '' : `namespaces/${encodeURIComponent(namespace)}/`;
  return `/apis/${apiVersionOf(type)}/${within}${type.plural}`;
}
