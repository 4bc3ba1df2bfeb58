/**
 * How a machine joins: with a bootstrap token it asks for the certificates of its node. Later the node asks
 * again as itself, before they end.
 *
 *   POST /k8ts/v1/node-bootstrap
 *   {"nodeName": "one", "publicKey": "-----BEGIN PUBLIC KEY-----…", "hosts": ["10.0.0.7", "one"]}
 *   → {"clientCertificate", "servingCertificate", "certificateAuthority", "networks"}
 *
 * Who may ask is RBAC's matter (role `system:node-bootstrapper`); nodes may for themselves. The private key never leaves the machine.
 * Serving certificates name the node and addresses only, and none of the service network, so that no node
 * can pass itself off as the API server or a Service. Certificate signing requests of the API are another
 * way to the same end.
 */

import { ipVersion } from '../../api/addresses/ip-version.ts';
import { contains, parseAddress, type Network } from '../../api/addresses/addresses.ts';
import { badRequestError, forbiddenError } from '../../api/meta/api-error.ts';
import { dns1123SubdomainProblem } from '../../api/names/names.ts';
import { parseJson } from '../../api/schema/json.ts';
import type { UserInfo } from '../../client/operation.ts';
import type { Clock } from '../../host/host.ts';
import { certify, type KeyPair } from '../../pki/pki.ts';
import { NODE_USER_PREFIX, nodeNameOf, NODES_GROUP } from '../authorization/node-identity.ts';
import { NODE_BOOTSTRAP_PATH } from '../authorization/system-roles.ts';
import { respondJson } from '../http/answer.ts';
import type { Exchange } from '../http/exchange.ts';
import type { PathHandler } from '../http/front.ts';

const BODY_MAX_BYTES = 64 * 1024;
const HOSTS_MAX = 32;
const VALID_DAYS = 365;

export interface NodeBootstrapParts {
  readonly authority: KeyPair;
  readonly clock: Clock;
  /** The networks of Services at this moment. */
  readonly serviceNetworks: () => readonly Network[];
  /** Handed to the node as it is: what it must know of the cluster's networks. */
  readonly networks: { readonly [name: string]: string };
}

export interface NodeBootstrapRequest {
  readonly nodeName: string;
  /** PEM, SPKI, ECDSA P-256. */
  readonly publicKey: string;
  /** Addresses and names under which the API server reaches the node's agent. */
  readonly hosts: readonly string[];
}

export interface NodeBootstrapAnswer {
  readonly clientCertificate: string;
  readonly servingCertificate: string;
  readonly certificateAuthority: string;
  readonly networks: { readonly [name: string]: string };
}

export class NodeBootstrapHandler implements PathHandler {
  readonly #parts: NodeBootstrapParts;

  constructor(parts: NodeBootstrapParts) {
    this.#parts = parts;
  }

  handle(
    path: string,
    exchange: Exchange,
    _query: URLSearchParams,
    user: UserInfo,
  ): Promise<void> | undefined {
    if (path !== NODE_BOOTSTRAP_PATH || exchange.method !== 'POST') return undefined;
    return this.#serve(exchange, user);
  }

  async #serve(exchange: Exchange, user: UserInfo): Promise<void> {
    const request = readRequest((await exchange.body(BODY_MAX_BYTES)).toString());
    const self = nodeNameOf(user);
    if (self !== undefined && self !== request.nodeName) {
      const why = `node ${JSON.stringify(self)} can only have certificates of its own`;
      throw forbiddenError({ group: '', resource: 'nodes' }, request.nodeName, why);
    }
    respondJson(exchange, 201, await certifyNode(this.#parts, request));
  }
}

/** Throws `BadRequest` for what is malformed or must not be certified. */
export async function certifyNode(
  parts: NodeBootstrapParts,
  { nodeName, publicKey, hosts }: NodeBootstrapRequest,
): Promise<NodeBootstrapAnswer> {
  const problem = dns1123SubdomainProblem(nodeName);
  if (problem !== undefined) throw badRequestError(`nodeName ${JSON.stringify(nodeName)}: ${problem}`);
  for (const host of hosts) checkHost(parts.serviceNetworks(), nodeName, host);
  const identity = { commonName: NODE_USER_PREFIX + nodeName, organizations: [NODES_GROUP] };
  const validity = { nowMs: parts.clock.now(), validDays: VALID_DAYS };
  try {
    const client = { ...identity, ...validity, usage: 'client' } as const;
    const serving = { ...identity, ...validity, hosts, usage: 'server' } as const;
    return {
      clientCertificate: certify(parts.authority, client, publicKey),
      servingCertificate: certify(parts.authority, serving, publicKey),
      certificateAuthority: parts.authority.certificatePem,
      networks: parts.networks,
    };
  } catch (error) {
    throw badRequestError('publicKey: must be the PEM of an ECDSA P-256 key in SPKI form', error);
  }
}

function checkHost(networks: readonly Network[], nodeName: string, host: string): void {
  if (ipVersion(host) === 0) {
    if (host === nodeName) return;
    throw badRequestError(`host ${JSON.stringify(host)}: must be an IP address, or the name of the node`);
  }
  const address = parseAddress(host);
  if (address === undefined || !networks.some((network) => contains(network, address))) return;
  throw badRequestError(`host ${JSON.stringify(host)}: addresses of Services belong to no node`);
}

function readRequest(text: string): NodeBootstrapRequest {
  const parsed = parseJson(text);
  if (!parsed.ok) throw badRequestError('the body is no JSON object');
  const value = parsed.value;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw badRequestError('the body is no JSON object');
  }
  const { nodeName, publicKey, hosts = [] } = value as { readonly [key: string]: unknown };
  if (typeof nodeName !== 'string' || typeof publicKey !== 'string') {
    throw badRequestError('nodeName and publicKey must be set');
  }
  const isTexts = Array.isArray(hosts) && hosts.every((host) => typeof host === 'string');
  if (!isTexts || hosts.length > HOSTS_MAX)
    throw badRequestError(`hosts must be a list of at most ${HOSTS_MAX} texts`);
  return { nodeName, publicKey, hosts };
}
