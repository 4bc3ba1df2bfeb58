/** What a DaemonSet has on which node. Pure. */

import { timeMs } from '../../api/time/time.ts';
import type { DaemonSet, Node, Pod } from '../../api/types.gen.ts';
import { isPodFinished, isPodReady } from '../pod-state/pod-state.ts';
import { targetNode } from './daemon-pod.ts';
import { eligibilityOf, type Eligibility } from './eligibility.ts';

export interface DaemonState {
  readonly set: DaemonSet;
  readonly nodes: readonly Node[];
  /** The pods that it controls. */
  readonly pods: readonly Pod[];
  /** Of the present template. */
  readonly hash: string;
  /** How long a failed pod of this node is still left lying. */
  backoffMs(node: string): number;
}

/** A node, or the name of one that is gone, with the pods that are for it. */
export interface Place {
  readonly name: string;
  readonly node: Node | undefined;
  readonly eligibility: Eligibility;
  /** The one that counts first: bound before waiting, then the oldest; of the same second the one that serves. */
  readonly pods: readonly Pod[];
}

const NOWHERE: Eligibility = { shouldRun: false, shouldContinue: false };

export function placesOf({ set, nodes, pods }: DaemonState): readonly Place[] {
  const byNode = new Map<string, Pod[]>();
  for (const pod of pods) {
    const name = targetNode(pod);
    // Somebody holds it by a finalizer; there is nothing left to do for it here.
    const isDone = isPodFinished(pod) && pod.metadata.deletionTimestamp !== undefined;
    if (name === undefined || isDone) continue;
    const present = byNode.get(name);
    if (present === undefined) byNode.set(name, [pod]);
    else present.push(pod);
  }
  const judge = eligibilityOf(set);
  const places: Place[] = nodes.map((node) => {
    const { name = '' } = node.metadata;
    const present = byNode.get(name)?.toSorted(bySeniority) ?? [];
    byNode.delete(name);
    return { name, node, eligibility: judge(node), pods: present };
  });
  for (const [name, left] of byNode) {
    places.push({ name, node: undefined, eligibility: NOWHERE, pods: left.toSorted(bySeniority) });
  }
  return places;
}

/** Upstream leaves a tie to the names, and may so take a pod that serves for one that does not yet. */
function bySeniority(a: Pod, b: Pod): number {
  const isBound = ({ spec }: Pod): number => ((spec.nodeName ?? '') === '' ? 0 : 1);
  return (
    isBound(b) - isBound(a) ||
    createdMs(a) - createdMs(b) ||
    Number(isPodReady(b)) - Number(isPodReady(a)) ||
    ((a.metadata.name ?? '') < (b.metadata.name ?? '') ? -1 : 1)
  );
}

function createdMs({ metadata }: Pod): number {
  return metadata.creationTimestamp === undefined ? 0 : timeMs(metadata.creationTimestamp);
}

export function isLeaving({ metadata }: Pod): boolean {
  return metadata.deletionTimestamp !== undefined;
}
