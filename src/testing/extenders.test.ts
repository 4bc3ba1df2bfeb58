/** Scheduler extenders in a whole cluster: what they allow, prefer, bind and refuse, and how they fail. */

import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { events } from '../api/groups/core/event/event.ts';
import { nodes } from '../api/groups/core/node/node.ts';
import { pods } from '../api/groups/core/pod/pod.ts';
import { podScheduling } from '../api/groups/explain/explain.ts';
import { priorityClasses } from '../api/groups/scheduling/priority-class/priority-class.ts';
import type { Pod } from '../api/types.gen.ts';
import {
  extendedCluster,
  startExtender,
  type AnswerTo,
  type Asked,
  type ExtendedCluster,
  type TestExtender,
} from './extender.fixture.ts';

interface Extended {
  readonly cluster: ExtendedCluster;
  readonly extender: TestExtender;
}

async function start(context: TestContext, more: string, answer: AnswerTo, nodeCount = 2): Promise<Extended> {
  const extender = await startExtender(answer);
  const cluster = await extendedCluster(`- {urlPrefix: '${extender.url}', ${more}}\n`, nodeCount);
  context.after(async () => {
    extender.close();
    await cluster.stop();
  });
  return { cluster, extender };
}

async function run(
  { cluster }: Extended,
  name: string,
  requests: object = {},
  spec: object = {},
): Promise<void> {
  const limits = Object.fromEntries(Object.entries(requests).filter(([resource]) => resource.includes('/')));
  await cluster.client.create(pods, {
    metadata: { name, namespace: 'default' },
    spec: { containers: [{ name: 'c', image: 'i', resources: { requests, limits } }], ...spec },
  } as never);
  await cluster.quiet();
}

const podOf = ({ cluster }: Extended, name: string): Promise<Pod> =>
  cluster.client.get(pods, { namespace: 'default', name });

const nodeOf = async (extended: Extended, name: string): Promise<string> =>
  (await podOf(extended, name)).spec.nodeName ?? 'none';

async function refusalOf(extended: Extended, name: string): Promise<string> {
  const { status } = await podOf(extended, name);
  const condition = status.conditions?.find(({ type }) => type === 'PodScheduled');
  return `${condition?.reason ?? ''}: ${condition?.message ?? ''}`;
}

const namesIn = ({ Nodes, NodeNames }: Asked): readonly string[] =>
  NodeNames ?? (Nodes?.items ?? []).map(({ metadata }) => metadata.name);

test('an extender narrows the nodes, whether it knows them or is told all about them', async (context) => {
  for (const nodeCacheCapable of [true, false]) {
    const answer: AnswerTo = (_verb, asked) => {
      assert.deepEqual(namesIn(asked).toSorted(), ['node-1', 'node-2', 'node-3']);
      assert.equal(asked.Nodes === null, nodeCacheCapable);
      const kept = nodeCacheCapable
        ? { NodeNames: ['node-3'] }
        : { nodes: { items: [{ metadata: { name: 'node-3' } }] } };
      return { body: { ...kept, FailedNodes: { 'node-1': 'too warm', 'node-2': 'too warm' } } };
    };
    const extended = await start(
      context,
      `filterVerb: filter, nodeCacheCapable: ${nodeCacheCapable}`,
      answer,
      3,
    );
    await run(extended, 'p');
    assert.equal(await nodeOf(extended, 'p'), 'node-3');
    assert.deepEqual(extended.extender.questions, ['filter p']);
  }
});

