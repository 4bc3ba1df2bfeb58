/** What keeps a pod: from its node, from starting, from being ready, from going away. Pure. */

import type { Pod } from '../api/types.gen.ts';
import { claimFindings } from './claim-findings.ts';
import { containerFindings } from './container-findings.ts';
import { deletionFindings } from './deletion-findings.ts';
import { asNotes, eventText, objectOf, type Cause, type Finding, type Look } from './finding.ts';
import type { Graph } from './graph.ts';
import { isReady } from './pod-state.ts';

export function lookAtPod(pod: Pod, graph: Graph): Look {
  const { phase = 'Pending' } = pod.status;
  const findings = podFindings(pod, graph);
  if (pod.metadata.deletionTimestamp !== undefined)
    return { state: 'it is on its way out', isDone: false, findings };
  const isDone = phase === 'Succeeded' || isReady(pod);
  const state = isReady(pod) ? `it is ready on ${pod.spec.nodeName ?? ''}` : `its phase is ${phase}`;
  return { state, isDone, findings };
}

export function podFindings(pod: Pod, graph: Graph): readonly Finding[] {
  const { phase } = pod.status;
  if (pod.metadata.deletionTimestamp !== undefined) return deletionFindings('Pod', pod, graph.all.nowMs);
  if (phase === 'Succeeded') return [];
  if (phase === 'Failed') return failedFindings(pod, graph);
  if ((pod.spec.nodeName ?? '') === '') return unscheduledFindings(pod, graph);
  const node = nodeFindings(pod, graph);
  if (node.length > 0) return node;
  const containers = containerFindings(pod, graph);
  if (isReady(pod)) return asNotes(containers);
  return [
    ...containers,
    ...(containers.length > 0 ? [] : [...startFindings(pod, graph), ...gateFindings(pod)]),
  ];
}

function finding(
  pod: Pod,
  cause: Cause,
  message: string,
  advice: string,
  more: Partial<Pick<Finding, 'evidence' | 'rank'>> = {},
): Finding {
  return { cause, rank: 'cause', object: objectOf('Pod', pod), message, evidence: [], advice, ...more };
}

function failedFindings(pod: Pod, graph: Graph): readonly Finding[] {
  const { reason = '', message = '' } = pod.status;
  const containers = containerFindings(pod, graph);
  if (reason === '') return containers;
  const text = `it has failed: ${reason}${message === '' ? '' : `: ${message}`}`;
  return [
    finding(pod, 'pod-failed', text, 'Failed pods do not run again; their owner makes new ones.'),
    ...containers,
  ];
}

/** What is known of a pod is as old as its node's last word. */
function nodeFindings(pod: Pod, graph: Graph): readonly Finding[] {
  const { nodeName = '' } = pod.spec;
  const why = graph.all.unready.get(nodeName);
  if (why === undefined) return [];
  const message = `its node ${nodeName} is not ready: ${why}`;
  return [finding(pod, 'node', message, `See what is wrong with it: kubectl describe node ${nodeName}`)];
}

function unscheduledFindings(pod: Pod, graph: Graph): readonly Finding[] {
  const gates = (pod.spec.schedulingGates ?? []).map(({ name }) => name);
  if (gates.length > 0) {
    const message = `it is not scheduled before its gates are gone: ${gates.join(', ')}`;
    return [finding(pod, 'gated', message, 'Whoever put a gate there must remove it.')];
  }
  const claims = podClaimFindings(pod, graph);
  const { podGroupName = '' } = pod.spec.schedulingGroup ?? {};
  const condition = pod.status.conditions?.find(({ type }) => type === 'PodScheduled');
  if (condition?.status !== 'False' && podGroupName !== '') {
    const message = `it waits for its group ${podGroupName}: pods of a group get their nodes together`;
    const advice = 'See whether the PodGroup exists, and as many of its pods as its minCount says.';
    return [...claims, finding(pod, 'gang', message, advice, { rank: rankBeside(claims) })];
  }
  if (condition?.status !== 'False') {
    const { schedulerName = '' } = pod.spec;
    const message = `no scheduler has decided about it yet (schedulerName ${schedulerName})`;
    const advice = `See whether a scheduler of the name ${schedulerName} runs.`;
    return [...claims, finding(pod, 'unschedulable', message, advice, { rank: rankBeside(claims) })];
  }
  const { namespace = '', name = '' } = pod.metadata;
  const [, ofGroup] = /^pod group is unschedulable(?:, )?(.*)$/.exec(condition.message ?? '') ?? [];
  if (ofGroup !== undefined) {
    const message = `it would fit, but its group ${podGroupName} cannot go: ${ofGroup}`;
    const advice = 'See what its other pods say: those that fit nowhere hold it back.';
    return [...claims, finding(pod, 'gang', message, advice, { rank: rankBeside(claims) })];
  }
  return [
    ...claims,
    finding(
      pod,
      'unschedulable',
      `no node takes it: ${condition.message ?? ''}`,
      `See what would have to change: k8ts why pod ${namespace}/${name}`,
      { rank: rankBeside(claims), evidence: [`condition PodScheduled: ${condition.reason ?? ''}`] },
    ),
  ];
}

