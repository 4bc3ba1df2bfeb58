/**
 * Serves the OpenAPI documents: `/openapi/v2`, the index `/openapi/v3`, and one version 3 document for each
 * group-version under a URL that carries its hash, so that clients may keep it for ever.
 *
 * Documents are built when first asked for and dropped when the set of kinds changes.
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
import { openApiV2, openApiV3, type OpenApiInput } from '../../api/schema/openapi.ts';
import type { GroupVersionSchema, JsonObject } from '../../api/schema/schema.ts';
import { headerText, type Exchange } from '../http/exchange.ts';
import { listKindOf, respondJson } from '../http/encode.ts';
import type { PathHandler } from '../http/front.ts';

export interface OpenApiSource {
  /** The same array until something changes. */
  resources(): readonly Resource[];
  readonly schemas: ReadonlyMap<string, GroupVersionSchema>;
  /** Texts for people; empty when they were not generated. */
  descriptions(): Promise<Descriptions>;
  readonly serverVersion: string;
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

export class OpenApiHandler implements PathHandler {
  readonly #source: OpenApiSource;
  #of: readonly Resource[] = [];
  #documents = new Map<string, Promise<Document>>();

  constructor(source: OpenApiSource) {
    this.#source = source;
  }

  handle(path: string, exchange: Exchange): Promise<void> | undefined {
    if (path === '/openapi/v2') return this.#respond(exchange, 'v2', 'application/json');
    if (path === '/openapi/v3' || path === '/openapi/v3/') return this.#index(exchange);
    const groupVersion = /^\/openapi\/v3\/(api\/v1|apis\/[^/]+\/[^/]+)$/.exec(path)?.[1];
    if (groupVersion === undefined || !this.#groupVersions().includes(groupVersion)) return undefined;
    return this.#respond(exchange, groupVersion, 'application/json');
  }

  async #index(exchange: Exchange): Promise<void> {
    const entries = await Promise.all(
      this.#groupVersions().map(async (name) => {
        const { hash } = await this.#document(name);
        return [name, { serverRelativeURL: `/openapi/v3/${name}?hash=${hash}` }] as const;
      }),
    );
    respondJson(exchange, 200, { paths: Object.fromEntries(entries) });
  }

  async #respond(exchange: Exchange, name: string, contentType: string): Promise<void> {
    const { text, hash } = await this.#document(name);
    const etag = `"${hash}"`;
    const headers = {
      'content-type': contentType,
      etag,
      vary: 'Accept',
      'cache-control': 'no-cache, private',
    };
    if (headerText(exchange.headers, 'if-none-match') === etag) exchange.respond(304, headers, '');
    else exchange.respond(200, headers, text);
  }

  #groupVersions(): readonly string[] {
    const names = this.#source
      .resources()
      .map(({ definition: { group, version } }) =>
        group === '' ? `api/${version}` : `apis/${group}/${version}`,
      );
    return [...new Set(names)].toSorted();
  }

  #document(name: string): Promise<Document> {
    const resources = this.#source.resources();
    if (resources !== this.#of) {
      this.#of = resources;
      this.#documents = new Map();
    }
    let document = this.#documents.get(name);
    if (document === undefined) {
      document = this.#build(name);
      this.#documents.set(name, document);
    }
    return document;
  }

  async #build(name: string): Promise<Document> {
    const isOf = ({ definition: { group, version } }: Resource): boolean =>
      name === 'v2' || name === (group === '' ? `api/${version}` : `apis/${group}/${version}`);
    const chosen = this.#of.filter(isOf);
    const input: OpenApiInput = {
      schemas: this.#source.schemas,
      operations: chosen.flatMap((resource) => operationsOf(servedResource(resource))),
      extraDefinitions: Object.assign(
        {},
        ...chosen.map(({ schema }) => schema.definitions?.(name === 'v2' ? 2 : 3)),
      ) as JsonObject,
      descriptions: await this.#source.descriptions(),
      serverVersion: this.#source.serverVersion,
      groupVersions: this.#of.map(({ definition: { group, version } }) => ({ group, version })),
    };
    const text = JSON.stringify(name === 'v2' ? openApiV2(input) : openApiV3(input));
    return { text, hash: createHash('sha512').update(text).digest('hex').toUpperCase() };
  }
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
