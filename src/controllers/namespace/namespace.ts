/**
 * The namespace controller: deletes everything in a namespace that is being deleted, says in its conditions
 * what is still there, and lets the namespace go when it is empty.
 *
 * `contentTypes` yields the namespaced kinds of this moment, custom ones included. What API servers behind this
 * one keep in the namespace goes, too; while one of them does not say what it has, the namespace stays.
 */

import { isApiError } from '../../api/meta/api-error.ts';
import { namespaces } from '../../api/groups/core/namespace/namespace.ts';
import { pods } from '../../api/groups/core/pod/pod.ts';
import type { Namespace } from '../../api/types.gen.ts';
import type { Client } from '../../client/client.ts';
import type {
  ControllerContext,
  ControllerDefinition,
  Enqueue,
  ReconcileResult,
} from '../../reconcile/controller.ts';
import { emptyNamespace, type ContentType, type OtherServers } from './content.ts';
import { discoveryError, planConditions, type RemainingContent } from './plan.ts';

const FINALIZER = 'kubernetes';
/** How often to look at what waits for finalizers; pods wake the namespace by themselves. */
const LOOK_AGAIN_MAX_MS = 5_000;

export function namespaceController(
  contentTypes: () => readonly ContentType[],
  others?: OtherServers,
): ControllerDefinition {
  return {
    name: 'namespace-controller',
    permissions: [
      { apiGroups: [''], resources: ['namespaces'], verbs: ['delete', 'get', 'list', 'watch'] },
      { apiGroups: [''], resources: ['namespaces/finalize', 'namespaces/status'], verbs: ['update'] },
      { apiGroups: ['*'], resources: ['*'], verbs: ['delete', 'deletecollection', 'get', 'list', 'watch'] },
    ],
    workers: 10,
    build: (context, enqueue) => {
      watch(context, enqueue);
      return { reconcile: (name) => reconcile(context, name, contentTypes(), others) };
    },
  };
}

function watch({ informers }: ControllerContext, enqueue: Enqueue): void {
  const spaces = informers.of(namespaces);
  spaces.subscribe((next, _old, key) => {
    if (next?.metadata.deletionTimestamp !== undefined) enqueue(key);
  });
  informers.of(pods).subscribe((next, old) => {
    if (next !== undefined || old === undefined) return;
    const name = old.metadata.namespace ?? '';
    if (spaces.getByKey(name)?.metadata.deletionTimestamp !== undefined) enqueue(name);
  });
}

async function reconcile(
  { client, clock }: ControllerContext,
  name: string,
  types: readonly ContentType[],
  others: OtherServers | undefined,
): Promise<ReconcileResult> {
  // Read from the server: what was put back by mistake must not be emptied.
  const namespace = await getNamespace(client, name);
  if (namespace?.metadata.deletionTimestamp === undefined) return {};
  if (!(namespace.spec.finalizers ?? []).includes(FINALIZER)) return {};
  const content = await emptyNamespace(client, name, types, others);
  const reported = await report(client, namespace, content, clock.now());
  const { undiscovered } = content;
  const errors = [...(undiscovered.length === 0 ? [] : [discoveryError(undiscovered)]), ...content.errors];
  if (errors.length > 0) throw new Error(`namespace ${name} is not empty yet: ${errors.join(', ')}`);
  if (content.estimateSeconds > 0) {
    const estimateMs = (content.estimateSeconds / 2 + 1) * 1_000;
    return { requeueAfterMs: Math.min(estimateMs, LOOK_AGAIN_MAX_MS) };
  }
  const finalizers = (reported.spec.finalizers ?? []).filter((finalizer) => finalizer !== FINALIZER);
  const finalized = { ...reported, spec: { ...reported.spec, finalizers } };
  await unlessGone(client.update(namespaces, finalized, { subresource: 'finalize' }));
  return {};
}

async function report(
  client: Client,
  namespace: Namespace,
  content: RemainingContent,
  nowMs: number,
): Promise<Namespace> {
  const { conditions: present = [] } = namespace.status;
  const conditions = planConditions(present, content, nowMs);
  if (conditions === present) return namespace;
  const next = { ...namespace, status: { ...namespace.status, conditions } };
  return (await unlessGone(client.update(namespaces, next, { subresource: 'status' }))) ?? namespace;
}

async function getNamespace(client: Client, name: string): Promise<Namespace | undefined> {
  return unlessGone(client.get(namespaces, { name }));
}

async function unlessGone<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if (isApiError(error, 'NotFound')) return undefined;
    throw error;
  }
}
