/**
 * The `Client` over HTTPS: for node agents, tools and everything else outside the control plane's process.
 */

import { ApiError } from '../../api/meta/api-error.ts';
import { apiVersionOf, type Draft, type KubernetesObject, type ResourceType } from '../../api/meta/object.ts';
import type { JsonObject } from '../../api/schema/schema.ts';
import type { ListMeta, Status } from '../../api/types.gen.ts';
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
import { bodyLines, bodyText, Connection, type HttpAnswer, type ServerAccess } from './connection.ts';

const PATCH_TYPES: { readonly [T in Patch['type']]: string } = {
  json: 'application/json-patch+json',
  merge: 'application/merge-patch+json',
  strategic: 'application/strategic-merge-patch+json',
  apply: 'application/apply-patch+yaml',
};
const INITIAL_EVENTS_END = 'k8s.io/initial-events-end';

type Query = { readonly [name: string]: string | number | boolean | undefined };

export class HttpClient implements Client {
  readonly #connection: Connection;
  readonly #userAgent: string;

  constructor(access: ServerAccess, userAgent: string) {
    this.#connection = new Connection(access);
    this.#userAgent = userAgent;
  }

  close(): void {
    this.#connection.close();
  }

  get<T extends KubernetesObject>(
    type: ResourceType<T>,
    ref: ObjectRef,
    request: GetRequest = {},
  ): Promise<T> {
    return this.#json<T>('GET', pathOf(type, ref, request.subresource));
  }

  async list<T extends KubernetesObject>(
    type: ResourceType<T>,
    request: ListRequest = {},
  ): Promise<ObjectList<T>> {
    const { namespace, ...query } = request;
    const path = pathOf(type, { namespace, name: '' }) + queryText(query);
    const list = await this.#json<{ metadata: ListMeta; items: readonly T[] }>('GET', path);
    const { resourceVersion = '', remainingItemCount } = list.metadata;
    const token = list.metadata.continue ?? '';
    // Items of a list carry no kind of their own; in this process they do.
    const kind = { kind: type.kind, apiVersion: apiVersionOf(type) };
    return {
      items: list.items.map((item) => ({ ...kind, ...item })),
      resourceVersion,
      ...(token === '' ? {} : { continue: token }),
      ...(remainingItemCount === undefined ? {} : { remainingItemCount }),
    };
  }

  create<T extends KubernetesObject>(
    type: ResourceType<T>,
    object: Draft<T>,
    request: WriteRequest = {},
  ): Promise<T> {
    const { metadata } = object as { metadata?: { namespace?: string } };
    const path = pathOf(type, { namespace: metadata?.namespace, name: '' }) + writeQuery(request);
    return this.#json<T>('POST', path, withKind(type, object));
  }

  update<T extends KubernetesObject>(
    type: ResourceType<T>,
    object: T,
    request: WriteRequest = {},
  ): Promise<T> {
    const { namespace, name = '' } = object.metadata;
    const path = pathOf(type, { namespace, name }, request.subresource) + writeQuery(request);
    return this.#json<T>('PUT', path, withKind(type, object));
  }

  patch<T extends KubernetesObject>(
    type: ResourceType<T>,
    ref: ObjectRef,
    patch: Patch,
    request: PatchRequest = {},
  ): Promise<T> {
    const path = pathOf(type, ref, request.subresource) + writeQuery(request);
    return this.#json<T>('PATCH', path, patch.body, PATCH_TYPES[patch.type]);
  }

  async delete<T extends KubernetesObject>(
    type: ResourceType<T>,
    ref: ObjectRef,
    request: DeleteRequest = {},
  ): Promise<void> {
    await this.#json('DELETE', pathOf(type, ref), deleteOptions(request));
  }

