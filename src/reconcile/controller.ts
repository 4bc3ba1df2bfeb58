/**
 * The contract of a controller: a name, what it may do, which changes concern which keys, and one method that
 * brings the object under a key closer to what is wanted. Queueing, retries with backoff, workers and metrics
 * exist once, in `controller-loop.ts`.
 *
 * A reconciler looks at the current state only, never at the event that woke it, so a lost or doubled event
 * costs nothing. Its decision belongs in a pure `plan.ts` (state and now in, a closed union of actions out).
 */

import type { PolicyRule } from '../api/types.gen.ts';
import type { Clock, Random } from '../host/host.ts';
import type { Logger } from '../base/log.ts';
import type { Client } from '../client/client.ts';
import type { Informers } from '../client/informer/informer.ts';
import type { EventRecorder } from './event-recorder.ts';

export interface ReconcileResult {
  /** Look at the key again after this time even if nothing changes. */
  readonly requeueAfterMs?: number;
}

export interface Reconciler {
  /** Throwing (any error) puts the key back with backoff. */
  reconcile(key: string, signal: AbortSignal): Promise<ReconcileResult>;
}

export interface ControllerContext {
  readonly client: Client;
  readonly informers: Informers;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly events: EventRecorder;
}

export interface ControllerDefinition {
  /** As upstream names it: `deployment-controller`. */
  readonly name: string;
  /** What its service account may do; the RBAC role `system:controller:<name>` is derived from it. */
  readonly permissions: readonly PolicyRule[];
  /** Keys reconciled at the same time; 1 when absent. A key is never reconciled twice at once. */
  readonly workers?: number;
  /**
   * Builds the reconciler. Subscribes to informers here and calls `enqueue` with the keys that a change
   * concerns; `enqueue(key, delayMs)` for later.
   */
  build(context: ControllerContext, enqueue: Enqueue): Reconciler;
}

/**
 * For controllers with thousands of keys. Workers mostly wait for what they wrote to become durable, and a
 * flush takes as many writes as there are.
 */
export const MANY_WORKERS = 32;

export type Enqueue = (key: string, delayMs?: number) => void;
