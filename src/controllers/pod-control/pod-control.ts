/**
 * Pods written on behalf of an owner, with the events that upstream's `RealPodControl` records; every write
 * is noted, so that the owner's controller decides nothing before its cache shows it.
 */

import { errorText } from '../../base/log.ts';
import { isApiError } from '../../api/meta/api-error.ts';
import type { Draft, KubernetesObject } from '../../api/meta/object.ts';
import { pods } from '../../api/groups/core/pod/pod.ts';
import type { Pod } from '../../api/types.gen.ts';
import type { ControllerContext } from '../../reconcile/controller.ts';
import type { OwnWrites } from '../own-writes/own-writes.ts';

export class PodControl {
  readonly #context: ControllerContext;
  readonly #writes: OwnWrites<Pod>;

  constructor(context: ControllerContext, writes: OwnWrites<Pod>) {
    this.#context = context;
    this.#writes = writes;
  }

  /** `key` is the owner's. Nothing happens when the namespace is going away, and the owner with it. */
  async create(key: string, owner: KubernetesObject, pod: Draft<Pod>): Promise<void> {
    const { client, events } = this.#context;
    try {
      const created = await client.create(pods, pod);
      this.#writes.wrote(key, created);
      events.record(owner, 'Normal', 'SuccessfulCreate', `Created pod: ${created.metadata.name ?? ''}`);
    } catch (error) {
      if (isNamespaceTerminating(error)) return;
      events.record(owner, 'Warning', 'FailedCreate', `Error creating: ${errorText(error)}`);
      throw error;
    }
  }

  async delete(key: string, owner: KubernetesObject, pod: Pod): Promise<void> {
    const { client, events } = this.#context;
    const { namespace, name = '', uid = '' } = pod.metadata;
    try {
      await client.delete(pods, { namespace, name }, { preconditions: { uid } });
      this.#writes.deleted(key, pod);
      events.record(owner, 'Normal', 'SuccessfulDelete', `Deleted pod: ${name}`);
    } catch (error) {
      if (isApiError(error, 'NotFound')) return;
      events.record(owner, 'Warning', 'FailedDelete', `Error deleting: ${errorText(error)}`);
      throw error;
    }
  }
}

/** Whether an object was refused because its namespace is on its way out. */
export function isNamespaceTerminating(error: unknown): boolean {
  if (!isApiError(error, 'Forbidden')) return false;
  return error.details?.causes?.some(({ reason }) => reason === 'NamespaceTerminating') ?? false;
}
