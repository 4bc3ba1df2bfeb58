/**
 * The port through which components report what happened to an object, shown by `kubectl describe` and
 * `kubectl events`.
 */

import type { KubernetesObject } from '../api/meta/object.ts';

/** `fieldPath` names a part of the object: `spec.containers{app}`. */
export type EventSubject = KubernetesObject & { readonly fieldPath?: string };

export interface EventRecorder {
  /**
   * Records an Event about `object`. Equal events within a short time are counted on one Event. Never throws
   * and never blocks: events are best effort, bounded, and dropped under pressure.
   */
  record(object: EventSubject, type: 'Normal' | 'Warning', reason: string, message: string): void;
}

/** Drops every event; for tests. */
export const noEvents: EventRecorder = { record: () => {} };
