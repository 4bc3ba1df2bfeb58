/**
 * The aggregation layer: group-versions whose APIService names a Service are served by the server behind it.
 *
 * Inputs: APIServices in the store, authenticated requests. Outputs: the other server's answers, and its
 * part of discovery. Invariants: nothing built in can be replaced; nobody is passed on who may not ask;
 * discovery of a server that does not answer is what it last was, marked as stale.
 */

import { apiServices } from '../../api/groups/apiregistration/api-service/api-service.ts';
import { ApiError } from '../../api/meta/api-error.ts';
import { deepEqual } from '../../api/meta/equal.ts';
import type { JsonValue } from '../../api/schema/schema.ts';
import type { APIService } from '../../api/types.gen.ts';
import { errorText, type Logger } from '../../base/log.ts';
import type { UserInfo } from '../../client/operation.ts';
import type { Timer } from '../../host/host.ts';
import { prefixRange, type StoreWatch } from '../../store/store.ts';
import type { KubernetesObject } from '../../api/meta/object.ts';
import { requireAccess, selectedName, type Authorizer } from '../authorization/authorizer.ts';
import { forward, forwardUpgrade } from '../forwarding/forward.ts';
import { expiredRequestError } from '../http/deadlines.ts';
import type { Exchange } from '../http/exchange.ts';
import type { UpgradeRequest } from '../http/listener.ts';
import { parseRequest, type RequestInfo } from '../http/request-info.ts';
import type { UpgradeForwarder } from '../streaming/upgrades.ts';
import { ExtensionClient, type Asked, type ExtensionParts } from './extension-client.ts';
import { RemoteOpenApi } from './remote-openapi.ts';
import {
  fromAggregated,
  fromLegacy,
  type RemoteGroupVersion,
  type RemoteResources,
} from './remote-discovery.ts';

export interface AggregationParts extends ExtensionParts {
  readonly authorizer: Authorizer;
  readonly logger: Logger;
  /** Whether this server serves the group-version without any definition. */
  readonly isBuiltIn: (group: string, version: string) => boolean;
  /** Whether it serves it now, by itself or for a definition of a custom kind. */
  readonly isServed: (group: string, version: string) => boolean;
}

const RANGE = prefixRange(`/registry/${apiServices.group}/${apiServices.plural}/`);
const DISCOVERY = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json';
/** As upstream: how often servers are asked again what they serve. */
const REFRESH_MS = 60_000;
/** As this server's own requests that are no watch. */
const REQUEST_MAX_MS = 60_000;

export class Aggregation implements UpgradeForwarder {
  readonly client: ExtensionClient;
  readonly openApi: RemoteOpenApi;
  readonly #parts: AggregationParts;
  /** By `group/version`. */
  readonly #remote = new Map<string, APIService>();
  readonly #resources = new Map<string, Pick<RemoteGroupVersion, 'resources' | 'isCurrent'>>();
  #shown: readonly RemoteGroupVersion[] = [];
  #watch: StoreWatch<KubernetesObject> | undefined;
  #timer: Timer | undefined;

  constructor(parts: AggregationParts) {
    this.#parts = parts;
    this.client = new ExtensionClient(parts);
    this.openApi = new RemoteOpenApi(this.client);
  }

  start(): void {
    const { store } = this.#parts;
    const page = store.list(RANGE);
    for (const entry of page.ok ? page.result.entries : []) this.#take(entry.value as unknown as APIService);
    this.#watch = store.watch(RANGE, page.ok ? page.result.revision : store.revision);
    this.#publish();
    void this.#follow(this.#watch);
    void this.#refreshAll();
  }

