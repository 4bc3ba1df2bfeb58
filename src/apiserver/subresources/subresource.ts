/**
 * What the generic registry does not serve: subresources with a meaning of their own (`binding`, `scale`,
 * `token`, `eviction`, `finalize`) and virtual resources that are answered, not stored (the reviews).
 */

import type { Resource } from '../../api/resource.ts';
import type { Operation, Outcome, RequestContext } from '../../client/operation.ts';
import type { ObjectWriter, WriteParts } from '../registry/write.ts';

export interface SubresourceCall {
  readonly operation: Operation;
  readonly resource: Resource;
  readonly context: RequestContext;
  readonly writer: ObjectWriter;
  /** What the server itself works with: handlers act after the user was authorized for the subresource. */
  readonly parts: WriteParts;
}

export interface SubresourceHandler {
  /** `pods/binding`; the plural alone for a virtual resource; with `*` for the plural, every kind's. */
  readonly path: string;
  /** Empty for the core group; `*` for any. */
  readonly group: string;
  /** Throws `ApiError`. */
  handle(call: SubresourceCall): Promise<Outcome>;
}

export class SubresourceHandlers {
  readonly #handlers = new Map<string, SubresourceHandler>();

  constructor(handlers: readonly SubresourceHandler[]) {
    for (const handler of handlers) this.#handlers.set(`${handler.group}:${handler.path}`, handler);
  }

  find({ definition }: Resource, subresource: string): SubresourceHandler | undefined {
    const path = subresource === '' ? definition.plural : `${definition.plural}/${subresource}`;
    const own = this.#handlers.get(`${definition.group}:${path}`);
    if (own !== undefined || subresource === '') return own;
    if (subresource === 'scale' && definition.scale === undefined) return undefined;
    return this.#handlers.get(`*:*/${subresource}`);
  }
}
