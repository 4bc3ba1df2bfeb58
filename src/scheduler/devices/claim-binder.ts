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
import { pods } from '../../api/groups/core/pod/pod.ts';
import type {
  AllocationResult,
  Pod,
  PodExtendedResourceClaimStatus,
  ResourceV1ResourceClaim,
} from '../../api/types.gen.ts';
import { formatTime } from '../../api/time/time.ts';
import type { Client } from '../../client/client.ts';
import type { Clock } from '../../host/host.ts';

const TRIES_MAX = 5;

export interface ClaimBinderOptions {
  readonly client: Client;
  readonly logger: Logger;
  readonly clock: Clock;
}

export class ClaimBinder {
  readonly #client: Client;
  readonly #logger: Logger;
  readonly #clock: Clock;

  constructor({ client, logger, clock }: ClaimBinderOptions) {
    this.#client = client;
    this.#logger = logger;
    this.#clock = clock;
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
      const dated = allocation && { ...allocation, allocationTimestamp: formatTime(this.#clock.now()) };
      const next = { ...held, status: dated === undefined ? status : { ...status, allocation: dated } };
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

  /** Makes the claim for the extended resources of a pod. */
  async create(draft: ResourceV1ResourceClaim): Promise<ResourceV1ResourceClaim> {
    const { name: _inMemory, ...metadata } = draft.metadata;
    return this.#client.create(resourceClaims, { metadata, spec: draft.spec });
  }

  /** Tells the node which devices are for which container. */
  async recordExtended(pod: Pod, status: PodExtendedResourceClaimStatus): Promise<void> {
    const { namespace = '', name = '' } = pod.metadata;
    const requestMappings = status.requestMappings.map((one) => ({ ...one }));
    const extendedResourceClaimStatus = { ...status, requestMappings };
    const patch = { type: 'strategic', body: { status: { extendedResourceClaimStatus } } } as const;
    await this.#client.patch(pods, { namespace, name }, patch, { subresource: 'status' });
  }

  /** The pod did not get where the claim was made for. Nobody waits for it. */
  discard(claim: ResourceV1ResourceClaim): void {
    this.#delete(claim).catch((error: unknown) => {
      if (isApiError(error, 'NotFound')) return;
      this.#logger.warn(`a claim is left behind: ${errorText(error)}`, { claim: objectKey(claim) });
    });
  }

  async #delete(claim: ResourceV1ResourceClaim): Promise<void> {
    await this.#onConflict(claim, async (current) => {
      const finalizers = (current.metadata.finalizers ?? []).filter((one) => one !== ALLOCATION_FINALIZER);
      const metadata = { ...current.metadata, finalizers };
      return this.#client.update(resourceClaims, { ...current, metadata });
    });
    const { namespace, name = '', uid = '' } = claim.metadata;
    await this.#client.delete(resourceClaims, { namespace, name }, { preconditions: { uid } });
  }

  /** Takes the devices from a claim that nobody else uses; nobody waits for it. Its change wakes the pod. */
  deallocate(claim: ResourceV1ResourceClaim): void {
    const { allocation: _had, devices: _told, ...status } = claim.status;
    const next = { ...claim, status: { ...status, reservedFor: [] } };
    // Whoever changed it meanwhile may use it now.
    this.#client.update(resourceClaims, next, { subresource: 'status' }).catch((error: unknown) => {
      this.#logger.warn(`a claim stays allocated: ${errorText(error)}`, { claim: objectKey(claim) });
    });
  }

  /** The last one to go gives the devices back. */
  async #release(pod: Pod, claim: ResourceV1ResourceClaim): Promise<void> {
    await this.#onConflict(claim, async (current) => {
      if (!isReservedFor(current, pod)) return current;
      const { allocation, devices, reservedFor = [], ...status } = current.status;
      const others = reservedFor.filter(({ uid }) => uid !== pod.metadata.uid);
      const kept =
        others.length === 0 || allocation === undefined
          ? {}
          : { allocation, ...(devices === undefined ? {} : { devices }) };
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