test('what all nodes are refused for is told, and the pod is tried again', async (context) => {
  const refused = {
    body: {
      NodeNames: [],
      FailedNodes: { 'node-1': 'too warm' },
      FailedAndUnresolvableNodes: { 'node-2': 'too old' },
    },
  };
  const extended = await start(context, 'filterVerb: filter, nodeCacheCapable: true', () => refused);
  await run(extended, 'p');
  assert.equal(
    await refusalOf(extended, 'p'),
    'Unschedulable: 0/2 nodes are available: 1 too old, 1 too warm. no new claims to deallocate, ' +
      'preemption: 0/2 nodes are available: ' +
      '1 No preemption victims found for incoming pod, 1 Preemption is not helpful for scheduling.',
  );
  extended.extender.answer = () => ({ body: { NodeNames: ['node-2'] } });
  await extended.cluster.pass(5);
  assert.equal(await nodeOf(extended, 'p'), 'none', 'nothing has happened that could have changed its mind');
  await extended.cluster.client.patch(
    nodes,
    { name: 'node-1', namespace: '' },
    {
      type: 'merge',
      body: { metadata: { labels: { cool: 'yes' } } },
    },
  );
  await extended.cluster.pass(5);
  assert.equal(await nodeOf(extended, 'p'), 'node-2');
});

test('the scores of an extender count with its weight', async (context) => {
  const answer: AnswerTo = (_verb, asked) => ({
    body: namesIn(asked).map((Host) => ({ Host, Score: Host === 'node-2' ? 10 : 0 })),
  });
  const extended = await start(context, 'prioritizeVerb: prioritize, weight: 100', answer);
  for (const name of ['a', 'b', 'c']) await run(extended, name, { cpu: '1' });
  const placed = await Promise.all(['a', 'b', 'c'].map((name) => nodeOf(extended, name)));
  assert.deepEqual(placed, ['node-2', 'node-2', 'node-2']);
});

test('only pods that ask for what it manages are the extender’s', async (context) => {
  const managed = 'managedResources: [{name: example.com/gpu, ignoredByScheduler: true}]';
  const extended = await start(context, `filterVerb: filter, nodeCacheCapable: true, ${managed}`, () => ({
    body: { NodeNames: ['node-2'] },
  }));
  await run(extended, 'plain');
  assert.deepEqual(extended.extender.questions, []);
  // No node has any, but that is the extender's business.
  await run(extended, 'gpu', { 'example.com/gpu': '1' });
  assert.deepEqual(extended.extender.questions, ['filter gpu']);
  assert.equal(await nodeOf(extended, 'gpu'), 'node-2');
  const askedFor = async (name: string) =>
    (
      await extended.cluster.client.get(
        podScheduling,
        { namespace: 'default', name },
        { subresource: 'scheduling' },
      )
    ).extenders;
  assert.deepEqual([await askedFor('plain'), await askedFor('gpu')], [[], [extended.extender.url]]);
});

test('an extender that binds is told where, and binds by itself', async (context) => {
  const bound: Asked[] = [];
  const extended: Extended = await start(context, 'bindVerb: bind', async (_verb, asked) => {
    const { PodName: name = '', Node: node = '' } = asked;
    bound.push(asked);
    if (bound.length === 1) return { body: { Error: 'not yet' } };
    const target = { kind: 'Node', name: node };
    const body = { apiVersion: 'v1', kind: 'Binding', metadata: { name, namespace: 'default' }, target };
    await extended.cluster.client.createSubresource(pods, { namespace: 'default', name }, 'binding', body);
    return { body: { Error: '' } };
  });
  await run(extended, 'p');
  assert.equal(await nodeOf(extended, 'p'), 'none');
  await extended.cluster.pass(3);
  assert.notEqual(await nodeOf(extended, 'p'), 'none');
  assert.equal(bound.length, 2);
  const { items } = await extended.cluster.client.list(events, { namespace: 'default' });
  assert.ok(items.some(({ message }) => message === 'binding rejected: not yet'));
});

test('a failing extender holds its pods back, unless it is ignorable', async (context) => {
  const failures: readonly (readonly [AnswerTo, RegExp])[] = [
    [() => ({ status: 500, body: {} }), /failed filter with extender at URL .*\/extend\/filter, code 500/],
    [() => ({ body: { Error: 'no licence' } }), /^SchedulerError: no licence$/],
    [() => ({ body: { NodeNames: ['elsewhere'] } }), /claims a filtered node "elsewhere" which is not found/],
    [() => ({ body: [] }), /ExtenderFilterResult is no object/],
  ];
  const flags = 'filterVerb: filter, nodeCacheCapable: true, ignorable: ';
  for (const [answer, expected] of failures) {
    const strict = await start(context, `${flags}false`, answer);
    await run(strict, 'p');
    assert.equal(await nodeOf(strict, 'p'), 'none');
    assert.match(await refusalOf(strict, 'p'), expected);
    strict.extender.answer = (_verb, asked) => ({ body: { NodeNames: namesIn(asked) } });
    await strict.cluster.pass(3);
    assert.notEqual(await nodeOf(strict, 'p'), 'none', 'it is asked again');
    const lenient = await start(context, `${flags}true`, answer);
    await run(lenient, 'p');
    assert.notEqual(await nodeOf(lenient, 'p'), 'none');
  }
});

