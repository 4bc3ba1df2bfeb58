/** Writes pod statuses to the API: only differences, only to the pod that is meant (by uid). */

import { isApiError } from '../../api/meta/api-error.ts';
import { deepEqual } from '../../api/meta/equal.ts';
import type { JsonObject } from '../../api/schema/schema.ts';
import type { Pod } from '../../api/types.gen.ts';
import type { Client } from '../../client/client.ts';
import { podName } from '../pods/pod-names.ts';
import { PODS } from '../resource-types.ts';
import type { KubeletPodStatus } from './pod-status.ts';
import { statusPatch } from './status-patch.ts';

export class StatusWriter {
  readonly #client: Client;
  /**
   * The last patch per pod and version: one that changes nothing at the server is not sent again and again.
   */
  readonly #sent = new Map<string, { readonly version: string; readonly patch: JsonObject }>();

  constructor(client: Client) {
    this.#client = client;
  }

  /** The pod as it is afterwards; undefined when nothing was to be written, or the pod is gone. */
  async write(pod: Pod, status: KubeletPodStatus): Promise<Pod | undefined> {
    const patch = statusPatch(pod, status);
    if (patch === undefined) return undefined;
    const { uid, namespace, name } = podName(pod);
    const version = pod.metadata.resourceVersion ?? '';
    const sent = this.#sent.get(uid);
    if (sent?.version === version && deepEqual(sent.patch, patch)) return undefined;
    try {
      const written = await this.#client.patch(
        PODS,
        { namespace, name },
        { type: 'strategic', body: patch },
        { subresource: 'status' },
      );
      this.#sent.set(uid, { version: written.metadata.resourceVersion ?? '', patch });
      return written;
    } catch (error) {
      // Another pod of this name, or none: the informer tells the worker.
      if (isApiError(error, 'NotFound') || isApiError(error, 'Conflict')) return undefined;
      throw error;
    }
  }

  /** Lets the API forget a pod that has ended here. */
  async release(pod: Pod): Promise<void> {
    const { uid, namespace, name } = podName(pod);
    try {
      await this.#client.delete(PODS, { namespace, name }, { gracePeriodSeconds: 0, preconditions: { uid } });
    } catch (error) {
      if (!isApiError(error, 'NotFound') && !isApiError(error, 'Conflict')) throw error;
    }
  }

  forget(podUid: string): void {
    this.#sent.delete(podUid);
  }
}
