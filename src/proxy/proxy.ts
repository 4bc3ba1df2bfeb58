/**
 * The service proxy of a node: keeps the kernel's nftables in step with Services and EndpointSlices.
 *
 * Observe: informers mark services as changed. Plan: `servicePorts` and `planRules`, pure; only changed
 * services are planned again. Apply: one nft transaction with the difference; after a failure the whole
 * table anew.
 */

import { notReady, READY, type Component, type Readiness } from '../base/component.ts';
import { errorText, type Logger } from '../base/log.ts';
import type { ResourceType } from '../api/meta/object.ts';
import type { EndpointSlice, Service } from '../api/types.gen.ts';
import type { Informer, Informers } from '../client/informer/informer.ts';
import type { Clock, Processes } from '../host/host.ts';
import { renderDifference, renderRemoval, renderTable, type TableOptions } from './render.ts';
import { emptyRules, planRules, type RuleState, type ServicePort } from './rules.ts';
import { servicePorts } from './service-ports.ts';

const SERVICE_NAME = 'kubernetes.io/service-name';
const BY_SERVICE = 'proxy/service';
/** Changes that come together are applied together. */
const GATHER_MS = 10;
const RETRY_MS = 1_000;
const NFT_TIMEOUT_MS = 30_000;

export interface ProxyOptions extends TableOptions {
  readonly nodeName: string;
  readonly informers: Informers;
  readonly types: {
    readonly services: ResourceType<Service>;
    readonly endpointSlices: ResourceType<EndpointSlice>;
  };
  readonly processes: Processes;
  readonly clock: Clock;
  readonly logger: Logger;
}

export class ServiceProxy implements Component {
  readonly name = 'service-proxy';
  readonly #options: ProxyOptions;
  readonly #services: Informer<Service>;
  readonly #slices: Informer<EndpointSlice>;
  readonly #ports = new Map<string, readonly ServicePort[]>();
  readonly #changed = new Set<string>();
  /** What the kernel has; undefined: unknown, so the next application replaces everything. */
  #applied: RuleState | undefined;
  #wake: (() => void) | undefined;

  constructor(options: ProxyOptions) {
    this.#options = options;
    this.#services = options.informers.of(options.types.services);
    this.#slices = options.informers.of(options.types.endpointSlices);
    options.informers.index(options.types.endpointSlices, BY_SERVICE, (slice) => [serviceKey(slice)]);
  }

  ready(): Readiness {
    return this.#applied === undefined ? notReady('service rules are not in place yet') : READY;
  }

  async start(signal: AbortSignal): Promise<void> {
    this.#services.subscribe((_next, _old, key) => this.#mark(key));
    this.#slices.subscribe((next, old) => {
      for (const slice of [next, old]) if (slice !== undefined) this.#mark(serviceKey(slice));
    });
    await this.#options.informers.waitForSync(signal);
    signal.addEventListener('abort', () => this.#wake?.(), { once: true });
    while (!signal.aborted) {
      const done = await this.#sync();
      if (!done) await this.#options.clock.sleep(RETRY_MS, signal);
      else if (this.#changed.size === 0) await this.#untilMarked(signal);
      await this.#options.clock.sleep(GATHER_MS, signal);
    }
  }

  /** Removes every rule; for a node that leaves. */
  async remove(): Promise<void> {
    await this.#nft(renderRemoval(this.#options));
  }

  #mark(key: string): void {
    this.#changed.add(key);
    this.#wake?.();
  }

  #untilMarked(signal: AbortSignal): Promise<void> {
    if (this.#changed.size > 0 || signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      this.#wake = () => {
        this.#wake = undefined;
        resolve();
      };
    });
  }

  async #sync(): Promise<boolean> {
    for (const key of this.#changed) this.#replan(key);
    this.#changed.clear();
    const wanted = planRules([...this.#ports.values()].flat());
    const before = this.#applied;
    const script =
      before === undefined
        ? renderTable(this.#options, wanted)
        : renderDifference(this.#options, before, wanted);
    if (script === '') return true;
    const problem = await this.#nft(script);
    if (problem === undefined) {
      this.#applied = wanted;
      await this.#forgetFlows(before ?? emptyRules(), wanted);
      return true;
    }
    this.#options.logger.error(`service rules were not accepted, replacing the whole table: ${problem}`);
    this.#applied = undefined;
    return false;
  }

  #replan(key: string): void {
    const service = this.#services.getByKey(key);
    const ports =
      service === undefined
        ? []
        : servicePorts(service, this.#slices.byIndex(BY_SERVICE, key), this.#options.nodeName);
    if (ports.length === 0) this.#ports.delete(key);
    else this.#ports.set(key, ports);
  }

  /** Undefined when the kernel took the script. */
  async #nft(script: string): Promise<string | undefined> {
    try {
      const { exitCode, stderr } = await this.#options.processes.run(['nft', '-f', '-'], {
        input: script,
        timeoutMs: NFT_TIMEOUT_MS,
      });
      return exitCode === 0 ? undefined : stderr.trim().split('\n').slice(0, 3).join(' ');
    } catch (error) {
      return errorText(error);
    }
  }

  /** UDP has no end of connection: flows to endpoints that are gone would go on into nothing. */
  async #forgetFlows(before: RuleState, after: RuleState): Promise<void> {
    const present = new Set([...after.endpoints.values(), ...after.nodePortEndpoints.values()]);
    const gone = new Set<string>();
    for (const map of [before.endpoints, before.nodePortEndpoints]) {
      for (const [key, value] of map) if (key.includes('udp') && !present.has(value)) gone.add(value);
    }
    for (const endpoint of gone) {
      const [address = ''] = endpoint.split(' . ');
      // Exit code 1 only says that there was no such flow.
      await this.#options.processes.run(['conntrack', '-D', '-p', 'udp', '--reply-src', address]);
    }
  }
}

function serviceKey({ metadata }: EndpointSlice): string {
  return `${metadata.namespace ?? ''}/${metadata.labels?.[SERVICE_NAME] ?? ''}`;
}