test('an extender that does not answer in time has failed; others are scheduled meanwhile', async (context) => {
  const managed = 'managedResources: [{name: example.com/gpu, ignoredByScheduler: true}]';
  const extended = await start(context, `filterVerb: filter, httpTimeout: 3s, ${managed}`, () => undefined);
  const { cluster } = extended;
  await cluster.client.create(pods, {
    metadata: { name: 'gpu', namespace: 'default' },
    spec: { containers: [{ name: 'c', image: 'i', resources: { limits: { 'example.com/gpu': '1' } } }] },
  } as never);
  await cluster.client.create(pods, {
    metadata: { name: 'plain', namespace: 'default' },
    spec: { containers: [{ name: 'c', image: 'i' }] },
  } as never);
  await cluster.clock.advance(2_900);
  assert.notEqual(await nodeOf(extended, 'plain'), 'none');
  assert.equal(await refusalOf(extended, 'gpu'), ': ');
  await cluster.clock.advance(200);
  await cluster.quiet();
  assert.match(await refusalOf(extended, 'gpu'), /^SchedulerError: Post ".*": context deadline exceeded/);
});

test('an answer that the cluster has overtaken is not followed', async (context) => {
  const filled = Promise.withResolvers<void>();
  const managed = 'managedResources: [{name: example.com/gpu, ignoredByScheduler: true}]';
  const extended = await start(
    context,
    `filterVerb: filter, nodeCacheCapable: true, ${managed}`,
    async (_verb, asked) => {
      await filled.promise;
      return { body: { NodeNames: namesIn(asked) } };
    },
    1,
  );
  const { cluster } = extended;
  await cluster.client.create(pods, {
    metadata: { name: 'slow', namespace: 'default' },
    spec: {
      containers: [
        {
          name: 'c',
          image: 'i',
          resources: { requests: { cpu: '3' }, limits: { cpu: '3', 'example.com/gpu': '1' } },
        },
      ],
    },
  } as never);
  await cluster.clock.settle();
  await cluster.client.create(pods, {
    metadata: { name: 'quick', namespace: 'default' },
    spec: { containers: [{ name: 'c', image: 'i', resources: { requests: { cpu: '3' } } }] },
  } as never);
  await cluster.clock.settle();
  assert.equal(await nodeOf(extended, 'quick'), 'node-1');
  filled.resolve();
  await cluster.pass(3);
  assert.equal(await nodeOf(extended, 'slow'), 'none');
  assert.match(await refusalOf(extended, 'slow'), /1 Insufficient cpu/);
});

test('an extender says which victims a preemption may have', async (context) => {
  const extended = await start(context, 'preemptVerb: preempt, nodeCacheCapable: true', (_verb, asked) => {
    const victims = asked.NodeNameToMetaVictims ?? {};
    assert.deepEqual(Object.keys(victims).toSorted(), ['node-1', 'node-2']);
    return { body: { NodeNameToMetaVictims: { 'node-2': victims['node-2'] } } };
  });
  const { cluster } = extended;
  await cluster.client.create(priorityClasses, { metadata: { name: 'high' }, value: 1000 } as never);
  await run(extended, 'low-a', { cpu: '3' });
  await run(extended, 'low-b', { cpu: '3' });
  await run(extended, 'high', { cpu: '3' }, { priorityClassName: 'high' });
  await cluster.pass(60);
  assert.equal(await nodeOf(extended, 'high'), 'node-2');
  assert.ok(extended.extender.questions.includes('preempt high'));
});
