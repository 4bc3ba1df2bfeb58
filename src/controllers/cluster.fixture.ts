/**
 * For tests: an API server on a memory store with controllers running against it, all on virtual time. Nodes
 * and kubelets are played by the test, through the same client.
 */

import { silentLogger } from '../base/log.ts';
import { noMetrics } from '../base/metrics.ts';
import { isApiError } from '../api/meta/api-error.ts';
import { namespaces } from '../api/groups/core/namespace/namespace.ts';
import { pods } from '../api/groups/core/pod/pod.ts';
import { formatTime } from '../api/time/time.ts';
import { loadBuiltInSchemas } from '../api/schema/built-in.ts';
import type { Pod } from '../api/types.gen.ts';
import type { DirectClient } from '../client/direct/direct-client.ts';
import { SharedInformers } from '../client/informer/shared-informers.ts';
import type { SimulatedHost } from '../host/simulated/simulated.ts';
import type { AdmissionPlugin } from '../apiserver/admission/admission.ts';
import { createTestPipeline, type TestContext } from '../apiserver/pipeline.fixture.ts';
import { RbacAuthorizer, type RoleSource } from '../apiserver/authorization/rbac.ts';
import { certificateApprovalHandler } from '../apiserver/subresources/certificate-approval.ts';
import { namespaceFinalizeHandler } from '../apiserver/subresources/namespace-finalize.ts';
import { podBindingHandler } from '../apiserver/subresources/pod-binding.ts';
import { podEvictionHandler } from '../apiserver/subresources/pod-eviction.ts';
import { scaleHandler } from '../apiserver/subresources/scale.ts';
import { ControllerLoop } from '../reconcile/controller-loop.ts';
import type { ControllerDefinition } from '../reconcile/controller.ts';
import { isPodFinished } from './pod-state/pod-state.ts';
import { Life, Trouble, troubled, watching, type Lag } from './trouble.fixture.ts';

export interface TestCluster {
  readonly host: SimulatedHost;
  readonly client: DirectClient;
  /** `reason: message` of every event, oldest first. */
  readonly events: readonly string[];
  /** Works until nothing moves any more; time goes on a little. */
  settle(): Promise<void>;
  advance(by: number | string): Promise<void>;
  /**
   * All controllers die, after `writes` more writes: the last one still takes effect, but nobody hears of it.
   * They do nothing more until `restart`.
   */
  crash(writes: number): void;
  /** Fresh controllers with fresh caches take over. */
  restart(): Promise<void>;
  /**
   * The process of the controllers dies in its n-th call from now, be it a read or a write, which `lands`
   * at the server or does not; another one takes over at once.
   */
  kill(calls: number, lands: boolean): void;
  /** All watch streams break; without history, caches have to be listed again. */
  breakStreams(isHistoryGone: boolean): void;
  /** The next writes of controllers lose a race. */
  refuse(writes: number): void;
  stop(): Promise<void>;
}

const SCHEMAS = loadBuiltInSchemas();
const SETTLE_STEP_MS = 20;
const SETTLE_STEPS_MAX = 500;
/** Idle that often in a row means that no event is on its way either. */
const QUIET_STEPS = 3;

export interface TestClusterOptions {
  readonly lagMs?: Lag;
  /** After every write of a controller; a rejection is what `settle` and `advance` end with. */
  readonly afterWrite?: () => Promise<void>;
  /** What the server admits; everything without it. */
  readonly admission?: (context: TestContext) => readonly AdmissionPlugin[];
}