  stop(): void {
    this.#watch?.stop();
    this.#watch = undefined;
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  /** What discovery shows of other servers; the same array until something changes. */
  groupVersions(): readonly RemoteGroupVersion[] {
    return this.#shown;
  }

  matches(request: RequestInfo): boolean {
    return this.#find(request) !== undefined;
  }

  /** Versions of the group that other servers serve, the preferred one first. */
  versionsOf(group: string): readonly string[] {
    return [...this.#remote.values()]
      .filter(({ spec }) => spec.group === group)
      .toSorted((a, b) => b.spec.versionPriority - a.spec.versionPriority)
      .map(({ spec }) => spec.version ?? '');
  }

  /** What another server answers to a GET by this user. Throws `ApiError`. */
  read(path: string, user: UserInfo): Promise<JsonValue> {
    return this.ask({ method: 'GET', path }, user);
  }

  /** What another server answers to a request by this user. Throws `ApiError`. */
  async ask(asked: Asked, user: UserInfo): Promise<JsonValue> {
    const request = parseRequest(asked.method, asked.path);
    const service = this.#find(request);
    if (service === undefined) {
      throw new ApiError(404, 'NotFound', 'the server could not find the requested resource', {});
    }
    await this.#authorize(request, asked.method, user);
    if (!isAvailable(service)) {
      const why = 'the server is currently unable to handle the request';
      throw new ApiError(503, 'ServiceUnavailable', why);
    }
    return this.client.ask(service, asked, user);
  }

  /** Answers a request that `matches`. */
  async serve(request: RequestInfo, exchange: Exchange, user: UserInfo): Promise<void> {
    await this.#authorize(request, exchange.method, user);
    const upstream = this.#upstreamOf(request, exchange.url, user);
    if (upstream === undefined) return respondText(exchange, 'service unavailable');
    const { clock, network } = this.#parts;
    const abort = new AbortController();
    const isLong = request.type === 'resource' && request.verb === 'watch';
    const timer = isLong ? undefined : clock.after(REQUEST_MAX_MS, () => abort.abort());
    try {
      await forward(network, exchange, upstream, AbortSignal.any([exchange.signal, abort.signal]));
    } catch (error) {
      if (abort.signal.aborted) throw expiredRequestError();
      if (!(error instanceof ApiError) || error.code !== 503) throw error;
      respondText(exchange, error.message);
    } finally {
      timer?.cancel();
    }
  }

  async upgrade(request: RequestInfo, upgrade: UpgradeRequest, user: UserInfo): Promise<void> {
    const { method = 'GET', url = '/' } = upgrade.message;
    await this.#authorize(request, method, user);
    const upstream = this.#upstreamOf(request, url, user);
    if (upstream === undefined) throw new ApiError(503, 'ServiceUnavailable', 'service unavailable');
    await forwardUpgrade(this.#parts.network, upgrade, upstream);
  }

  #find(request: RequestInfo): APIService | undefined {
    if (this.#remote.size === 0) return undefined;
    switch (request.type) {
      case 'malformed':
        return undefined;
      case 'resource':
        return this.#remote.get(`${request.target.group}/${request.target.version}`);
      case 'path': {
        const [, document] = /^\/openapi\/v3\/(.+)$/.exec(request.path) ?? [];
        if (document !== undefined) return this.#findDocument(document);
        const [, group, version] = /^\/apis\/([^/]+)\/([^/]+)\/?$/.exec(request.path) ?? [];
        return this.#remote.get(`${group ?? ''}/${version ?? ''}`);
      }
    }
  }

  /** Whose version 3 document it is; of what this server serves, it has the document itself. */
  #findDocument(name: string): APIService | undefined {
    const service = this.openApi.serviceOf(name);
    const [, group, version] = /^apis\/([^/]+)\/([^/]+)$/.exec(name) ?? [];
    if (service === undefined || group === undefined || version === undefined) return service;
    const isOwn = this.#remote.has(`${group}/${version}`);
    return !isOwn && this.#parts.isServed(group, version) ? undefined : service;
  }

  #upstreamOf(request: RequestInfo, url: string, user: UserInfo): ReturnType<ExtensionClient['upstreamOf']> {
    const service = this.#find(request);
    return service === undefined || !isAvailable(service)
      ? undefined
      : this.client.upstreamOf(service, url, user);
  }

  async #authorize(request: RequestInfo, method: string, user: UserInfo): Promise<void> {
    const { authorizer } = this.#parts;
    if (request.type === 'path') {
      return requireAccess(authorizer, {
        type: 'path',
        user,
        verb: method.toLowerCase(),
        path: request.path,
      });
    }
    if (request.type !== 'resource') return;
    const { target, verb, query } = request;
    const name = target.name === '' ? selectedName(query.get('fieldSelector') ?? '') : target.name;
    await requireAccess(authorizer, { type: 'resource', user, verb, ...target, name });
  }

