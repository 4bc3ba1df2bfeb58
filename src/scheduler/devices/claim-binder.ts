/**
 * Writes into claims who uses them and what they got, and takes it back.
 *
 * The finalizer comes first, so that no claim with devices can vanish; then allocation and reservation in one
 * write, so that no devices are given to nobody. A lost race is tried again on what is there now.
 */

import { errorText, type Logger } from '../../base/log.ts';
import { isApiError } from '../../api/meta/api-error.ts';
import { objectKey } from '../../api/meta/object.ts';
import {
  ALLOCATION_FINALIZER,
  isReservedFor,
  withReservation,
} from '../../api/groups/resource/pod-resource-claims.ts';
import { resourceClaims } from '../../api/groups/resource/resource-claim/resource-claim.ts';
import type { AllocationResult, Pod, ResourceV1ResourceClaim } from '../../api/types.gen.ts';
import type { Client } from '../../client/client.ts';

const TRIES_MAX = 5;

export class ClaimBinder {
  readonly #client: Client;
  readonly #logger: Logger;

  constructor(client: Client, logger: Logger) {
    this.#client = client;
    this.#logger = logger;
  }

  /** `allocation` undefined: it has one already. Throws when the pod cannot have the claim any more. */
  async bind(
    pod: Pod,
    claim: ResourceV1ResourceClaim,
    allocation: AllocationResult | undefined,
  ): Promise<ResourceV1ResourceClaim> {
    return this.#onConflict(claim, async (current) => {
      if (current.metadata.deletionTimestamp !== undefined)
        throw new Error(`claim ${objectKey(current)} got deleted in the meantime`);
      if (allocation === undefined && current.status.allocation === undefined)
        throw new Error(`claim ${objectKey(current)} got deallocated in the meantime`);
      if (allocation !== undefined && current.status.allocation !== undefined)
        throw new Error(`claim ${objectKey(current)} got allocated elsewhere in the meantime`);
      if (isReservedFor(current, pod)) return current;
      const held = allocation === undefined ? current : await this.#withFinalizer(current);
      const status = withReservation(held, pod);
      const next = { ...held, status: allocation === undefined ? status : { ...status, allocation } };
      return this.#client.update(resourceClaims, next, { subresource: 'status' });
    });
  }

  /** Nobody waits for it; what cannot be given back stays the pod's, who will be back. */
  giveBack(pod: Pod, claim: ResourceV1ResourceClaim): void {
    this.#release(pod, claim).catch((error: unknown) => {
      const of = { claim: objectKey(claim), pod: objectKey(pod) };
      this.#logger.warn(`a claim stays reserved: ${errorText(error)}`, of);
    });
  }

  /** The last one to go gives the devices back. */
  async #release(pod: Pod, claim: ResourceV1ResourceClaim): Promise<void> {
    await this.#onConflict(claim, async (current) => {
      if (!isReservedFor(current, pod)) return current;
      const { allocation, reservedFor = [], ...status } = current.status;
      const others = reservedFor.filter(({ uid }) => uid !== pod.metadata.uid);
      const kept = others.length === 0 || allocation === undefined ? {} : { allocation };
      const next = { ...current, status: { ...status, ...kept, reservedFor: others } };
      return this.#client.update(resourceClaims, next, { subresource: 'status' });
    });
  }

  async #withFinalizer(claim: ResourceV1ResourceClaim): Promise<ResourceV1ResourceClaim> {
    const { finalizers = [] } = claim.metadata;
    if (finalizers.includes(ALLOCATION_FINALIZER)) return claim;
    const metadata = { ...claim.metadata, finalizers: [...finalizers, ALLOCATION_FINALIZER] };
    return this.#client.update(resourceClaims, { ...claim, metadata });
  }

  async #onConflict(
    claim: ResourceV1ResourceClaim,
    write: (current: ResourceV1ResourceClaim) => Promise<ResourceV1ResourceClaim>,
  ): Promise<ResourceV1ResourceClaim> {
    const { namespace, name = '', uid } = claim.metadata;
    let current = claim;
    for (let tries = 1; ; tries++) {
      try {
        return await write(current);
      } catch (error) {
        if (!isApiError(error, 'Conflict') || tries === TRIES_MAX) throw error;
      }
      current = await this.#client.get(resourceClaims, { namespace, name });
      if (current.metadata.uid !== uid) throw new Error(`claim ${objectKey(claim)} got replaced`);
    }
  }
}