export async function startTestCluster(
  controllers: readonly ControllerDefinition[],
  { lagMs = 0, afterWrite, admission = () => [] }: TestClusterOptions = {},
): Promise<TestCluster> {
  const authorizer = new RbacAuthorizer(rolesOf(controllers));
  const { host, client, clientOf } = createTestPipeline((parts) => ({
    admission: admission(parts),
    subresources: [
      certificateApprovalHandler,
      namespaceFinalizeHandler,
      podBindingHandler(SCHEMAS),
      podEvictionHandler(SCHEMAS),
      scaleHandler(SCHEMAS),
    ],
    authorizer,
  }));
  const { clock, random } = host;
  const events: string[] = [];
  const trouble = new Trouble(afterWrite);
  await client.create(namespaces, { metadata: { name: 'default' } });
  const start = (): Running => {
    const stop = new AbortController();
    const life = new Life();
    const informers = new SharedInformers({
      client: watching(client, clock, lagMs, trouble),
      clock,
      logger: silentLogger,
    });
    const recorder = {
      record: (_object: unknown, _type: unknown, reason: string, message: string) =>
        void events.push(`${reason}: ${message}`),
    };
    const context = { informers, clock, random, logger: silentLogger, events: recorder };
    const loops = controllers.map((definition) => {
      const own = troubled(clientOf({ name: definition.name, groups: [] }), trouble, life);
      return new ControllerLoop(definition, { ...context, client: own }, noMetrics);
    });
    const done = Promise.all(loops.map((loop) => loop.start(stop.signal)));
    informers.start(stop.signal);
    return { loops, stop: () => stop.abort(), done };
  };
  let running = start();
  const longestMs = typeof lagMs === 'number' ? lagMs : Math.max(0, ...Object.values(lagMs));
  // Twice: what happens while an event is held back is held back after it.
  const quietSteps = QUIET_STEPS + (2 * longestMs) / SETTLE_STEP_MS;
  const settle = async (): Promise<void> => {
    for (let step = 0, quiet = 0; quiet < quietSteps; step++) {
      if (step > SETTLE_STEPS_MAX + quietSteps) throw new Error('the controllers never come to rest');
      await clock.advance(SETTLE_STEP_MS);
      const isQuiet = !trouble.isDeaf && running.loops.every((loop) => loop.ready().ready && loop.idle);
      quiet = isQuiet ? quiet + 1 : 0;
    }
    if (trouble.failure !== undefined) throw trouble.failure;
  };
  const stop = async (): Promise<void> => {
    trouble.kill = undefined;
    // One that is dying right now is replaced first.
    await clock.settle();
    running.stop();
    let isDone = false;
    void running.done.then(() => (isDone = true));
    await clock.settle();
    // Whoever is asking somebody else hears the answer, which takes its time.
    for (let step = 0; !isDone; step++) {
      if (step > SETTLE_STEPS_MAX) throw new Error('the controllers never stop');
      await clock.advance(SETTLE_STEP_MS);
    }
    trouble.forgetStreams();
  };
  /** What a dead process had begun is never finished: nobody waits for it. */
  const replace = (): void => {
    running.stop();
    trouble.forgetStreams();
    running = start();
  };
  await settle();
  return {
    host,
    client,
    events,
    settle,
    advance: async (by) => {
      await clock.advance(by);
      await settle();
    },
    crash: (writes) => void (trouble.writesLeft = writes),
    restart: async () => {
      await stop();
      trouble.writesLeft = Infinity;
      running = start();
      await settle();
    },
    kill: (callsLeft, lands) => void (trouble.kill = { callsLeft, lands, replace }),
    breakStreams: (isHistoryGone) => trouble.breakStreams(isHistoryGone),
    refuse: (writes) => void (trouble.refusals = writes),
    stop,
  };
}

interface Running {
  readonly loops: readonly ControllerLoop[];
  readonly done: Promise<unknown>;
  stop(): void;
}

/** Every controller acts under its own name and may do what its definition says, no more. */
function rolesOf(controllers: readonly ControllerDefinition[]): RoleSource {
  const bindings = controllers.map(({ name }) => ({
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRoleBinding',
    metadata: { name },
    subjects: [{ kind: 'User', name, apiGroup: 'rbac.authorization.k8s.io' }],
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name },
  }));
  return {
    clusterBindings: () => bindings,
    bindings: () => [],
    rules: (ref) => controllers.find(({ name }) => name === ref.name)?.permissions ?? [],
  };
}

/** Plays the kubelets: every pod runs and is ready, and those that are to go are gone. */
export async function runAllPods({ client, host }: TestCluster, ready = true): Promise<void> {
  const { items } = await client.list(pods);
  for (const pod of items) {
    const { namespace, name = '', deletionTimestamp } = pod.metadata;
    if (deletionTimestamp !== undefined)
      await unlessGone(client.delete(pods, { namespace, name }, { gracePeriodSeconds: 0 }));
    else if (pod.status.phase !== 'Failed')
      await unlessGone(setPodReady(client, pod, ready, host.clock.now()));
  }
}

/** For what may have been deleted since it was listed. */
export async function unlessGone(work: Promise<unknown>): Promise<void> {
  try {
    await work;
  } catch (error) {
    if (!isApiError(error, 'NotFound')) throw error;
  }
}

/** As a kubelet tells it: what has finished never runs again. */
export async function setPodReady(
  client: DirectClient,
  pod: Pod,
  ready: boolean,
  nowMs: number,
): Promise<void> {
  const status = ready ? 'True' : 'False';
  const present = pod.status.conditions?.find(({ type }) => type === 'Ready');
  if (present?.status === status || isPodFinished(pod)) return;
  const { namespace, name = '' } = pod.metadata;
  const body = {
    status: {
      phase: 'Running',
      conditions: [{ type: 'Ready', status, lastTransitionTime: formatTime(nowMs) }],
    },
  };
  await client.patch(pods, { namespace, name }, { type: 'merge', body }, { subresource: 'status' });
}

/** For controllers of the aggregation layer where a test is about others: nothing is aggregated. */
export const NOT_AGGREGATED = {
  builtIn: [],
  checkDiscovery: async () => undefined,
  trust: { clientCa: '', frontProxyCa: '', allowedNames: [] },
  aggregatedApis: () => ({
    versionsOf: () => [],
    read: () => Promise.reject(new Error('nothing is aggregated')),
  }),
  otherServers: () => undefined,
  metricsPeriodMs: 15_000,
  localPath: { root: '/volumes', remove: () => Promise.resolve() },
  authority: { certificatePem: '', keyPem: '' },
  serviceCidr: '10.43.0.0/16',
  celTypeOf: () => undefined,
};
