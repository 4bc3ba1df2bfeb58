/** Two schedulers beside each other, as two processes would be: each with a cache of its own. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { silentLogger } from '../base/log.ts';
import { noMetrics } from '../base/metrics.ts';
import { pods } from '../api/groups/core/pod/pod.ts';
import type { Pod } from '../api/types.gen.ts';
import type { Client } from '../client/client.ts';
import { SharedInformers } from '../client/informer/shared-informers.ts';
import { createSimulatedHost } from '../host/simulated/simulated.ts';
import { noEvents } from '../reconcile/event-recorder.ts';
import { defaultPlugins } from '../scheduler/plugins/catalog.ts';
import { Profile } from '../scheduler/profile.ts';
import { Scheduler } from '../scheduler/scheduler.ts';
import { startCluster, type TestCluster } from './start-cluster.ts';

interface Another {
  readonly scheduler: Scheduler;
  /** Names of the pods that it has asked to bind. */
  readonly bindings: readonly string[];
  stop(): void;
}

/** Its bindings reach the server only after `delayMs`. */
async function startAnother(
  { client, clock }: TestCluster,
  schedulerName: string,
  delayMs = 0,
): Promise<Another> {
  const bindings: string[] = [];
  const watched: Client = Object.create(client, {
    createSubresource: {
      value: async (...args: Parameters<Client['createSubresource']>) => {
        if (args[2] === 'binding') bindings.push(args[1].name);
        await clock.sleep(delayMs);
        return client.createSubresource(...args);
      },
    },
  }) as Client;
  const informers = new SharedInformers({ client, clock, logger: silentLogger, bookmarks: false });
  const scheduler = new Scheduler({
    client: watched,
    informers,
    clock,
    random: createSimulatedHost(7).random,
    logger: silentLogger,
    metrics: noMetrics,
    events: () => noEvents,
    profiles: (context) => [new Profile({ schedulerName, plugins: defaultPlugins(context), preemption: {} })],
  });
  const stopping = new AbortController();
  informers.start(stopping.signal);
  void scheduler.start(stopping.signal);
  await clock.settle();
  return { scheduler, bindings, stop: () => stopping.abort() };
}

async function create(cluster: TestCluster, name: string, schedulerName: string, cpu: string): Promise<void> {
  const resources = { requests: { cpu } };
  await cluster.client.create(pods, {
    metadata: { name, namespace: 'default' },
    spec: { schedulerName, containers: [{ name: 'c', image: 'i', resources }] },
  } as never);
}

/** How often each pod got a node, seen by a watch of everything. */
function countBinds(cluster: TestCluster, signal: AbortSignal): ReadonlyMap<string, number> {
  const { client, clock } = cluster;
  const counts = new Map<string, number>();
  const informers = new SharedInformers({ client, clock, logger: silentLogger, bookmarks: false });
  const nodeOf = (pod: Pod | undefined): string => pod?.spec.nodeName ?? '';
  informers.of(pods).subscribe((next, old) => {
    const name = next?.metadata.name ?? '';
    if (nodeOf(next) !== '' && nodeOf(next) !== nodeOf(old)) counts.set(name, (counts.get(name) ?? 0) + 1);
  });
  informers.start(signal);
  return counts;
}

test('each scheduler binds the pods of its own name, and no pod is bound twice', async () => {
  const cluster = await startCluster({ nodes: 2 });
  await cluster.settle();
  const watching = new AbortController();
  const binds = countBinds(cluster, watching.signal);
  const second = await startAnother(cluster, 'mine');
  const own = Array.from({ length: 12 }, (_, i) => `mine-${i}`);
  const others = Array.from({ length: 12 }, (_, i) => `other-${i}`);
  await Promise.all([
    ...own.map((name) => create(cluster, name, 'mine', '100m')),
    ...others.map((name) => create(cluster, name, 'default-scheduler', '100m')),
    create(cluster, 'nobodys', 'third', '100m'),
  ]);
  await cluster.settle();
  assert.deepEqual(second.bindings.toSorted(), own.toSorted());
  assert.deepEqual([...binds.keys()].toSorted(), [...own, ...others].toSorted());
  assert.ok([...binds.values()].every((count) => count === 1));
  watching.abort();
  second.stop();
  await cluster.stop();
});

test('two schedulers of the same name race for every pod, and each pod is bound once', async () => {
  const cluster = await startCluster({ nodes: 2 });
  await cluster.settle();
  const watching = new AbortController();
  const binds = countBinds(cluster, watching.signal);
  const rivals = [await startAnother(cluster, 'mine', 50), await startAnother(cluster, 'mine', 50)];
  const names = Array.from({ length: 20 }, (_, i) => `p-${i}`);
  await Promise.all(names.map((name) => create(cluster, name, 'mine', '100m')));
  await cluster.settle();
  for (const { bindings, scheduler } of rivals) {
    assert.deepEqual(bindings.toSorted(), names.toSorted(), 'both have tried every pod, once');
    assert.ok(scheduler.idle);
  }
  assert.deepEqual([...binds.keys()].toSorted(), names.toSorted());
  assert.ok([...binds.values()].every((count) => count === 1));
  watching.abort();
  for (const rival of rivals) rival.stop();
  await cluster.stop();
});
