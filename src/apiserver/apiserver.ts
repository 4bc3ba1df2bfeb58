/**
 * The API server, put together: the pipeline behind an in-process client, and the same pipeline behind HTTPS.
 *
 * Input: a store, the kinds, and the parts that decide (admission, authorization, authentication, handlers).
 * Output: `client(user)` for components in this process, `listen()` for everybody else.
 */

import type { Logger } from '../base/log.ts';
import type { Descriptions } from '../api/schema/openapi-definitions.ts';
import type { KubernetesObject } from '../api/meta/object.ts';
import { DirectClient } from '../client/direct/direct-client.ts';
import type { Executor, UserInfo } from '../client/operation.ts';
import type { Clock, Random } from '../host/host.ts';
import type { Store } from '../store/store.ts';
import { AdmissionChain, type AdmissionPlugin } from './admission/admission.ts';
import type { Aggregation } from './aggregation/aggregation.ts';
import type { Authenticator } from './authentication/authenticator.ts';
import { requestHeaderAuthenticator, type FrontProxy } from './authentication/request-header.ts';
import type { Authorizer } from './authorization/authorizer.ts';
import { CustomResources } from './custom-resources/custom-resources.ts';
import { DanglingConditions } from './flow-control/dangling.ts';
import { FlowDebugHandler } from './flow-control/debug.ts';
import { FlowControl } from './flow-control/flow-control.ts';
import { DiscoveryHandler } from './discovery/discovery-handler.ts';
import { HealthHandler, VersionHandler, type HealthCheck, type VersionInfo } from './health.ts';
import { bodyDecoders } from './http/body-decoders.ts';
import { createCodecs } from './http/codecs.ts';
import { Front, type PathHandler, type StreamHandler } from './http/front.ts';
import type { KeyPair } from '../pki/pki.ts';
import type { Exchange } from './http/exchange.ts';
import { Listener, type ListenerOptions, type UpgradeHandler } from './http/listener.ts';
import { OpenApiHandler } from './openapi/openapi-handler.ts';
import { Pipeline } from './pipeline.ts';
import type { Companions } from './registry/companions.ts';
import { fieldOwnership } from './registry/field-ownership.ts';
import type { Resources } from './resources.ts';
import { SubresourceHandlers, type SubresourceHandler } from './subresources/subresource.ts';
import type { CallWebhook } from './webhooks/webhook-caller.ts';

export interface ApiServerParts {
  readonly store: Store<KubernetesObject>;
  readonly resources: Resources;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly admission: readonly AdmissionPlugin[];
  readonly companions: Companions;
  readonly authorizer: Authorizer;
  readonly authenticators: readonly Authenticator[];
  readonly frontProxy: FrontProxy;
  readonly aggregation: Aggregation;
  readonly subresources: readonly SubresourceHandler[];
  readonly streams: readonly StreamHandler[];
  readonly paths: readonly PathHandler[];
  /** Field descriptions for OpenAPI and `kubectl explain`; empty when they were not generated. */
  readonly descriptions: () => Promise<Descriptions>;
  readonly healthChecks: () => readonly HealthCheck[];
  readonly version: VersionInfo;
  /** `host:port` under which clients reach this server, shown in discovery. */
  readonly address: string;
  readonly callWebhook: CallWebhook;
}

/** Long enough for requests under way, short enough for a restart nobody notices. */
const SHUTDOWN_GRACE_MS = 5_000;

const SERVER: UserInfo = { name: 'system:apiserver', groups: ['system:masters', 'system:authenticated'] };

export class ApiServer {
  readonly executor: Executor;
  readonly #parts: ApiServerParts;
  readonly #front: Front;
  readonly #customResources: CustomResources;
  readonly #flow: FlowControl;
  #listener: Listener | undefined;
  #isStopping = false;

  constructor(parts: ApiServerParts) {
    this.#parts = parts;
    this.#customResources = new CustomResources(parts);
    this.#customResources.start();
    parts.aggregation.start();
    this.executor = new Pipeline({
      ...parts,
      admission: new AdmissionChain(parts.admission),
      ownership: fieldOwnership,
      subresources: new SubresourceHandlers(parts.subresources),
    });
    this.#flow = new FlowControl(parts);
    const conditions = new DanglingConditions(
      this.client(SERVER, 'k8ts/flow-control'),
      parts.clock,
      parts.logger,
    );
    this.#flow.start((schemas, hasLevel) => conditions.note(schemas, hasLevel));
    const codecs = createCodecs(parts.resources.schemas);
    this.#front = new Front({
      ...parts,
      flow: this.#flow,
      executor: this.executor,
      frontProxy: requestHeaderAuthenticator(parts.frontProxy.authorityPem),
      decoders: bodyDecoders(parts.resources.schemas),
      codecs,
      randomInteger: (bound) => parts.random.integer(bound),
      paths: [
        new HealthHandler(parts.healthChecks, () => this.#isStopping, parts.logger),
        new VersionHandler(parts.version),
        new FlowDebugHandler(this.#flow, parts.clock),
        new DiscoveryHandler(
          () => parts.resources.all(),
          parts.address,
          () => parts.aggregation.groupVersions(),
          codecs,
        ),
        new OpenApiHandler({
          resources: () => parts.resources.all(),
          schemas: parts.resources.schemas,
          descriptions: parts.descriptions,
          serverVersion: parts.version.gitVersion,
          remote: parts.aggregation.openApi,
          clock: parts.clock,
        }),
        ...parts.paths,
      ],
    });
  }

  client(user: UserInfo, userAgent: string): DirectClient {
    return new DirectClient(this.executor, user, userAgent, () => this.#listener?.requestsWait ?? false);
  }

  get front(): Front {
    return this.#front;
  }

  /** Resolves with the port. */
  async listen(options: ListenerOptions, onUpgrade: UpgradeHandler): Promise<number> {
    const handler = (exchange: Exchange): void => void this.#front.handle(exchange);
    const listener = new Listener(options, handler, onUpgrade, this.#parts.clock);
    const port = await listener.listen();
    this.#listener = listener;
    return port;
  }

  /** For connections from now on. */
  replaceCertificate({ certificatePem, keyPem }: KeyPair): void {
    this.#listener?.replaceCertificate(certificatePem, keyPem);
  }

  /** `/readyz` fails from now on, so that nobody sends more; everything is still served. */
  announceStop(): void {
    this.#isStopping = true;
  }

  /** Gracefully: no new connections are taken, watches end, and what is under way is finished. */
  async stop(): Promise<void> {
    const sleep = (ms: number): Promise<void> => this.#parts.clock.sleep(ms);
    this.announceStop();
    const closed = this.#listener?.stop(SHUTDOWN_GRACE_MS, sleep);
    this.#front.endWatches();
    await closed;
    this.#customResources.stop();
    this.#flow.stop();
    this.#parts.aggregation.stop();
    for (const plugin of this.#parts.admission) plugin.stop?.();
  }
}
