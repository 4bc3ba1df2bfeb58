/** Which nodes run the pod of a DaemonSet. Pure; upstream's `NodeShouldRunDaemonPod`. */

import { fitsNode, nodeNeedsOf } from '../../api/node-fit/node-affinity.ts';
import { toleratesTaint } from '../../api/node-fit/taints.ts';
import type { DaemonSet, Node } from '../../api/types.gen.ts';
import { daemonTolerations } from './daemon-pod.ts';

export interface Eligibility {
  /** A pod belongs there. */
  readonly shouldRun: boolean;
  /** One that is there may stay. */
  readonly shouldContinue: boolean;
}

const BOTH: Eligibility = { shouldRun: true, shouldContinue: true };
const STAYS: Eligibility = { shouldRun: false, shouldContinue: true };
const NEITHER: Eligibility = { shouldRun: false, shouldContinue: false };

/** Compiled once for all nodes. Only the name, the labels and the taints of a node count. */
export function eligibilityOf({ spec }: DaemonSet): (node: Node) => Eligibility {
  const needs = nodeNeedsOf(spec.template);
  const tolerations = daemonTolerations(spec.template.spec);
  const { nodeName = '' } = spec.template.spec;
  return (node) => {
    if (nodeName !== '' && nodeName !== node.metadata.name) return NEITHER;
    if (!fitsNode(needs, node)) return NEITHER;
    let stays = false;
    for (const taint of node.spec.taints ?? []) {
      if (taint.effect === 'PreferNoSchedule' || toleratesTaint(tolerations, taint)) continue;
      if (taint.effect === 'NoExecute') return NEITHER;
      stays = true;
    }
    return stays ? STAYS : BOTH;
  };
}