  async deleteCollection<T extends KubernetesObject>(
    type: ResourceType<T>,
    selection: Selection,
    request: DeleteRequest = {},
  ): Promise<void> {
    const { namespace, ...query } = selection;
    await this.#json(
      'DELETE',
      pathOf(type, { namespace, name: '' }) + queryText(query),
      deleteOptions(request),
    );
  }

  createSubresource<T extends KubernetesObject>(
    type: ResourceType<T>,
    ref: ObjectRef,
    subresource: string,
    body: JsonObject,
  ): Promise<JsonObject> {
    return this.#json('POST', pathOf(type, ref, subresource), body);
  }

  async *watch<T extends KubernetesObject>(
    type: ResourceType<T>,
    request: WatchRequest,
    signal: AbortSignal,
  ): AsyncGenerator<readonly WatchEvent<T>[]> {
    const { namespace, ...rest } = request;
    const match = rest.sendInitialEvents === undefined ? {} : { resourceVersionMatch: 'NotOlderThan' };
    const path = pathOf(type, { namespace, name: '' }) + queryText({ ...rest, ...match, watch: true });
    try {
      const answer = await this.#connection.request('GET', path, this.#headers(), undefined, signal);
      if (answer.status !== 200) throw await errorOf(answer);
      for await (const lines of bodyLines(answer)) yield lines.map((line) => parseEvent<T>(line));
    } catch (error) {
      if (signal.aborted) return;
      throw error;
    }
  }

  /** For what is no object: `/version`, `/readyz`. */
  async text(path: string): Promise<{ readonly status: number; readonly body: string }> {
    const answer = await this.#connection.request('GET', path, this.#headers(), undefined);
    return { status: answer.status, body: await bodyText(answer) };
  }

  #headers(contentType?: string): { readonly [name: string]: string } {
    const base = { accept: 'application/json', 'user-agent': this.#userAgent };
    return contentType === undefined ? base : { ...base, 'content-type': contentType };
  }

  async #json<R>(method: string, path: string, body?: unknown, contentType = 'application/json'): Promise<R> {
    const text = body === undefined ? undefined : JSON.stringify(body);
    const headers = this.#headers(text === undefined ? undefined : contentType);
    const answer = await this.#connection.request(method, path, headers, text);
    if (answer.status >= 300) throw await errorOf(answer);
    return JSON.parse(await bodyText(answer)) as R;
  }
}

async function errorOf(answer: HttpAnswer): Promise<ApiError> {
  const text = await bodyText(answer);
  try {
    return ApiError.fromStatus(JSON.parse(text) as Partial<Status>, answer.status);
  } catch {
    return new ApiError(answer.status, '', `the server answered ${answer.status}: ${text.slice(0, 200)}`);
  }
}

function parseEvent<T extends KubernetesObject>(line: string): WatchEvent<T> {
  const event = JSON.parse(line) as { type: string; object: T };
  switch (event.type) {
    case 'ADDED':
    case 'MODIFIED':
    case 'DELETED':
      return { type: event.type, object: event.object };
    case 'BOOKMARK': {
      const { resourceVersion = '', annotations } = event.object.metadata;
      return {
        type: 'BOOKMARK',
        resourceVersion,
        initialEventsEnd: annotations?.[INITIAL_EVENTS_END] === 'true',
      };
    }
    default:
      throw ApiError.fromStatus(event.object as unknown as Partial<Status>, 500);
  }
}

function pathOf(type: ResourceType, { namespace = '', name }: ObjectRef, subresource = ''): string {
  const root = type.group === '' ? `/api/${type.version}` : `/apis/${type.group}/${type.version}`;
  const scope = type.namespaced && namespace !== '' ? `/namespaces/${encodeURIComponent(namespace)}` : '';
  const object = name === '' ? '' : `/${encodeURIComponent(name)}`;
  return `${root}${scope}/${type.plural}${object}${subresource === '' ? '' : `/${subresource}`}`;
}

function queryText(query: Query): string {
  const parts = Object.entries(query)
    .filter(([, value]) => value !== undefined && value !== '')
    .map(([name, value]) => `${name}=${encodeURIComponent(String(value))}`);
  return parts.length === 0 ? '' : `?${parts.join('&')}`;
}

function writeQuery({ dryRun, fieldManager, fieldValidation, ...rest }: PatchRequest): string {
  return queryText({
    dryRun: dryRun === true ? 'All' : undefined,
    fieldManager,
    fieldValidation,
    force: rest.force,
  });
}

function withKind<T extends KubernetesObject>(type: ResourceType<T>, object: object): object {
  return { apiVersion: apiVersionOf(type), kind: type.kind, ...object };
}

function deleteOptions({ dryRun, ...rest }: DeleteRequest): object {
  return {
    kind: 'DeleteOptions',
    apiVersion: 'v1',
    ...rest,
    ...(dryRun === true ? { dryRun: ['All'] } : {}),
  };
}
