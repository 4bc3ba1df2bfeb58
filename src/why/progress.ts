/**
 * What holds an object back, and what to do about it: follows owners, conditions and events from the object
 * down to what does not go on. Pure.
 *
 * Example: a Deployment waits for new pods (effect) ← its ReplicaSet has fewer pods than it wants ← creating
 * them failed: `exceeded quota` (cause). The first sentence of the answer is the cause's.
 */

import { unreachable } from '../base/assert.ts';
import type {
  CronJob,
  DaemonSet,
  Deployment,
  HorizontalPodAutoscaler,
  Job,
  Namespace,
  PersistentVolumeClaim,
  Pod,
  ReplicaSet,
  Service,
  StatefulSet,
} from '../api/types.gen.ts';
import { lookAtAutoscaler } from './autoscaler-findings.ts';
import { budgetFindings } from './budget-findings.ts';
import { lookAtClaim } from './claim-findings.ts';
import { grouped, nameOf, objectOf, type Finding, type Look } from './finding.ts';
import { Graph, type Neighbourhood } from './graph.ts';
import { lookAtCronJob, lookAtJob } from './job-findings.ts';
import { lookAtNamespace } from './namespace-findings.ts';
import { lookAtPod } from './pod-findings.ts';
import { lookAtService } from './service-findings.ts';
import {
  lookAtDaemonSet,
  lookAtDeployment,
  lookAtReplicaSet,
  lookAtStatefulSet,
} from './workload-findings.ts';

export type Subject =
  | { readonly kind: 'CronJob'; readonly object: CronJob }
  | { readonly kind: 'DaemonSet'; readonly object: DaemonSet }
  | { readonly kind: 'Deployment'; readonly object: Deployment }
  | { readonly kind: 'HorizontalPodAutoscaler'; readonly object: HorizontalPodAutoscaler }
  | { readonly kind: 'Job'; readonly object: Job }
  | { readonly kind: 'Namespace'; readonly object: Namespace }
  | { readonly kind: 'PersistentVolumeClaim'; readonly object: PersistentVolumeClaim }
  | { readonly kind: 'Pod'; readonly object: Pod }
  | { readonly kind: 'ReplicaSet'; readonly object: ReplicaSet }
  | { readonly kind: 'Service'; readonly object: Service }
  | { readonly kind: 'StatefulSet'; readonly object: StatefulSet };

export interface ExplainedProgress {
  /** One sentence. */
  readonly summary: string;
  /** Whether anything is to be done. */
  readonly isHeld: boolean;
  /** Causes first. */
  readonly findings: readonly Finding[];
}

export function explainProgress(subject: Subject, neighbourhood: Neighbourhood): ExplainedProgress {
  const look = lookAt(subject, new Graph(neighbourhood));
  const findings = grouped(look.findings);
  const [first] = findings.filter(({ rank }) => rank !== 'note');
  return { summary: summaryOf(subject, look, first), isHeld: first !== undefined, findings };
}

function lookAt(subject: Subject, graph: Graph): Look {
  switch (subject.kind) {
    case 'CronJob':
      return lookAtCronJob(subject.object, graph);
    case 'DaemonSet':
      return lookAtDaemonSet(subject.object, graph);
    case 'Deployment':
      return lookAtDeployment(subject.object, graph);
    case 'HorizontalPodAutoscaler':
      return lookAtAutoscaler(subject.object, graph);
    case 'Job':
      return lookAtJob(subject.object, graph);
    case 'Namespace':
      return lookAtNamespace(subject.object);
    case 'PersistentVolumeClaim':
      return lookAtClaim(subject.object, graph);
    case 'Pod': {
      const look = lookAtPod(subject.object, graph);
      return { ...look, findings: [...look.findings, ...budgetFindings([subject.object], graph)] };
    }
    case 'ReplicaSet':
      return lookAtReplicaSet(subject.object, graph);
    case 'Service':
      return lookAtService(subject.object, graph);
    case 'StatefulSet':
      return lookAtStatefulSet(subject.object, graph);
    default:
      return unreachable(subject);
  }
}

function summaryOf({ kind, object }: Subject, { state, isDone }: Look, first: Finding | undefined): string {
  const subject = nameOf(objectOf(kind, object));
  if (first === undefined)
    return isDone ? `${subject} is as it is to be: ${state}.` : `${subject} is on its way: ${state}.`;
  const isItself = nameOf(first.object) === subject;
  const others = first.others === undefined ? '' : ` and ${first.others.length} more`;
  const where = isItself ? '' : `${nameOf(first.object)}${others}: `;
  return `${subject} is held back: ${where}${first.message}${first.message.endsWith('.') ? '' : '.'}`;
}
