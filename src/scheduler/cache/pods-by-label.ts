/**
 * The pods on known nodes by their namespaces and labels: who asks for those that fall under a rule need not
 * go through all others.
 *
 * Bound: an entry for every label of every pod.
 */

import type { Pod } from '../../api/types.gen.ts';
import type { NodeInfo } from './node-info.ts';
import { labelsNeeded, labelText, matchesPod, namespacesOf } from './pod-matcher.ts';
import type { NamespaceLabels, PodMatcher } from './pod-matcher.ts';

/** By uid. */
type Nodes = Map<string, NodeInfo>;

export class PodsByLabel {
  readonly #nodes = new Map<string, Nodes>();

  add(node: NodeInfo, { metadata: { namespace = '', uid = '', labels = {} } }: Pod): void {
    for (const label in labels) {
      const key = keyOf(namespace, labelText(label, labels[label]));
      const present = this.#nodes.get(key);
      if (present === undefined) this.#nodes.set(key, new Map([[uid, node]]));
      else present.set(uid, node);
    }
  }

  remove({ metadata: { namespace = '', uid = '', labels = {} } }: Pod): void {
    for (const label in labels) {
      const key = keyOf(namespace, labelText(label, labels[label]));
      const present = this.#nodes.get(key);
      present?.delete(uid);
      if (present?.size === 0) this.#nodes.delete(key);
    }
  }

  /** The nodes of all pods that fall under the rule, one for each pod. Rules that name no label go through `all`. */
  *nodesOf(matcher: PodMatcher, all: () => Iterable<NodeInfo>, labels: NamespaceLabels): Generator<NodeInfo> {
    const namespaces = namespacesOf(matcher);
    const needed = labelsNeeded(matcher);
    if (namespaces === undefined || needed.length === 0) {
      for (const node of all())
        for (const pod of node.pods.values()) if (matchesPod(matcher, pod, labels)) yield node;
      return;
    }
    for (const namespace of namespaces)
      for (const label of needed)
        for (const [uid, node] of this.#nodes.get(keyOf(namespace, label)) ?? []) {
          const pod = node.pods.get(uid);
          if (pod !== undefined && matchesPod(matcher, pod, labels)) yield node;
        }
  }
}

function keyOf(namespace: string, label: string): string {
  return `${namespace}\n${label}`;
}
