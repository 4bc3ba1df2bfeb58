/**
 * Admission: what may still change or refuse a write after it was authorized. Mutating plugins run in
 * order, each seeing the object as the one before left it; validating ones run on the final object.
 */

import type { KubernetesObject } from '../../api/meta/object.ts';
import type { Resource } from '../../api/resource.ts';
import { OneAtATime } from '../../base/one-at-a-time.ts';
import type { Change, CommitOutcome, Precondition } from '../../store/store.ts';
import type { RequestContext, Target } from '../../client/operation.ts';

export interface AdmissionRequest {
  readonly operation: 'CREATE' | 'UPDATE' | 'DELETE' | 'CONNECT';
  readonly resource: Resource;
  readonly target: Target;
  /** The new object; undefined for DELETE. */
  readonly object: KubernetesObject | undefined;
  /** The stored object; undefined for CREATE. */
  readonly oldObject: KubernetesObject | undefined;
  readonly dryRun: boolean;
  readonly context: RequestContext;
}

export interface AdmissionPlugin {
  /** As upstream names it: `NamespaceLifecycle`. */
  readonly name: string;
  /** The object as it shall be, or the same object. Throws `ApiError` to refuse. */
  mutate?(
    request: AdmissionRequest & { readonly object: KubernetesObject },
  ): Promise<KubernetesObject> | KubernetesObject;
  /** Throws `ApiError` to refuse. */
  validate?(request: AdmissionRequest): Promise<void> | void;
  /** Whether `charge` has to be asked. */
  charges?(request: AdmissionRequest): boolean;
  /**
   * What is written along with the object, in the same commit: what it takes of something that is limited.
   * Asked at the last moment, and again when somebody else was faster. Throws `ApiError` to refuse.
   */
  charge?(request: AdmissionRequest): Charge;
}

export interface Charge {
  readonly changes: readonly Change<KubernetesObject>[];
  readonly preconditions: readonly Precondition[];
}

export const NO_CHARGE: Charge = { changes: [], preconditions: [] };

/** Writers of other servers only: those of this one wait for each other. */
const CHARGE_RETRIES_MAX = 20;

export class AdmissionChain {
  readonly #plugins: readonly AdmissionPlugin[];
  readonly #turns = new OneAtATime();

  constructor(plugins: readonly AdmissionPlugin[]) {
    this.#plugins = plugins;
  }

  async mutate(request: AdmissionRequest & { readonly object: KubernetesObject }): Promise<KubernetesObject> {
    let object = request.object;
    for (const plugin of this.#plugins) {
      if (plugin.mutate !== undefined) object = await plugin.mutate({ ...request, object });
    }
    return object;
  }

  /** Runs `write` with what has to be written along. One write at a time for each namespace that is charged. */
  async charged<V>(
    request: AdmissionRequest,
    write: (charge: Charge) => Promise<CommitOutcome<V>>,
  ): Promise<CommitOutcome<V>> {
    const charging = this.#plugins.filter((plugin) => plugin.charges?.(request) === true);
    if (charging.length === 0) return write(NO_CHARGE);
    return this.#turns.take(request.target.namespace, async () => {
      for (let attempt = 1; ; attempt++) {
        const all = charging.map((plugin) => plugin.charge?.(request) ?? NO_CHARGE);
        const charge = {
          changes: all.flatMap(({ changes }) => changes),
          preconditions: all.flatMap(({ preconditions }) => preconditions),
        };
        const outcome = await write(charge);
        const isTooLate = !outcome.ok && charge.preconditions.some(({ key }) => key === outcome.key);
        if (!isTooLate || attempt >= CHARGE_RETRIES_MAX) return outcome;
      }
    });
  }

  async validate(request: AdmissionRequest): Promise<void> {
    for (const plugin of this.#plugins) await plugin.validate?.(request);
  }
}
