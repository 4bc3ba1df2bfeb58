/** For tests of explanations: short ways to make objects, and a table of what must be told about them. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pods } from '../api/groups/core/pod/pod.ts';
import { progressOf, type ExplainedPlural } from '../api/groups/explain/explain.ts';
import type { KubernetesObject, ResourceType } from '../api/meta/object.ts';
import type { Progress } from '../api/types.gen.ts';
import { startCluster, type TestCluster } from './start-cluster.ts';

export const NAMESPACE = 'default';
export const LABELS = { app: 'web' };

export async function create<T extends KubernetesObject>(
  { client }: TestCluster,
  type: ResourceType<T>,
  name: string,
  body: object,
  metadata: object = {},
): Promise<void> {
  const namespace = type.namespaced ? { namespace: NAMESPACE } : {};
  await client.create(type, { metadata: { name, ...namespace, ...metadata }, ...body } as never);
}

export const container = (more: object = {}): object => ({ name: 'c', image: 'i', ...more });
export const template = (...containers: readonly object[]): object => ({
  metadata: { labels: LABELS },
  spec: { containers: containers.length === 0 ? [container()] : containers },
});
export const workload = (replicas: number, ...containers: readonly object[]): object => ({
  spec: { replicas, selector: { matchLabels: LABELS }, template: template(...containers) },
});
export const pod = (...containers: readonly object[]): object => ({ spec: { containers } });

export function why({ client }: TestCluster, plural: ExplainedPlural, name: string): Promise<Progress> {
  return client.get(progressOf(plural), { namespace: NAMESPACE, name }, { subresource: 'progress' });
}

export interface Case {
  readonly what: string;
  readonly act: (cluster: TestCluster) => Promise<void>;
  /** Plural, name, what the sentence must be, and `cause/rank` of each finding, in order. */
  readonly ask: readonly (readonly [ExplainedPlural, string, RegExp, ...string[]])[];
  readonly wait?: string;
}

/** One test for each. */
export function testCases(cases: readonly Case[]): void {
  for (const { what, act, ask, wait } of cases) {
    test(what, async () => {
      const cluster = await startCluster();
      await cluster.settle();
      await act(cluster);
      await (wait === undefined ? cluster.settle() : cluster.clock.advance(wait));
      for (const [plural, name, summary, ...findings] of ask) {
        const answer = await why(cluster, plural, await fullName(cluster, plural, name));
        assert.match(answer.summary, summary);
        const found = (answer.findings ?? []).map(({ cause, rank }) => `${cause}/${rank}`);
        assert.deepEqual(found, findings, JSON.stringify(answer.findings, null, 2));
        assert.equal(
          answer.isHeld,
          findings.some((one) => !one.endsWith('/note')),
        );
        for (const { rank, advice } of answer.findings ?? []) assert.ok(rank !== 'cause' || advice !== '');
      }
      await cluster.stop();
    });
  }
}

/** `web-new`: the newest ReplicaSet of `web`, whose name nobody knows before. */
async function fullName(cluster: TestCluster, plural: ExplainedPlural, name: string): Promise<string> {
  if (plural !== 'replicasets') return name;
  const { items } = await cluster.client.list(pods, { namespace: NAMESPACE });
  const waiting = items.find(({ status }) => status.phase === 'Pending');
  return waiting?.metadata.ownerReferences?.[0]?.name ?? name;
}
