/**
 * A node without a machine: the real kubelet on the in-memory runtime. Its containers do what their scripts
 * say, its probes succeed unless a script answers them, and it costs nothing while nothing changes.
 */

import type { Logger } from '../base/log.ts';
import type { Service } from '../api/types.gen.ts';
import type { Client } from '../client/client.ts';
import type { Informer } from '../client/informer/informer.ts';
import type { Host, Prober } from '../host/host.ts';
import type { EventRecorder } from '../reconcile/event-recorder.ts';
import type { MemoryScript } from './cri/memory/behaviour.ts';
import { MemoryRuntime } from './cri/memory/memory.ts';
import { createKubelet, type Kubelet, type KubeletSettings } from './kubelet.ts';
import { createMemoryLogs } from './logs/memory-logs.ts';
import type { NodeSources } from './sources.ts';
import {
  createSimulatedSystem,
  type SimulatedMachine,
  type SimulatedSystem,
} from './system/simulated/simulated-system.ts';

export interface SimulatedKubeletOptions {
  readonly nodeName: string;
  readonly nodeIp: string;
  readonly client: Client;
  readonly host: Host;
  readonly events: EventRecorder;
  readonly logger: Logger;
  readonly sources?: NodeSources;
  readonly services?: Informer<Service>;
  readonly script?: MemoryScript;
  /** Default: 8 CPUs, 32 GiB. */
  readonly machine?: Omit<SimulatedMachine, 'hostname'>;
  readonly settings?: Partial<KubeletSettings>;
  /** Answers probes; default: all succeed. */
  readonly network?: Prober;
  /** A runtime that has outlived an earlier kubelet. */
  readonly runtime?: MemoryRuntime;
}

export interface SimulatedKubelet {
  readonly kubelet: Kubelet;
  readonly runtime: MemoryRuntime;
  readonly system: SimulatedSystem;
}

const CLUSTER_DNS = { servers: ['10.43.0.10'], domain: 'cluster.local' };

/** Nothing listens in a simulated pod, so probes are answered for it. */
export const alwaysHealthy: Prober = {
  probeTcp: async () => ({ ok: true }),
  probeHttp: async () => ({ ok: true, status: 200, body: '' }),
};

export function createSimulatedKubelet(options: SimulatedKubeletOptions): SimulatedKubelet {
  const { nodeName, nodeIp, host, script, client, events, logger, sources, services } = options;
  const { clock, random } = host;
  const runtime =
    options.runtime ?? new MemoryRuntime({ clock, random, ...(script === undefined ? {} : { script }) });
  const system = createSimulatedSystem({ hostname: nodeName, ...options.machine });
  const kubelet = createKubelet({
    settings: {
      nodeName,
      nodeIps: [nodeIp],
      rootFolder: '/var/lib/kubelet',
      logsFolder: '/var/log/pods',
      dns: CLUSTER_DNS,
      labels: { type: 'simulated' },
      ...options.settings,
    },
    client,
    host,
    runtime,
    system,
    logs: createMemoryLogs((id) => runtime.readLog(id)),
    events,
    logger,
    network: options.network ?? alwaysHealthy,
    grpcHealth: async () => undefined,
    ...(sources === undefined ? {} : { sources }),
    ...(services === undefined ? {} : { services }),
  });
  return { kubelet, runtime, system };
}
