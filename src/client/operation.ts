/**
 * One request as data: what to do, to what, by whom. The HTTP front end decodes requests into operations, the
 * in-process client builds them directly, and the API server executes both through the same stages.
 */

import type { KubernetesObject } from '../api/meta/object.ts';
import type { Literals } from '../api/schema/json.ts';
import type { JsonObject, JsonValue } from '../api/schema/schema.ts';
import type { DeleteRequest, PatchRequest, Selection, WriteRequest } from './client.ts';

export interface UserInfo {
  readonly name: string;
  readonly uid?: string;
  readonly groups: readonly string[];
  readonly extra?: { readonly [key: string]: readonly string[] };
}

export interface Target {
  readonly group: string;
  readonly version: string;
  /** Plural name. */
  readonly resource: string;
  /** Empty: cluster-scoped, or all namespaces. */
  readonly namespace: string;
  /** Empty for collections. */
  readonly name: string;
  /** Empty for the object itself. */
  readonly subresource: string;
}

export interface ReadVersion {
  readonly resourceVersion?: string;
  readonly resourceVersionMatch?: string;
}

export type Operation =
  | ({ readonly verb: 'get'; readonly target: Target } & ReadVersion)
  | ({
      readonly verb: 'list';
      readonly target: Target;
      readonly selection: Selection;
      readonly limit?: number;
      readonly continue?: string;
    } & ReadVersion)
  | ({
      readonly verb: 'watch';
      readonly target: Target;
      readonly selection: Selection;
      readonly allowWatchBookmarks: boolean;
      readonly sendInitialEvents?: boolean;
    } & ReadVersion)
  | { readonly verb: 'create'; readonly target: Target; readonly body: Body; readonly options: WriteRequest }
  | { readonly verb: 'update'; readonly target: Target; readonly body: Body; readonly options: WriteRequest }
  | {
      readonly verb: 'patch';
      readonly target: Target;
      readonly patch: PatchBody;
      readonly options: PatchRequest;
    }
  | { readonly verb: 'delete'; readonly target: Target; readonly options: DeleteRequest }
  | {
      readonly verb: 'deletecollection';
      readonly target: Target;
      readonly selection: Selection;
      readonly options: DeleteRequest;
    };

/** A parsed body; `duplicateFields` are the paths that stood twice in its text. */
export interface Body {
  readonly json: JsonValue;
  readonly duplicateFields: readonly string[];
  /** As they stood in YAML, where only the line is known. */
  readonly repeatedKeys?: readonly string[];
  /** Of a body in JSON: numbers that were not written as JavaScript writes them (`1.0`). */
  readonly literals?: Literals;
  /** Why the body could not be read; `json` says nothing then. */
  readonly unreadable?: string;
  /** The first bytes of the body, for errors: as text where it begins as JSON, else in hexadecimal digits. */
  readonly summary?: () => string;
}

/** The body of `strategic` and `apply` is decoded as no text would be, so their numbers have no `literals`. */
export interface PatchBody extends Omit<Body, 'json' | 'summary'> {
  readonly type: 'json' | 'merge' | 'strategic' | 'apply';
  readonly body: JsonValue;
}

/** Who asks, and what the request's answer carries besides the object. */
export interface RequestContext {
  readonly user: UserInfo;
  readonly userAgent: string;
  readonly signal: AbortSignal;
  /** Adds a `Warning` header to the answer. */
  warn(text: string): void;
  /** Called by a watch when what it begins with has been sent: from then on it only waits. */
  readonly watchInitialized?: () => void;
}

export interface ListResult {
  readonly items: readonly KubernetesObject[];
  readonly resourceVersion: string;
  readonly continue: string;
  readonly remainingItemCount: number | undefined;
  /** JSON of an item where the store keeps it; shared, not to be changed. */
  hotBytes?(item: KubernetesObject): Uint8Array | undefined;
}

/** A change as seen by one watcher: selectors are applied, so an object that stops matching is DELETED. */
export interface WatchFrame {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly object: KubernetesObject;
  /** JSON of the object, made at most once for all watchers. */
  bytes(): Uint8Array;
}

export type WatchBatch =
  | { readonly type: 'frames'; readonly frames: readonly WatchFrame[] }
  | { readonly type: 'bookmark'; readonly resourceVersion: string; readonly initialEventsEnd: boolean }
  /** History is gone; the stream ends with this. */
  | { readonly type: 'expired'; readonly message: string };

export type Outcome =
  | {
      readonly type: 'object';
      readonly object: KubernetesObject;
      readonly created: boolean;
      /** JSON of the object, where the store keeps it; shared, not to be changed. */
      bytes?(): Uint8Array;
    }
  | { readonly type: 'list'; readonly list: ListResult }
  | { readonly type: 'watch'; readonly batches: AsyncIterable<WatchBatch> }
  /** Answer of a deletion that finished, or of a subresource that has no object. */
  | { readonly type: 'status'; readonly status: JsonObject };

export interface Executor {
  /** Throws `ApiError`. */
  execute(operation: Operation, context: RequestContext): Promise<Outcome>;
}
