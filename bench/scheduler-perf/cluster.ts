/** API machinery on a durable store and the scheduler, in this process; nodes are objects and no more. */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { POD_GROUP_KINDS } from '../../src/api/catalog.ts';
import { AdmissionChain } from '../../src/apiserver/admission/admission.ts';
import { Pipeline } from '../../src/apiserver/pipeline.ts';
import { NO_COMPANIONS } from '../../src/apiserver/registry/companions.ts';
import { fieldOwnership } from '../../src/apiserver/registry/field-ownership.ts';
import { objectCodec } from '../../src/apiserver/registry/value-codec.ts';
import { builtInResources } from '../../src/apiserver/resources.ts';
import { podBindingHandler } from '../../src/apiserver/subresources/pod-binding.ts';
import { SubresourceHandlers } from '../../src/apiserver/subresources/subresource.ts';
import { loadBuiltInSchemas } from '../../src/api/schema/built-in.ts';
import { silentLogger } from '../../src/base/log.ts';
import { noMetrics } from '../../src/base/metrics.ts';
import { DirectClient } from '../../src/client/direct/direct-client.ts';
import { SharedInformers } from '../../src/client/informer/shared-informers.ts';
import { createNodeHost } from '../../src/host/node/node.ts';
import { ApiEventRecorder } from '../../src/reconcile/api-event-recorder.ts';
import { DEFAULT_TEXT, readConfiguration } from '../../src/scheduler/configuration/configuration.ts';
import type { FeatureGates } from '../../src/scheduler/configuration/feature-gates.ts';
import type { ControllerDefinition } from '../../src/reconcile/controller.ts';
import { ControllerLoop } from '../../src/reconcile/controller-loop.ts';
import { Scheduler } from '../../src/scheduler/scheduler.ts';
import { openEmbeddedStore } from '../../src/store/embedded/embedded.ts';

export interface BenchCluster {
  readonly client: DirectClient;
  readonly informers: SharedInformers;
  stop(): Promise<void>;
}

export interface BenchClusterOptions {
  readonly controllers: readonly ControllerDefinition[];
  readonly featureGates: FeatureGates;
}

export async function startBenchCluster({
  controllers,
  featureGates,
}: BenchClusterOptions): Promise<BenchCluster> {
  const configured = await readConfiguration(DEFAULT_TEXT, featureGates);
  if (!configured.ok) throw new Error(configured.problems.join('; '));
  const { profiles, usesPodGroups } = configured.configuration;
  const host = createNodeHost();
  const { clock, random } = host;
  const folder = mkdtempSync(join(tmpdir(), 'k8ts-scheduler-perf-'));
  const store = await openEmbeddedStore({ codec: objectCodec, host, folder });
  const pipeline = new Pipeline({
    store,
    resources: builtInResources(usesPodGroups ? POD_GROUP_KINDS : []),
    clock,
    random,
    admission: new AdmissionChain([]),
    companions: NO_COMPANIONS,
    ownership: fieldOwnership,
    authorizer: { authorize: () => ({ allowed: true, reason: '' }) },
    subresources: new SubresourceHandlers([podBindingHandler(loadBuiltInSchemas())]),
  });
  const client = new DirectClient(pipeline, { name: 'bench', groups: ['system:masters'] }, 'bench/1');
  const logger = silentLogger;
  const informers = new SharedInformers({ client, clock, logger });
  const events = new ApiEventRecorder({ client, clock, random, logger, component: 'default-scheduler' });
  const scheduler = new Scheduler({
    client,
    informers,
    clock,
    random,
    logger,
    metrics: noMetrics,
    events: () => events,
    profiles,
    schedulesGroups: usesPodGroups,
  });
  const stopping = new AbortController();
  const context = { client, informers, clock, random, logger, events };
  const loops = controllers.map((definition) => new ControllerLoop(definition, context, noMetrics));
  const running = Promise.all([scheduler, ...loops].map((one) => one.start(stopping.signal)));
  informers.start(stopping.signal);
  await informers.waitForSync(stopping.signal);
  return {
    client,
    informers,
    async stop() {
      stopping.abort();
      await running;
      await store.close();
      rmSync(folder, { recursive: true });
    },
  };
}
