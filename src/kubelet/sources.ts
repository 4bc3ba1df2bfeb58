/**
 * Where a kubelet learns of its pods and its Node object. By itself it follows exactly these; many
 * simulated nodes in one process share one informer per collection, so that a change costs the same however
 * many nodes there are.
 */

import type { Node, Pod } from '../api/types.gen.ts';
import type { ChangeHandler, Informer } from '../client/informer/informer.ts';

export interface NodeSources {
  readonly pods: Source<Pod>;
  readonly node: Source<Node>;
}

export interface Source<T extends Pod | Node> {
  /** Calls for everything that is there, then for every change. Returns the unsubscribe function. */
  subscribe(onChange: ChangeHandler<T>): () => void;
}

/** One subscription to all pods and nodes, handed on by node. */
export class SharedSources {
  readonly #pods: Informer<Pod>;
  readonly #nodes: Informer<Node>;
  readonly #podHandlers = new Map<string, Set<ChangeHandler<Pod>>>();
  readonly #nodeHandlers = new Map<string, Set<ChangeHandler<Node>>>();

  constructor(pods: Informer<Pod>, nodes: Informer<Node>) {
    this.#pods = pods;
    this.#nodes = nodes;
    pods.subscribe((next, old, key) => {
      const [to = '', from = ''] = [next?.spec.nodeName, old?.spec.nodeName];
      if (from !== '' && from !== to) this.#tell(this.#podHandlers, from, undefined, old, key);
      if (to !== '') this.#tell(this.#podHandlers, to, next, from === to ? old : undefined, key);
    });
    nodes.subscribe((next, old, key) => this.#tell(this.#nodeHandlers, key, next, old, key));
  }

  of(nodeName: string): NodeSources {
    return {
      pods: {
        subscribe: (onChange) => {
          for (const pod of this.#pods.list())
            if (pod.spec.nodeName === nodeName) onChange(pod, undefined, podKey(pod));
          return add(this.#podHandlers, nodeName, onChange);
        },
      },
      node: {
        subscribe: (onChange) => {
          const node = this.#nodes.getByKey(nodeName);
          if (node !== undefined) onChange(node, undefined, nodeName);
          return add(this.#nodeHandlers, nodeName, onChange);
        },
      },
    };
  }

  #tell<T extends Pod | Node>(
    handlers: ReadonlyMap<string, ReadonlySet<ChangeHandler<T>>>,
    nodeName: string,
    next: T | undefined,
    old: T | undefined,
    key: string,
  ): void {
    for (const handler of handlers.get(nodeName) ?? []) handler(next, old, key);
  }
}

function podKey({ metadata }: Pod): string {
  return `${metadata.namespace ?? ''}/${metadata.name ?? ''}`;
}

function add<T extends Pod | Node>(
  handlers: Map<string, Set<ChangeHandler<T>>>,
  nodeName: string,
  handler: ChangeHandler<T>,
): () => void {
  const set = handlers.get(nodeName) ?? new Set();
  handlers.set(nodeName, set.add(handler));
  return () => {
    set.delete(handler);
    if (set.size === 0) handlers.delete(nodeName);
  };
}
