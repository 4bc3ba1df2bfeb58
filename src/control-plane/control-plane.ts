/**
 * The control plane in one process: API server, controllers and scheduler around one store, wired here and
 * nowhere else. `cmd/` runs it as a server, `testing/` inside a test.
 *
 * Order of start: the API answers first; then what every cluster has is made sure of; then controllers and
 * scheduler start, each as its own user under RBAC. `problems()` says what is still missing.
 */

import { errorText, type Logger } from '../base/log.ts';
import type { Metrics } from '../base/metrics.ts';
import { POD_GROUP_KINDS } from '../api/catalog.ts';
import type { KubernetesObject } from '../api/meta/object.ts';
import type { Descriptions } from '../api/schema/openapi-definitions.ts';
import { AdmissionChain } from '../apiserver/admission/admission.ts';
import { ApiServer } from '../apiserver/apiserver.ts';
import { keepFlowObjects } from '../apiserver/flow-control/ensure-objects.ts';
import { componentCheck, type HealthCheck } from '../apiserver/health.ts';
import { SUPERUSER_GROUP } from '../apiserver/authorization/rbac.ts';
import type { ListenerOptions } from '../apiserver/http/listener.ts';
import { builtInResources, type Resources } from '../apiserver/resources.ts';
import { connectionAdmission } from '../apiserver/streaming/connection-options.ts';
import {
  LogHandler,
  UpgradeRequiredHandler,
  type NodeOperationsOf,
} from '../apiserver/streaming/pod-streams.ts';
import { ProxySubresources, type NodeConnectionOf } from '../apiserver/forwarding/proxy-subresources.ts';
import { Aggregation } from '../apiserver/aggregation/aggregation.ts';
import { FRONT_PROXY_NAME, type FrontProxy } from '../apiserver/authentication/request-header.ts';
import { webhookCaller } from '../apiserver/webhooks/webhook-caller.ts';
import { Upgrades } from '../apiserver/streaming/upgrades.ts';
import { isReplaceable } from '../api/groups/apiregistration/priorities.ts';
import type { DirectClient } from '../client/direct/direct-client.ts';
import { SharedInformers } from '../client/informer/shared-informers.ts';
import type { UserInfo } from '../client/operation.ts';
import type { GroupVersion } from '../controllers/api-service-registration/api-service-registration.ts';
import { createControllers } from '../controllers/catalog.ts';
import { fleetControllers } from '../fleet/catalog.ts';
import type { Clock, Network, Random } from '../host/host.ts';
import type { KeyPair } from '../pki/pki.ts';
import { ApiEventRecorder } from '../reconcile/api-event-recorder.ts';
import { ControllerLoop } from '../reconcile/controller-loop.ts';
import type { ControllerDefinition } from '../reconcile/controller.ts';
import type { SchedulerConfiguration } from '../scheduler/configuration/configuration.ts';
import { HttpExtender } from '../scheduler/extenders/extender.ts';
import { defaultProfiles } from '../scheduler/plugins/catalog.ts';
import { Scheduler } from '../scheduler/scheduler.ts';
import type { Store } from '../store/store.ts';
import { apiParts } from './api-parts.ts';
import { bootstrap, BOOTSTRAP_STEPS, type BootstrapStep } from './bootstrap.ts';
import { explainHandlers } from './explain-api.ts';
import { localPaths } from './local-paths.ts';
import { METRICS_PERIOD_MS, MetricsApi } from './metrics-api.ts';
import { otherServers } from './other-servers.ts';

export interface ClusterNetworks {
  readonly podCidr: string;
  readonly serviceCidr: string;
  readonly clusterDomain: string;
}

export interface ControlPlaneOptions {
  readonly store: Store<KubernetesObject>;
  readonly clock: Clock;
  readonly random: Random;
  readonly network: Network;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly networks: ClusterNetworks;
  readonly authority: KeyPair;
  /** PKCS #8, P-256. */
  readonly serviceAccountKeyPem: string;
  /** Under which pods and other machines reach the API server; the endpoint of the `kubernetes` Service. */
  readonly advertise: { readonly address: string; readonly port: number };
  readonly version: string;
  readonly descriptions: () => Promise<Descriptions>;
  /** How the server reaches a node for logs, exec and port-forward. */
  readonly operationsOf: NodeOperationsOf;
  /** How the server reaches a node's kubelet and network for proxied requests. */
  readonly connectionOf: NodeConnectionOf;
  /** By which aggregated API servers know this one. */
  readonly frontProxy: FrontProxy;
  /** How often kubelets are asked what is used; 15 s when absent. */
  readonly metricsPeriodMs?: number;
  /** The folder on every node below which volumes of the class `standard` lie. */
  readonly localVolumesRoot: string;
  /** Absent: one profile with every plugin, as upstream's defaults. */
  readonly scheduler?: SchedulerConfiguration | undefined;
}

/** Before any definition was read: what is there then is built in. */
function builtInGroupVersions(resources: Resources): readonly GroupVersion[] {
  const all = new Map(
    resources.definitions().map(({ group, version }) => [`${group}/${version}`, { group, version }]),
  );
  return [...all.values()];
}

