/**
 * The kubelet: makes the pods that the API has bound to a node run there, and reports what became of them.
 *
 * Inputs: the API, a container runtime, the machine (`NodeSystem`) and the host. Outputs: containers,
 * volumes and control groups on the machine; the Node, its Lease, pod statuses and events in the API;
 * `operations` for logs, exec and the like. Real and simulated nodes differ only in the runtime and system
 * they are given.
 *
 * Invariants: stopping the kubelet touches no container, and the next one adopts what runs; nothing is
 * ambient.
 */

import { aborted } from '../base/abort.ts';
import { notReady, READY, type Component, type Readiness } from '../base/component.ts';
import { errorText, type Logger } from '../base/log.ts';
import type { Service, Taint } from '../api/types.gen.ts';
import type { Client } from '../client/client.ts';
import type { Informer } from '../client/informer/informer.ts';
import type { NodeOperations } from '../client/node-operations.ts';
import { SharedInformers } from '../client/informer/shared-informers.ts';
import type { Host, Prober } from '../host/host.ts';
import type { EventRecorder } from '../reconcile/event-recorder.ts';
import { noCgroups, type PodCgroups } from './cgroups/cgroups.ts';
import type { NodeContext, NodeSettings } from './containers/node-context.ts';
import type { ContainerRuntime } from './cri/cri.ts';
import type { Image } from './cri/messages.ts';
import { MEMORY_MIN_BYTES, STORAGE_MIN_SHARE } from './eviction/eviction.ts';
import { runHousekeeping } from './housekeeping.ts';
import type { ImageLayers } from './image-volumes/image-layers.ts';
import { mountsImages } from './image-volumes/image-mount.ts';
import { ImageVolumes } from './image-volumes/image-volumes.ts';
import { ImagePuller } from './images/pull.ts';
import type { ContainerLogs } from './logs/logs.ts';
import { Heartbeat } from './node/heartbeat.ts';
import { allocatable, nodeLabels, type Health, type NodeFacts } from './node/node-object.ts';
import { createLimiter } from './limiter.ts';
import { createNodeOperations } from './operations/operations.ts';
import { CRASH_LOOP, type BackoffLimits } from './pods/backoff.ts';
import { containerFieldPath } from './pods/pod-containers.ts';
import { Pods } from './pods/pods.ts';
import { RuntimeView } from './pods/runtime-view.ts';
import type { GrpcHealth } from './probes/probe.ts';
import { Probes } from './probes/probes.ts';
import { References } from './references/references.ts';
import { NODES, PODS, SERVICES } from './resource-types.ts';
import type { NodeSources } from './sources.ts';
import { createGrpcHealth } from './streaming/grpc-health.ts';
import { StatusWriter } from './status/status-writer.ts';
import type { NodeSystem } from './system/system.ts';
import { ClaimedVolumes } from './volumes/claimed-volumes.ts';
import { TokenSource } from './volumes/token-source.ts';
import { Volumes } from './volumes/volumes.ts';

export interface KubeletSettings extends Omit<NodeSettings, 'crashLoop' | 'heartbeatMs'> {
  readonly maxPods?: number;
  /** Where the kubelet's own API listens; shown in the Node. */
  readonly port?: number;
  readonly labels?: Readonly<Record<string, string>>;
  readonly taints?: readonly Taint[];
  readonly reserved?: { readonly milliCpus: number; readonly memoryBytes: number };
  readonly crashLoop?: BackoffLimits;
  /** Default 10 s. */
  readonly heartbeatMs?: number;
}

export interface KubeletOptions {
  readonly settings: KubeletSettings;
  readonly client: Client;
  readonly host: Host;
  readonly runtime: ContainerRuntime;
  readonly system: NodeSystem;
  readonly logs: ContainerLogs;
  readonly events: EventRecorder;
  readonly logger: Logger;
  /** Absent: it follows its own pods, its node and all services by itself. */
  readonly sources?: NodeSources;
  readonly services?: Informer<Service>;
  readonly cgroups?: PodCgroups;
  /** For runtimes that cannot mount images by themselves. */
  readonly imageLayers?: ImageLayers;
  /** Carries probes and hooks; default the host's. */
  readonly network?: Prober;
  /** Carries gRPC probes; default: over the machine's network. */
  readonly grpcHealth?: GrpcHealth;
  /** Called with each new pod CIDR, before the node reports ready with it; the runtime is told as well. */
  readonly onPodCidr?: (podCidrs: readonly string[]) => Promise<void>;
}

const PODS_MAX = 110;
const PORT = 10_250;
const SANDBOXES_AT_ONCE = 8;
const START_RETRY_MS = 1_000;
const HEARTBEAT_MS = 10_000;
/** Of the runtime's containers, when it tells of every change anyway. */
const RELIST_MS = 300_000;
/** Reading the image store for every heartbeat would be the most expensive part of it. */
const IMAGES_AGE_MS = 60_000;

export interface Kubelet extends Component {
  /** Present once it runs; for the node's API and its other parts. */
  readonly node: RunningNode | undefined;
  /** Logs, commands and ports, for an API server in this process or for the node's server. */
  readonly operations: NodeOperations;
}

