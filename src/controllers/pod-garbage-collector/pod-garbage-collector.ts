/**
 * The pod garbage collector: looks at all pods every `PERIOD_MS` and removes those that `plan.ts` names.
 *
 * A node that is missing from the cache is left alone for a quarantine and then asked for on the server:
 * removing pods of a node that is only late would end containers for nothing.
 */

import { isApiError } from '../../api/meta/api-error.ts';
import { nodes } from '../../api/groups/core/node/node.ts';
import { pods } from '../../api/groups/core/pod/pod.ts';
import type { Pod } from '../../api/types.gen.ts';
import type {
  ControllerContext,
  ControllerDefinition,
  Enqueue,
  Reconciler,
} from '../../reconcile/controller.ts';
import { isPodFinished, withPodCondition } from '../pod-state/pod-state.ts';
import { planPodGarbage, type PodGarbage } from './plan.ts';

const PERIOD_MS = 20_000;
const QUARANTINE_MS = 40_000;
const KEY = 'collect';

export const podGarbageCollector: ControllerDefinition = {
  name: 'pod-garbage-collector',
  permissions: [
    { apiGroups: [''], resources: ['pods'], verbs: ['delete', 'get', 'list', 'watch'] },
    { apiGroups: [''], resources: ['pods/status'], verbs: ['patch', 'update'] },
    { apiGroups: [''], resources: ['nodes'], verbs: ['get', 'list', 'watch'] },
  ],
  build: (context, enqueue) => build(context, enqueue),
};

function build(context: ControllerContext, enqueue: Enqueue): Reconciler {
  const { informers, clock } = context;
  const nodeInformer = informers.of(nodes);
  const podInformer = informers.of(pods);
  /** Since when a node is missing, in monotonic time. */
  const missing = new Map<string, number>();
  nodeInformer.subscribe((next, _old, name) => {
    if (next !== undefined) missing.delete(name);
    enqueue(KEY, PERIOD_MS);
  });
  podInformer.subscribe(() => enqueue(KEY, PERIOD_MS));
  return {
    reconcile: async () => {
      const plan = planPodGarbage(podInformer.list(), (name) => nodeInformer.getByKey(name));
      let isDone = true;
      for (const garbage of plan.remove) isDone = (await remove(context, garbage)) && isDone;
      const perNode = Map.groupBy(plan.orphaned, ({ spec }) => spec.nodeName ?? '');
      for (const name of missing.keys()) if (!perNode.has(name)) missing.delete(name);
      const nowMs = clock.monotonicMs();
      for (const [name, orphaned] of perNode) {
        const since = missing.get(name) ?? nowMs;
        missing.set(name, since);
        if (nowMs - since >= QUARANTINE_MS && !(await exists(context, name))) {
          isDone = (await removeOrphans(context, orphaned)) && isDone;
        }
      }
      return missing.size > 0 || !isDone ? { requeueAfterMs: PERIOD_MS } : {};
    },
  };
}

async function removeOrphans(context: ControllerContext, orphaned: readonly Pod[]): Promise<boolean> {
  const disruption = { reason: 'DeletionByPodGC', message: 'PodGC: node no longer exists' };
  let isDone = true;
  for (const pod of orphaned) isDone = (await remove(context, { pod, disruption })) && isDone;
  return isDone;
}

async function exists({ client }: ControllerContext, name: string): Promise<boolean> {
  try {
    await client.get(nodes, { name });
    return true;
  } catch (error) {
    if (isApiError(error, 'NotFound')) return false;
    throw error;
  }
}

/**
 * Failed first, so that whoever watches learns how the pod ended; then gone, without waiting for a kubelet.
 * False when somebody else was faster, so that the next round has to try again.
 */
async function remove(
  { client, clock, logger }: ControllerContext,
  { pod, disruption }: PodGarbage,
): Promise<boolean> {
  const { namespace, name = '', uid = '' } = pod.metadata;
  try {
    if (!isPodFinished(pod)) {
      const failed: Pod = { ...pod, status: { ...pod.status, phase: 'Failed' } };
      const condition = { type: 'DisruptionTarget', status: 'True', ...disruption };
      const marked = disruption === undefined ? failed : withPodCondition(failed, condition, clock.now());
      await client.update(pods, marked, { subresource: 'status' });
    }
    await client.delete(pods, { namespace, name }, { gracePeriodSeconds: 0, preconditions: { uid } });
    return true;
  } catch (error) {
    if (isApiError(error, 'NotFound')) return true;
    if (!isApiError(error, 'Conflict')) throw error;
    logger.debug(`pod ${namespace ?? ''}/${name} changed while it was removed; the next round tries again`);
    return false;
  }
}
