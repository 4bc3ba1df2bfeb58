/** Groups of pods that extenders are asked about. */

import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { pods } from '../api/groups/core/pod/pod.ts';
import { podGroups } from '../api/groups/scheduling/pod-group/pod-group.ts';
import {
  extendedCluster,
  startExtender,
  type AnswerTo,
  type ExtendedCluster,
  type TestExtender,
} from './extender.fixture.ts';

const namespace = 'default';

interface Parts {
  readonly cluster: ExtendedCluster;
  readonly extender: TestExtender;
}

async function start(context: TestContext, answer: AnswerTo): Promise<Parts> {
  const extender = await startExtender(answer);
  const gates = 'GenericWorkload=true,GangScheduling=true';
  const one = `- {urlPrefix: '${extender.url}', filterVerb: filter, nodeCacheCapable: true}\n`;
  const cluster = await extendedCluster(one, 2, gates);
  context.after(async () => {
    extender.close();
    await cluster.stop();
  });
  const spec = { schedulingPolicy: { gang: { minCount: 2 } } };
  await cluster.client.create(podGroups, { metadata: { name: 'g', namespace }, spec } as never);
  return { cluster, extender };
}

async function run({ cluster }: Parts, name: string): Promise<void> {
  await cluster.client.create(pods, {
    metadata: { name, namespace },
    spec: {
      containers: [{ name: 'c', image: 'i', resources: { requests: { cpu: '1' } } }],
      schedulingGroup: { podGroupName: 'g' },
    },
  } as never);
  await cluster.quiet();
}

test('extenders are asked about each pod of a group, and the group goes where they allow it', async (context) => {
  const parts = await start(context, () => ({ body: { NodeNames: ['node-2'] } }));
  for (const name of ['a', 'b']) await run(parts, name);
  const { items } = await parts.cluster.client.list(pods, { namespace });
  assert.deepEqual(
    items.map(({ spec }) => spec.nodeName),
    ['node-2', 'node-2'],
  );
  assert.deepEqual(parts.extender.questions, ['filter a', 'filter b']);
});

test('an extender that fails for one pod keeps the group back, and it is tried again', async (context) => {
  const parts = await start(context, (_verb, { Pod }) =>
    Pod?.metadata.name === 'b' ? { status: 500, body: '' } : { body: { NodeNames: ['node-1', 'node-2'] } },
  );
  for (const name of ['a', 'b']) await run(parts, name);
  const { items } = await parts.cluster.client.list(pods, { namespace });
  const [a, b] = items.map(({ status }) => status.conditions?.find(({ type }) => type === 'PodScheduled'));
  assert.deepEqual([a?.reason, b?.reason], ['SchedulerError', 'SchedulerError']);
  assert.equal(a?.message, `failed to schedule other pod from a pod group: ${b?.message ?? ''}`);
  const { status } = await parts.cluster.client.get(podGroups, { namespace, name: 'g' });
  const [condition] = status?.conditions ?? [];
  assert.deepEqual([condition?.reason, condition?.message], ['SchedulerError', a?.message]);
  parts.extender.answer = () => ({ body: { NodeNames: ['node-1'] } });
  await parts.cluster.pass(2);
  const after = await parts.cluster.client.list(pods, { namespace });
  assert.deepEqual(
    after.items.map(({ spec }) => spec.nodeName),
    ['node-1', 'node-1'],
  );
});