export interface RunningNode {
  readonly context: NodeContext;
  readonly pods: Pods;
  readonly heartbeat: Heartbeat;
}

export function createKubelet(options: KubeletOptions): Kubelet {
  return new NodeAgent(options);
}

class NodeAgent implements Kubelet {
  readonly name = 'kubelet';
  readonly operations = createNodeOperations(() => this.#node);
  readonly #options: KubeletOptions;
  readonly #logger: Logger;
  #node: RunningNode | undefined;
  #images: { readonly atMs: number; readonly list: readonly Image[] } | undefined;

  constructor(options: KubeletOptions) {
    this.#options = options;
    this.#logger = options.logger.with({ component: 'kubelet', node: options.settings.nodeName });
  }

  get node(): RunningNode | undefined {
    return this.#node;
  }

  ready(): Readiness {
    return this.#node?.heartbeat.isRegistered === true ? READY : notReady('the node is not registered yet');
  }

  async start(signal: AbortSignal): Promise<void> {
    const node = await this.#build(signal);
    if (node === undefined) return;
    this.#node = node;
    const { context, pods, heartbeat } = node;
    const beating = heartbeat.run(signal);
    const sources = this.#options.sources ?? (await this.#ownSources(signal));
    const unsubscribe = [
      sources.node.subscribe((next) => next !== undefined && void this.#take(heartbeat, next)),
      sources.pods.subscribe((next, old) => pods.changed(next, old)),
    ];
    await this.#adopt(pods);
    const keeping = runHousekeeping(context, pods, signal);
    await Promise.all([beating, keeping, context.view.run(signal), aborted(signal)]);
    for (const stop of unsubscribe) stop();
    pods.stop();
    context.references.stop();
  }

  async #adopt(pods: Pods): Promise<void> {
    try {
      await pods.adoptOrphans();
    } catch (error) {
      this.#logger.warn(`cannot remove what earlier pods have left: ${errorText(error)}`);
    }
  }

  async #take(heartbeat: Heartbeat, node: Parameters<Heartbeat['nodeChanged']>[0]): Promise<void> {
    try {
      await heartbeat.nodeChanged(node);
    } catch (error) {
      this.#logger.warn(`cannot take over the node's new state: ${errorText(error)}`);
    }
  }

  async #ownSources(signal: AbortSignal): Promise<NodeSources> {
    const { client, host, settings } = this.#options;
    const { nodeName } = settings;
    const selections = new Map([
      ['/pods', { fieldSelector: `spec.nodeName=${nodeName}` }],
      ['/nodes', { fieldSelector: `metadata.name=${nodeName}` }],
    ]);
    const informers = new SharedInformers({ client, clock: host.clock, logger: this.#logger, selections });
    const sources = { pods: informers.of(PODS), node: informers.of(NODES) };
    informers.start(signal);
    await informers.waitForSync(signal);
    return sources;
  }

  /** Waits for the runtime; undefined when `signal` came first. */
  async #build(signal: AbortSignal): Promise<RunningNode | undefined> {
    const { runtime, host, system, settings } = this.#options;
    while (!signal.aborted) {
      try {
        const { runtimeName, runtimeVersion } = await runtime.version();
        const machine = await system.machine();
        await system.files.makeFolder(`${settings.rootFolder}/pods`, 0o750);
        await system.files.makeFolder(settings.logsFolder, 0o755);
        const facts: NodeFacts = {
          ...settings,
          machine,
          maxPods: settings.maxPods ?? PODS_MAX,
          port: settings.port ?? PORT,
          labels: settings.labels ?? {},
          taints: settings.taints ?? [],
          reserved: settings.reserved ?? { milliCpus: 0, memoryBytes: 0 },
          containerRuntimeVersion: `${runtimeName}://${runtimeVersion}`,
        };
        const node = this.#assemble(facts, runtimeName, signal);
        await node.context.view.relist();
        return node;
      } catch (error) {
        this.#logger.warn(`the node cannot start yet: ${errorText(error)}`);
        await host.clock.sleep(START_RETRY_MS, signal);
      }
    }
    return undefined;
  }

