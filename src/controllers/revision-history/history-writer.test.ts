import assert from 'node:assert/strict';
import { test } from 'node:test';
import { controllerRevisions } from '../../api/groups/apps/controller-revision/controller-revision.ts';
import { statefulSets } from '../../api/groups/apps/stateful-set/stateful-set.ts';
import { fromLabelSelector } from '../../api/labels/selector.ts';
import type { ControllerDefinition } from '../../reconcile/controller.ts';
import { startTestCluster, type TestCluster } from '../cluster.fixture.ts';
import { RevisionHistory } from './history-writer.ts';

const REF = { namespace: 'default', name: 'db' };
const HASH_LABEL = 'controller.kubernetes.io/hash';
const LABELS = { app: 'db' };
const SPEC = {
  serviceName: 'db',
  selector: { matchLabels: LABELS },
  template: { metadata: { labels: LABELS }, spec: { containers: [{ name: 'c', image: 'db:1' }] } },
};

/** Does nothing but keep the history; tells the collisions by an event. */
const keeper: ControllerDefinition = {
  name: 'keeper',
  permissions: [{ apiGroups: ['apps'], resources: ['*'], verbs: ['*'] }],
  build: (context, enqueue) => {
    const owners = context.informers.of(statefulSets);
    const history = new RevisionHistory(context, {
      type: statefulSets,
      owners,
      hashLabel: HASH_LABEL,
      enqueue,
    });
    owners.subscribe((_next, _old, key) => enqueue(key));
    return {
      reconcile: async (key) => {
        const set = owners.getByKey(key);
        if (set === undefined || !history.caughtUp(key))
          return set === undefined ? {} : { requeueAfterMs: 50 };
        const revisions = await history.of(key, set, fromLabelSelector(set.spec.selector) ?? []);
        const { present, collisionCount } = await history.present(key, set, revisions);
        await history.label(key, present);
        const reason = present.metadata.name ?? '';
        context.events.record(set, 'Normal', reason, `collisions ${collisionCount}`);
        return {};
      },
    };
  },
};

async function withSet(run: (cluster: TestCluster) => Promise<void>, lagMs = 0): Promise<void> {
  const cluster = await startTestCluster([keeper], { lagMs });
  try {
    await cluster.client.create(statefulSets, { metadata: REF, spec: SPEC });
    await cluster.settle();
    await run(cluster);
  } finally {
    await cluster.stop();
  }
}

async function setImage({ client, settle }: TestCluster, image: string): Promise<void> {
  const body = { spec: { template: { spec: { containers: [{ name: 'c', image }] } } } };
  await client.patch(statefulSets, REF, { type: 'strategic', body });
  await settle();
}

async function revisions({ client }: TestCluster): Promise<readonly (readonly [string, number])[]> {
  const { items } = await client.list(controllerRevisions);
  return items
    .map(({ metadata, revision }) => [metadata.name ?? '', revision] as const)
    .toSorted((a, b) => a[1] - b[1]);
}

for (const lagMs of [0, 300]) {
  test(`every template has one revision, in order, with a cache ${lagMs} ms behind`, () =>
    withSet(async (cluster) => {
      const [[first] = ['']] = await revisions(cluster);
      await setImage(cluster, 'db:2');
      await setImage(cluster, 'db:3');
      assert.deepEqual(
        (await revisions(cluster)).map(([, number]) => number),
        [1, 2, 3],
      );
      await setImage(cluster, 'db:1');
      const after = await revisions(cluster);
      assert.deepEqual(
        after.map(([, number]) => number),
        [2, 3, 4],
      );
      assert.equal(after.at(-1)?.[0], first, 'the old one counts anew');
    }, lagMs));
}

test('a name that is taken by another template gets another hash', () =>
  withSet(async (cluster) => {
    const { client } = cluster;
    const [[name] = ['']] = await revisions(cluster);
    await client.delete(statefulSets, REF);
    await cluster.settle();
    await client.delete(controllerRevisions, { ...REF, name });
    const foreign = { name, namespace: 'default', labels: { app: 'other' } };
    await client.create(controllerRevisions, { metadata: foreign, data: { spec: {} }, revision: 7 });
    await client.create(statefulSets, { metadata: REF, spec: SPEC });
    await cluster.settle();
    const own = (await revisions(cluster)).filter(([other]) => other !== name);
    assert.deepEqual(
      own.map(([, number]) => number),
      [1],
    );
    assert.ok(cluster.events.includes(`${own[0]?.[0] ?? ''}: collisions 1`));
  }));

test('matching orphans are adopted and labelled, what stops matching is let go', () =>
  withSet(async (cluster) => {
    const { client } = cluster;
    const [[name] = ['']] = await revisions(cluster);
    const ref = { ...REF, name };
    const body = { metadata: { ownerReferences: null, labels: { [HASH_LABEL]: null } } };
    await client.patch(controllerRevisions, ref, { type: 'merge', body });
    await cluster.settle();
    const adopted = await client.get(controllerRevisions, ref);
    assert.equal(adopted.metadata.ownerReferences?.[0]?.name, 'db');
    assert.equal(adopted.metadata.labels?.[HASH_LABEL], name);
    const other = { metadata: { labels: { app: 'other' } } };
    await client.patch(controllerRevisions, ref, { type: 'merge', body: other });
    await cluster.settle();
    const released = await client.get(controllerRevisions, ref);
    assert.equal(released.metadata.ownerReferences, undefined);
    assert.equal((await revisions(cluster)).length, 2, 'and the template gets one of its own');
  }));

test('two with one number are told apart, in their order', () =>
  withSet(async (cluster) => {
    await setImage(cluster, 'db:2');
    const [first, second] = (await revisions(cluster)).map(([name]) => name);
    const ref = { ...REF, name: second ?? '' };
    await cluster.client.patch(controllerRevisions, ref, { type: 'merge', body: { revision: 1 } });
    await cluster.settle();
    const after = await revisions(cluster);
    assert.deepEqual(new Set(after.map(([, number]) => number)).size, 2);
    assert.deepEqual(new Set(after.map(([name]) => name)), new Set([first, second]));
    assert.equal(after.at(-1)?.[0], second, 'the present one is the newest');
  }));
