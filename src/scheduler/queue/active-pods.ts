/**
 * Pods that are due: the highest priority first. Within one priority namespaces take turns, so that a pod of
 * a user does not wait behind ten thousand of another; within a namespace the oldest comes first.
 *
 * A turn is some pods long, since pods of one namespace are likely to be equal, and equal pods in a row are
 * decided at little cost.
 *
 * Example, with turns of two: a/1, a/2, a/3 and b/1 come in this order; taken are a/1, a/2, b/1, a/3.
 */

import { Heap } from '../../base/heap.ts';

/** A namespace with a single pod waits for so many pods of each other one. */
const TURN = 8;

export interface ActivePod {
  readonly pod: {
    readonly metadata: { readonly namespace?: string };
    readonly spec: { readonly priority?: number };
  };
  /** Order of arrival. */
  readonly sequence: number;
}

interface Level<T> {
  readonly priority: number;
  /** The namespace whose turn it is comes first; none is empty. */
  readonly byNamespace: Map<string, Heap<T>>;
  /** Pods that were taken in this turn. */
  taken: number;
}

export class ActivePods<T extends ActivePod> {
  readonly #levels = new Map<number, Level<T>>();
  /** Of those that are there, each once. */
  readonly #priorities = new Heap<number>((a, b) => a > b);
  readonly #turn: number;
  #size = 0;

  constructor(turn = TURN) {
    this.#turn = turn;
  }

  get size(): number {
    return this.#size;
  }

  push(entry: T): void {
    const { metadata, spec } = entry.pod;
    const { byNamespace } = this.#level(spec.priority ?? 0);
    const { namespace = '' } = metadata;
    let pods = byNamespace.get(namespace);
    if (pods === undefined) byNamespace.set(namespace, (pods = new Heap<T>(isOlder)));
    pods.push(entry);
    this.#size++;
  }

  pop(): T | undefined {
    const level = this.#levels.get(this.#priorities.peek() ?? 0);
    for (const [namespace, pods] of level?.byNamespace ?? []) {
      const entry = pods.pop();
      if (level === undefined || entry === undefined) break;
      this.#size--;
      this.#endTurn(level, namespace, pods);
      return entry;
    }
    return undefined;
  }

  #endTurn(level: Level<T>, namespace: string, pods: Heap<T>): void {
    level.taken++;
    if (pods.size > 0 && level.taken < this.#turn) return;
    level.taken = 0;
    level.byNamespace.delete(namespace);
    if (pods.size > 0) level.byNamespace.set(namespace, pods);
    if (level.byNamespace.size > 0) return;
    this.#levels.delete(level.priority);
    this.#priorities.pop();
  }

  #level(priority: number): Level<T> {
    const present = this.#levels.get(priority);
    if (present !== undefined) return present;
    const level: Level<T> = { priority, byNamespace: new Map(), taken: 0 };
    this.#levels.set(priority, level);
    this.#priorities.push(priority);
    return level;
  }
}

function isOlder(a: ActivePod, b: ActivePod): boolean {
  return a.sequence < b.sequence;
}
