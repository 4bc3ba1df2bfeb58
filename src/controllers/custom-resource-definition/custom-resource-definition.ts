/**
 * The controller of CustomResourceDefinitions: gives them their names and establishes them, and when one is
 * deleted, deletes its objects before it lets go of it.
 */

import {
  CLEANUP_FINALIZER,
  customResourceDefinitions,
} from '../../api/groups/apiextensions/custom-resource-definition/custom-resource-definition.ts';
import { isEstablished } from '../../api/groups/apiextensions/custom-resource-definition/validate-definition.ts';
import type { KubernetesObject, ResourceType } from '../../api/meta/object.ts';
import { formatTime } from '../../api/time/time.ts';
import type { CustomResourceDefinition } from '../../api/types.gen.ts';
import type { Client } from '../../client/client.ts';
import type { Clock } from '../../host/host.ts';
import type { ControllerDefinition, ReconcileResult } from '../../reconcile/controller.ts';
import { CATCH_UP_MS, OwnWrites } from '../own-writes/own-writes.ts';
import { planStatus, withCondition } from './plan.ts';

/** Objects that wait for finalizers of their own hold their definition. */
const RECHECK_MS = 1_000;

export const customResourceDefinitionController: ControllerDefinition = {
  name: 'custom-resource-definition-controller',
  permissions: [
    {
      apiGroups: ['apiextensions.k8s.io'],
      resources: ['customresourcedefinitions', 'customresourcedefinitions/status'],
      verbs: ['get', 'list', 'patch', 'update', 'watch'],
    },
    { apiGroups: ['*'], resources: ['*'], verbs: ['deletecollection', 'list'] },
  ],
  // One worker: two definitions that want the same name must not both find it free.
  workers: 1,
  build: ({ client, informers, clock }, enqueue) => {
    const definitions = informers.of(customResourceDefinitions);
    const given = new OwnWrites(definitions, clock);
    definitions.subscribe(() => {
      // A name that one definition gives up may be what another one waits for.
      for (const { metadata } of definitions.list()) enqueue(metadata.name ?? '');
    });
    return {
      reconcile: async (name) => {
        const definition = definitions.getByKey(name);
        if (definition === undefined) return {};
        if (definition.metadata.deletionTimestamp !== undefined) return cleanUp(client, clock, definition);
        const { group } = definition.spec;
        // A name that was given a moment ago still looks free in a cache that lags.
        if (!given.caughtUp(group)) return { requeueAfterMs: CATCH_UP_MS };
        const status = planStatus(definition, definitions.list(), formatTime(clock.now()));
        if (status !== definition.status) {
          const next = { ...definition, status };
          given.wrote(group, await client.update(customResourceDefinitions, next, { subresource: 'status' }));
        }
        return {};
      },
    };
  },
};

async function cleanUp(
  client: Client,
  clock: Clock,
  definition: CustomResourceDefinition,
): Promise<ReconcileResult> {
  const finalizers = definition.metadata.finalizers ?? [];
  if (!finalizers.includes(CLEANUP_FINALIZER)) return {};
  const now = formatTime(clock.now());
  const say = async (
    of: CustomResourceDefinition,
    status: 'True' | 'False',
    reason: string,
    message: string,
  ): Promise<CustomResourceDefinition> => {
    const conditions = withCondition(
      of.status.conditions,
      { type: 'Terminating', status, reason, message },
      now,
    );
    if (conditions === of.status.conditions) return of;
    const next = { ...of, status: { ...of.status, conditions } };
    return client.update(customResourceDefinitions, next, { subresource: 'status' });
  };
  let current = definition;
  if (isEstablished(definition)) {
    const doing = 'CustomResource deletion is in progress';
    current = await say(current, 'True', 'InstanceDeletionInProgress', doing);
    if ((await deleteObjects(client, definition)) > 0) return { requeueAfterMs: RECHECK_MS };
    current = await say(current, 'False', 'InstanceDeletionCompleted', 'removed all instances');
  } else current = await say(current, 'False', 'NeverEstablished', 'resource was never established');
  const metadata = {
    ...current.metadata,
    finalizers: finalizers.filter((name) => name !== CLEANUP_FINALIZER),
  };
  await client.update(customResourceDefinitions, { ...current, metadata });
  return {};
}

/** Deletes all objects of the kind; the number of those that are still there. */
async function deleteObjects(client: Client, { spec, status }: CustomResourceDefinition): Promise<number> {
  const served =
    spec.versions.find((version) => version.storage && version.served) ??
    spec.versions.find((version) => version.served) ??
    // The server serves it for this.
    spec.versions.find((version) => version.storage);
  if (served === undefined) return 0;
  const type: ResourceType = {
    group: spec.group,
    version: served.name,
    kind: status.acceptedNames.kind,
    plural: status.acceptedNames.plural,
    namespaced: spec.scope === 'Namespaced',
  };
  const before = await client.list<KubernetesObject>(type, { limit: 1 });
  if (before.items.length === 0) return 0;
  await client.deleteCollection(type, {}, {});
  const after = await client.list<KubernetesObject>(type, { limit: 1 });
  return after.items.length;
}
