/**
 * An extender: a service over HTTP that is asked which of the fitting nodes it allows, how good they are,
 * which victims a preemption may have, and that may bind pods itself.
 *
 * Every call rejects with a text for people; what a failure means is decided by those who call.
 */

import { errorText } from '../../base/log.ts';
import { parseDuration } from '../../api/time/time.ts';
import type { JsonValue } from '../../api/schema/schema.ts';
import type { Container, Pod } from '../../api/types.gen.ts';
import type { Clock, Network, StreamedRequest } from '../../host/host.ts';
import type { SchedulerCache } from '../cache/cache.ts';
import type { NodeInfo } from '../cache/node-info.ts';
import type { Extender, ExtenderTls } from '../configuration/document.ts';
import type { Candidate } from '../preemption/candidates.ts';
import {
  readBindingError,
  readFilterResult,
  readPriorities,
  readVictims,
  type ExtenderArgs,
  type ExtenderBindingArgs,
  type ExtenderPreemptionArgs,
  type HostPriority,
} from './wire.ts';

const TIMEOUT_MS = 5_000;
const NANOS_PER_MS = 1_000_000n;

export interface ExtenderParts {
  readonly network: Network;
  readonly clock: Clock;
}

export interface ExtenderVerdict {
  readonly nodes: readonly NodeInfo[];
  readonly failed: ReadonlyMap<string, string>;
  readonly unresolvable: ReadonlyMap<string, string>;
}

export class HttpExtender {
  readonly #config: Extender;
  readonly #parts: ExtenderParts;
  readonly #managed: ReadonlySet<string>;

  constructor(config: Extender, parts: ExtenderParts) {
    this.#config = config;
    this.#parts = parts;
    this.#managed = new Set((config.managedResources ?? []).map(({ name }) => name));
  }

  get name(): string {
    return this.#config.urlPrefix;
  }

  /** Whether pods are scheduled as if it were not there when it fails. */
  get isIgnorable(): boolean {
    return this.#config.ignorable === true;
  }

