/** For tests: the server's pipeline on a memory store, with virtual time, seeded randomness and no socket. */

import type { KubernetesObject } from '../api/meta/object.ts';
import type { ResourceDefinition } from '../api/meta/resource-definition.ts';
import { DirectClient } from '../client/direct/direct-client.ts';
import type { UserInfo } from '../client/operation.ts';
import { createSimulatedHost, type SimulatedHost } from '../host/simulated/simulated.ts';
import { createMemoryStore } from '../store/memory/memory.ts';
import type { Store } from '../store/store.ts';
import { AdmissionChain, type AdmissionPlugin } from './admission/admission.ts';
import type { Authorizer } from './authorization/authorizer.ts';
import { Pipeline } from './pipeline.ts';
import { NO_COMPANIONS, type Companions } from './registry/companions.ts';
import { fieldOwnership } from './registry/field-ownership.ts';
import { objectCodec } from './registry/value-codec.ts';
import { builtInResources, type Resources } from './resources.ts';
import { SubresourceHandlers, type SubresourceHandler } from './subresources/subresource.ts';

export const ADMIN: UserInfo = { name: 'admin', groups: ['system:masters', 'system:authenticated'] };

export interface TestPipeline {
  readonly host: SimulatedHost;
  readonly store: Store<KubernetesObject>;
  readonly resources: Resources;
  readonly pipeline: Pipeline;
  /** Of the administrator. */
  readonly client: DirectClient;
  clientOf(user: UserInfo): DirectClient;
}

export interface TestParts {
  readonly admission: readonly AdmissionPlugin[];
  readonly subresources: readonly SubresourceHandler[];
  readonly companions: Companions;
  readonly authorizer: Authorizer;
}

export interface TestContext {
  readonly host: SimulatedHost;
  readonly store: Store<KubernetesObject>;
  readonly resources: Resources;
}

export interface TestServerOptions {
  readonly seed?: number;
  /** Served beside those that every server serves. */
  readonly kinds?: readonly ResourceDefinition[];
}

/** Everybody may do everything, nothing is admitted or allocated, unless `parts` says otherwise. */
export function createTestPipeline(
  parts: (context: TestContext) => Partial<TestParts> = () => ({}),
  { seed = 1, kinds = [] }: TestServerOptions = {},
): TestPipeline {
  const host = createSimulatedHost(seed);
  const store = createMemoryStore<KubernetesObject>({ codec: objectCodec, clock: host.clock });
  const resources = builtInResources(kinds);
  const {
    admission = [],
    subresources = [],
    companions = NO_COMPANIONS,
    authorizer = ALLOW_ALL,
  } = parts({
    host,
    store,
    resources,
  });
  const pipeline = new Pipeline({
    store,
    resources,
    clock: host.clock,
    random: host.random,
    admission: new AdmissionChain(admission),
    companions,
    ownership: fieldOwnership,
    authorizer,
    subresources: new SubresourceHandlers(subresources),
  });
  const clientOf = (user: UserInfo): DirectClient => new DirectClient(pipeline, user, 'test/1');
  return { host, store, resources, pipeline, client: clientOf(ADMIN), clientOf };
}

const ALLOW_ALL: Authorizer = { authorize: () => ({ allowed: true, reason: '' }) };
