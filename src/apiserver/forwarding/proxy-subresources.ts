/**
 * `pods/proxy`, `services/proxy` and `nodes/proxy`: what a pod, a ready endpoint of a Service or a kubelet
 * answers, through the API server, plain or upgraded.
 *
 * Inputs: the request and who asks. Outputs: the other side's answer, or a `Status` that says why there is
 * none. Invariants: nothing is asked of anybody before the user was found to be allowed; addresses of this
 * machine and its link are never asked, so nobody reaches the server's own ports through it.
 */

import { services } from '../../api/groups/core/service/service.ts';
import { ApiError, badRequestError, notFoundError } from '../../api/meta/api-error.ts';
import type { KubernetesObject } from '../../api/meta/object.ts';
import type { Node, Pod, Service } from '../../api/types.gen.ts';
import type { RemoteNode } from '../../client/node/remote-node-operations.ts';
import type { UserInfo } from '../../client/operation.ts';
import type { Network } from '../../host/host.ts';
import type { Store } from '../../store/store.ts';
import { requireAccess, type Authorizer } from '../authorization/authorizer.ts';
import type { ResourceRequest } from '../http/decode-operation.ts';
import type { Exchange } from '../http/exchange.ts';
import type { StreamHandler } from '../http/front.ts';
import type { UpgradeRequest } from '../http/listener.ts';
import type { AdmitConnection } from '../streaming/connection-options.ts';
import type { UpgradeForwarder } from '../streaming/upgrades.ts';
import { lookUp } from '../registry/look-up.ts';
import { serviceAddress } from '../webhooks/service-address.ts';
import { forward, forwardUpgrade, unreachable, type Upstream } from './forward.ts';
import { cutProxiedPath, isProxyable, parseProxyName, type ProxyName } from './proxy-target.ts';

/** How a node's network and kubelet are reached; undefined when that is not known. */
export type NodeConnectionOf = (nodeName: string) => NodeConnection | undefined;

export type NodeConnection =
  | ({ readonly type: 'kubelet' } & RemoteNode)
  /** A node inside this process: nothing on it has an address. */
  | { readonly type: 'simulated' };

export interface ProxyParts {
  readonly store: Store<KubernetesObject>;
  readonly authorizer: Authorizer;
  readonly network: Network;
  readonly connectionOf: NodeConnectionOf;
  readonly randomInteger: (bound: number) => number;
  readonly admit: AdmitConnection;
}

type Place = Pick<Upstream, 'trust'> & { readonly origin: string; readonly host?: string };

const PROXIED: ReadonlySet<string> = new Set(['pods', 'services', 'nodes']);

export class ProxySubresources implements StreamHandler, UpgradeForwarder {
  readonly #parts: ProxyParts;

  constructor(parts: ProxyParts) {
    this.#parts = parts;
  }

  matches({ target }: ResourceRequest): boolean {
    return target.group === '' && target.subresource === 'proxy' && PROXIED.has(target.resource);
  }

