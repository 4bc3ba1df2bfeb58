/**
 * Events about states that last: said once, again when they change, and again after a while, since events do
 * not live for ever. A thousand waiting claims cost no write while nothing happens.
 *
 * Bound: one entry per object and reason, until the object is forgotten.
 */

import { objectKey, type KubernetesObject } from '../../api/meta/object.ts';
import type { Clock } from '../../host/host.ts';
import type { EventRecorder } from '../../reconcile/event-recorder.ts';

/** Events are kept for an hour; who looks at a waiting claim should find one. */
export const REMIND_MS = 1_800_000;

export interface Statement {
  readonly type: 'Normal' | 'Warning';
  readonly reason: string;
  readonly message: string;
}

interface Said {
  readonly uid: string;
  readonly message: string;
  readonly atMs: number;
}

export class SaidOnce {
  readonly #events: EventRecorder;
  readonly #clock: Clock;
  /** By object, then by reason. */
  readonly #said = new Map<string, Map<string, Said>>();

  constructor(events: EventRecorder, clock: Clock) {
    this.#events = events;
    this.#clock = clock;
  }

  say(object: KubernetesObject, { type, reason, message }: Statement): void {
    const key = `${object.kind}/${objectKey(object)}`;
    const { uid = '' } = object.metadata;
    const atMs = this.#clock.monotonicMs();
    const reasons = this.#said.get(key) ?? new Map<string, Said>();
    const last = reasons.get(reason);
    const isNews = last === undefined || last.uid !== uid || last.message !== message;
    if (!isNews && atMs - last.atMs < REMIND_MS) return;
    this.#said.set(key, reasons.set(reason, { uid, message, atMs }));
    this.#events.record(object, type, reason, message);
  }

  forget(kind: string, key: string): void {
    this.#said.delete(`${kind}/${key}`);
  }
}
