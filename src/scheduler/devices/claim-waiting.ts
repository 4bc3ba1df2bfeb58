/** Waits until the drivers say that the devices of claims are ready on the pod's node. */

import { pods } from '../../api/groups/core/pod/pod.ts';
import { resourceClaims } from '../../api/groups/resource/resource-claim/resource-claim.ts';
import { objectKey } from '../../api/meta/object.ts';
import type { Pod, ResourceV1ResourceClaim } from '../../api/types.gen.ts';
import type { Informer, Informers } from '../../client/informer/informer.ts';
import type { Clock } from '../../host/host.ts';
import { Wakers } from '../volumes/wakers.ts';
import { isOverdue, readinessOf } from './binding-conditions.ts';

export class ClaimWaiting {
  readonly #claims: Informer<ResourceV1ResourceClaim>;
  readonly #pods: Informer<Pod>;
  readonly #clock: Clock;
  readonly #wakers = new Wakers();

  constructor(informers: Informers, clock: Clock) {
    this.#clock = clock;
    this.#claims = informers.of(resourceClaims);
    this.#pods = informers.of(pods);
    this.#claims.subscribe((_next, _old, key) => this.#wakers.wake(`claim ${key}`));
    this.#pods.subscribe((next, _old, key) => {
      if (next === undefined) this.#wakers.wake(`pod ${key}`);
    });
  }

  /** Rejects when a device failed, when the time is up, and when pod or claims go. */
  untilReady(
    pod: Pod,
    claims: readonly ResourceV1ResourceClaim[],
    timeoutMs: number,
    signal: AbortSignal,
  ): Promise<void> {
    const keys = [`pod ${objectKey(pod)}`, ...claims.map((claim) => `claim ${objectKey(claim)}`)];
    return new Promise((resolve, reject) => {
      const end = (problem?: string): void => {
        timer.cancel();
        stopWaking();
        signal.removeEventListener('abort', onAbort);
        if (problem === undefined) resolve();
        else reject(new Error(problem));
      };
      const onAbort = (): void => end('context canceled');
      const look = (): void => {
        const progress = this.#progress(pod, claims, timeoutMs);
        if (progress === 'ready') end();
        else if (progress !== 'waiting') end(progress.problem);
      };
      const timer = this.#clock.after(timeoutMs, () => end('device binding timeout'));
      const stopWaking = this.#wakers.add(keys, look);
      signal.addEventListener('abort', onAbort, { once: true });
      if (signal.aborted) onAbort();
      else look();
    });
  }

  #progress(
    pod: Pod,
    claims: readonly ResourceV1ResourceClaim[],
    timeoutMs: number,
  ): 'ready' | 'waiting' | { readonly problem: string } {
    if (this.#pods.getByKey(objectKey(pod)) === undefined)
      return { problem: `pod "${pod.metadata.name ?? ''}" not found` };
    for (const claim of claims) {
      const current = this.#claims.getByKey(objectKey(claim));
      const name = claim.metadata.name ?? '';
      if (current === undefined) return { problem: `resourceclaim "${name}" not found` };
      const readiness = readinessOf(current);
      if (readiness.state === 'failed') return { problem: readiness.message };
      if (readiness.state === 'ready') continue;
      return isOverdue(current, timeoutMs, this.#clock.now())
        ? { problem: `claim ${name} binding timeout` }
        : 'waiting';
    }
    return 'ready';
  }
}
