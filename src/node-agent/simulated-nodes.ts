/**
 * Simulated nodes inside the control plane's process: the real kubelet on a runtime and a machine that only
 * exist in memory. They share one client and one informer per collection, so many of them cost little.
 */

import type { Logger } from '../base/log.ts';
import { nodes as nodeType } from '../api/groups/core/node/node.ts';
import { pods as podType } from '../api/groups/core/pod/pod.ts';
import { services as serviceType } from '../api/groups/core/service/service.ts';
import type { Client } from '../client/client.ts';
import type { NodeOperations } from '../client/node-operations.ts';
import type { Informers } from '../client/informer/informer.ts';
import type { Host } from '../host/host.ts';
import { defaultBehaviour, type MemoryScript } from '../kubelet/cri/memory/behaviour.ts';
import type { MemoryRuntime } from '../kubelet/cri/memory/memory.ts';
import type { Kubelet } from '../kubelet/kubelet.ts';
import { createSimulatedKubelet } from '../kubelet/simulated-kubelet.ts';
import { alwaysHealthy } from '../kubelet/simulated-kubelet.ts';
import { SharedSources } from '../kubelet/sources.ts';
import { ApiEventRecorder } from '../reconcile/api-event-recorder.ts';

export interface SimulatedNodesOptions {
  readonly count: number;
  /** `node` gives node-1, node-2 and so on. */
  readonly namePrefix: string;
  readonly client: Client;
  readonly informers: Informers;
  readonly host: Host;
  readonly logger: Logger;
  readonly clusterDomain: string;
  readonly clusterDns: string;
  readonly machine: { readonly cpus: number; readonly memoryBytes: number };
  readonly script?: MemoryScript;
  /** Default 10 s. */
  readonly heartbeatMs?: number;
}

export class SimulatedNodes {
  readonly #kubelets = new Map<string, Kubelet>();
  readonly #stopped = new Map<string, AbortController>();
  readonly runtimes = new Map<string, MemoryRuntime>();

  constructor(options: SimulatedNodesOptions) {
    const { informers } = options;
    const sources = new SharedSources(informers.of(podType), informers.of(nodeType));
    informers.of(serviceType);
    for (let i = 1; i <= options.count; i++) this.#add(`${options.namePrefix}-${i}`, i, sources, options);
  }

  /** Runs until `signal` aborts. */
  async run(signal: AbortSignal): Promise<void> {
    await Promise.all(
      [...this.#kubelets].map(([name, kubelet]) => {
        const stopped = new AbortController();
        this.#stopped.set(name, stopped);
        return kubelet.start(AbortSignal.any([signal, stopped.signal]));
      }),
    );
  }

  /** The node falls silent, as a machine that lost its power. Harmless when there is no such node. */
  stopNode(nodeName: string): void {
    this.#stopped.get(nodeName)?.abort();
  }

  operationsOf(nodeName: string): NodeOperations | undefined {
    return this.#kubelets.get(nodeName)?.operations;
  }

  #add(nodeName: string, number: number, sources: SharedSources, options: SimulatedNodesOptions): void {
    const { host, client, logger, informers, clusterDns, clusterDomain, machine } = options;
    const { clock, random } = host;
    const { kubelet, runtime } = createSimulatedKubelet({
      nodeName,
      nodeIp: `10.44.${Math.floor(number / 250) % 256}.${(number % 250) + 2}`,
      client,
      host,
      logger,
      machine,
      script: { ...options.script, container: options.script?.container ?? behaviourOf(informers) },
      events: new ApiEventRecorder({ client, clock, random, logger, component: 'kubelet', host: nodeName }),
      sources: sources.of(nodeName),
      services: informers.of(serviceType),
      network: alwaysHealthy,
      settings: {
        rootFolder: `/var/lib/k8ts/${nodeName}`,
        logsFolder: `/var/log/pods/${nodeName}`,
        dns: { servers: [clusterDns], domain: clusterDomain },
        labels: { 'k8ts.io/simulated': 'true' },
        ...(options.heartbeatMs === undefined ? {} : { heartbeatMs: options.heartbeatMs }),
      },
    });
    this.runtimes.set(nodeName, runtime);
    this.#kubelets.set(nodeName, kubelet);
  }
}

/** Nothing waits behind an init container: one whose command line says nothing of its end succeeds. */
function behaviourOf(informers: Informers): NonNullable<MemoryScript['container']> {
  const pods = informers.of(podType);
  return (config, { metadata: { namespace, name } }) => {
    const behaviour = defaultBehaviour(config);
    const init = pods.get(namespace, name)?.spec.initContainers ?? [];
    const own = init.find((container) => container.name === config.metadata.name);
    const ends = own !== undefined && own.restartPolicy !== 'Always';
    return ends && behaviour.exitAfterMs === undefined ? { ...behaviour, exitAfterMs: 0 } : behaviour;
  };
}
