/** A certificate that is renewed while it is in use. */

import { X509Certificate } from 'node:crypto';
import type { KeyPair } from './pki.ts';

/** A certificate is replaced when less than this is left of it. */
const RENEW_BEFORE_MS = 30 * 86_400_000;

export function isNearEnd({ certificatePem }: KeyPair, nowMs: number): boolean {
  return new X509Certificate(certificatePem).validToDate.getTime() - nowMs < RENEW_BEFORE_MS;
}

export class LiveKeyPair {
  #current: KeyPair;
  readonly #listeners = new Set<(pair: KeyPair) => void>();

  constructor(current: KeyPair) {
    this.#current = current;
  }

  get current(): KeyPair {
    return this.#current;
  }

  replace(next: KeyPair): void {
    if (next.certificatePem === this.#current.certificatePem) return;
    this.#current = next;
    for (const listener of this.#listeners) listener(next);
  }

  /** Until `signal` aborts. */
  onReplace(listener: (pair: KeyPair) => void, signal: AbortSignal): void {
    if (signal.aborted) return;
    this.#listeners.add(listener);
    signal.addEventListener('abort', () => this.#listeners.delete(listener), { once: true });
  }
}
