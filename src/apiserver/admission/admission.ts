/**
 * Admission: what may still change or refuse a write after it was authorized. Mutating plugins run in
 * order, each seeing the object as the one before left it; validating ones run on the final object.
 */

import type { KubernetesObject } from '../../api/meta/object.ts';
import type { Resource } from '../../api/resource.ts';
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
}

export class AdmissionChain {
  readonly #plugins: readonly AdmissionPlugin[];

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

  async validate(request: AdmissionRequest): Promise<void> {
    for (const plugin of this.#plugins) await plugin.validate?.(request);
  }
}