  async #follow(watch: StoreWatch<KubernetesObject>): Promise<void> {
    for (let item = await watch.next(); item !== undefined; item = await watch.next()) {
      if (item.type === 'gone') {
        // Too much changed at once: begin again from what is there.
        this.#remote.clear();
        this.openApi.clear();
        this.#timer?.cancel();
        this.#timer = undefined;
        return this.start();
      }
      if (item.type !== 'events') continue;
      for (const event of item.events) {
        const service = event.value as unknown as APIService;
        if (event.type === 'delete') this.#drop(service);
        else if (this.#take(service)) void this.#refresh(service);
      }
      this.#publish();
      this.#refreshLater();
    }
  }

  /** Whether its server is to be asked what it serves. */
  #take(service: APIService): boolean {
    const { group = '', version = '', service: place } = service.spec;
    if (place === undefined || this.#parts.isBuiltIn(group, version)) {
      this.#drop(service);
      return false;
    }
    const key = keyOf(service);
    const before = this.#remote.get(key);
    this.#remote.set(key, service);
    return !(
      before !== undefined &&
      deepEqual(before.spec, service.spec) &&
      isAvailable(before) === isAvailable(service)
    );
  }

  #drop(service: APIService): void {
    this.#remote.delete(keyOf(service));
    this.#resources.delete(keyOf(service));
    this.openApi.drop(service);
  }

  #publish(): void {
    const shown = [...this.#remote].map(([key, { spec }]) => ({
      group: spec.group ?? '',
      version: spec.version ?? '',
      groupPriority: spec.groupPriorityMinimum,
      versionPriority: spec.versionPriority,
      ...(this.#resources.get(key) ?? { resources: [], isCurrent: false }),
    }));
    if (!deepEqual(shown, this.#shown)) this.#shown = shown;
  }

  async #refreshAll(): Promise<void> {
    await Promise.all([...this.#remote.values()].map((service) => this.#refresh(service)));
    this.#timer = undefined;
    this.#refreshLater();
  }

  /** While there is anybody to ask. */
  #refreshLater(): void {
    if (this.#watch === undefined || this.#timer !== undefined || this.#remote.size === 0) return;
    this.#timer = this.#parts.clock.after(REFRESH_MS, () => void this.#refreshAll());
  }

  /** Never rejects. */
  async #refresh(service: APIService): Promise<void> {
    // It may go meanwhile, or become another one.
    const isCurrent = (): boolean => deepEqual(this.#remote.get(keyOf(service))?.spec, service.spec);
    await Promise.all([
      this.#refreshDiscovery(service, isCurrent).catch((error: unknown) =>
        this.#warn('discovery', service, error),
      ),
      this.openApi
        .refresh(service, isCurrent)
        .catch((error: unknown) => this.#warn('OpenAPI', service, error)),
    ]);
  }

  #warn(what: string, service: APIService, error: unknown): void {
    this.#parts.logger.warn(
      `${what} of API service ${service.metadata.name ?? ''} failed: ${errorText(error)}`,
    );
  }

  async #refreshDiscovery(service: APIService, isCurrent: () => boolean): Promise<void> {
    const key = keyOf(service);
    let now: RemoteResources | undefined;
    try {
      now = await this.#fetch(service);
    } finally {
      if (isCurrent()) {
        const before = this.#resources.get(key)?.resources ?? [];
        const resources = now?.get(key);
        this.#resources.set(key, { resources: resources ?? before, isCurrent: resources !== undefined });
        this.#publish();
      }
    }
  }

  async #fetch(service: APIService): Promise<RemoteResources> {
    const { group = '', version = '' } = service.spec;
    const key = keyOf(service);
    const whole = await this.client.document(service, '/apis', DISCOVERY);
    const aggregated = whole === undefined ? undefined : fromAggregated(whole);
    if (aggregated?.has(key) === true) return aggregated;
    const list = await this.client.document(service, `/apis/${group}/${version}`, 'application/json');
    if (list === undefined) throw new Error(`${service.metadata.name ?? ''} does not serve ${key}`);
    return new Map([[key, fromLegacy(group, version, list)]]);
  }
}

function keyOf({ spec: { group = '', version = '' } }: APIService): string {
  return `${group}/${version}`;
}

function isAvailable({ status }: APIService): boolean {
  return (status.conditions ?? []).some((one) => one.type === 'Available' && one.status === 'True');
}

/** Upstream's aggregator says it without a `Status`. */
function respondText(exchange: Exchange, text: string): void {
  exchange.respond(
    503,
    { 'content-type': 'text/plain; charset=utf-8', 'x-content-type-options': 'nosniff' },
    `${text}\n`,
  );
}
