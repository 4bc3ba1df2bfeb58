/**
 * A request's way, on one screen. Each stage stands in a folder of its own; this file only fixes their order.
 *
 *   accept        http/            TLS, HTTP/1.1 and HTTP/2, body and header limits
 *   authenticate  authentication/  who asks: client certificate, token, or nobody
 *   flow control  flow-control/  now, later or not at all; only what comes over HTTP
 *   decode        http/            path, query and body to an `Operation` (client/operation.ts)
 *   authorize     authorization/   may they: RBAC, unless one of the exempt identities
 *   route         here             the kind, or a virtual resource (reviews), or a subresource's own handler
 *   admit, default, validate, commit   registry/   as written down in `registry/write.ts`
 *   encode        http/            JSON, Table, metadata only; watch frames
 *
 * In-process clients enter at `authorize` with an `Operation` of their own and share everything from there.
 */

import { present } from '../base/assert.ts';
import { methodNotAllowedError, notFoundError } from '../api/meta/api-error.ts';
import { ALL_VERBS } from '../api/meta/resource-definition.ts';
import type { KubernetesObject } from '../api/meta/object.ts';
import type { Resource } from '../api/resource.ts';
import type { Executor, Operation, Outcome, RequestContext } from '../client/operation.ts';
import type { Authorizer } from './authorization/authorizer.ts';
import { authorizeOperation } from './authorization/authorizer.ts';
import { deleteCollection } from './registry/delete-collection.ts';
import { deleteObject } from './registry/delete.ts';
import { fromHub, onHub } from './registry/hub.ts';
import { patchObject } from './registry/patch.ts';
import { getObject, listObjects } from './registry/read.ts';
import { watchObjects } from './registry/watch.ts';
import { ObjectWriter, type WriteCall, type WriteParts } from './registry/write.ts';
import type { SubresourceHandlers } from './subresources/subresource.ts';

export interface ResourceIndex {
  find(group: string, version: string, plural: string): Resource | undefined;
}

export interface PipelineParts extends WriteParts {
  readonly resources: ResourceIndex;
  readonly authorizer: Authorizer;
  /** Handlers for `pods/binding`, `serviceaccounts/token`, and for virtual resources under their plural. */
  readonly subresources: SubresourceHandlers;
}

export class Pipeline implements Executor {
  readonly #parts: PipelineParts;
  readonly #writer: ObjectWriter;

  constructor(parts: PipelineParts) {
    this.#parts = parts;
    this.#writer = new ObjectWriter(parts);
  }

  async execute(operation: Operation, context: RequestContext): Promise<Outcome> {
    await authorizeOperation(this.#parts.authorizer, operation, context);
    const { target } = operation;
    const resource = this.#parts.resources.find(target.group, target.version, target.resource);
    if (resource === undefined)
      throw notFoundError({ group: target.group, resource: target.resource }, target.name);
    const { deprecation } = resource.definition;
    if (deprecation !== undefined) context.warn(deprecation);
    const handler = this.#parts.subresources.find(resource, target.subresource);
    if (handler !== undefined) {
      return handler.handle({ operation, resource, context, writer: this.#writer, parts: this.#parts });
    }
    this.#checkVerb(resource, operation);
    const { storedAs } = resource.definition;
    if (storedAs === undefined) return this.#store(operation, resource, context);
    const { hub } = storedAs;
    const stored = present(
      this.#parts.resources.find(hub.group, hub.version, hub.plural),
      `hub of ${hub.kind}`,
    );
    const outcome = await this.#store(onHub(operation, storedAs), stored, context, resource);
    return fromHub(outcome, storedAs);
  }

  #checkVerb(resource: Resource, operation: Operation): void {
    const { definition, subject } = resource;
    const { subresource } = operation.target;
    if (subresource !== '' && !(subresource === 'status' && definition.hasStatus)) {
      throw notFoundError(
        { ...subject, resource: `${subject.resource}/${subresource}` },
        operation.target.name,
      );
    }
    const allowed =
      subresource === '' ? (definition.verbs ?? ALL_VERBS) : (['get', 'update', 'patch'] as const);
    if (!allowed.some((verb) => verb === operation.verb))
      throw methodNotAllowedError(subject, operation.verb);
  }

  #asObject(object: KubernetesObject, created: boolean): Outcome {
    return { type: 'object', object, created, bytes: () => this.#parts.store.bytesOf(object) };
  }

  /** `served`: the version that the client speaks, when it is not the stored one. */
  async #store(
    operation: Operation,
    resource: Resource,
    context: RequestContext,
    served?: Resource,
  ): Promise<Outcome> {
    const parts = this.#parts;
    switch (operation.verb) {
      case 'get': {
        const object = await getObject(
          parts.store,
          resource,
          operation.target,
          operation.resourceVersion ?? '',
        );
        return this.#asObject(object, false);
      }
      case 'list': {
        const list = await listObjects(parts.store, resource, operation);
        return { type: 'list', list: { ...list, hotBytes: (item) => parts.store.hotBytesOf(item) } };
      }
      case 'watch': {
        const batches = await watchObjects(parts.store, resource, operation, parts.clock, context);
        return { type: 'watch', batches };
      }
      case 'create': {
        const { object, created } = await this.#writer.create(
          callOf(operation, resource, context, served),
          operation.body,
        );
        return this.#asObject(object, created);
      }
      case 'update': {
        const { object, created } = await this.#writer.update(
          callOf(operation, resource, context, served),
          operation.body,
        );
        return this.#asObject(object, created);
      }
      case 'patch': {
        const call = callOf(operation, resource, context, served);
        const { object, created } = await patchObject(
          this.#writer,
          call,
          operation.patch,
          operation.options,
          parts,
        );
        return this.#asObject(object, created);
      }
      case 'delete':
        return deleteObject(parts, resource, operation.target, operation.options, context, served);
      case 'deletecollection':
        return { type: 'list', list: await deleteCollection(parts, resource, operation, context, served) };
    }
  }
}

function callOf(
  operation: Extract<Operation, { verb: 'create' | 'update' | 'patch' }>,
  resource: Resource,
  context: RequestContext,
  served: Resource | undefined,
): WriteCall {
  return { resource, served, target: operation.target, options: operation.options, context };
}