  get isBinder(): boolean {
    return (this.#config.bindVerb ?? '') !== '';
  }

  get preempts(): boolean {
    return (this.#config.preemptVerb ?? '') !== '';
  }

  get weight(): number {
    return this.#config.weight ?? 0;
  }

  /** In every pod, or in those that ask for something that it manages. */
  isInterested({ spec }: Pod): boolean {
    if (this.#managed.size === 0) return true;
    return [...spec.containers, ...(spec.initContainers ?? [])].some((container) => this.#manages(container));
  }

  #manages({ resources: { requests = {}, limits = {} } = {} }: Partial<Container>): boolean {
    return [...Object.keys(requests), ...Object.keys(limits)].some((name) => this.#managed.has(name));
  }

  async filter(pod: Pod, nodes: readonly NodeInfo[], signal: AbortSignal): Promise<ExtenderVerdict> {
    const { filterVerb = '' } = this.#config;
    if (filterVerb === '') return { nodes, failed: new Map(), unresolvable: new Map() };
    const result = readFilterResult(await this.#send(filterVerb, this.#args(pod, nodes), signal));
    if (result.error !== '') throw new Error(result.error);
    const byName = new Map(nodes.map((node) => [node.name, node]));
    const allowed = result.nodeNames.map((name) => {
      const node = byName.get(name);
      if (node !== undefined) return node;
      throw new Error(
        `extender "${this.name}" claims a filtered node "${name}" which is not found in the input node list`,
      );
    });
    return { nodes: allowed, failed: result.failed, unresolvable: result.unresolvable };
  }

  async prioritize(
    pod: Pod,
    nodes: readonly NodeInfo[],
    signal: AbortSignal,
  ): Promise<readonly HostPriority[]> {
    const { prioritizeVerb = '' } = this.#config;
    if (prioritizeVerb === '') return [];
    return readPriorities(await this.#send(prioritizeVerb, this.#args(pod, nodes), signal));
  }

  async bind(pod: Pod, nodeName: string, signal: AbortSignal): Promise<void> {
    const { namespace = '', name = '', uid = '' } = pod.metadata;
    const args: ExtenderBindingArgs = { PodName: name, PodNamespace: namespace, PodUID: uid, Node: nodeName };
    const error = readBindingError(await this.#send(this.#config.bindVerb ?? '', args, signal));
    if (error !== '') throw new Error(error);
  }

  /** Which of the candidates it leaves, with which victims. */
  async preempt(
    pod: Pod,
    candidates: readonly Candidate[],
    cache: SchedulerCache,
    signal: AbortSignal,
  ): Promise<readonly Candidate[]> {
    const left = readVictims(
      await this.#send(this.#config.preemptVerb ?? '', this.#preemptionArgs(pod, candidates), signal),
    );
    return [...left].flatMap(([nodeName, victims]) => {
      if (victims === undefined) {
        if (this.isIgnorable) return [];
        throw new Error(`expected at least one victim pod on node "${nodeName}"`);
      }
      const node = cache.node(nodeName);
      if (node === undefined) throw new Error(`node "${nodeName}" not found`);
      const pods = victims.uids.map((uid) => this.#victim(uid, node));
      return [{ node, victims: pods, violations: victims.violations }];
    });
  }

  #victim(uid: string, node: NodeInfo): Pod {
    const pod = node.pods.get(uid);
    if (pod !== undefined) return pod;
    throw new Error(
      `extender: ${this.name} claims to preempt pod (UID: ${uid}) on node: ${node.name}, ` +
        'but the pod is not found on that node',
    );
  }

  #args(pod: Pod, nodes: readonly NodeInfo[]): ExtenderArgs {
    return this.#config.nodeCacheCapable === true
      ? { Pod: pod, Nodes: null, NodeNames: nodes.map(({ name }) => name) }
      : { Pod: pod, Nodes: { metadata: {}, items: nodes.map(({ node }) => node) }, NodeNames: null };
  }

  #preemptionArgs(pod: Pod, candidates: readonly Candidate[]): ExtenderPreemptionArgs {
    const byNode = <T>(victimsOf: (candidate: Candidate) => T): { readonly [node: string]: T } =>
      Object.fromEntries(candidates.map((candidate) => [candidate.node.name, victimsOf(candidate)]));
    if (this.#config.nodeCacheCapable !== true) {
      const victims = byNode((one) => ({ Pods: one.victims, NumPDBViolations: one.violations }));
      return { Pod: pod, NodeNameToVictims: victims, NodeNameToMetaVictims: null };
    }
    const victims = byNode((one) => ({
      Pods: one.victims.map(({ metadata }) => ({ UID: metadata.uid ?? '' })),
      NumPDBViolations: one.violations,
    }));
    return { Pod: pod, NodeNameToVictims: null, NodeNameToMetaVictims: victims };
  }

  async #send(verb: string, args: object, signal: AbortSignal): Promise<JsonValue> {
    const url = `${this.name.replace(/\/+$/, '')}/${verb}`;
    const late = new AbortController();
    const timer = this.#parts.clock.after(timeoutMs(this.#config), () => late.abort());
    try {
      const request = requestTo(url, this.#config, AbortSignal.any([signal, late.signal]));
      const { status, body } = await this.#parts.network.open({ ...request, body: bytesOf(args) });
      const text = await textOf(body);
      if (status !== 200) throw new Error(`failed ${verb} with extender at URL ${url}, code ${status}`);
      return JSON.parse(text) as JsonValue;
    } catch (cause) {
      if (!late.signal.aborted) throw cause;
      throw new Error(`Post "${url}": context deadline exceeded: ${errorText(cause)}`, { cause });
    } finally {
      timer.cancel();
    }
  }
}

function timeoutMs({ httpTimeout = '0s' }: Extender): number {
  const nanos = parseDuration(httpTimeout);
  return typeof nanos === 'bigint' && nanos > 0n ? Number(nanos / NANOS_PER_MS) : TIMEOUT_MS;
}

async function* bytesOf(args: object): AsyncIterable<Uint8Array> {
  yield Buffer.from(JSON.stringify(args));
}

async function textOf(body: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of body) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

function requestTo(
  prefixed: string,
  { enableHTTPS = false, tlsConfig = {} }: Extender,
  signal: AbortSignal,
): StreamedRequest {
  const { url, connectTo } = named(prefixed, tlsConfig);
  const { certData = '', keyData = '', caData = '', insecure = false } = tlsConfig;
  return {
    method: 'POST',
    url,
    headers: { 'content-type': 'application/json' },
    signal,
    ...(connectTo === undefined ? {} : { connectTo }),
    ...(caData === '' ? {} : { caPem: pemOf(caData) }),
    // As upstream: HTTPS without an authority to trust takes any certificate.
    ...(insecure || (enableHTTPS && caData === '') ? { insecure: true } : {}),
    ...(certData === ''
      ? {}
      : { clientCertificate: { certificatePem: pemOf(certData), keyPem: pemOf(keyData) } }),
  };
}

/** The certificate may be for another name than the one that is connected to. */
function named(
  prefixed: string,
  { serverName = '' }: ExtenderTls,
): Pick<StreamedRequest, 'url' | 'connectTo'> {
  if (serverName === '') return { url: prefixed };
  const url = new URL(prefixed);
  const connectTo = {
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: Number(url.port === '' ? '443' : url.port),
  };
  url.hostname = serverName;
  return { url: url.href, connectTo };
}

function pemOf(base64: string): string {
  return Buffer.from(base64, 'base64').toString();
}
