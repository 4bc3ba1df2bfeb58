/** Reads what an explanation looks at: the object, and the namespace around it. The shell of this folder. */

import { unreachable } from '../base/assert.ts';
import { daemonSets } from '../api/groups/apps/daemon-set/daemon-set.ts';
import { deployments } from '../api/groups/apps/deployment/deployment.ts';
import { replicaSets } from '../api/groups/apps/replica-set/replica-set.ts';
import { statefulSets } from '../api/groups/apps/stateful-set/stateful-set.ts';
import { horizontalPodAutoscalers } from '../api/groups/autoscaling/horizontal-pod-autoscaler/horizontal-pod-autoscaler.ts';
import { cronJobs } from '../api/groups/batch/cron-job/cron-job.ts';
import { jobs } from '../api/groups/batch/job/job.ts';
import { events } from '../api/groups/core/event/event.ts';
import { namespaces } from '../api/groups/core/namespace/namespace.ts';
import { nodes } from '../api/groups/core/node/node.ts';
import { persistentVolumeClaims } from '../api/groups/core/persistent-volume-claim/persistent-volume-claim.ts';
import { pods } from '../api/groups/core/pod/pod.ts';
import { services } from '../api/groups/core/service/service.ts';
import type { ExplainedPlural } from '../api/groups/explain/explain.ts';
import { podDisruptionBudgets } from '../api/groups/policy/pod-disruption-budget/pod-disruption-budget.ts';
import { storageClasses } from '../api/groups/storage/storage-class/storage-class.ts';
import type { Node } from '../api/types.gen.ts';
import type { Reader } from '../client/client.ts';
import type { Neighbourhood } from './graph.ts';
import type { Subject } from './progress.ts';

/** Throws `NotFound` when there is no such object. */
export async function readSubject(
  client: Reader,
  plural: ExplainedPlural,
  ref: { readonly namespace: string; readonly name: string },
): Promise<Subject> {
  switch (plural) {
    case 'cronjobs':
      return { kind: 'CronJob', object: await client.get(cronJobs, ref) };
    case 'daemonsets':
      return { kind: 'DaemonSet', object: await client.get(daemonSets, ref) };
    case 'deployments':
      return { kind: 'Deployment', object: await client.get(deployments, ref) };
    case 'horizontalpodautoscalers':
      return { kind: 'HorizontalPodAutoscaler', object: await client.get(horizontalPodAutoscalers, ref) };
    case 'jobs':
      return { kind: 'Job', object: await client.get(jobs, ref) };
    case 'namespaces':
      return { kind: 'Namespace', object: await client.get(namespaces, ref) };
    case 'persistentvolumeclaims':
      return { kind: 'PersistentVolumeClaim', object: await client.get(persistentVolumeClaims, ref) };
    case 'pods':
      return { kind: 'Pod', object: await client.get(pods, ref) };
    case 'replicasets':
      return { kind: 'ReplicaSet', object: await client.get(replicaSets, ref) };
    case 'services':
      return { kind: 'Service', object: await client.get(services, ref) };
    case 'statefulsets':
      return { kind: 'StatefulSet', object: await client.get(statefulSets, ref) };
    default:
      return unreachable(plural);
  }
}

export async function readNeighbourhood(
  client: Reader,
  namespace: string,
  nowMs: number,
): Promise<Neighbourhood> {
  const within = { namespace };
  const [podList, setList, jobList, eventList, claimList, budgetList, classList, nodeList] =
    await Promise.all([
      client.list(pods, within),
      client.list(replicaSets, within),
      client.list(jobs, within),
      client.list(events, within),
      client.list(persistentVolumeClaims, within),
      client.list(podDisruptionBudgets, within),
      client.list(storageClasses),
      client.list(nodes),
    ]);
  return {
    nowMs,
    pods: podList.items,
    replicaSets: setList.items,
    jobs: jobList.items,
    events: eventList.items,
    claims: claimList.items,
    budgets: budgetList.items,
    storageClasses: classList.items,
    cordoned: new Set(
      nodeList.items
        .filter(({ spec }) => spec.unschedulable === true)
        .map(({ metadata }) => metadata.name ?? ''),
    ),
    unready: new Map(nodeList.items.flatMap(unreadyNode)),
  };
}

function unreadyNode({ metadata, status }: Node): [string, string][] {
  const ready = status.conditions?.find(({ type }) => type === 'Ready');
  return ready?.status === 'True' ? [] : [[metadata.name ?? '', ready?.message ?? 'it has said nothing yet']];
}
