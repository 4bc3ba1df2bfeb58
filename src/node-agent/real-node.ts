/**
 * A real node, put together: a containerd of its own, the kubelet on it, the service proxy, the pod network
 * and the cluster's DNS. One process per node; it may sit in a network namespace of its own.
 *
 * Stopping it leaves containers, network and rules as they are; the next start adopts them. `removeNode`
 * takes everything away.
 */

import type { Component } from '../base/component.ts';
import { errorText, type Logger } from '../base/log.ts';
import { namespaces as namespaceType } from '../api/groups/core/namespace/namespace.ts';
import { nodes as nodeType } from '../api/groups/core/node/node.ts';
import { services as serviceType } from '../api/groups/core/service/service.ts';
import { endpointSlices as sliceType } from '../api/groups/discovery/endpoint-slice/endpoint-slice.ts';
import type { Client } from '../client/client.ts';
import { SharedInformers } from '../client/informer/shared-informers.ts';
import { ClusterView } from '../dns/cluster-view.ts';
import { DnsServer } from '../dns/server/server.ts';
import type { Host } from '../host/host.ts';
import { createContainerd, type ContainerdOptions } from '../kubelet/containerd/containerd.ts';
import { findPrograms } from '../kubelet/containerd/programs.ts';
import { createPodCgroups } from '../kubelet/cgroups/pod-cgroups.ts';
import { ensureImages } from '../kubelet/images/import.ts';
import { pauseReference, readBusybox, standardImages } from '../kubelet/images/standard.ts';
import { createKubelet, type Kubelet } from '../kubelet/kubelet.ts';
import { createFileLogs } from '../kubelet/logs/file-logs.ts';
import { KubeletServer } from '../kubelet/server/server.ts';
import { connectImageLayers } from '../kubelet/image-volumes/image-layers.ts';
import { createLinuxSystem } from '../kubelet/system/linux/linux-system.ts';
import { PodNetwork } from '../network/pod-network.ts';
import { ServiceProxy } from '../proxy/proxy.ts';
import { ApiEventRecorder } from '../reconcile/api-event-recorder.ts';
import type { LiveKeyPair } from '../pki/live-key-pair.ts';

export interface RealNodeOptions {
  readonly nodeName: string;
  readonly nodeAddress: string;
  readonly folder: string;
  readonly stateFolder: string;
  readonly cniName: string;
  readonly bridge: string;
  readonly tunnelDevice: string;
  readonly kubeletPort: number;
  readonly podCidr: string;
  readonly serviceCidr: string;
  readonly clusterDomain: string;
  /** Service address of the cluster DNS, bound on this node. */
  readonly clusterDns: string;
  /** For names outside the cluster. */
  readonly upstreamDns: readonly string[];
  readonly serving: LiveKeyPair;
  readonly authorityPem: string;
  readonly registries?: ContainerdOptions['registries'];
  readonly client: Client;
  readonly host: Host;
  readonly logger: Logger;
}

const NO_SLICE_YET = '10.255.255.0/24';
const RETRY_MS = 2_000;
const VXLAN_PORT = 8472;

/** Runs until `signal` aborts. */
export async function runRealNode(options: RealNodeOptions, signal: AbortSignal): Promise<void> {
  const { host, logger, client } = options;
  const informers = new SharedInformers({ client, clock: host.clock, logger });
  const components: readonly Component[] = [
    await startKubelet(options, signal),
    podNetwork(options, informers),
    new ServiceProxy({
      nodeName: options.nodeName,
      table: `${options.cniName}-services`,
      podCidr: options.podCidr,
      serviceCidr: options.serviceCidr,
      informers,
      types: { services: serviceType, endpointSlices: sliceType },
      processes: host.processes,
      clock: host.clock,
      logger: logger.with({ component: 'service-proxy' }),
    }),
    await dnsServer(options, informers),
  ];
  informers.start(signal);
  await Promise.all(components.map((component) => keepRunning(component, options, signal)));
}

/** A part that fails does not take the others with it. */
async function keepRunning(
  component: Component,
  { host, logger }: RealNodeOptions,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    try {
      await component.start(signal);
      return;
    } catch (error) {
      logger.error(`${component.name} failed and is started again: ${errorText(error)}`, { error });
      await host.clock.sleep(RETRY_MS, signal);
    }
  }
}

type ContainerdPlace = Pick<RealNodeOptions, 'folder' | 'stateFolder' | 'cniName' | 'bridge' | 'registries'>;

