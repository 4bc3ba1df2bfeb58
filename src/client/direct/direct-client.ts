/**
 * The in-process client: builds operations and hands them to the API server's pipeline, no copies, no
 * encoding. It acts under a user of its own, so every component is authorized like any remote client.
 */

import { AssertionError } from '../../base/assert.ts';
import { nextTurn } from '../../base/turn.ts';
import { expiredError } from '../../api/meta/api-error.ts';
import type { Draft, KubernetesObject, ResourceType } from '../../api/meta/object.ts';
import type { JsonObject, JsonValue } from '../../api/schema/schema.ts';
import type {
  Client,
  DeleteRequest,
  GetRequest,
  ListRequest,
  ObjectList,
  ObjectRef,
  Patch,
  PatchRequest,
  Selection,
  WatchEvent,
  WatchRequest,
  WriteRequest,
} from '../client.ts';
import type { Executor, Operation, Outcome, RequestContext, Target, UserInfo } from '../operation.ts';

const NEVER = new AbortController().signal;

export class DirectClient implements Client {
  readonly #executor: Executor;
  readonly #user: UserInfo;
  readonly #userAgent: string;
  readonly #requestsWait: () => boolean;

  /** `requestsWait`: whether requests from outside wait to be let in, which go before what this one writes. */
  constructor(executor: Executor, user: UserInfo, userAgent: string, requestsWait = () => false) {
    this.#executor = executor;
    this.#user = user;
    this.#userAgent = userAgent;
    this.#requestsWait = requestsWait;
  }

  async get<T extends KubernetesObject>(
    type: ResourceType<T>,
    ref: ObjectRef,
    request: GetRequest = {},
  ): Promise<T> {
    return this.#object<T>({ verb: 'get', target: target(type, ref, request.subresource) });
  }

  async list<T extends KubernetesObject>(
    type: ResourceType<T>,
    request: ListRequest = {},
  ): Promise<ObjectList<T>> {
    const outcome = await this.#run({
      verb: 'list',
      target: target(type, { namespace: request.namespace, name: '' }),
      selection: request,
      ...request,
    });
    if (outcome.type !== 'list') throw unexpected(outcome);
    const { items, resourceVersion, remainingItemCount } = outcome.list;
    return {
      items: items as readonly T[],
      resourceVersion,
      ...(outcome.list.continue === '' ? {} : { continue: outcome.list.continue }),
      ...(remainingItemCount === undefined ? {} : { remainingItemCount }),
    };
  }

  async create<T extends KubernetesObject>(
    type: ResourceType<T>,
    object: Draft<T>,
    options: WriteRequest = {},
  ): Promise<T> {
    const { metadata } = object as { metadata?: { namespace?: string; name?: string } };
    const place = { namespace: metadata?.namespace, name: '' };
    return this.#object<T>({ verb: 'create', target: target(type, place), body: bodyOf(object), options });
  }

  async update<T extends KubernetesObject>(
    type: ResourceType<T>,
    object: T,
    options: WriteRequest = {},
  ): Promise<T> {
    const { namespace, name = '' } = object.metadata;
    const at = target(type, { namespace, name }, options.subresource);
    return this.#object<T>({ verb: 'update', target: at, body: bodyOf(object), options });
  }

  async patch<T extends KubernetesObject>(
    type: ResourceType<T>,
    ref: ObjectRef,
    patch: Patch,
    options: PatchRequest = {},
  ): Promise<T> {
    const at = target(type, ref, options.subresource);
    return this.#object<T>({ verb: 'patch', target: at, patch: { ...patch, duplicateFields: [] }, options });
  }

  async delete<T extends KubernetesObject>(
    type: ResourceType<T>,
    ref: ObjectRef,
    options: DeleteRequest = {},
  ): Promise<void> {
    await this.#run({ verb: 'delete', target: target(type, ref), options });
  }

  async deleteCollection<T extends KubernetesObject>(
    type: ResourceType<T>,
    selection: Selection,
    options: DeleteRequest = {},
  ): Promise<void> {
    const at = target(type, { namespace: selection.namespace, name: '' });
    await this.#run({ verb: 'deletecollection', target: at, selection, options });
  }

  async createSubresource<T extends KubernetesObject>(
    type: ResourceType<T>,
    ref: ObjectRef,
    subresource: string,
    body: JsonObject,
  ): Promise<JsonObject> {
    const outcome = await this.#run({
      verb: 'create',
      target: target(type, ref, subresource),
      body: bodyOf(body),
      options: {},
    });
    if (outcome.type === 'object') return outcome.object as unknown as JsonObject;
    if (outcome.type === 'status') return outcome.status;
    throw unexpected(outcome);
  }

  async *watch<T extends KubernetesObject>(
    type: ResourceType<T>,
    request: WatchRequest,
    signal: AbortSignal,
  ): AsyncGenerator<readonly WatchEvent<T>[]> {
    const outcome = await this.#run(
      {
        verb: 'watch',
        target: target(type, { namespace: request.namespace, name: '' }),
        selection: request,
        allowWatchBookmarks: request.allowWatchBookmarks ?? false,
        ...(request.resourceVersion === undefined ? {} : { resourceVersion: request.resourceVersion }),
        ...(request.sendInitialEvents === undefined
          ? {}
          : { sendInitialEvents: request.sendInitialEvents, resourceVersionMatch: 'NotOlderThan' }),
      },
      signal,
    );
    if (outcome.type !== 'watch') throw unexpected(outcome);
    for await (const batch of outcome.batches) {
      switch (batch.type) {
        case 'frames':
          yield batch.frames.map(({ type: change, object }) => ({ type: change, object: object as T }));
          break;
        case 'bookmark':
          yield [{ ...batch, type: 'BOOKMARK' }];
          break;
        case 'expired':
          throw expiredError(batch.message);
      }
    }
  }

  async #run(operation: Operation, signal: AbortSignal = NEVER): Promise<Outcome> {
    if (this.#requestsWait() && isWrite(operation)) await nextTurn('write');
    const context: RequestContext = { user: this.#user, userAgent: this.#userAgent, signal, warn: () => {} };
    return this.#executor.execute(operation, context);
  }

  async #object<T>(operation: Operation): Promise<T> {
    const outcome = await this.#run(operation);
    if (outcome.type !== 'object') throw unexpected(outcome);
    return outcome.object as T;
  }
}

function isWrite({ verb }: Operation): boolean {
  return verb !== 'get' && verb !== 'list' && verb !== 'watch';
}

function bodyOf(object: unknown): { json: JsonValue; duplicateFields: readonly string[] } {
  return { json: object as JsonValue, duplicateFields: [] };
}

function target(type: ResourceType, ref: ObjectRef, subresource = ''): Target {
  const { group, version, plural } = type;
  return { group, version, resource: plural, namespace: ref.namespace ?? '', name: ref.name, subresource };
}

function unexpected(outcome: Outcome): AssertionError {
  return new AssertionError(`the API server answered with ${outcome.type} where something else was due`);
}
