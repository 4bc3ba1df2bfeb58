/** For property tests of what goes when its time is over: that nothing goes before. */

import assert from 'node:assert/strict';
import type { KubernetesObject, ResourceType } from '../api/meta/object.ts';
import { ChangeLog } from './change-log.fixture.ts';
import type { TestCluster } from './cluster.fixture.ts';

export class Lifetimes<T extends KubernetesObject> {
  readonly #cluster: TestCluster;
  readonly #type: ResourceType<T>;
  readonly #log: ChangeLog;
  readonly #isOver: (object: T, nowMs: number) => boolean;
  readonly #present = new Map<string, T>();
  readonly #excused = new Set<string>();
  /** The latest that the clock ever showed. */
  #latestMs = 0;

  /** `isOver`: whether an object may go at that time, in milliseconds since 1970. */
  constructor(cluster: TestCluster, type: ResourceType<T>, isOver: (object: T, nowMs: number) => boolean) {
    this.#cluster = cluster;
    this.#type = type;
    this.#log = new ChangeLog(cluster, [type]);
    this.#isOver = isOver;
  }

  /** Those that are there and do not go. */
  get living(): readonly T[] {
    return [...this.#present.values()].filter(({ metadata }) => metadata.deletionTimestamp === undefined);
  }

  /** The test deletes those under this name itself. */
  async excuse(name: string): Promise<void> {
    for (const { metadata } of (await this.#cluster.client.list(this.#type)).items)
      if (metadata.name === name) this.#excused.add(metadata.uid ?? '');
  }

  /** By the clock that is furthest ahead. */
  check(): void {
    this.#latestMs = Math.max(this.#latestMs, this.#cluster.host.clock.now());
    for (const { type, object } of this.#log.take()) {
      const { uid = '', deletionTimestamp } = object.metadata;
      const before = this.#present.get(uid);
      const goes = type === 'DELETED' || deletionTimestamp !== undefined;
      if (before !== undefined && before.metadata.deletionTimestamp === undefined && goes) {
        const mayGo = this.#excused.has(uid) || this.#isOver(before, this.#latestMs);
        assert.ok(mayGo, `${this.#type.kind} ${object.metadata.name} went before its time`);
      }
      if (type === 'DELETED') this.#present.delete(uid);
      else this.#present.set(uid, object as unknown as T);
    }
  }

  stop(): void {
    this.#log.stop();
  }
}
