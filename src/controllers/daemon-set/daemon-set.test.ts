import assert from 'node:assert/strict';
import { test } from 'node:test';
import { controllerRevisions } from '../../api/groups/apps/controller-revision/controller-revision.ts';
import { daemonSets } from '../../api/groups/apps/daemon-set/daemon-set.ts';
import { nodes } from '../../api/groups/core/node/node.ts';
import { pods } from '../../api/groups/core/pod/pod.ts';
import { HASH_LABEL } from './daemon-pod.ts';
import {
  addNode,
  bindPods,
  create,
  getSet,
  LABELS,
  listPods,
  patch,
  placed,
  podOn,
  podSpec,
  REF,
  runPods,
  runUntilQuiet,
  setImage,
  setPhase,
  withCluster,
} from './daemon-set.fixture.ts';

test('one pod for every node, pinned to it, with what daemons tolerate', () =>
  withCluster(async (cluster) => {
    await addNode(cluster, 'a');
    await addNode(cluster, 'b', {}, [{ key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' }]);
    await addNode(cluster, 'c', {}, [{ key: 'dedicated', effect: 'NoSchedule' }]);
    await create(cluster);
    assert.deepEqual(await placed(cluster), ['a agent:1', 'b agent:1']);
    const { metadata, spec } = await podOn(cluster, 'a');
    const [revision] = (await cluster.client.list(controllerRevisions)).items;
    assert.ok(revision);
    const hash = revision.metadata.labels?.[HASH_LABEL] ?? '';
    assert.equal(revision.metadata.name, `agent-${hash}`);
    assert.deepEqual(metadata.labels, { ...LABELS, [HASH_LABEL]: hash, 'pod-template-generation': '1' });
    assert.match(metadata.name ?? '', /^agent-[a-z0-9]{5}$/);
    assert.deepEqual(
      spec.tolerations?.map(
        ({ key = '', effect = '', operator }) => `${key.split('/')[1] ?? ''} ${operator ?? ''} ${effect}`,
      ),
      [
        'not-ready Exists NoExecute',
        'unreachable Exists NoExecute',
        'disk-pressure Exists NoSchedule',
        'memory-pressure Exists NoSchedule',
        'pid-pressure Exists NoSchedule',
        'unschedulable Exists NoSchedule',
      ],
    );
    await runUntilQuiet(cluster);
    assert.deepEqual((await getSet(cluster)).status, {
      currentNumberScheduled: 2,
      numberMisscheduled: 0,
      desiredNumberScheduled: 2,
      numberReady: 2,
      observedGeneration: 1,
      updatedNumberScheduled: 2,
      numberAvailable: 2,
    });
    assert.deepEqual(
      cluster.events.filter((event) => !event.startsWith('SuccessfulCreate: Created pod: agent-')),
      [],
    );
  }));

test('nodes come, change and go', () =>
  withCluster(async (cluster) => {
    const { client } = cluster;
    await addNode(cluster, 'a', { disk: 'ssd' });
    await create(cluster, {}, podSpec('agent:1', { nodeSelector: { disk: 'ssd' } }));
    await addNode(cluster, 'b');
    await addNode(cluster, 'c', { disk: 'ssd' });
    await runUntilQuiet(cluster);
    assert.deepEqual(await placed(cluster), ['a agent:1', 'c agent:1']);
    const label = (disk: string | null) => ({ metadata: { labels: { disk } } });
    await client.patch(nodes, { name: 'b' }, { type: 'merge', body: label('ssd') });
    await client.patch(nodes, { name: 'a' }, { type: 'merge', body: label(null) });
    await cluster.settle();
    await runUntilQuiet(cluster);
    assert.deepEqual(await placed(cluster), ['b agent:1', 'c agent:1']);
    const taint = (effect: string) => ({ spec: { taints: [{ key: 'broken', effect }] } });
    await client.patch(nodes, { name: 'b' }, { type: 'merge', body: taint('NoSchedule') });
    await cluster.settle();
    assert.deepEqual(await placed(cluster), ['b agent:1', 'c agent:1'], 'what is there may stay');
    assert.equal((await getSet(cluster)).status.numberMisscheduled, 1);
    await client.patch(nodes, { name: 'b' }, { type: 'merge', body: taint('NoExecute') });
    await cluster.settle();
    assert.deepEqual(await placed(cluster), ['c agent:1']);
    await client.delete(nodes, { name: 'c' });
    await cluster.settle();
    assert.equal((await getSet(cluster)).status.desiredNumberScheduled, 0);
  }));

test('a pod that waits for a node that is gone is deleted', () =>
  withCluster(async (cluster) => {
    await addNode(cluster, 'a');
    await create(cluster);
    assert.equal((await listPods(cluster)).length, 1);
    await cluster.client.delete(nodes, { name: 'a' });
    await cluster.settle();
    assert.equal((await listPods(cluster)).length, 0);
  }));

test('a new template goes from node to node, as many at once as may be missing', () =>
  withCluster(async (cluster) => {
    for (const name of ['a', 'b', 'c', 'd']) await addNode(cluster, name);
    await create(cluster, {
      updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: '50%' } },
      minReadySeconds: 5,
    });
    await runUntilQuiet(cluster);
    await cluster.advance('6s');
    await setImage(cluster, 'agent:2');
    const isOld = (line: string): boolean => line.endsWith('agent:1');
    assert.equal((await placed(cluster)).filter(isOld).length, 2);
    await runUntilQuiet(cluster);
    assert.equal((await placed(cluster)).filter(isOld).length, 2, 'ready, but not for long enough');
    const { status } = await getSet(cluster);
    assert.equal(status.updatedNumberScheduled, 2);
    assert.equal(status.numberUnavailable, 2);
    await cluster.advance('6s');
    await runUntilQuiet(cluster);
    assert.equal((await placed(cluster)).filter(isOld).length, 0);
  }));

test('with surge the successor comes first, and the old pod goes when it serves', () =>
  withCluster(async (cluster) => {
    for (const name of ['a', 'b']) await addNode(cluster, name);
    const rollingUpdate = { maxSurge: 1, maxUnavailable: 0 };
    await create(cluster, { updateStrategy: { type: 'RollingUpdate', rollingUpdate } });
    await runUntilQuiet(cluster);
    await setImage(cluster, 'agent:2');
    assert.equal((await placed(cluster)).length, 3);
    await runPods(cluster);
    const after = await placed(cluster);
    assert.equal(after.filter((line) => line.endsWith('agent:2')).length, 2, 'the next node is surging');
    await runUntilQuiet(cluster);
    assert.deepEqual(await placed(cluster), ['a agent:2', 'b agent:2']);
  }));

test('OnDelete waits until somebody deletes the pod', () =>
  withCluster(async (cluster) => {
    for (const name of ['a', 'b']) await addNode(cluster, name);
    await create(cluster, { updateStrategy: { type: 'OnDelete' } });
    await runUntilQuiet(cluster);
    await setImage(cluster, 'agent:2');
    await runUntilQuiet(cluster);
    assert.deepEqual(await placed(cluster), ['a agent:1', 'b agent:1']);
    const { namespace, name = '' } = (await podOn(cluster, 'a')).metadata;
    await cluster.client.delete(pods, { namespace, name });
    await runUntilQuiet(cluster);
    assert.deepEqual(await placed(cluster), ['a agent:2', 'b agent:1']);
  }));

test('failed pods are replaced, ever more slowly; finished ones at once', () =>
  withCluster(async (cluster) => {
    await addNode(cluster, 'a');
    await create(cluster);
    const waits: number[] = [];
    for (let i = 0; i < 5; i++) {
      await bindPods(cluster);
      await setPhase(cluster, 'a', 'Failed');
      let waited = 0;
      while ((await podOn(cluster, 'a')).status.phase === 'Failed') {
        await cluster.advance('1s');
        waited++;
      }
      waits.push(waited);
    }
    assert.equal(waits[0], 0);
    for (const [i, least] of [1, 2, 4].entries()) assert.ok((waits[i + 2] ?? 0) >= least - 1, String(waits));
    const failed = cluster.events.filter((event) => event.startsWith('FailedDaemonPod'));
    assert.equal(failed.length, 5);
    assert.match(
      failed[0] ?? '',
      /^FailedDaemonPod: Found failed daemon pod default\/agent-\w+ on node a, will try to kill it$/,
    );
    await bindPods(cluster);
    await setPhase(cluster, 'a', 'Succeeded');
    assert.notEqual((await podOn(cluster, 'a')).status.phase, 'Succeeded');
    assert.match(
      cluster.events.find((event) => event.startsWith('SucceededDaemonPod')) ?? '',
      /Found succeeded daemon pod default\/agent-\w+ on node a, will try to delete it$/,
    );
  }));

test('of several pods on a node the oldest stays; orphans are adopted', () =>
  withCluster(async (cluster) => {
    const { client } = cluster;
    await addNode(cluster, 'a');
    const spec = { nodeName: 'a', ...podSpec('agent:0') };
    for (const name of ['first', 'second']) {
      await client.create(pods, { metadata: { name, namespace: 'default', labels: LABELS }, spec });
      await cluster.advance('2s');
    }
    await create(cluster, { updateStrategy: { type: 'OnDelete' } });
    await runUntilQuiet(cluster);
    const [only, ...others] = await listPods(cluster);
    assert.equal(others.length, 0);
    assert.equal(only?.metadata.name, 'first');
    assert.equal(only.metadata.ownerReferences?.[0]?.kind, 'DaemonSet');
    const body = { metadata: { labels: { app: 'other' } } };
    await client.patch(pods, { namespace: 'default', name: 'first' }, { type: 'merge', body });
    await cluster.settle();
    const released = await client.get(pods, { namespace: 'default', name: 'first' });
    assert.equal(released.metadata.ownerReferences, undefined);
    assert.equal((await listPods(cluster)).length, 2, 'and another one fills its place');
  }));

test('the history serves to go back, and doubles of a revision are merged', () =>
  withCluster(async (cluster) => {
    const { client } = cluster;
    await addNode(cluster, 'a');
    await create(cluster, { revisionHistoryLimit: 1 });
    await runUntilQuiet(cluster);
    for (const image of ['agent:2', 'agent:3']) {
      await setImage(cluster, image);
      await runUntilQuiet(cluster);
    }
    const history = async () =>
      (await client.list(controllerRevisions)).items.toSorted((a, b) => a.revision - b.revision);
    const [second, third] = await history();
    assert.ok(second && third);
    assert.deepEqual([second.revision, third.revision, (await history()).length], [2, 3, 2]);
    await client.patch(daemonSets, REF, { type: 'strategic', body: second.data });
    await runUntilQuiet(cluster);
    assert.deepEqual(await placed(cluster), ['a agent:2']);
    const before = await podOn(cluster, 'a');
    const { labels, ownerReferences } = second.metadata;
    await client.create(controllerRevisions, {
      metadata: {
        name: 'double',
        namespace: 'default',
        labels: { ...labels, [HASH_LABEL]: 'double' },
        ...(ownerReferences === undefined ? {} : { ownerReferences }),
      },
      data: second.data,
      revision: 9,
    });
    await cluster.advance('3s');
    assert.deepEqual(
      (await history()).map(({ metadata, revision }) => [metadata.labels?.[HASH_LABEL], revision]),
      [
        [third.metadata.labels?.[HASH_LABEL], 3],
        ['double', 9],
      ],
    );
    const after = await podOn(cluster, 'a');
    assert.equal(after.metadata.uid, before.metadata.uid, 'the pod is the same, under another hash');
    assert.equal(after.metadata.labels?.[HASH_LABEL], 'double');
  }));

test('a set that is being deleted makes nothing new', () =>
  withCluster(async (cluster) => {
    await addNode(cluster, 'a');
    await create(cluster);
    await cluster.client.delete(daemonSets, REF, { propagationPolicy: 'Foreground' });
    await addNode(cluster, 'b');
    await cluster.settle();
    assert.deepEqual(await placed(cluster), ['a agent:1']);
  }));

test('a template may name a node, and require others', () =>
  withCluster(async (cluster) => {
    for (const name of ['a', 'b', 'c']) await addNode(cluster, name, { zone: name });
    await create(cluster, {}, podSpec('agent:1', { nodeName: 'b' }));
    assert.deepEqual(await placed(cluster), ['b agent:1']);
    const matchExpressions = [{ key: 'zone', operator: 'NotIn', values: ['a'] }] as const;
    const nodeAffinity = {
      requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchExpressions }] },
    };
    await patch(cluster, {
      template: { spec: podSpec('agent:1', { nodeName: null as never, affinity: { nodeAffinity } }) },
    });
    await runUntilQuiet(cluster);
    assert.deepEqual(await placed(cluster), ['b agent:1', 'c agent:1']);
  }));
