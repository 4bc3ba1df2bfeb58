/**
 * `pods/log`, `exec`, `attach` and `portforward`: finds the pod's container and node, and connects the
 * client with the node's operations. Logs are a plain response; the others arrive as WebSocket upgrades.
 */

import { badRequestError, notFoundError, internalError } from '../../api/meta/api-error.ts';
import type { KubernetesObject } from '../../api/meta/object.ts';
import type { Pod } from '../../api/types.gen.ts';
import type { ContainerRef, LogOptions, NodeOperations } from '../../client/node-operations.ts';
import type { UserInfo } from '../../client/operation.ts';
import type { Store } from '../../store/store.ts';
import { requireAccess, type Authorizer } from '../authorization/authorizer.ts';
import type { ResourceRequest } from '../http/decode-operation.ts';
import type { Exchange } from '../http/exchange.ts';
import type { StreamHandler } from '../http/front.ts';
import { flag } from '../http/request-info.ts';
import type { AdmitConnection, ConnectionOptions } from './connection-options.ts';

/** The operations of a node; undefined when the node is not known or out of reach. */
export type NodeOperationsOf = (nodeName: string) => NodeOperations | undefined;

export interface PodStreamParts {
  readonly store: Store<KubernetesObject>;
  readonly authorizer: Authorizer;
  readonly operationsOf: NodeOperationsOf;
  readonly admit: AdmitConnection;
}

export interface PodTarget {
  readonly pod: Pod;
  readonly operations: NodeOperations;
}

/** The pod and how to connect with it. Throws `ApiError` also when admission refuses. */
export async function connectPod(
  parts: PodStreamParts,
  request: ResourceRequest,
  user: UserInfo,
): Promise<PodTarget & { readonly options: ConnectionOptions }> {
  await requireAccess(parts.authorizer, { type: 'resource', user, verb: 'create', ...request.target });
  const options = await parts.admit(request, user);
  return { ...findPod(parts, request), options };
}

/** Throws `ApiError` when the pod is not there, or not on a node that answers. */
function findPod({ store, operationsOf }: PodStreamParts, { target }: ResourceRequest): PodTarget {
  const entry = store.get(`/registry/core/pods/${target.namespace}/${target.name}`);
  if (entry === undefined) throw notFoundError({ group: '', resource: 'pods' }, target.name);
  const pod = entry.value as unknown as Pod;
  const nodeName = pod.spec.nodeName ?? '';
  if (nodeName === '') throw badRequestError(`pod ${target.name} does not have a host assigned`);
  const operations = operationsOf(nodeName);
  if (operations === undefined) throw internalError(`node ${nodeName} is not reachable`);
  return { pod, operations };
}

/** The container that a request means: the one it names, else the default one, else the only one. */
export function chooseContainer(pod: Pod, wanted: string): ContainerRef {
  const { name = '', namespace = '', uid = '', annotations } = pod.metadata;
  const all = [
    ...pod.spec.containers,
    ...(pod.spec.initContainers ?? []),
    ...(pod.spec.ephemeralContainers ?? []),
  ];
  const names = all.map((container) => container.name);
  const ref = (container: string): ContainerRef => ({ namespace, pod: name, uid, container });
  if (wanted !== '') {
    if (!names.includes(wanted)) throw badRequestError(`container ${wanted} is not valid for pod ${name}`);
    return ref(wanted);
  }
  const preferred = annotations?.['kubectl.kubernetes.io/default-container'] ?? '';
  if (names.includes(preferred)) return ref(preferred);
  const [only, ...others] = pod.spec.containers;
  if (only !== undefined && others.length === 0) return ref(only.name);
  const listed = pod.spec.containers.map((container) => container.name).join(' ');
  const init = (pod.spec.initContainers ?? []).map((container) => container.name).join(' ');
  const text = `a container name must be specified for pod ${name}, choose one of: [${listed}]`;
  throw badRequestError(init === '' ? text : `${text} or one of the init containers: [${init}]`);
}

export class LogHandler implements StreamHandler {
  readonly #parts: PodStreamParts;

  constructor(parts: PodStreamParts) {
    this.#parts = parts;
  }

  matches({ target, verb }: ResourceRequest): boolean {
    return (
      target.group === '' && target.resource === 'pods' && target.subresource === 'log' && verb === 'get'
    );
  }

  async serve(request: ResourceRequest, exchange: Exchange, user: UserInfo): Promise<void> {
    const access = { type: 'resource', user, verb: 'get', ...request.target } as const;
    await requireAccess(this.#parts.authorizer, access);
    const { pod, operations } = findPod(this.#parts, request);
    const container = chooseContainer(pod, request.query.get('container') ?? '');
    const options = logOptions(request.query);
    const chunks = operations.logs(container, options, exchange.signal)[Symbol.asyncIterator]();
    // The first chunk decides whether there is a log at all, while an error can still be a Status.
    let next = options.follow ? undefined : await chunks.next();
    const stream = exchange.startStream(200, {
      'content-type': 'text/plain',
      'cache-control': 'no-cache, private',
    });
    try {
      for (next ??= await chunks.next(); next.done !== true; next = await chunks.next()) {
        if (!stream.write(next.value)) await stream.drained();
        if (exchange.signal.aborted) break;
      }
    } finally {
      stream.end();
      await chunks.return?.();
    }
  }
}

const UPGRADED: ReadonlySet<string> = new Set(['exec', 'attach', 'portforward']);

/** What is only served over a WebSocket, asked for without one. */
export class UpgradeRequiredHandler implements StreamHandler {
  readonly #parts: PodStreamParts;

  constructor(parts: PodStreamParts) {
    this.#parts = parts;
  }

  matches({ target }: ResourceRequest): boolean {
    return target.group === '' && target.resource === 'pods' && UPGRADED.has(target.subresource);
  }

  async serve(request: ResourceRequest, _exchange: Exchange, user: UserInfo): Promise<void> {
    await connectPod(this.#parts, request, user);
    throw badRequestError('Upgrade request required');
  }
}

function logOptions(query: URLSearchParams): LogOptions {
  const number = (name: string): number | undefined => {
    const text = query.get(name);
    if (text === null || text === '') return undefined;
    const value = Number(text);
    if (!Number.isInteger(value) || value < 0)
      throw badRequestError(`${name} must be a whole number that is not negative`);
    return value;
  };
  const tailLines = number('tailLines');
  const sinceSeconds = number('sinceSeconds');
  const limitBytes = number('limitBytes');
  const sinceTime = query.get('sinceTime');
  if (sinceSeconds !== undefined && sinceTime !== null) {
    throw badRequestError('at most one of `sinceTime` or `sinceSeconds` may be specified');
  }
  const stream = query.get('stream');
  return {
    follow: flag(query.get('follow')),
    previous: flag(query.get('previous')),
    timestamps: flag(query.get('timestamps')),
    ...(tailLines === undefined ? {} : { tailLines }),
    ...(sinceSeconds === undefined ? {} : { sinceSeconds }),
    ...(sinceTime === null ? {} : { sinceTime }),
    ...(limitBytes === undefined ? {} : { limitBytes }),
    ...(stream === 'Stdout' || stream === 'Stderr' ? { stream } : {}),
  };
}
