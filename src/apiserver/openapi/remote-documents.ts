/** OpenAPI documents of other servers, as this server's own handler needs them. */

import type { JsonObject } from '../../api/schema/schema.ts';

export interface RemoteDocuments {
  /** Version 2 documents, the most important first; the same array until one changes. */
  v2(): readonly JsonObject[];
  /** What the index of version 3 says: URLs by name, `apis/metrics.k8s.io/v1beta1`; the same map likewise. */
  v3(): ReadonlyMap<string, RemoteEntry>;
  /** Version 2 of servers that have no version 3, by the name that version 3 would have in the index; likewise. */
  legacy(): ReadonlyMap<string, JsonObject>;
}

export interface RemoteEntry {
  readonly url: string;
  /** The group-version is that of an APIService, which goes before kinds of our own definitions. */
  readonly isOwn: boolean;
}

export const NO_REMOTE_DOCUMENTS: RemoteDocuments = {
  v2: () => NONE,
  v3: () => EMPTY,
  legacy: () => NO_LEGACY,
};

const NONE: readonly JsonObject[] = [];
const EMPTY: ReadonlyMap<string, RemoteEntry> = new Map();
const NO_LEGACY: ReadonlyMap<string, JsonObject> = new Map();
