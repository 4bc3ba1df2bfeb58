/**
 * OpenAPI documents of the servers behind APIServices. Of version 3 only the index is kept: documents are
 * asked for where they are; a server that has none is one whose version 2 is converted. Of version 2 the part of the APIService's group-version is kept, to be merged
 * into ours.
 *
 * As upstream (kube-aggregator/pkg/controllers/openapi, openapiv3): what a server said last stands while
 * it does not answer, and goes with its APIService.
 */

import { createHash } from 'node:crypto';
import type { JsonObject } from '../../api/schema/schema.ts';
import { isObject } from '../../api/structural/structural.ts';
import type { APIService } from '../../api/types.gen.ts';
import type { UserInfo } from '../../client/operation.ts';
import { partBelow } from '../openapi/merge-v2.ts';
import type { RemoteDocuments, RemoteEntry } from '../openapi/remote-documents.ts';
import type { ExtensionClient } from './extension-client.ts';

const USER: UserInfo = { name: 'system:aggregator', groups: [] };
/** As upstream: a document may be large. */
const TIMEOUT_MS = 60_000;
const ASKED = { accept: 'application/json', user: USER, timeoutMs: TIMEOUT_MS };

interface Known {
  readonly service: APIService;
  readonly v2?: JsonObject;
  readonly etag?: string;
  /** By name in the index. */
  readonly v3?: ReadonlyMap<string, string>;
  /** It knows no version 3. */
  readonly isLegacy?: boolean;
}

export class RemoteOpenApi implements RemoteDocuments {
  readonly #client: ExtensionClient;
  /** By name of the APIService. */
  readonly #known = new Map<string, Known>();
  #v2: readonly JsonObject[] | undefined;
  #v3: ReadonlyMap<string, RemoteEntry> | undefined;
  #legacy: ReadonlyMap<string, JsonObject> | undefined;

  constructor(client: ExtensionClient) {
    this.#client = client;
  }