  async serve(request: ResourceRequest, exchange: Exchange, user: UserInfo): Promise<void> {
    const { path, prefix, query } = cutProxiedPath(exchange.url);
    const place = await this.#find(request, user);
    if (path === '' && (exchange.method === 'GET' || exchange.method === 'HEAD')) {
      // Relative links of a page need the slash.
      return exchange.respond(301, { location: `${prefix}/${query}` }, '');
    }
    await forward(this.#parts.network, exchange, upstreamOf(place, exchange.url));
  }

  async upgrade(request: ResourceRequest, upgrade: UpgradeRequest, user: UserInfo): Promise<void> {
    const place = await this.#find(request, user);
    await forwardUpgrade(this.#parts.network, upgrade, upstreamOf(place, upgrade.message.url ?? '/'));
  }

  async #find(request: ResourceRequest, user: UserInfo): Promise<Place> {
    const { target, verb } = request;
    await requireAccess(this.#parts.authorizer, { type: 'resource', user, verb, ...target });
    await this.#parts.admit(request, user);
    const { resource, namespace, name } = target;
    const wanted = parseProxyName(name);
    if (wanted === undefined) {
      throw badRequestError(`invalid ${resource.slice(0, -1)} request ${JSON.stringify(name)}`);
    }
    switch (resource) {
      case 'pods':
        return this.#pod(namespace, wanted);
      case 'services':
        return this.#service(namespace, wanted);
      default:
        return this.#node(wanted);
    }
  }

  #pod(namespace: string, { scheme, name, port }: ProxyName): Place {
    const pod = this.#parts.store.get(`/registry/core/pods/${namespace}/${name}`)?.value as unknown as
      | Pod
      | undefined;
    if (pod === undefined) throw notFoundError({ group: '', resource: 'pods' }, name);
    const containers = pod.spec.containers.flatMap((container) => container.ports ?? []);
    // As upstream: the first port that a container names, where the request names none.
    const number = port === '' ? String(containers[0]?.containerPort ?? '') : port;
    const address = pod.status.podIP ?? '';
    if (!isProxyable(address)) throw badRequestError('address not allowed');
    this.#requireNetwork(`pod ${JSON.stringify(name)}`, pod.spec.nodeName);
    if (address === '') throw unreachable(`pod ${JSON.stringify(name)} has no address yet`);
    return placeOf(scheme, address, number);
  }

  #service(namespace: string, wanted: ProxyName): Place {
    const { store, randomInteger } = this.#parts;
    const { scheme, name } = wanted;
    const service = lookUp<Service>(store, services, namespace, name);
    if (service === undefined) throw notFoundError({ group: '', resource: 'services' }, name);
    const none = (): ApiError => unavailable(`no endpoints available for service ${JSON.stringify(name)}`);
    const number = portOf(service, wanted);
    // An external name leads out of the cluster: only what has endpoints is proxied.
    if (number === undefined || service.spec.type === 'ExternalName') throw none();
    const found = serviceAddress(store, namespace, name, number, randomInteger);
    if (!found.ok) throw unavailable(found.reason);
    const { host, port, nodeName } = found.address;
    if (!isProxyable(host)) throw none();
    this.#requireNetwork(`an endpoint of service ${JSON.stringify(name)}`, nodeName);
    return placeOf(scheme, host, String(port));
  }

  #node({ scheme, name, port }: ProxyName): Place {
    const node = this.#parts.store.get(`/registry/core/nodes/${name}`)?.value as unknown as Node | undefined;
    if (node === undefined) throw notFoundError({ group: '', resource: 'nodes' }, name);
    this.#requireNetwork(`the kubelet`, name);
    const connection = this.#parts.connectionOf(name);
    if (connection === undefined || connection.type === 'simulated') {
      throw unreachable(`the address of node ${JSON.stringify(name)} is not known`);
    }
    const { address, authorityPem, client } = connection;
    if (port !== '' && port !== String(connection.port)) {
      if (!isProxyable(address)) throw badRequestError('address not allowed');
      return placeOf(scheme, address, port);
    }
    const trust = { caPem: authorityPem, clientCertificate: client };
    return { origin: originOf('https', address, String(connection.port)), trust };
  }

  #requireNetwork(what: string, nodeName: string | undefined): void {
    if (nodeName === undefined || this.#parts.connectionOf(nodeName)?.type !== 'simulated') return;
    throw unreachable(`${what} is on the simulated node ${JSON.stringify(nodeName)}, which has no network`);
  }
}

function portOf({ spec, metadata }: Service, { port }: ProxyName): number | undefined {
  const ports = spec.ports ?? [];
  if (!/^\d+$/.test(port)) return ports.find((candidate) => (candidate.name ?? '') === port)?.port;
  const number = Number(port);
  if (ports.some((candidate) => candidate.port === number)) return number;
  throw unavailable(`no service port ${number} found for service ${JSON.stringify(metadata.name)}`);
}

function unavailable(message: string): ApiError {
  return new ApiError(503, 'ServiceUnavailable', message);
}

function originOf(scheme: string, address: string, port: string): string {
  const host = address.includes(':') ? `[${address}]` : address;
  return `${scheme === '' ? 'http' : scheme}://${host}${port === '' ? '' : `:${port}`}`;
}

/** Pods serve certificates that nobody here can judge; upstream takes them all. */
function placeOf(scheme: string, address: string, port: string): Place {
  if (port !== '' && !/^\d{1,5}$/.test(port)) throw badRequestError(`invalid port ${JSON.stringify(port)}`);
  return { origin: originOf(scheme, address, port), trust: { insecure: true } };
}

function upstreamOf({ origin, trust }: Place, url: string): Upstream {
  const { path, prefix, query } = cutProxiedPath(url);
  return { url: `${origin}${path === '' ? '/' : path}${query}`, headers: {}, prefix, trust };
}
