/**
 * Serves the OpenAPI documents: `/openapi/v2`, the index `/openapi/v3`, and one version 3 document for each
 * group-version under a URL that carries its hash, so that clients may keep it for ever.
 *
 * Documents are built when first asked for. When kinds come and go, only those of their groups are built
 * anew.
 */

import { createHash } from 'node:crypto';
import { subresourcesOf } from '../discovery/discovery.ts';
import { ALL_VERBS } from '../../api/meta/resource-definition.ts';
import type { Resource } from '../../api/resource.ts';
import type { Descriptions } from '../../api/schema/openapi-definitions.ts';
import {
  operationsOf,
  type ServedResource,
  type ServedSubresource,
} from '../../api/schema/openapi-operations.ts';
import {
  customOpenApiV2Part,
  openApiV2Part,
  openApiV2Text,
  openApiV3,
  type OpenApiInput,
  type OpenApiV2Part,
} from '../../api/schema/openapi.ts';
import {
  encodeOpenApiV2,
  OPENAPI_PROTOBUF,
  OPENAPI_PROTOBUF_ASKED,
} from '../../api/schema/openapi-protobuf.ts';
import type { GroupVersionSchema, JsonObject, JsonValue } from '../../api/schema/schema.ts';
import type { Clock } from '../../host/host.ts';
import { headerText, type Exchange, type Headers } from '../http/exchange.ts';
import { respondJson } from '../http/answer.ts';
import { listKindOf } from '../http/encode-list.ts';
import type { PathHandler } from '../http/front.ts';
import { convertV2 } from './convert-v2.ts';
import { mergeV2 } from './merge-v2.ts';
import type { RemoteDocuments } from './remote-documents.ts';

export interface OpenApiSource {
  /** The same array until something changes. */
  resources(): readonly Resource[];
  readonly schemas: ReadonlyMap<string, GroupVersionSchema>;
  /** Texts for people; empty when they were not generated. */
  descriptions(): Promise<Descriptions>;
  readonly serverVersion: string;
  readonly remote: RemoteDocuments;
  readonly clock: Clock;
}

interface Document {
  readonly text: string;
  readonly hash: string;
}

/** Subresources that stream or pass requests through. */
const CONNECT: { readonly [name: string]: 'any' | 'stream' } = {
  proxy: 'any',
  exec: 'stream',
  attach: 'stream',
  portforward: 'stream',
};
/** Kinds of subresource answers that are no API object. */
const PLAIN_TEXT: ReadonlySet<string> = new Set(['log', 'exec', 'attach', 'portforward', 'proxy']);

interface Group {
  readonly resources: readonly Resource[];
  /** Its version 3 document, and its part of the version 2 document, as far as they were asked for. */
  document?: Promise<Document>;
  part?: Promise<OpenApiV2Part>;
}

export class OpenApiHandler implements PathHandler {
  readonly #source: OpenApiSource;
  #of: readonly Resource[] = [];
  /** By group-version, `apis/apps/v1`, in order. */
  #groups: ReadonlyMap<string, Group> = new Map();
  #builtInPart: Promise<OpenApiV2Part> | undefined;
  #whole: Promise<Document> | undefined;
  /** The same in protobuf, once somebody has asked for it. */
  #binary: Uint8Array | undefined;
  readonly #conversions = new WeakMap<JsonObject, Document>();
  /** Version 2 documents of other servers that are in it. */
  #remote: readonly JsonObject[] = [];

  constructor(source: OpenApiSource) {
    this.#source = source;
  }

  handle(path: string, exchange: Exchange, query: URLSearchParams): Promise<void> | undefined {
    if (!path.startsWith('/openapi/')) return undefined;
    this.#refresh();
    if (path === '/openapi/v2') return this.#respondWhole(exchange);
    if (path === '/openapi/v3' || path === '/openapi/v3/') return this.#index(exchange);
    const name = path.slice('/openapi/v3/'.length);
    const converted = this.#converted(name);
    const wanted = query.get('hash') ?? '';
    if (converted !== undefined) return this.#respondNamed(exchange, name, converted, wanted);
    const group = this.#groups.get(name);
    return group === undefined
      ? undefined
      : this.#documentOf(group).then((document) => this.#respondNamed(exchange, name, document, wanted));
  }

