/**
 * Asks every kubelet what its node and containers have used so far, once in every period, and keeps the last
 * two answers of each.
 *
 * Inputs: the nodes that have a kubelet to ask, and how each is reached. Output: the points behind
 * `resource-metrics.ts`. Invariants: a node is asked by one request at a time; one that does not answer keeps
 * what it said last for a while, then counts as unknown; nodes that went are forgotten.
 */

import { errorText, type Logger } from '../base/log.ts';
import type { RemoteNode } from '../client/node/remote-node-operations.ts';
import type { Clock, Network } from '../host/host.ts';
import { parseResourceMetrics, type NodePoints } from './exposition.ts';

export interface ScraperParts {
  readonly clock: Clock;
  readonly network: Network;
  readonly logger: Logger;
  readonly periodMs: number;
  /** The nodes to ask, by name. */
  readonly kubelets: () => ReadonlyMap<string, RemoteNode>;
}

export interface NodeHistory {
  readonly last: NodePoints;
  readonly before: NodePoints | undefined;
}

/** An idle process should not wake up for nothing. */
const NOBODY_MS = 15_000;
const TIMEOUT_MS = 10_000;
const ANSWER_MAX_BYTES = 16 << 20;
/** Numbers older than so many periods say nothing of now. */
const STALE_PERIODS = 4;

export class Scraper {
  readonly #parts: ScraperParts;
  readonly #histories = new Map<string, NodeHistory & { readonly atMs: number }>();
  readonly #asking = new Set<string>();
  readonly #silent = new Set<string>();
  #nodesChanged = new AbortController();

  constructor(parts: ScraperParts) {
    this.#parts = parts;
  }

  historyOf(nodeName: string): NodeHistory | undefined {
    return this.#histories.get(nodeName);
  }

  /** Runs until `signal` aborts. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock, periodMs, kubelets } = this.#parts;
    while (!signal.aborted) {
      void this.scrape();
      if (kubelets().size === 0) await this.#untilNodesChange(signal);
      await clock.sleep(periodMs, signal);
    }
  }

  /** To be told so: with nobody to ask it hardly looks. */
  nodesChanged(): void {
    this.#nodesChanged.abort();
  }

  #untilNodesChange(signal: AbortSignal): Promise<void> {
    this.#nodesChanged = new AbortController();
    return this.#parts.clock.sleep(NOBODY_MS, AbortSignal.any([signal, this.#nodesChanged.signal]));
  }

  /** Begins to ask everybody; resolves when all have answered or failed to. */
  async scrape(): Promise<void> {
    const { kubelets, clock, periodMs } = this.#parts;
    const nodes = kubelets();
    for (const [name, { atMs }] of this.#histories) {
      if (!nodes.has(name) || clock.now() - atMs > STALE_PERIODS * periodMs) this.#histories.delete(name);
    }
    for (const name of this.#silent) if (!nodes.has(name)) this.#silent.delete(name);
    await Promise.all([...nodes].map(([name, node]) => this.#ask(name, node)));
  }

  /** Never rejects. */
  async #ask(name: string, { address, port, authorityPem, client }: RemoteNode): Promise<void> {
    const { clock, network, periodMs, logger } = this.#parts;
    if (this.#asking.has(name)) return;
    this.#asking.add(name);
    try {
      const host = address.includes(':') ? `[${address}]` : address;
      const answer = await network.request({
        method: 'GET',
        url: `https://${host}:${port}/metrics/resource`,
        headers: {},
        caPem: authorityPem,
        clientCertificate: client,
        timeoutMs: Math.min(TIMEOUT_MS, periodMs),
        answerMaxBytes: ANSWER_MAX_BYTES,
      });
      if (answer.status !== 200) throw new Error(`the kubelet answered ${answer.status}`);
      const last = parseResourceMetrics(Buffer.from(answer.body).toString(), clock.now());
      this.#silent.delete(name);
      this.#histories.set(name, { last, before: this.#histories.get(name)?.last, atMs: clock.now() });
    } catch (error) {
      // Once for each silence.
      if (!this.#silent.has(name)) logger.warn(`no metrics of node ${name}: ${errorText(error)}`);
      this.#silent.add(name);
    } finally {
      this.#asking.delete(name);
    }
  }
}