  v2(): readonly JsonObject[] {
    return (this.#v2 ??= byPriority([...this.#known.values()]).flatMap(({ v2 }) =>
      v2 === undefined ? [] : [v2],
    ));
  }

  v3(): ReadonlyMap<string, RemoteEntry> {
    return (this.#v3 ??= entriesOf([...this.#known.values()]));
  }

  legacy(): ReadonlyMap<string, JsonObject> {
    return (this.#legacy ??= legacyOf([...this.#known.values()]));
  }

  /** The APIService whose server has the version 3 document. */
  serviceOf(name: string): APIService | undefined {
    const having = [...this.#known.values()].filter(({ v3 }) => v3?.has(name) === true);
    return (having.find(({ service }) => ownName(service) === name) ?? having[0])?.service;
  }

  /** Asks the server for its documents. Rejects when it does not answer; then what is known stays. */
  async refresh(service: APIService, isCurrent: () => boolean): Promise<void> {
    const name = nameOf(service);
    const results = await Promise.allSettled([this.#fetchV3(service), this.#fetchV2(service)]);
    // It may have gone meanwhile, or be another one.
    if (!isCurrent()) return;
    const before = this.#known.get(name);
    const found = results.map((result) => (result.status === 'fulfilled' ? result.value : {}));
    this.#set(name, { ...before, service, ...found[0], ...found[1] });
    const failed = results.find((result) => result.status === 'rejected');
    if (failed?.status === 'rejected') throw failed.reason;
  }

  drop(service: APIService): void {
    if (this.#known.delete(nameOf(service))) this.#forget();
  }

  clear(): void {
    this.#known.clear();
    this.#forget();
  }

  #set(name: string, next: Known): void {
    const before = this.#known.get(name);
    this.#known.set(name, next);
    const ranked = before === undefined ? undefined : priorityOf(before.service);
    const isSame = before?.v2 === next.v2 && sameEntries(before?.v3, next.v3);
    const isOfOneKind = before?.isLegacy === next.isLegacy;
    if (!isSame || !isOfOneKind || ranked !== priorityOf(next.service)) this.#forget();
  }

  #forget(): void {
    this.#v2 = undefined;
    this.#v3 = undefined;
    this.#legacy = undefined;
  }

  async #fetchV3(service: APIService): Promise<Pick<Known, 'v3' | 'isLegacy'>> {
    const { status, json } = await this.#client.fetch(service, '/openapi/v3', ASKED);
    if (status === 404) return { isLegacy: true };
    const paths = isObject(json) ? json['paths'] : undefined;
    if (!isObject(paths)) throw new Error(`/openapi/v3 was answered with ${status}`);
    const v3 = new Map<string, string>();
    for (const [name, entry] of Object.entries(paths)) {
      const url = isObject(entry) ? entry['serverRelativeURL'] : undefined;
      if (typeof url === 'string') v3.set(name, url);
    }
    return { v3, isLegacy: false };
  }

  async #fetchV2(service: APIService): Promise<Pick<Known, 'v2' | 'etag'>> {
    const before = this.#known.get(nameOf(service));
    const etag = before?.etag ?? '';
    const asked = etag.startsWith(OWN_ETAG) ? ASKED : { ...ASKED, etag };
    const answer = await this.#client.fetch(service, '/openapi/v2', asked);
    // The server has none.
    if (answer.status === 404) return {};
    if (answer.status === 304 && before?.v2 !== undefined) return {};
    if (!isObject(answer.json)) throw new Error(`/openapi/v2 was answered with ${answer.status}`);
    const next = answer.etag === '' ? ownEtag(answer.json) : answer.etag;
    if (next === etag) return {};
    const { group = '', version = '' } = service.spec;
    return { v2: partBelow(answer.json, `/apis/${group}/${version}/`), etag: next };
  }
}

/** Stands for the ETag of servers that say none. */
const OWN_ETAG = 'own:';

function ownEtag(document: JsonObject): string {
  return OWN_ETAG + createHash('sha256').update(JSON.stringify(document)).digest('hex');
}

function nameOf({ metadata }: APIService): string {
  return metadata.name ?? '';
}

function ownName({ spec: { group = '', version = '' } }: APIService): string {
  return `apis/${group}/${version}`;
}

function priorityOf({ spec }: APIService): number {
  return spec.groupPriorityMinimum;
}

/** A group is as important as its most important version; then names decide. */
function byPriority(all: readonly Known[]): readonly Known[] {
  const groups = new Map<string, number>();
  for (const { service } of all) {
    const { group = '' } = service.spec;
    groups.set(group, Math.max(groups.get(group) ?? 0, priorityOf(service)));
  }
  const rank = ({ service }: Known): number => groups.get(service.spec.group ?? '') ?? 0;
  return all.toSorted((a, b) => rank(b) - rank(a) || (nameOf(a.service) < nameOf(b.service) ? -1 : 1));
}

/** Where two servers have a document of one name, it is the one whose group-version it is. */
function entriesOf(all: readonly Known[]): ReadonlyMap<string, RemoteEntry> {
  const entries = new Map<string, RemoteEntry>();
  for (const { service, v3 = NO_ENTRIES } of byPriority(all)) {
    for (const [name, url] of v3) {
      const isOwn = name === ownName(service);
      if (isOwn || !entries.has(name)) entries.set(name, { url, isOwn });
    }
  }
  return entries;
}

/** A server that had a version 3 before keeps what it said. */
function legacyOf(all: readonly Known[]): ReadonlyMap<string, JsonObject> {
  const documents = new Map<string, JsonObject>();
  for (const { service, v2, v3, isLegacy } of all) {
    if (isLegacy === true && v3 === undefined && v2 !== undefined) documents.set(ownName(service), v2);
  }
  return documents;
}

const NO_ENTRIES: ReadonlyMap<string, string> = new Map();

function sameEntries(a = NO_ENTRIES, b = NO_ENTRIES): boolean {
  return a.size === b.size && [...a].every(([name, url]) => b.get(name) === url);
}