  #assemble(facts: NodeFacts, runtimeName: string, signal: AbortSignal): RunningNode {
    const { client, host, runtime, system, settings, events } = this.#options;
    const { clock } = host;
    const logger = this.#logger;
    const services = this.#serviceInformer(signal);
    const references = new References({
      client,
      clock,
      logger,
      onChange: (uid) => pods.referencesChanged(uid),
    });
    const tell: NodeContext['tell'] = (pod, container, type, reason, message) => {
      const fieldPath = container === undefined ? {} : { fieldPath: containerFieldPath(container) };
      events.record({ ...pod, ...fieldPath }, type, reason, message);
    };
    const { heartbeatMs = HEARTBEAT_MS } = settings;
    const view = new RuntimeView({
      runtime,
      clock,
      logger,
      relistMs: Math.max(RELIST_MS, heartbeatMs),
      onChange: (uid) => this.#runtimeChanged(uid),
    });
    const probes = this.#createProbes((uid) => pods.wake(uid), tell);
    const context: NodeContext = {
      host,
      runtime,
      prober: this.#options.network ?? host.network,
      runtimeName,
      system,
      machine: facts.machine,
      client,
      logger,
      settings: { ...settings, crashLoop: settings.crashLoop ?? CRASH_LOOP, heartbeatMs },
      view,
      ...this.#createVolumes(facts, references),
      references,
      probes,
      cgroups: this.#options.cgroups ?? noCgroups,
      logs: this.#options.logs,
      allocatable: allocatable(facts),
      node: () => {
        const metadata = { name: settings.nodeName, labels: nodeLabels(facts) };
        return heartbeat.node ?? { metadata, spec: {} };
      },
      services: (namespace) => servicesFor(services, namespace),
      tell,
      limited: createLimiter(SANDBOXES_AT_ONCE),
    };
    const pods = new Pods(context, new StatusWriter(client));
    const heartbeat = new Heartbeat({
      client,
      clock,
      logger,
      facts,
      health: () => this.#health(view),
      images: () => this.#listImages(),
      onPodCidr: (podCidrs) => this.#podCidrAssigned(podCidrs),
      renewMs: heartbeatMs,
    });
    return { context, pods, heartbeat };
  }

  #createVolumes(
    { containerRuntimeVersion }: NodeFacts,
    references: References,
  ): Pick<NodeContext, 'images' | 'imageVolumes' | 'volumes'> {
    const { client, host, runtime, system, settings, imageLayers } = this.#options;
    const { rootFolder } = settings;
    const { clock } = host;
    const images = new ImagePuller(runtime, clock);
    const layers = mountsImages(containerRuntimeVersion) ? undefined : imageLayers;
    const imageVolumes = new ImageVolumes({ rootFolder, system, puller: images, layers });
    const volumes = new Volumes({
      rootFolder,
      system,
      clock,
      references,
      tokens: new TokenSource(client, clock),
      claims: new ClaimedVolumes(client, system.files),
      images: imageVolumes,
    });
    return { images, imageVolumes, volumes };
  }

  #createProbes(onChange: (uid: string) => void, tell: NodeContext['tell']): Probes {
    const { host, runtime, network = host.network, grpcHealth } = this.#options;
    return new Probes({
      clock: host.clock,
      ports: { network, runtime, grpc: grpcHealth ?? createGrpcHealth(host.clock) },
      onChange,
      onUnhealthy: (pod, container, message) => tell(pod, container, 'Warning', 'Unhealthy', message),
    });
  }

  #serviceInformer(signal: AbortSignal): Informer<Service> {
    if (this.#options.services !== undefined) return this.#options.services;
    const { client, host } = this.#options;
    const informers = new SharedInformers({ client, clock: host.clock, logger: this.#logger });
    const services = informers.of(SERVICES);
    informers.start(signal);
    return services;
  }

  #runtimeChanged(uid: string): void {
    const node = this.#node;
    if (node === undefined) return;
    if (node.pods.get(uid) !== undefined) node.pods.wake(uid);
  }

  async #podCidrAssigned(podCidrs: readonly string[]): Promise<void> {
    await this.#options.runtime.updateRuntimeConfig({ podCidr: podCidrs.join(',') });
    await this.#options.onPodCidr?.(podCidrs);
  }

  async #health(view: RuntimeView): Promise<Health> {
    const { runtime, system, settings } = this.#options;
    const problems: string[] = [];
    try {
      const { conditions } = await runtime.status();
      for (const { type, status, reason, message } of conditions) {
        if (status) continue;
        const head =
          type === 'NetworkReady' ? 'container runtime network not ready' : 'container runtime not ready';
        problems.push(`${head}: ${type}=false reason:${reason} message:${message}`);
      }
    } catch (error) {
      problems.push(`container runtime is down: ${errorText(error)}`);
    }
    const stale = view.problem();
    if (stale !== undefined) problems.push(`PLEG is not healthy: ${stale}`);
    const usage = await system.usage(settings.rootFolder);
    return {
      problems,
      memoryPressure: usage.memoryAvailableBytes < MEMORY_MIN_BYTES,
      diskPressure: usage.storageAvailableBytes < usage.storageBytes * STORAGE_MIN_SHARE,
    };
  }

  async #listImages(): Promise<readonly Image[]> {
    const { runtime, host } = this.#options;
    const nowMs = host.clock.monotonicMs();
    if (this.#images === undefined || nowMs - this.#images.atMs > IMAGES_AGE_MS) {
      try {
        this.#images = { atMs: nowMs, list: await runtime.listImages() };
      } catch (error) {
        this.#logger.warn(`cannot list images: ${errorText(error)}`);
      }
    }
    return this.#images?.list ?? [];
  }
}

/** What is visible to pods of a namespace; the API server's service is visible to all. */
function servicesFor(services: Informer<Service>, namespace: string): readonly Service[] {
  const master = services.get('default', 'kubernetes');
  const own = services.list(namespace);
  return master === undefined || namespace === 'default' ? own : [master, ...own];
}
