/**
 * Serves `explain.k8ts.dev`: what the scheduler thinks of a pod, asked of the running one with the cluster as
 * it sees it, and what holds workloads back. RBAC has decided before; what is read is read as the server.
 */

import {
  EXPLAIN_GROUP,
  EXPLAINED_PLURALS,
  podScheduling,
  progressOf,
  type ExplainedPlural,
} from '../api/groups/explain/explain.ts';
import { pods } from '../api/groups/core/pod/pod.ts';
import { ApiError, methodNotAllowedError } from '../api/meta/api-error.ts';
import type { PodScheduling, Progress } from '../api/types.gen.ts';
import type { SubresourceCall, SubresourceHandler } from '../apiserver/subresources/subresource.ts';
import type { Reader } from '../client/client.ts';
import type { Outcome } from '../client/operation.ts';
import type { Clock } from '../host/host.ts';
import type { Scheduler } from '../scheduler/scheduler.ts';
import { readNeighbourhood, readSubject } from '../why/neighbourhood.ts';
import { explainProgress } from '../why/progress.ts';

export interface ExplainApiParts {
  readonly client: () => Reader;
  readonly clock: Clock;
  /** Undefined before it has started. */
  readonly scheduler: () => Pick<Scheduler, 'explain' | 'extendersFor'> | undefined;
}

export function explainHandlers(parts: ExplainApiParts): readonly SubresourceHandler[] {
  return [
    {
      path: 'pods/scheduling',
      group: EXPLAIN_GROUP,
      handle: (call) => answer(call, (ref) => schedulingOf(parts, ref)),
    },
    ...EXPLAINED_PLURALS.map((plural) => ({
      path: `${plural}/progress`,
      group: EXPLAIN_GROUP,
      handle: (call: SubresourceCall) => answer(call, (ref) => progressOfObject(parts, plural, ref)),
    })),
  ];
}

interface Ref {
  readonly namespace: string;
  readonly name: string;
}

async function answer(
  { operation, resource }: SubresourceCall,
  explain: (ref: Ref) => Promise<PodScheduling | Progress>,
): Promise<Outcome> {
  if (operation.verb !== 'get') throw methodNotAllowedError(resource.subject, operation.verb);
  const { namespace, name } = operation.target;
  return { type: 'object', object: await explain({ namespace, name }), created: false };
}

const apiVersionOf = ({ group, version }: { readonly group: string; readonly version: string }): string =>
  `${group}/${version}`;

async function schedulingOf({ client, scheduler }: ExplainApiParts, ref: Ref): Promise<PodScheduling> {
  const pod = await client().get(pods, ref);
  const found = scheduler()?.explain(pod);
  const { schedulerName = '', nodeName = '' } = pod.spec;
  if (found === undefined) {
    const message = `no scheduler of this server decides about pods of the schedulerName ${schedulerName}`;
    throw new ApiError(404, 'NotFound', message, { name: ref.name, kind: 'pods' });
  }
  const { nodeCount, fitting, gates, groups, scores, preemption, smallestChange } = found;
  return {
    kind: podScheduling.kind,
    apiVersion: apiVersionOf(podScheduling),
    metadata: ref,
    schedulerName,
    ...(nodeName === '' ? {} : { nodeName }),
    nodeCount,
    fittingNodes: fitting,
    gates,
    refusals: groups.map(({ nodes, refusals }) => ({ nodes, verdicts: refusals })),
    scores,
    extenders: scheduler()?.extendersFor(pod) ?? [],
    ...(preemption === undefined ? {} : { preemption }),
    ...(smallestChange === undefined ? {} : { smallestChange }),
  };
}

async function progressOfObject(
  { client, clock }: ExplainApiParts,
  plural: ExplainedPlural,
  ref: Ref,
): Promise<Progress> {
  const reader = client();
  const subject = await readSubject(reader, plural, ref);
  const within = plural === 'namespaces' ? ref.name : ref.namespace;
  const around = await readNeighbourhood(reader, within, clock.now());
  const type = progressOf(plural);
  return {
    kind: type.kind,
    apiVersion: apiVersionOf(type),
    metadata: type.namespaced ? ref : { name: ref.name },
    ...explainProgress(subject, around),
  };
}
