/** For tests: a simulated node on the real pipeline of the API server, with virtual time. */

import type { Draft } from '../api/meta/object.ts';
import { isApiError } from '../api/meta/api-error.ts';
import { silentLogger, type Logger } from '../base/log.ts';
import type { Pod } from '../api/types.gen.ts';
import { namespaces } from '../api/groups/core/namespace/namespace.ts';
import { createTestPipeline, type TestPipeline } from '../apiserver/pipeline.fixture.ts';
import { podResizeHandler } from '../apiserver/subresources/pod-resize.ts';
import type { Prober } from '../host/host.ts';
import type { EventRecorder } from '../reconcile/event-recorder.ts';
import type { MemoryScript } from './cri/memory/behaviour.ts';
import type { MemoryRuntime } from './cri/memory/memory.ts';
import { NODES, PODS } from './resource-types.ts';
import { createSimulatedKubelet, type SimulatedKubelet } from './simulated-kubelet.ts';

export interface TestNode extends SimulatedKubelet, TestPipeline {
  /** `Pulled Container image …`, oldest first. */
  readonly events: string[];
  stop(): Promise<void>;
  /** Bound to the node already. */
  createPod(name: string, spec: Draft<Pod['spec']>, metadata?: Draft<Pod['metadata']>): Promise<Pod>;
  pod(name: string): Promise<Pod>;
  /** Undefined once the API has let go of it. */
  findPod(name: string): Promise<Pod | undefined>;
  /** A second kubelet over what the first has left running. */
  restart(): Promise<TestNode>;
}

export interface TestNodeOptions {
  readonly script?: MemoryScript;
  readonly network?: Prober;
  readonly logger?: Logger;
}

export async function startTestNode(options: TestNodeOptions = {}): Promise<TestNode> {
  const test = createTestPipeline(() => ({ subresources: [podResizeHandler] }));
  for (const name of ['default', 'kube-node-lease'])
    await test.client.create(namespaces, { metadata: { name } });
  return startNode(test, options, undefined);
}

async function startNode(
  test: TestPipeline,
  options: TestNodeOptions,
  runtime: MemoryRuntime | undefined,
): Promise<TestNode> {
  const { client, host } = test;
  const events: string[] = [];
  const recorder: EventRecorder = {
    record: (_object, _type, reason, message) => void events.push(`${reason} ${message}`),
  };
  const { logger = silentLogger, ...rest } = options;
  const simulated = createSimulatedKubelet({
    nodeName: 'n1',
    nodeIp: '192.168.0.1',
    client,
    host,
    events: recorder,
    logger,
    ...rest,
    ...(runtime === undefined ? {} : { runtime }),
  });
  const abort = new AbortController();
  const running = simulated.kubelet.start(abort.signal);
  await host.clock.settle();
  const node = await client.get(NODES, { name: 'n1' });
  if (node.spec.podCIDR === undefined)
    await client.patch(NODES, { name: 'n1' }, { type: 'merge', body: { spec: { podCIDR: '10.42.0.0/24' } } });
  await host.clock.settle();
  const ref = (name: string) => ({ namespace: 'default', name });
  const stop = async (): Promise<void> => {
    abort.abort();
    await host.clock.settle();
    await running;
  };
  return {
    ...test,
    ...simulated,
    events,
    stop,
    async createPod(name, spec, metadata = {}) {
      const pod = await client.create(PODS, {
        metadata: { ...metadata, name, namespace: 'default' },
        spec: { nodeName: 'n1', ...spec },
      });
      await host.clock.settle();
      return pod;
    },
    pod: (name) => client.get(PODS, ref(name)),
    async findPod(name) {
      try {
        return await client.get(PODS, ref(name));
      } catch (error) {
        if (isApiError(error, 'NotFound')) return undefined;
        throw error;
      }
    },
    async restart() {
      await stop();
      return startNode(test, options, simulated.runtime);
    },
  };
}
