/**
 * Serves discovery: `/api`, `/apis`, `/api/v1`, `/apis/<group>[/<version>]`, with ETags for the aggregated
 * form. Of that there is version v2 only, as upstream has removed v2beta1: who asks for nothing else is told
 * what there is (406).
 */

import { createHash } from 'node:crypto';
import { notAcceptableError } from '../../api/meta/api-error.ts';
import type { Resource } from '../../api/resource.ts';
import type { JsonObject } from '../../api/schema/schema.ts';
import type { RemoteGroupVersion } from '../aggregation/remote-discovery.ts';
import { headerText, type Exchange } from '../http/exchange.ts';
import type { Codecs } from '../http/codecs.ts';
import { negotiate, TOLD_MEDIA_TYPES, type Format, type View } from '../http/media-type.ts';
import type { PathHandler } from '../http/front.ts';
import {
  aggregated,
  coreVersions,
  groupList,
  groupResources,
  resourceList,
  singleGroup,
  type GroupVersionResources,
} from './discovery.ts';

const AGGREGATED_TYPE = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';

const FORMATS: ReadonlySet<Format> = new Set(['json', 'yaml', 'protobuf', 'cbor']);
const OBJECTS: ReadonlySet<View> = new Set(['object']);

export class DiscoveryHandler implements PathHandler {
  readonly #resources: () => readonly Resource[];
  readonly #address: string;
  readonly #remote: () => readonly RemoteGroupVersion[];
  readonly #codecs: Codecs;
  #documents: Documents | undefined;

  /** `resources` and `remote` return the same array until something changes. */
  constructor(
    resources: () => readonly Resource[],
    address: string,
    remote: () => readonly RemoteGroupVersion[],
    codecs: Codecs,
  ) {
    this.#codecs = codecs;
    this.#resources = resources;
    this.#remote = remote;
    this.#address = address;
  }

  handle(path: string, exchange: Exchange): Promise<void> | undefined {
    const parts = path.split('/').filter((part) => part !== '');
    if ((parts[0] !== 'api' && parts[0] !== 'apis') || parts.length > 3 || exchange.method !== 'GET')
      return undefined;
    const [root, first, second] = parts;
    const { all } = this.#current();
    if (first === undefined) return this.#root(root === 'api', exchange, all);
    const document =
      root === 'api'
        ? second === undefined && listOf(all, '', first)
        : second === undefined
          ? singleGroup(all, first)
          : listOf(all, first, second);
    if (document === undefined || document === false) return undefined;
    return this.#respond(exchange, document as JsonObject);
  }

  async #respond(exchange: Exchange, document: JsonObject): Promise<void> {
    const accepted = negotiate(headerText(exchange.headers, 'accept'), FORMATS, OBJECTS);
    if (accepted === undefined) throw notAcceptableError(TOLD_MEDIA_TYPES);
    const { mediaType, encode } = this.#codecs[accepted.format];
    exchange.respond(200, { 'content-type': mediaType }, await encode(document));
  }

  async #root(core: boolean, exchange: Exchange, all: readonly GroupVersionResources[]): Promise<void> {
    if (!wantsAggregated(headerText(exchange.headers, 'accept'))) {
      const document = core ? coreVersions(this.#address) : groupList(all);
      return this.#respond(exchange, document as JsonObject);
    }
    const body = this.#aggregatedBody(core, all);
    const headers = { 'content-type': AGGREGATED_TYPE, etag: body.etag, vary: 'Accept' };
    if (headerText(exchange.headers, 'if-none-match') === body.etag) exchange.respond(304, headers, '');
    else exchange.respond(200, headers, body.text);
  }

  #aggregatedBody(core: boolean, all: readonly GroupVersionResources[]): Body {
    const { bodies } = this.#current();
    const key = core ? 'api' : 'apis';
    let body = bodies.get(key);
    if (body === undefined) {
      const text = JSON.stringify(aggregated(all, core));
      body = { text, etag: `"${createHash('sha512').update(text).digest('hex').toUpperCase()}"` };
      bodies.set(key, body);
    }
    return body;
  }

  #current(): Documents {
    const of = this.#resources();
    const remote = this.#remote();
    if (this.#documents?.of === of && this.#documents.remote === remote) return this.#documents;
    this.#documents = { of, remote, all: groupResources(of, remote), bodies: new Map() };
    return this.#documents;
  }
}

interface Documents {
  readonly of: readonly Resource[];
  readonly remote: readonly RemoteGroupVersion[];
  readonly all: readonly GroupVersionResources[];
  readonly bodies: Map<string, Body>;
}

interface Body {
  readonly text: string;
  readonly etag: string;
}

function listOf(all: readonly GroupVersionResources[], group: string, version: string): object | undefined {
  const found = all.find((gv) => gv.group === group && gv.version === version);
  return found === undefined ? undefined : resourceList(found);
}

function wantsAggregated(accept: string): boolean {
  return accept
    .split(',')
    .some(
      (clause) =>
        clause.includes('as=APIGroupDiscoveryList') &&
        clause.includes('v=v2') &&
        !clause.includes('v=v2beta1'),
    );
}
