/**
 * A whole cluster inside a test: the real API server, controllers and scheduler on a memory store, and
 * simulated nodes, under a virtual clock and a seed.
 *
 * Invariants: time moves only through `clock.advance`; nothing is shared between two clusters.
 */

import { assert } from '../base/assert.ts';
import { silentLogger } from '../base/log.ts';
import type { Exchange } from '../apiserver/http/exchange.ts';
import { objectCodec } from '../apiserver/registry/value-codec.ts';
import type { Client } from '../client/client.ts';
import type { ControlPlane } from '../control-plane/control-plane.ts';
import { METRICS_PERIOD_MS } from '../control-plane/metrics-api.ts';
import type { Network } from '../host/host.ts';
import { durationMs, type SimulatedClock } from '../host/simulated/clock.ts';
import { createSimulatedHost } from '../host/simulated/simulated.ts';
import { objectsIn, playedOperations } from '../node-agent/played-node.ts';
import { SimulatedNodes } from '../node-agent/simulated-nodes.ts';
import { createMemoryStore } from '../store/memory/memory.ts';
import { createTestControlPlane } from './test-control-plane.ts';

export interface TestClusterOptions {
  /** 1 when absent. */
  readonly nodes?: number;
  readonly seed?: number;
  /**
   * How often a node says that it lives; default `10s`, as kubelets do. With `1h` months pass in seconds, and
   * a node that falls silent is missed after some hours.
   */
  readonly heartbeat?: string;
  /** How often what pods use is measured; when absent 15 s, or as rarely as the heartbeat. */
  readonly metricsPeriodMs?: number | undefined;
  /** The text of a `KubeSchedulerConfiguration`; rejects when it is wrong. */
  readonly schedulerConfig?: string;
  /** Features that are off by default, as `GenericWorkload=true,GangScheduling=true`; rejects unknown ones. */
  readonly featureGates?: string;
  /** How the control plane reaches webhooks and extenders; absent: it reaches nobody. */
  readonly network?: Network;
}

export interface TestCluster {
  /** Of an administrator. */
  readonly client: Client;
  readonly clock: SimulatedClock;
  /** Answers one HTTP exchange, without a socket. */
  readonly handle: (exchange: Exchange) => Promise<void>;
  /** Advances time in small steps until nothing changes any more; asserts that this happens within `withinMs`. */
  settle(withinMs?: number): Promise<void>;
  /** The node falls silent, as a machine that lost its power. */
  stopNode(name: string): void;
  stop(): Promise<void>;
}

export async function startCluster(options: TestClusterOptions = {}): Promise<TestCluster> {
  const { nodes = 1, seed = 1, heartbeat = '10s' } = options;
  const { metricsPeriodMs = Math.max(METRICS_PERIOD_MS, durationMs(heartbeat)) } = options;
  const host = createSimulatedHost(seed);
  const { clock } = host;
  const logger = silentLogger;
  const store = createMemoryStore({ codec: objectCodec, clock });
  const controlPlane: ControlPlane = await createTestControlPlane(
    host,
    store,
    (nodeName) =>
      simulated.operationsOf(nodeName) ?? playedOperations(nodeName, { clock, ...objectsIn(store) }),
    {
      metricsPeriodMs,
      schedulerConfig: options.schedulerConfig,
      featureGates: options.featureGates,
      network: options.network,
    },
  );
  const client = controlPlane.client();
  const simulated = new SimulatedNodes({
    count: nodes,
    namePrefix: 'node',
    client,
    informers: controlPlane.informers,
    host,
    logger,
    clusterDomain: 'cluster.local',
    clusterDns: '10.43.0.10',
    machine: { cpus: 4, memoryBytes: 8 * 2 ** 30 },
    heartbeatMs: durationMs(heartbeat),
  });
  const stopping = new AbortController();
  const running = (async () => {
    await Promise.all([controlPlane.start(stopping.signal), simulated.run(stopping.signal)]);
  })();
  await clock.settle();
  return {
    client,
    clock,
    handle: (exchange) => controlPlane.server.front.handle(exchange),
    settle: (withinMs = SETTLE_MAX_MS) =>
      settle(
        clock,
        () => store.revision,
        () => controlPlane.idle,
        withinMs,
      ),
    stopNode: (name) => simulated.stopNode(name),
    async stop() {
      stopping.abort();
      await clock.settle();
      await Promise.all([running, controlPlane.stop()]);
    },
  };
}

const SETTLE_MAX_MS = 300_000;
const STEP_MS = 500;
/** Longer than the pauses within a chain of reactions, shorter than the time between two heartbeats. */
const QUIET_STEPS = 5;

async function settle(
  clock: SimulatedClock,
  revision: () => number,
  idle: () => boolean,
  withinMs: number,
): Promise<void> {
  let quiet = 0;
  for (let passedMs = 0; quiet < QUIET_STEPS; passedMs += STEP_MS) {
    assert(passedMs <= withinMs, `the cluster did not settle within ${withinMs} ms of virtual time`);
    const before = revision();
    await clock.advance(STEP_MS);
    quiet = revision() === before && idle() ? quiet + 1 : 0;
  }
}
