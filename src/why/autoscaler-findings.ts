/** What keeps a HorizontalPodAutoscaler from scaling. Pure. */

import type { HorizontalPodAutoscaler } from '../api/types.gen.ts';
import { deletionFindings } from './deletion-findings.ts';
import { objectOf, type Finding, type Look } from './finding.ts';
import type { Graph } from './graph.ts';

/** What to do about the reasons of its conditions. */
const ADVICE: { readonly [reason: string]: string | undefined } = {
  FailedGetScale: 'Correct scaleTargetRef: the object must exist and have a scale.',
  FailedGetResourceMetric:
    'Set requests on all containers of the pods, and see whether kubectl top pods answers.',
  FailedGetContainerResourceMetric:
    'Set requests on the container, and see whether kubectl top pods answers.',
  FailedGetPodsMetric: 'See whether a server of custom.metrics.k8s.io runs.',
  FailedGetObjectMetric: 'See whether a server of custom.metrics.k8s.io runs.',
  FailedGetExternalMetric: 'See whether a server of external.metrics.k8s.io runs.',
  ScalingDisabled: 'Its target has no replicas: scale it up by hand once.',
};

export function lookAtAutoscaler(scaler: HorizontalPodAutoscaler, graph: Graph): Look {
  const { currentReplicas = 0, desiredReplicas, conditions = [] } = scaler.status;
  const object = objectOf('HorizontalPodAutoscaler', scaler);
  const { kind, name } = scaler.spec.scaleTargetRef;
  const failing = conditions.filter(
    ({ type, status }) => (type === 'AbleToScale' || type === 'ScalingActive') && status === 'False',
  );
  const limited = conditions.filter(({ type, status }) => type === 'ScalingLimited' && status === 'True');
  const told = (one: (typeof conditions)[number], rank: Finding['rank']): Finding => ({
    cause: 'autoscaling',
    rank,
    object,
    message: one.message ?? one.reason ?? '',
    evidence: [`condition ${one.type}: ${one.reason ?? ''}`],
    advice:
      ADVICE[one.reason ?? ''] ?? (rank === 'note' ? 'Change minReplicas or maxReplicas to let it.' : ''),
  });
  return {
    state: `${kind} ${name} has ${currentReplicas} replicas, and is to have ${desiredReplicas}`,
    isDone: failing.length === 0 && conditions.length > 0,
    findings: [
      ...deletionFindings('HorizontalPodAutoscaler', scaler, graph.all.nowMs),
      ...failing.map((one) => told(one, 'cause')),
      ...limited.map((one) => told(one, 'note')),
    ],
  };
}
