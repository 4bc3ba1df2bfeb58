/**
 * How every component reads and writes the cluster. The same interface is served in-process (`direct/`, no
 * copies) and over HTTPS (`http/`), so a controller cannot tell where it runs.
 *
 * All methods throw `ApiError` for what the API refuses. Objects are immutable; change a copy.
 */

import type { Draft, KubernetesObject, ResourceType } from '../api/meta/object.ts';
import type { JsonObject, JsonValue } from '../api/schema/schema.ts';

export interface Client extends Reader, Writer, Watcher {}

export interface ObjectRef {
  /** Empty or absent for cluster-scoped objects. */
  readonly namespace?: string | undefined;
  readonly name: string;
}

export interface Selection {
  /** All namespaces when absent or empty. */
  readonly namespace?: string;
  /** As in queries: `app=web,tier in (a,b)`. */
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
}

export interface ListRequest extends Selection {
  readonly limit?: number;
  readonly continue?: string;
  readonly resourceVersion?: string;
  readonly resourceVersionMatch?: 'Exact' | 'NotOlderThan';
}

export interface ObjectList<T> {
  readonly items: readonly T[];
  readonly resourceVersion: string;
  /** Token for the next page; absent on the last one. */
  readonly continue?: string;
  readonly remainingItemCount?: number;
}

export interface GetRequest {
  /** `scale`; `type` is then that of what the subresource shows. */
  readonly subresource?: string;
}

export interface Reader {
  get<T extends KubernetesObject>(type: ResourceType<T>, ref: ObjectRef, request?: GetRequest): Promise<T>;
  list<T extends KubernetesObject>(type: ResourceType<T>, request?: ListRequest): Promise<ObjectList<T>>;
}

export interface WriteRequest {
  readonly dryRun?: boolean;
  readonly fieldManager?: string;
  /** `status`, `scale`; absent for the object itself. */
  readonly subresource?: string;
  readonly fieldValidation?: 'Strict' | 'Warn' | 'Ignore';
}

export interface PatchRequest extends WriteRequest {
  /** Server-side apply only: take over fields that others own. */
  readonly force?: boolean;
}

export type Patch =
  | { readonly type: 'json'; readonly body: readonly JsonValue[] }
  | { readonly type: 'merge' | 'strategic' | 'apply'; readonly body: JsonObject };

export interface DeleteRequest {
  readonly dryRun?: boolean;
  /** Seconds; absent: the object's own default. 0 removes at once. */
  readonly gracePeriodSeconds?: number;
  readonly propagationPolicy?: 'Foreground' | 'Background' | 'Orphan';
  readonly preconditions?: { readonly uid?: string; readonly resourceVersion?: string };
}

export interface Writer {
  create<T extends KubernetesObject>(
    type: ResourceType<T>,
    object: Draft<T>,
    request?: WriteRequest,
  ): Promise<T>;
  /** Replaces the object; its `metadata.resourceVersion`, when set, must be current (409 otherwise). */
  update<T extends KubernetesObject>(type: ResourceType<T>, object: T, request?: WriteRequest): Promise<T>;
  patch<T extends KubernetesObject>(
    type: ResourceType<T>,
    ref: ObjectRef,
    patch: Patch,
    request?: PatchRequest,
  ): Promise<T>;
  delete<T extends KubernetesObject>(
    type: ResourceType<T>,
    ref: ObjectRef,
    request?: DeleteRequest,
  ): Promise<void>;
  deleteCollection<T extends KubernetesObject>(
    type: ResourceType<T>,
    selection: Selection,
    request?: DeleteRequest,
  ): Promise<void>;
  /** POST to a subresource: `binding`, `eviction`, `token`. Returns what the server answers. */
  createSubresource<T extends KubernetesObject>(
    type: ResourceType<T>,
    ref: ObjectRef,
    subresource: string,
    body: JsonObject,
  ): Promise<JsonObject>;
}

export type WatchEvent<T> =
  | { readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'; readonly object: T }
  | { readonly type: 'BOOKMARK'; readonly resourceVersion: string; readonly initialEventsEnd: boolean };

export interface WatchRequest extends Selection {
  /** Events after this version; absent or `0`: first every present object as ADDED. */
  readonly resourceVersion?: string;
  readonly allowWatchBookmarks?: boolean;
  readonly sendInitialEvents?: boolean;
}

export interface Watcher {
  /**
   * Batches of events, oldest first. Ends without an error when `signal` aborts or the server closes the
   * stream; throws `ApiError` with reason `Expired` when the start version is out of the history.
   */
  watch<T extends KubernetesObject>(
    type: ResourceType<T>,
    request: WatchRequest,
    signal: AbortSignal,
  ): AsyncIterable<readonly WatchEvent<T>[]>;
}
