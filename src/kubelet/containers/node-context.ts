/**
 * What the parts of a kubelet share: the doors to the outside and the services of the node. Data, no
 * behaviour.
 */

import type { Logger } from '../../base/log.ts';
import type { Node, Pod, Service } from '../../api/types.gen.ts';
import type { Client } from '../../client/client.ts';
import type { Host, Prober } from '../../host/host.ts';
import type { PodCgroups } from '../cgroups/cgroups.ts';
import type { ContainerRuntime } from '../cri/cri.ts';
import type { ContainerLogs } from '../logs/logs.ts';
import type { ImageVolumes } from '../image-volumes/image-volumes.ts';
import type { ImagePuller } from '../images/pull.ts';
import type { BackoffLimits } from '../pods/backoff.ts';
import type { PodContainer } from '../pods/pod-containers.ts';
import type { RuntimeView } from '../pods/runtime-view.ts';
import type { Probes } from '../probes/probes.ts';
import type { References } from '../references/references.ts';
import type { Machine, NodeSystem } from '../system/system.ts';
import type { Volumes } from '../volumes/volumes.ts';
import type { ClusterDns } from './dns.ts';

export interface NodeSettings {
  readonly nodeName: string;
  /** First of each family; the first one is the pod's `hostIP`. */
  readonly nodeIps: readonly string[];
  /** Absolute; pods' volumes and files are below. */
  readonly rootFolder: string;
  /** Absolute; containers' logs are below, in upstream's layout of /var/log/pods. */
  readonly logsFolder: string;
  readonly dns: ClusterDns;
  readonly crashLoop: BackoffLimits;
  /** How often the node tells that it lives, and looks after its resources. */
  readonly heartbeatMs: number;
}

export interface NodeContext {
  readonly host: Host;
  readonly runtime: ContainerRuntime;
  /** Carries probes and hooks to pods. */
  readonly prober: Prober;
  readonly runtimeName: string;
  readonly system: NodeSystem;
  readonly machine: Machine;
  readonly client: Client;
  readonly logger: Logger;
  readonly settings: NodeSettings;
  readonly view: RuntimeView;
  readonly images: ImagePuller;
  readonly volumes: Volumes;
  readonly imageVolumes: ImageVolumes;
  readonly references: References;
  readonly probes: Probes;
  readonly cgroups: PodCgroups;
  readonly logs: ContainerLogs;
  readonly allocatable: Readonly<Record<string, string>>;
  /** As the API has them now. */
  node(): Pick<Node, 'metadata' | 'spec'>;
  services(namespace: string): readonly Service[];
  /** An event about the pod, or about one of its containers. */
  tell(
    pod: Pod,
    container: PodContainer | undefined,
    type: 'Normal' | 'Warning',
    reason: string,
    message: string,
  ): void;
  /** Bounds how many sandboxes are created at once: each starts processes and sets up a network. */
  limited<T>(work: () => Promise<T>): Promise<T>;
}
