/** What would have to be different for a pod to fit, where the least is missing. Pure. */

import { untolerated } from '../../api/node-fit/taints.ts';
import type { Pod } from '../../api/types.gen.ts';
import type { NodeInfo } from '../cache/node-info.ts';
import { podAmounts } from '../cache/resources.ts';
import type { NodeVerdict } from './explain.ts';

const MI = 1024 * 1024;

/** Undefined when there is no node at all. */
export function smallestChange(pod: Pod, verdicts: readonly NodeVerdict[]): string | undefined {
  const nearest = verdicts.toSorted((a, b) => distance(pod, a) - distance(pod, b))[0];
  if (nearest === undefined) return undefined;
  const { node, refusals } = nearest;
  const changes = refusals.map(({ plugin, reasons }) => changeFor(plugin, reasons, pod, node));
  return `${changes.join('; and ')} (then ${node.name} would fit)`;
}

/** Fewer plugins to satisfy first; among equals, the smaller share of the node that is missing. */
function distance(pod: Pod, { node, refusals }: NodeVerdict): number {
  const isShort = refusals.some(({ plugin }) => plugin === 'NodeResourcesFit');
  return refusals.length + (isShort ? Math.min(missingShare(pod, node), 0.99) : 0);
}

interface Shortage {
  readonly text: string;
  readonly share: number;
}

function shortages(
  pod: Pod,
  { allocatable, requested: used, pods, allowedPods }: NodeInfo,
): readonly Shortage[] {
  const { requested } = podAmounts(pod);
  const missing = (wanted: number, has: number, taken: number): number => wanted - (has - taken);
  const cpu = missing(requested.milliCpu, allocatable.milliCpu, used.milliCpu);
  const memory = missing(requested.memory, allocatable.memory, used.memory);
  return [
    ...(cpu > 0 ? [{ text: `${cpu}m more cpu`, share: cpu / Math.max(allocatable.milliCpu, 1) }] : []),
    ...(memory > 0
      ? [{ text: `${Math.ceil(memory / MI)}Mi more memory`, share: memory / Math.max(allocatable.memory, 1) }]
      : []),
    ...(pods.size >= allowedPods
      ? [{ text: `room for one more pod than ${allowedPods}`, share: 1 / Math.max(allowedPods, 1) }]
      : []),
  ];
}

function missingShare(pod: Pod, node: NodeInfo): number {
  return shortages(pod, node).reduce((most, { share }) => Math.max(most, share), 0);
}

function changeFor(plugin: string, reasons: readonly string[], pod: Pod, node: NodeInfo): string {
  switch (plugin) {
    case 'NodeResourcesFit': {
      const missing = shortages(pod, node).map(({ text }) => text);
      return missing.length > 0 ? missing.join(' and ') : reasons.join(' and ');
    }
    case 'TaintToleration': {
      const taint = untolerated(node.node, pod.spec.tolerations ?? []);
      const value = (taint?.value ?? '') === '' ? '' : `=${taint?.value ?? ''}`;
      return `a toleration of the taint ${taint?.key ?? ''}${value}:${taint?.effect ?? ''}`;
    }
    case 'NodeUnschedulable':
      return `kubectl uncordon ${node.name}`;
    case 'NodeAffinity':
      return labelChange(pod, node);
    default:
      return `that ${plugin} did not refuse: ${reasons.join(', ')}`;
  }
}

function labelChange({ spec }: Pod, { node }: NodeInfo): string {
  const wrong = Object.entries(spec.nodeSelector ?? {}).filter(
    ([key, value]) => node.metadata.labels?.[key] !== value,
  );
  if (wrong.length === 0) return 'another node affinity of the pod';
  return `the label ${wrong.map(([key, value]) => `${key}=${value}`).join(', ')} on the node`;
}
