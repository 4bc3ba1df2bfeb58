/**
 * The metrics API, wired: real nodes are asked over HTTPS, simulated ones and those of fleets are scripted.
 * While another server serves `metrics.k8s.io`, requests go there (`apiserver/aggregation`), and this one is
 * idle.
 */

import { apiServices } from '../api/groups/apiregistration/api-service/api-service.ts';
import { METRICS_GROUP, METRICS_VERSION } from '../api/groups/metrics/metric-columns.ts';
import { nodes } from '../api/groups/core/node/node.ts';
import { pods } from '../api/groups/core/pod/pod.ts';
import { lookUp } from '../apiserver/registry/look-up.ts';
import type { ResourceIndex } from '../apiserver/pipeline.ts';
import type { SubresourceHandler } from '../apiserver/subresources/subresource.ts';
import type { RemoteNode } from '../client/node/remote-node-operations.ts';
import type { Informers } from '../client/informer/informer.ts';
import { BY_NODE, indexByNode } from '../controllers/pods-of-node/pods-of-node.ts';
import { metricsHandlers } from '../metrics/metrics-handlers.ts';
import { ResourceMetrics } from '../metrics/resource-metrics.ts';
import { Scraper } from '../metrics/scraper.ts';
import type { ControlPlaneOptions } from './control-plane.ts';

/** As metrics-server's manifest has it. */
export const METRICS_PERIOD_MS = 15_000;

export class MetricsApi {
  readonly handlers: readonly SubresourceHandler[];
  readonly #options: ControlPlaneOptions;
  readonly #metrics: ResourceMetrics;
  readonly #scraper: Scraper;
  #informers: Informers | undefined;

  constructor(options: ControlPlaneOptions, resources: ResourceIndex) {
    const { store, clock, connectionOf, metricsPeriodMs: periodMs = METRICS_PERIOD_MS } = options;
    this.#options = options;
    this.#scraper = new Scraper({ ...options, periodMs, kubelets: () => this.#kubelets() });
    this.#metrics = new ResourceMetrics({
      clock,
      periodMs,
      scraper: this.#scraper,
      isSimulated: (name) => connectionOf(name)?.type === 'simulated',
      nodeOf: (name) => lookUp(store, nodes, '', name),
      podsOf: (name) => this.#informers?.of(pods).byIndex(BY_NODE, name) ?? [],
    });
    this.handlers = metricsHandlers(resources, this.#metrics);
  }

  /** Runs until `signal` aborts. */
  async run(informers: Informers, signal: AbortSignal): Promise<void> {
    indexByNode(informers);
    informers.of(nodes).subscribe((_node, before) => {
      if (before === undefined) this.#scraper.nodesChanged();
    });
    this.#informers = informers;
    await informers.waitForSync(signal);
    await this.#scraper.run(signal);
  }

  #kubelets(): ReadonlyMap<string, RemoteNode> {
    const { store, connectionOf } = this.#options;
    const all = new Map<string, RemoteNode>();
    const name = `${METRICS_VERSION}.${METRICS_GROUP}`;
    if (lookUp(store, apiServices, '', name)?.spec.service !== undefined) return all;
    for (const node of this.#informers?.of(nodes).list() ?? []) {
      const { name = '' } = node.metadata;
      const connection = this.#metrics.isScripted(node) ? undefined : connectionOf(name);
      if (connection?.type === 'kubelet') all.set(name, connection);
    }
    return all;
  }
}
