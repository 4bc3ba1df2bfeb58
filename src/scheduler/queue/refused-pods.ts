/** Those that nothing fitted, by each of the plugins that refused them. */

import type { QueuedPod } from './queued-pod.ts';

export class RefusedPods {
  readonly #byPlugin = new Map<string, Set<QueuedPod>>();

  /** An entry may be added and deleted while this is gone through. */
  [Symbol.iterator](): Iterator<[string, ReadonlySet<QueuedPod>]> {
    return this.#byPlugin[Symbol.iterator]();
  }

  add(entry: QueuedPod, refusedBy: ReadonlySet<string>): void {
    entry.refusedBy = refusedBy;
    for (const name of refusedBy) {
      const present = this.#byPlugin.get(name);
      if (present === undefined) this.#byPlugin.set(name, new Set([entry]));
      else present.add(entry);
    }
  }

  delete(entry: QueuedPod): void {
    for (const name of entry.refusedBy) {
      const present = this.#byPlugin.get(name);
      present?.delete(entry);
      if (present?.size === 0) this.#byPlugin.delete(name);
    }
  }
}
