/** What keeps Deployments, ReplicaSets, StatefulSets and DaemonSets from what they are to be. Pure. */

import type { KubernetesObject } from '../api/meta/object.ts';
import type { DaemonSet, Deployment, Pod, ReplicaSet, StatefulSet } from '../api/types.gen.ts';
import { budgetFindings } from './budget-findings.ts';
import { createFindings } from './create-findings.ts';
import { deletionFindings } from './deletion-findings.ts';
import { objectOf, type Cause, type Finding, type Look, type Rank } from './finding.ts';
import type { Graph } from './graph.ts';
import { podFindings } from './pod-findings.ts';
import { isOver, isReady } from './pod-state.ts';

const REVISION = 'deployment.kubernetes.io/revision';

export function lookAtDeployment(deployment: Deployment, graph: Graph): Look {
  const { spec, status } = deployment;
  const wanted = spec.replicas ?? 1;
  const { updatedReplicas: updated = 0, availableReplicas: available = 0, replicas = 0 } = status;
  const sets = graph.replicaSetsOf(deployment);
  const newest = sets.toSorted((a, b) => (revisionOf(a) < revisionOf(b) ? 1 : -1))[0];
  const isSeen = isObserved(deployment, status.observedGeneration);
  const isDone =
    isSeen && spec.paused !== true && updated === wanted && replicas === wanted && available === wanted;
  return {
    state: `${updated} of ${wanted} replicas are updated, ${available} are available`,
    isDone,
    findings: [
      ...commonFindings('Deployment', deployment, graph, isSeen),
      ...(spec.paused === true ? [paused(deployment)] : []),
      ...(isDone ? [] : rolloutFindings(deployment, newest)),
      ...(newest === undefined ? [] : setFindings(newest, graph)),
      ...budgetFindings(
        sets.flatMap((set) => graph.podsOf(set)),
        graph,
      ),
    ],
  };
}

function revisionOf({ metadata }: ReplicaSet): bigint {
  const text = metadata.annotations?.[REVISION] ?? '';
  return /^\d+$/.test(text) ? BigInt(text) : 0n;
}

/** Its controller acts on what it has seen. */
function isObserved({ metadata }: KubernetesObject, observed = 0): boolean {
  return observed >= (metadata.generation ?? 0);
}

function commonFindings(
  kind: string,
  object: KubernetesObject,
  graph: Graph,
  isSeen: boolean,
): readonly Finding[] {
  const message = 'its controller has not seen its last change yet';
  const advice = 'Wait a moment; if it stays so, see whether the control plane is healthy: k8ts status';
  return [
    ...deletionFindings(kind, object, graph.all.nowMs),
    ...(isSeen ? [] : [finding(kind, object, 'not-observed', 'effect', message, advice)]),
  ];
}

function finding(
  kind: string,
  object: KubernetesObject,
  cause: Cause,
  rank: Rank,
  message: string,
  advice: string,
  evidence: readonly string[] = [],
): Finding {
  return { cause, rank, object: objectOf(kind, object), message, evidence, advice };
}

function paused(deployment: Deployment): Finding {
  const { namespace = '', name = '' } = deployment.metadata;
  const advice = `kubectl rollout resume -n ${namespace} deployment/${name}`;
  return finding(
    'Deployment',
    deployment,
    'paused',
    'cause',
    'it is paused: changes are not rolled out',
    advice,
  );
}

function rolloutFindings(deployment: Deployment, newest: ReplicaSet | undefined): readonly Finding[] {
  const { spec, status, metadata } = deployment;
  const about = (cause: Cause, message: string, advice: string, evidence: readonly string[] = []): Finding =>
    finding('Deployment', deployment, cause, 'effect', message, advice, evidence);
  const findings: Finding[] = [];
  const progress = status.conditions?.find(({ type }) => type === 'Progressing');
  if (progress?.status === 'False' && progress.reason === 'ProgressDeadlineExceeded') {
    const message = `its rollout has made no progress for ${spec.progressDeadlineSeconds ?? 600} seconds`;
    const advice = `Remove what holds it back, or go back: kubectl rollout undo -n ${metadata.namespace ?? ''} deployment/${metadata.name ?? ''}`;
    findings.push(
      about('progress-deadline', message, advice, [`condition Progressing: ${progress.message ?? ''}`]),
    );
  }
  const fresh = newest?.status.replicas ?? 0;
  const old = (status.replicas ?? 0) - fresh;
  const ready = newest?.status.availableReplicas ?? 0;
  if (newest !== undefined && old > 0 && ready < fresh) {
    const { maxUnavailable = '25%', maxSurge = '25%' } = spec.strategy.rollingUpdate ?? {};
    const message =
      `its rollout waits for new pods: ${ready} of ${fresh} are available, and ${old} old ones stay until then ` +
      `(maxUnavailable ${maxUnavailable}, maxSurge ${maxSurge})`;
    findings.push(about('rollout-waits', message, 'See what holds the new pods back.'));
  }
  return findings;
}