export function containerdOptions(options: ContainerdPlace, cniBinFolder: string): ContainerdOptions {
  return {
    folder: `${options.folder}/containerd`,
    stateFolder: options.stateFolder,
    sandboxImage: pauseReference,
    cniBinFolder,
    cni: { name: options.cniName, bridge: options.bridge, podCidr: NO_SLICE_YET },
    ...(options.registries === undefined ? {} : { registries: options.registries }),
  };
}

async function startKubelet(options: RealNodeOptions, signal: AbortSignal): Promise<Component> {
  const { host, logger, client, nodeName } = options;
  const { cniBinFolder } = await findPrograms(host.processes, host.disk);
  const containerd = createContainerd(
    host,
    containerdOptions(options, cniBinFolder),
    logger.with({ component: 'containerd' }),
  );
  await containerd.ensureRunning(signal);
  const runtime = await containerd.connect();
  const images = await standardImages(
    await readBusybox(host.disk, host.processes),
    process.arch === 'arm64' ? 'arm64' : 'amd64',
  );
  await ensureImages(
    host,
    runtime,
    { socketPath: containerd.socketPath },
    images,
    `${options.folder}/scratch`,
  );
  const system = createLinuxSystem(host.processes);
  const { cpus } = await system.machine();
  const cgroups = await createPodCgroups({
    files: system.files,
    logger,
    parent: cgroupParent(options.cniName),
    cpus,
  });
  const kubelet = createKubelet({
    settings: {
      nodeName,
      nodeIps: [options.nodeAddress],
      rootFolder: `${options.folder}/kubelet`,
      logsFolder: `${options.folder}/logs/pods`,
      port: options.kubeletPort,
      dns: { servers: [options.clusterDns], domain: options.clusterDomain },
    },
    client,
    host,
    runtime,
    system,
    logs: createFileLogs(system.files),
    cgroups,
    imageLayers: await connectImageLayers({ socketPath: containerd.socketPath }),
    events: new ApiEventRecorder({
      client,
      clock: host.clock,
      random: host.random,
      logger,
      component: 'kubelet',
      host: nodeName,
    }),
    logger,
    onPodCidr: async ([podCidr]) => {
      if (podCidr !== undefined) await containerd.setPodCidr(podCidr);
    },
  });
  return nodeWithServer(kubelet, containerd, options);
}

/** The kubelet, its API and its containerd live and end together. */
function nodeWithServer(kubelet: Kubelet, containerd: Component, options: RealNodeOptions): Component {
  const server = new KubeletServer({
    kubelet,
    address: options.nodeAddress,
    port: options.kubeletPort,
    serving: options.serving,
    authorityPem: options.authorityPem,
    logger: options.logger,
  });
  return {
    name: 'kubelet',
    ready: () => kubelet.ready(),
    start: async (signal) => {
      await Promise.all([containerd.start(signal), kubelet.start(signal), server.start(signal)]);
    },
  };
}

function podNetwork(options: RealNodeOptions, informers: SharedInformers): PodNetwork {
  const { host, nodeName, logger } = options;
  return new PodNetwork({
    nodeName,
    podCidr: options.podCidr,
    table: `${options.cniName}-pods`,
    device: options.tunnelDevice,
    vni: 42,
    port: VXLAN_PORT,
    informers,
    nodes: nodeType,
    processes: host.processes,
    clock: host.clock,
    logger: logger.with({ component: 'pod-network' }),
  });
}

/** The service address of DNS is put on the node itself, so that every node answers its own pods. */
async function dnsServer(options: RealNodeOptions, informers: SharedInformers): Promise<DnsServer> {
  const { host, clusterDns, clusterDomain, logger } = options;
  const { exitCode, stderr } = await host.processes.run([
    'ip',
    'address',
    'replace',
    `${clusterDns}/32`,
    'dev',
    DNS_DEVICE,
  ]);
  if (exitCode !== 0) throw new Error(`${clusterDns} could not be put on ${DNS_DEVICE}: ${stderr.trim()}`);
  const types = { namespaces: namespaceType, services: serviceType, endpointSlices: sliceType };
  return new DnsServer({
    addresses: [clusterDns],
    port: 53,
    view: new ClusterView(informers, types, clusterDomain),
    upstreams: options.upstreamDns.filter((server) => server !== clusterDns),
    logger: logger.with({ component: 'dns' }),
  });
}

export const DNS_DEVICE = 'lo';

/** Of all pods of a node; several nodes may share a machine. */
export function cgroupParent(cniName: string): string {
  return `/${cniName}-pods`;
}
