/** For tests: a cluster with nodes and a DaemonSet `agent`, and short words for what happens to them. */

import assert from 'node:assert/strict';
import { daemonSets } from '../../api/groups/apps/daemon-set/daemon-set.ts';
import { nodes } from '../../api/groups/core/node/node.ts';
import { pods } from '../../api/groups/core/pod/pod.ts';
import type { Draft } from '../../api/meta/object.ts';
import type { DaemonSetSpec, Pod, PodSpec, Taint } from '../../api/types.gen.ts';
import { runAllPods, startTestCluster, unlessGone, type TestCluster } from '../cluster.fixture.ts';
import { daemonSetController } from './daemon-set.ts';
import { targetNode } from './daemon-pod.ts';

export const REF = { namespace: 'default', name: 'agent' };
export const LABELS = { app: 'agent' };

export async function withCluster(run: (cluster: TestCluster) => Promise<void>): Promise<void> {
  const cluster = await startTestCluster([daemonSetController]);
  try {
    await run(cluster);
  } finally {
    await cluster.stop();
  }
}

export async function addNode(
  { client }: TestCluster,
  name: string,
  labels: { readonly [key: string]: string } = {},
  taints: readonly Taint[] = [],
): Promise<void> {
  await client.create(nodes, { metadata: { name, labels }, spec: { taints } });
}

export const podSpec = (image: string, spec: Draft<PodSpec> = {}): Draft<PodSpec> => ({
  containers: [{ name: 'c', image }],
  ...spec,
});

export async function create(
  cluster: TestCluster,
  spec: Draft<DaemonSetSpec> = {},
  pod: Draft<PodSpec> = podSpec('agent:1'),
): Promise<void> {
  const template = { metadata: { labels: LABELS }, spec: pod };
  await cluster.client.create(daemonSets, {
    metadata: REF,
    spec: { selector: { matchLabels: LABELS }, template, ...spec },
  });
  await cluster.settle();
}

export async function patch(cluster: TestCluster, spec: Draft<DaemonSetSpec>): Promise<void> {
  await cluster.client.patch(daemonSets, REF, { type: 'merge', body: { spec } as never });
  await cluster.settle();
}

export const setImage = (cluster: TestCluster, image: string): Promise<void> =>
  patch(cluster, { template: { spec: podSpec(image) } });

/** Plays scheduler and kubelets once. */
export async function runPods(cluster: TestCluster): Promise<void> {
  await bindPods(cluster);
  await runAllPods(cluster);
  await cluster.settle();
}

export async function bindPods({ client }: TestCluster): Promise<void> {
  const names = new Set((await client.list(nodes)).items.map(({ metadata }) => metadata.name));
  for (const pod of (await client.list(pods)).items) {
    const target = targetNode(pod);
    const { namespace, name = '' } = pod.metadata;
    if ((pod.spec.nodeName ?? '') !== '' || target === undefined || !names.has(target)) continue;
    const body = {
      apiVersion: 'v1',
      kind: 'Binding',
      metadata: { name },
      target: { kind: 'Node', name: target },
    };
    await unlessGone(client.createSubresource(pods, { namespace, name }, 'binding', body));
  }
}

export async function runUntilQuiet(cluster: TestCluster): Promise<void> {
  for (let round = 0; round < 30; round++) {
    const before = await versions(cluster);
    await runPods(cluster);
    if ((await versions(cluster)) === before) return;
  }
  assert.fail('the set never comes to rest');
}

async function versions({ client }: TestCluster): Promise<string> {
  return (await client.list(pods)).items.map(({ metadata }) => metadata.resourceVersion).join();
}

export async function listPods({ client }: TestCluster): Promise<readonly Pod[]> {
  const { items } = await client.list(pods);
  return items.toSorted((a, b) => ((targetNode(a) ?? '') < (targetNode(b) ?? '') ? -1 : 1));
}

/** `node image` of every pod that is not on its way out, by node. */
export async function placed(cluster: TestCluster): Promise<readonly string[]> {
  return (await listPods(cluster))
    .filter(({ metadata }) => metadata.deletionTimestamp === undefined)
    .map((pod) => `${targetNode(pod) ?? ''} ${pod.spec.containers[0]?.image ?? ''}`)
    .toSorted();
}

export const getSet = ({ client }: TestCluster) => client.get(daemonSets, REF);

export async function podOn(cluster: TestCluster, node: string): Promise<Pod> {
  const pod = (await listPods(cluster)).find((candidate) => targetNode(candidate) === node);
  assert.ok(pod, `no pod for ${node}`);
  return pod;
}

export async function setPhase(cluster: TestCluster, node: string, phase: string): Promise<void> {
  const { namespace, name = '' } = (await podOn(cluster, node)).metadata;
  const body = { status: { phase } };
  await cluster.client.patch(pods, { namespace, name }, { type: 'merge', body }, { subresource: 'status' });
  await cluster.settle();
}