/** The user behind what the server does for itself while it starts. */
const SERVER_USER: UserInfo = { name: 'system:apiserver', groups: [SUPERUSER_GROUP, 'system:authenticated'] };
const SCHEDULER_USER: UserInfo = {
  name: 'system:kube-scheduler',
  groups: [SUPERUSER_GROUP, 'system:authenticated'],
};
const RETRY_MS = 1_000;

function controllerUser(name: string): UserInfo {
  return {
    name: `system:serviceaccount:kube-system:${name}`,
    groups: [
      SUPERUSER_GROUP,
      'system:serviceaccounts',
      'system:serviceaccounts:kube-system',
      'system:authenticated',
    ],
  };
}

export class ControlPlane {
  readonly server: ApiServer;
  readonly resources: Resources;
  /** For all parts of this process; they follow the API once the control plane runs. */
  readonly informers: SharedInformers;
  readonly #options: ControlPlaneOptions;
  readonly #upgrades: Upgrades;
  readonly #controllers: readonly ControllerDefinition[];
  readonly #metrics: MetricsApi;
  #loops: readonly ControllerLoop[] = [];
  #scheduler: Scheduler | undefined;
  #bootstrapped = false;
  readonly #finished = new Set<BootstrapStep>();

  constructor(options: ControlPlaneOptions) {
    this.#options = options;
    this.resources = builtInResources(options.scheduler?.usesPodGroups === true ? POD_GROUP_KINDS : []);
    this.#metrics = new MetricsApi(options, this.resources);
    const randomInteger = (bound: number): number => options.random.integer(bound);
    const callWebhook = webhookCaller({ ...options, randomInteger });
    const parts = apiParts(options, this.resources, () => this.#components(), callWebhook, [
      ...this.#metrics.handlers,
      ...explainHandlers({
        client: () => this.client(SERVER_USER, 'k8ts/explain'),
        clock: options.clock,
        scheduler: () => this.#scheduler,
      }),
    ]);
    const { authorizer } = parts;
    const admission = new AdmissionChain(parts.admission);
    const admit = connectionAdmission({ admission, resources: this.resources });
    const streams = { store: options.store, authorizer, operationsOf: options.operationsOf, admit };
    const builtIn = builtInGroupVersions(this.resources);
    const proxy = new ProxySubresources({ ...options, authorizer, randomInteger, admit });
    const aggregation = new Aggregation({
      ...options,
      authorizer,
      randomInteger,
      isBuiltIn: (group, version) =>
        !isReplaceable(group) && builtIn.some((one) => one.group === group && one.version === version),
      isServed: (group, version) =>
        this.resources.definitions().some((one) => one.group === group && one.version === version),
    });
    const controllers = createControllers({
      builtIn,
      checkDiscovery: (service) => aggregation.client.check(service),
      trust: {
        clientCa: options.authority.certificatePem,
        frontProxyCa: options.frontProxy.authorityPem,
        allowedNames: [FRONT_PROXY_NAME],
      },
      kinds: () => this.resources.definitions(),
      celTypeOf: ({ group, version, plural }) => this.resources.find(group, version, plural)?.schema.celType,
      caBundle: options.authority.certificatePem,
      authority: options.authority,
      podCidr: options.networks.podCidr,
      serviceCidr: options.networks.serviceCidr,
      metricsPeriodMs: options.metricsPeriodMs ?? METRICS_PERIOD_MS,
      localPath: localPaths(options),
      ...otherServers(aggregation, controllerUser),
    });
    this.#controllers = [...controllers, ...fleetControllers];
    this.server = new ApiServer({
      ...options,
      ...parts,
      aggregation,
      resources: this.resources,
      streams: [new LogHandler(streams), new UpgradeRequiredHandler(streams), proxy],
      healthChecks: () => this.#checks(),
      version: { gitVersion: options.version, gitCommit: '', buildDate: '1970-01-01T00:00:00Z' },
      address: `${options.advertise.address}:${options.advertise.port}`,
      callWebhook,
    });
    this.informers = this.#createInformers();
    this.#upgrades = new Upgrades({
      ...streams,
      logger: options.logger,
      front: () => this.server.front,
      forwarders: [proxy, aggregation],
    });
  }

  /** Resolves with the port. */
  listen(listener: ListenerOptions): Promise<number> {
    return this.server.listen(listener, (upgrade) => void this.#upgrades.handle(upgrade));
  }

  /** For connections from now on. */
  replaceCertificate(serving: KeyPair): void {
    this.server.replaceCertificate(serving);
  }

  /** For parts of this process that act for the cluster itself. */
  client(user: UserInfo = SERVER_USER, userAgent = 'k8ts'): DirectClient {
    return this.server.client(user, userAgent);
  }

  /** Runs until `signal` aborts. */
  async start(signal: AbortSignal): Promise<void> {
    await this.#bootstrap(signal);
    if (signal.aborted) return;
    const { informers } = this;
    informers.start(signal);
    void keepFlowObjects(this.client(), informers, this.#options.clock, this.#options.logger, signal);
    void this.#metrics.run(informers, signal);
    this.#loops = this.#controllers.map((definition) => this.#loop(definition));
    this.#scheduler = this.#createScheduler();
    await Promise.all([...this.#loops, this.#scheduler].map((component) => component.start(signal)));
  }

  /** Whether controllers and scheduler have nothing to do right now; for tests. */
  get idle(): boolean {
    return this.#bootstrapped && this.#loops.every((loop) => loop.idle) && (this.#scheduler?.idle ?? false);
  }

  /** Serves on, while `/readyz` already says that it will not for long. */
  announceStop(): void {
    this.server.announceStop();
  }

  async stop(): Promise<void> {
    await this.server.stop();
  }

  /** The parts under the names that upstream's have, each a process of its own there. */
  #components(): readonly HealthCheck[] {
    const part = (name: string, checks: readonly HealthCheck[]): HealthCheck => ({
      name,
      problem: () => {
        if (checks.length === 0) return 'not started';
        return checks.map((check) => check.problem()).find((problem) => problem !== undefined);
      },
    });
    return [
      part('scheduler', this.#scheduler === undefined ? [] : [componentCheck(this.#scheduler)]),
      part('controller-manager', this.#loops.map(componentCheck)),
      // The store is part of this process: it works as long as there is anyone to ask.
      { name: 'etcd-0', problem: () => undefined },
    ];
  }

  /**
   * Of the API, as upstream: controllers and scheduler tell how they are in `componentstatuses`. They have to list
   * everything before they begin, and nobody who only asks needs to wait for them.
   */
  #checks(): readonly HealthCheck[] {
    const { store } = this.#options;
    const etcd = (name: string): HealthCheck => ({ name, problem: () => store.problem });
    const hooks = BOOTSTRAP_STEPS.map((step) => ({
      name: `poststarthook/${step}`,
      problem: () => (this.#finished.has(step) ? undefined : 'not finished'),
    }));
    return [
      etcd('etcd'),
      { ...etcd('etcd-readiness'), isReadinessOnly: true },
      // What these stand for is there before anyone can ask.
      { name: 'informer-sync', problem: () => undefined, isReadinessOnly: true },
      ...['crd-informer-synced', 'priority-and-fairness-config-consumer'].map((step) => ({
        name: `poststarthook/${step}`,
        problem: () => undefined,
      })),
      ...hooks,
    ];
  }

  /** The store may be slow or full at first: keeps trying, and says why. */
  async #bootstrap(signal: AbortSignal): Promise<void> {
    const { clock, logger, networks, advertise, authority } = this.#options;
    while (!signal.aborted) {
      try {
        const authorityPem = authority.certificatePem;
        const input = { networks, advertise, authorityPem, clock, controllers: this.#controllers };
        await bootstrap(this.client(), input, (step) => this.#finished.add(step));
        this.#bootstrapped = true;
        return;
      } catch (error) {
        logger.error(`the cluster's own objects could not be written: ${errorText(error)}`, { error });
        await clock.sleep(RETRY_MS, signal);
      }
    }
  }

  #createInformers(): SharedInformers {
    const { clock, logger } = this.#options;
    const client = this.client(SERVER_USER, 'k8ts/informers');
    return new SharedInformers({ client, clock, logger, bookmarks: false });
  }

  #loop(definition: ControllerDefinition): ControllerLoop {
    const { clock, random, logger, metrics } = this.#options;
    const { informers } = this;
    const client = this.client(controllerUser(definition.name), `k8ts/${definition.name}`);
    const events = new ApiEventRecorder({
      client: this.client(SERVER_USER, `k8ts/${definition.name}`),
      clock,
      random,
      logger,
      component: definition.name,
    });
    return new ControllerLoop(definition, { client, informers, clock, random, logger, events }, metrics);
  }

  #createScheduler(): Scheduler {
    const { clock, random, logger, metrics, scheduler } = this.#options;
    const client = this.client(SCHEDULER_USER, 'k8ts/scheduler');
    const recorders = new Map<string, ApiEventRecorder>();
    const recorderOf = (component: string): ApiEventRecorder => {
      const known = recorders.get(component);
      if (known !== undefined) return known;
      const events = this.client(SERVER_USER, 'k8ts/scheduler');
      const created = new ApiEventRecorder({ client: events, clock, random, logger, component });
      recorders.set(component, created);
      return created;
    };
    return new Scheduler({
      client,
      informers: this.informers,
      clock,
      random,
      logger: logger.with({ component: 'scheduler' }),
      metrics,
      events: recorderOf,
      profiles: scheduler?.profiles ?? defaultProfiles,
      ...(scheduler === undefined
        ? {}
        : { backoff: scheduler.backoff, schedulesGroups: scheduler.usesPodGroups }),
      extenders: (scheduler?.extenders ?? []).map(
        (extender) => new HttpExtender(extender, { network: this.#options.network, clock }),
      ),
    });
  }
}
