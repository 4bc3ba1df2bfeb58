/**
 * For property tests whose users write the same objects as the controllers: what happened to the objects of a
 * kind, in order, and which of it the test did itself.
 */

import type { KubernetesObject, ResourceType } from '../api/meta/object.ts';
import { ChangeLog } from './change-log.fixture.ts';
import type { TestCluster } from './cluster.fixture.ts';

export interface AttributedChange<T> {
  readonly name: string;
  /** Undefined: it was made. */
  readonly before: T | undefined;
  /** Undefined: it was deleted. */
  readonly after: T | undefined;
}

export class AttributedLog<T extends KubernetesObject> {
  readonly #log: ChangeLog;
  readonly #last = new Map<string, T>();
  /** Resource versions that the test wrote, and the uids of what it deleted. */
  readonly #own = new Set<string>();

  constructor(cluster: TestCluster, type: ResourceType<T>) {
    this.#log = new ChangeLog(cluster, [type]);
  }

  /** Every write of the test is told here: what the server answered. */
  wrote({ metadata: { resourceVersion = '' } }: T): void {
    this.#own.add(resourceVersion);
  }

  deleted(uid: string): void {
    this.#own.add(uid);
  }

  /** What controllers did since the last time. */
  take(): readonly AttributedChange<T>[] {
    const changes: AttributedChange<T>[] = [];
    for (const { type, object } of this.#log.take()) {
      const { name = '', uid = '', resourceVersion = '' } = object.metadata;
      const before = this.#last.get(name);
      const after = type === 'DELETED' ? undefined : (object as T);
      if (after === undefined) this.#last.delete(name);
      else this.#last.set(name, after);
      if (!this.#own.has(after === undefined ? uid : resourceVersion)) changes.push({ name, before, after });
    }
    return changes;
  }

  stop(): void {
    this.#log.stop();
  }
}
