/**
 * A long-running part of a process: something that starts, is ready at some point, and stops with its
 * signal.
 */

export type Readiness = { readonly ready: true } | { readonly ready: false; readonly reason: string };

export interface Component {
  /** Stable name for logs, status and `/readyz?verbose`. */
  readonly name: string;
  /** Resolves when the component has stopped, after `signal` aborts; rejects when it fails by itself. */
  start(signal: AbortSignal): Promise<void>;
  ready(): Readiness;
}

export const READY: Readiness = { ready: true };

export function notReady(reason: string): Readiness {
  return { ready: false, reason };
}