export function lookAtReplicaSet(set: ReplicaSet, graph: Graph): Look {
  const wanted = set.spec.replicas ?? 1;
  const { availableReplicas: available = 0 } = set.status;
  const isSeen = isObserved(set, set.status.observedGeneration);
  return {
    state: `${available} of ${wanted} replicas are available`,
    isDone: isSeen && available === wanted && (set.status.replicas ?? 0) === wanted,
    findings: [
      ...commonFindings('ReplicaSet', set, graph, isSeen),
      ...setFindings(set, graph),
      ...budgetFindings(graph.podsOf(set), graph),
    ],
  };
}

function setFindings(set: ReplicaSet, graph: Graph): readonly Finding[] {
  const pods = graph.podsOf(set);
  const isShort = pods.filter((pod) => !isOver(pod)).length < (set.spec.replicas ?? 1);
  return [
    ...(isShort ? createFindings('ReplicaSet', set, graph) : []),
    ...pods.flatMap((pod) => podFindings(pod, graph)),
  ];
}

export function lookAtStatefulSet(set: StatefulSet, graph: Graph): Look {
  const { spec, status } = set;
  const wanted = spec.replicas ?? 1;
  const pods = graph.podsOf(set);
  const { updatedReplicas: updated = 0, availableReplicas: available } = status;
  const partition = spec.updateStrategy.rollingUpdate?.partition ?? 0;
  const isSeen = isObserved(set, status.observedGeneration);
  const isShort = pods.filter((pod) => !isOver(pod)).length < wanted;
  const blocking = spec.podManagementPolicy === 'Parallel' ? undefined : firstUnready(pods);
  const isBlocked = blocking !== undefined && (isShort || updated < wanted);
  return {
    state: `${available} of ${wanted} replicas are available, ${updated} are updated`,
    isDone: isSeen && !isShort && available === wanted && updated >= wanted - partition,
    findings: [
      ...commonFindings('StatefulSet', set, graph, isSeen),
      ...(isShort ? createFindings('StatefulSet', set, graph) : []),
      ...(isBlocked
        ? [
            finding(
              'StatefulSet',
              set,
              'rollout-waits',
              'effect',
              `its pods come one after the other: ${blocking.metadata.name ?? ''} must be ready before the next`,
              'See what holds this pod back, or set podManagementPolicy: Parallel on a new StatefulSet.',
            ),
          ]
        : []),
      ...pods.flatMap((pod) => podFindings(pod, graph)),
      ...budgetFindings(pods, graph),
    ],
  };
}

function firstUnready(pods: readonly Pod[]): Pod | undefined {
  const ordinal = ({ metadata }: Pod): number => Number(/-(\d+)$/.exec(metadata.name ?? '')?.[1] ?? 0);
  return pods.toSorted((a, b) => ordinal(a) - ordinal(b)).find((pod) => !isReady(pod));
}

export function lookAtDaemonSet(set: DaemonSet, graph: Graph): Look {
  const { status } = set;
  const { desiredNumberScheduled: wanted, numberReady: ready, updatedNumberScheduled: updated = 0 } = status;
  const pods = graph.podsOf(set);
  const isSeen = isObserved(set, status.observedGeneration);
  const isShort = status.currentNumberScheduled < wanted;
  return {
    state: `${ready} of ${wanted} nodes have a ready pod of it, ${updated} an updated one`,
    isDone: isSeen && ready >= wanted && updated >= wanted,
    findings: [
      ...commonFindings('DaemonSet', set, graph, isSeen),
      ...(isSeen && wanted === 0
        ? [
            finding(
              'DaemonSet',
              set,
              'no-nodes',
              'note',
              'no node is to run it: none fits its node selector, affinity and tolerations',
              'Correct these, or label a node.',
            ),
          ]
        : []),
      ...(isShort ? createFindings('DaemonSet', set, graph) : []),
      ...pods.flatMap((pod) => podFindings(pod, graph)),
      ...budgetFindings(pods, graph),
    ],
  };
}