  /** The version 3 document of a server that has version 2 only. */
  #converted(name: string): Document | undefined {
    const v2 = this.#source.remote.legacy().get(name);
    if (v2 === undefined) return undefined;
    const known = this.#conversions.get(v2) ?? documentOf(JSON.stringify(convertV2(v2)));
    this.#conversions.set(v2, known);
    return known;
  }

  /** Forgets what was built of groups whose kinds have changed. */
  #refresh(): void {
    const resources = this.#source.resources();
    const remote = this.#source.remote.v2();
    if (resources !== this.#of || remote !== this.#remote) {
      this.#whole = undefined;
      this.#binary = undefined;
    }
    this.#remote = remote;
    if (resources === this.#of) return;
    this.#of = resources;
    const before = this.#groups;
    const groups = new Map<string, Resource[]>();
    for (const resource of resources) {
      const { group, version } = resource.definition;
      const name = group === '' ? `api/${version}` : `apis/${group}/${version}`;
      const list = groups.get(name);
      if (list === undefined) groups.set(name, [resource]);
      else list.push(resource);
    }
    const names = [...groups.keys()].toSorted();
    this.#groups = new Map(
      names.map((name) => {
        const now = groups.get(name) ?? [];
        const then = before.get(name);
        return [name, then !== undefined && sameItems(then.resources, now) ? then : { resources: now }];
      }),
    );
  }

  async #index(exchange: Exchange): Promise<void> {
    const paths: { [name: string]: JsonObject } = {};
    for (const [name, group] of this.#groups) {
      const { hash } = await this.#documentOf(group);
      paths[name] = { serverRelativeURL: urlOf(name, hash) };
    }
    for (const [name, { url, isOwn }] of this.#source.remote.v3()) {
      if (isOwn || !this.#groups.has(name)) paths[name] = { serverRelativeURL: url };
    }
    for (const name of this.#source.remote.legacy().keys()) {
      const document = this.#converted(name);
      if (document !== undefined) paths[name] = { serverRelativeURL: urlOf(name, document.hash) };
    }
    respondJson(exchange, 200, { paths });
  }

  /** Version 2 in the form that the client prefers: clients in Go ask for protobuf. */
  async #respondWhole(exchange: Exchange): Promise<void> {
    this.#whole ??= this.#buildWhole();
    const wanted = headerText(exchange.headers, 'accept');
    const at = Math.max(wanted.indexOf(OPENAPI_PROTOBUF), wanted.indexOf(OPENAPI_PROTOBUF_ASKED));
    const json = wanted.indexOf('application/json');
    if (at < 0 || (json >= 0 && json < at)) return this.#respond(exchange, this.#whole);
    const { text, hash } = await this.#whole;
    this.#binary ??= encodeOpenApiV2(JSON.parse(text) as JsonObject);
    respondDocument(exchange, OPENAPI_PROTOBUF, this.#binary, hash);
  }

  async #respond(exchange: Exchange, document: Promise<Document>): Promise<void> {
    const { text, hash } = await document;
    respondDocument(exchange, 'application/json', text, hash);
  }

  /** What bears its hash in the URL never changes; who asks for another one is sent to the one there is. */
  async #respondNamed(
    exchange: Exchange,
    name: string,
    { text, hash }: Document,
    wanted: string,
  ): Promise<void> {
    if (wanted === '') return respondDocument(exchange, 'application/json', text, hash);
    if (wanted !== hash) return exchange.respond(301, { location: urlOf(name, hash), vary: 'Accept' }, '');
    const expires = new Date(this.#source.clock.now() + YEAR_MS).toUTCString();
    respondDocument(exchange, 'application/json', text, hash, {
      'cache-control': 'public, immutable',
      expires,
    });
  }

  #documentOf(group: Group): Promise<Document> {
    group.document ??= this.#buildDocument(group);
    return group.document;
  }

  async #buildDocument({ resources }: Group): Promise<Document> {
    const input = await this.#inputOf(resources, 3);
    return documentOf(JSON.stringify(openApiV3(input)));
  }

  async #buildWhole(): Promise<Document> {
    const builtIn = this.#of.filter(isBuiltIn);
    this.#builtInPart ??= this.#inputOf(builtIn, 2).then(openApiV2Part);
    const parts = [await this.#builtInPart];
    for (const group of this.#groups.values()) {
      const custom = group.resources.filter((resource) => !isBuiltIn(resource));
      if (custom.length === 0) continue;
      group.part ??= this.#inputOf(custom, 2).then(({ operations, extraDefinitions = {} }) =>
        customOpenApiV2Part(operations, extraDefinitions),
      );
      parts.push(await group.part);
    }
    const own = openApiV2Text(this.#source.serverVersion, parts);
    if (this.#remote.length === 0) return documentOf(own);
    return documentOf(JSON.stringify(mergeV2(JSON.parse(own) as JsonObject, this.#remote)));
  }

  async #inputOf(resources: readonly Resource[], version: 2 | 3): Promise<OpenApiInput> {
    const extraDefinitions: { [name: string]: JsonValue | undefined } = {};
    for (const { schema } of resources) Object.assign(extraDefinitions, schema.definitions?.(version));
    return {
      schemas: this.#source.schemas,
      operations: resources.flatMap((resource) => operationsOf(servedResource(resource))),
      extraDefinitions,
      descriptions: await this.#source.descriptions(),
      serverVersion: this.#source.serverVersion,
      // Custom groups are left out, so that no document changes because of a kind that is not in it.
      groupVersions: this.#of
        .filter(isBuiltIn)
        .map(({ definition: { group, version } }) => ({ group, version })),
    };
  }
}

function respondDocument(
  exchange: Exchange,
  contentType: string,
  body: string | Uint8Array,
  hash: string,
  caching: Headers = { 'cache-control': 'no-cache, private' },
): void {
  const etag = `"${hash}"`;
  const headers = { 'content-type': contentType, etag, vary: 'Accept', ...caching };
  if (headerText(exchange.headers, 'if-none-match') === etag) exchange.respond(304, headers, '');
  else exchange.respond(200, headers, body);
}

const YEAR_MS = 365 * 86_400_000;

function urlOf(name: string, hash: string): string {
  return `/openapi/v3/${name}?hash=${hash}`;
}

function isBuiltIn({ schema }: Resource): boolean {
  return schema.message !== undefined;
}

function sameItems(a: readonly Resource[], b: readonly Resource[]): boolean {
  return a.length === b.length && a.every((item, i) => item === b[i]);
}

function documentOf(text: string): Document {
  return { text, hash: createHash('sha512').update(text).digest('hex').toUpperCase() };
}

function servedResource(resource: Resource): ServedResource {
  const { definition, schema } = resource;
  return {
    group: definition.group,
    version: definition.version,
    kind: definition.kind,
    plural: definition.plural,
    namespaced: definition.namespaced,
    verbs: definition.verbs ?? ALL_VERBS,
    isCustom: schema.message === undefined,
    definition: schema.name,
    listDefinition: `${schema.name.slice(0, -definition.kind.length)}${listKindOf(resource)}`,
    subresources: subresourcesOf(definition).map((sub) => servedSubresource(resource, sub)),
  };
}

function servedSubresource(
  { definition, schema }: Resource,
  sub: ReturnType<typeof subresourcesOf>[number],
): ServedSubresource {
  const group = sub.group ?? definition.group;
  const version = sub.version ?? definition.version;
  const prefix = schema.name.slice(0, schema.name.lastIndexOf('.'));
  const foreign = `io.k8s.api.${group.split('.')[0] ?? ''}.${version}`;
  const home = sub.group === undefined || sub.group === definition.group ? prefix : foreign;
  const connect = CONNECT[sub.name];
  return {
    name: sub.name,
    kind: { group, version, kind: sub.kind },
    definition: PLAIN_TEXT.has(sub.name) ? 'string' : `${home}.${sub.kind}`,
    verbs: sub.verbs,
    ...(connect === undefined ? {} : { connect }),
  };
}