/** A pod that waits for its claims is refused for that. */
function rankBeside(causes: readonly Finding[]): Finding['rank'] {
  return causes.length > 0 ? 'effect' : 'cause';
}

function podClaimFindings(pod: Pod, graph: Graph): readonly Finding[] {
  return (pod.spec.volumes ?? []).flatMap(({ name, persistentVolumeClaim, ephemeral }) => {
    const claimName =
      ephemeral === undefined ? persistentVolumeClaim?.claimName : `${pod.metadata.name ?? ''}-${name}`;
    if (claimName === undefined) return [];
    const claim = graph.claim(claimName);
    if (claim !== undefined) return claimFindings(claim, graph, false);
    const message = `it needs the PersistentVolumeClaim ${claimName}, which does not exist`;
    return [finding(pod, 'claim', message, `Create the claim ${claimName}.`)];
  });
}

const MOUNT_REASONS = ['FailedMount', 'FailedAttachVolume', 'FailedMapVolume'] as const;
const SANDBOX_REASONS = ['FailedCreatePodSandBox', 'NetworkNotReady'] as const;

/** Containers that cannot be told anything about, since they were never begun. */
function startFindings(pod: Pod, graph: Graph): readonly Finding[] {
  const statuses = [...(pod.status.initContainerStatuses ?? []), ...(pod.status.containerStatuses ?? [])];
  if (statuses.some(({ state }) => state.running !== undefined)) return [];
  const [mount] = graph.warnings(pod, MOUNT_REASONS);
  const [sandbox] = graph.warnings(pod, SANDBOX_REASONS);
  const evidence = [...(mount === undefined ? [] : [mount]), ...(sandbox === undefined ? [] : [sandbox])];
  if (mount !== undefined) {
    const missing = /(configmap|secret) "([^"]+)" not found/.exec(mount.message ?? '');
    const kind = missing?.[1] === 'secret' ? 'Secret' : 'ConfigMap';
    const named = missing?.[2] ?? '';
    return missing === null
      ? [
          finding(
            pod,
            'volume',
            `a volume cannot be mounted: ${mount.message ?? ''}`,
            'Correct the volume.',
            {
              evidence: evidence.map(eventText),
            },
          ),
        ]
      : [
          finding(
            pod,
            'missing-config',
            `a volume needs the ${kind} ${named}, which does not exist`,
            `Create the ${kind} ${named} in the namespace ${pod.metadata.namespace ?? ''}.`,
            { evidence: evidence.map(eventText) },
          ),
        ];
  }
  if (sandbox === undefined) return [];
  const message = `its network cannot be set up: ${sandbox.message ?? ''}`;
  const advice = "See the log of the node's agent.";
  return [finding(pod, 'container-start', message, advice, { evidence: evidence.map(eventText) })];
}

function gateFindings(pod: Pod): readonly Finding[] {
  const conditions = pod.status.conditions ?? [];
  const missing = (pod.spec.readinessGates ?? [])
    .map(({ conditionType }) => conditionType)
    .filter((type) => !conditions.some((one) => one.type === type && one.status === 'True'));
  if (missing.length === 0) return [];
  const message = `it is not ready before its readiness gates say so: ${missing.join(', ')}`;
  return [finding(pod, 'readiness-gate', message, 'See whether the controller behind the gate runs.')];
}
