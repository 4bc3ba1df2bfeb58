import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nodes } from '../../api/groups/core/node/node.ts';
import { pods } from '../../api/groups/core/pod/pod.ts';
import type { Pod } from '../../api/types.gen.ts';
import { startTestScheduler, type TestScheduler } from '../scheduler.fixture.ts';

const NAMESPACE = 'default';

async function start(cpu: number): Promise<TestScheduler> {
  const parts = await startTestScheduler();
  const status = { allocatable: { cpu: `${cpu}`, memory: '8Gi', pods: '110' } };
  await parts.client.create(nodes, { metadata: { name: 'n0' }, status } as never);
  const patch = { type: 'merge', body: { status } } as const;
  await parts.client.patch(nodes, { name: 'n0' }, patch, { subresource: 'status' });
  return parts;
}

async function run(
  { client }: TestScheduler,
  name: string,
  cpu: number,
  priority: number,
  more: object = {},
): Promise<void> {
  const containers = [{ name: 'c', image: 'i', resources: { requests: { cpu: `${cpu}` } } }];
  const metadata = { name, namespace: NAMESPACE };
  await client.create(pods, { metadata, spec: { containers, priority, ...more } } as never);
}

const podNamed = ({ client }: TestScheduler, name: string): Promise<Pod> =>
  client.get(pods, { namespace: NAMESPACE, name });

const remove = ({ client }: TestScheduler, name: string): Promise<unknown> =>
  client.delete(pods, { namespace: NAMESPACE, name }, { gracePeriodSeconds: 0 });

test('a pod keeps its promise as long as those in its way are leaving, whatever wakes it', async () => {
  const parts = await start(4);
  await run(parts, 'x', 4, 0);
  await parts.advance(100);
  await run(parts, 'p', 4, 10);
  await parts.advance(100);
  assert.equal((await podNamed(parts, 'p')).status.nominatedNodeName, 'n0');
  const patch = { type: 'merge', body: { metadata: { labels: { a: 'b' } } } } as const;
  await parts.client.patch(pods, { namespace: NAMESPACE, name: 'p' }, patch);
  await parts.advance('5s');
  const { conditions = [], nominatedNodeName } = (await podNamed(parts, 'p')).status;
  assert.match(conditions[0]?.message ?? '', /not eligible due to a terminating pod on the nominated node/);
  assert.equal(nominatedNodeName, 'n0');
  await remove(parts, 'x');
  await parts.advance('5s');
  assert.equal((await podNamed(parts, 'p')).spec.nodeName, 'n0');
  await parts.stop();
});

test('a promise that cannot be kept any more is taken back: others get the room', async () => {
  const parts = await start(4);
  await run(parts, 'x', 4, 0);
  await parts.advance(100);
  await run(parts, 'p', 4, 10);
  await parts.advance(100);
  assert.equal((await podNamed(parts, 'p')).status.nominatedNodeName, 'n0');
  // Nobody asked the scheduler.
  await run(parts, 'static', 3, 20, { nodeName: 'n0' });
  await remove(parts, 'x');
  await parts.advance('5s');
  assert.equal((await podNamed(parts, 'p')).status.nominatedNodeName ?? '', '');
  await run(parts, 'small', 1, 0);
  await parts.advance('15s');
  assert.equal((await podNamed(parts, 'small')).spec.nodeName, 'n0');
  await parts.stop();
});
