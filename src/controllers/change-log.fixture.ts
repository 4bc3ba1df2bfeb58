/** For property tests: everything that happened to objects of some kinds, whoever did it, in order. */

import type { KubernetesObject, ResourceType } from '../api/meta/object.ts';
import type { TestCluster } from './cluster.fixture.ts';

export interface Change {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly object: KubernetesObject;
}

export class ChangeLog {
  readonly #stop = new AbortController();
  #changes: Change[] = [];

  constructor({ client }: TestCluster, types: readonly ResourceType[]) {
    for (const type of types) void this.#follow(client, type);
  }

  async #follow(client: TestCluster['client'], type: ResourceType): Promise<void> {
    for await (const batch of client.watch(type, { resourceVersion: '0' }, this.#stop.signal)) {
      for (const event of batch) if (event.type !== 'BOOKMARK') this.#changes.push(event);
    }
  }

  /** What came since the last time; the kinds' changes in the order of their versions. */
  take(): readonly Change[] {
    const changes = this.#changes;
    this.#changes = [];
    return changes.toSorted((a, b) => versionOf(a) - versionOf(b));
  }

  stop(): void {
    this.#stop.abort();
  }
}

const versionOf = ({ object }: Change): number => Number(object.metadata.resourceVersion ?? 0);
