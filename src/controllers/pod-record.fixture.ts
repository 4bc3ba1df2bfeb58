/** For tests: what happened to pods, in the order in which the server committed it. */

import { objectKey } from '../api/meta/object.ts';
import { pods } from '../api/groups/core/pod/pod.ts';
import type { Pod } from '../api/types.gen.ts';
import { isPodReady } from './pod-state/pod-state.ts';
import type { TestCluster } from './cluster.fixture.ts';

/** `old` undefined: new; `next` undefined: gone. */
export interface PodChange {
  readonly atMs: number;
  readonly next: Pod | undefined;
  readonly old: Pod | undefined;
}

export interface Known {
  readonly pod: Pod;
  /** Ready, and not asked to go. */
  readonly isServing: boolean;
  /** Since when it is so, or not. */
  readonly sinceMs: number;
}

export type OnChange = (change: PodChange, others: ReadonlyMap<string, Known>) => void;

export class PodRecord {
  readonly #changes: PodChange[] = [];
  readonly #present = new Map<string, Known>();
  readonly #abort = new AbortController();

  constructor({ client, host }: TestCluster) {
    void this.#follow(client, host.clock);
  }

  async #follow(client: TestCluster['client'], clock: TestCluster['host']['clock']): Promise<void> {
    const last = new Map<string, Pod>();
    for await (const batch of client.watch(pods, {}, this.#abort.signal)) {
      for (const event of batch) {
        if (event.type === 'BOOKMARK') continue;
        const key = objectKey(event.object);
        const next = event.type === 'DELETED' ? undefined : event.object;
        this.#changes.push({ atMs: clock.now(), next, old: last.get(key) });
        if (next === undefined) last.delete(key);
        else last.set(key, next);
      }
    }
  }

  /** Hands over what happened since the last time, each with the pods as they were before. */
  replay(onChange: OnChange): void {
    for (const change of this.#changes.splice(0)) {
      const { next, old, atMs } = change;
      onChange(change, this.#present);
      const pod = next ?? old;
      const key = pod === undefined ? '' : objectKey(pod);
      if (next === undefined) {
        this.#present.delete(key);
        continue;
      }
      const isServing = isPodReady(next) && next.metadata.deletionTimestamp === undefined;
      const before = this.#present.get(key);
      const sinceMs = before?.isServing === isServing ? before.sinceMs : atMs;
      this.#present.set(key, { pod: next, isServing, sinceMs });
    }
  }

  stop(): void {
    this.#abort.abort();
  }
}

/** Whether this change asked the pod to go. */
export function isDeletion({ next, old }: PodChange): boolean {
  if (old === undefined || old.metadata.deletionTimestamp !== undefined) return false;
  return next === undefined || next.metadata.deletionTimestamp !== undefined;
}
