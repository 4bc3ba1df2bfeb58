/** The pods on known nodes by their namespaces: who asks for those of a rule need not go through all others. */

import type { Pod } from '../../api/types.gen.ts';
import type { NodeInfo } from './node-info.ts';
import { matchesPod, namespacesOf, type NamespaceLabels, type PodMatcher } from './pod-matcher.ts';

export class PodsByNamespace {
  readonly #nodes = new Map<string, Map<string, NodeInfo>>();

  add(node: NodeInfo, { metadata: { namespace = '', uid = '' } }: Pod): void {
    const present = this.#nodes.get(namespace);
    if (present === undefined) this.#nodes.set(namespace, new Map([[uid, node]]));
    else present.set(uid, node);
  }

  remove({ metadata: { namespace = '', uid = '' } }: Pod): void {
    const present = this.#nodes.get(namespace);
    present?.delete(uid);
    if (present?.size === 0) this.#nodes.delete(namespace);
  }

  /** The nodes of all pods that fall under the rule, one for each pod. */
  *nodesOf(matcher: PodMatcher, labels: NamespaceLabels): Generator<NodeInfo> {
    for (const namespace of namespacesOf(matcher) ?? this.#nodes.keys()) {
      for (const [uid, node] of this.#nodes.get(namespace) ?? []) {
        const pod = node.pods.get(uid);
        if (pod !== undefined && matchesPod(matcher, pod, labels)) yield node;
      }
    }
  }
}
