import assert from 'node:assert/strict';
import { test } from 'node:test';
import { controllerRevisions } from '../../api/groups/apps/controller-revision/controller-revision.ts';
import { statefulSets } from '../../api/groups/apps/stateful-set/stateful-set.ts';
import { pods } from '../../api/groups/core/pod/pod.ts';
import { runAllPods, setPodReady } from '../cluster.fixture.ts';
import {
  withCluster,
  create,
  patch,
  setImage,
  runUntilQuiet,
  names,
  images,
  getSet,
  getPod,
  getClaim,
  claimNames,
  deletePod,
  fail,
  REF,
  CLAIM,
  LABELS,
} from './stateful-set.fixture.ts';
test('pods come in order, each with its identity and its claim', () =>
  withCluster(async (cluster) => {
    await create(cluster, 3, { volumeClaimTemplates: [CLAIM], ordinals: { start: 5 } });
    assert.deepEqual(await names(cluster), ['db-5'], 'the next one waits');
    await runUntilQuiet(cluster);
    assert.deepEqual(await names(cluster), ['db-5', 'db-6', 'db-7']);
    const { metadata, spec } = await getPod(cluster, 'db-6');
    const { status } = await getSet(cluster);
    assert.deepEqual(metadata.labels, {
      app: 'db',
      'apps.kubernetes.io/pod-index': '6',
      'controller-revision-hash': status.updateRevision,
      'statefulset.kubernetes.io/pod-name': 'db-6',
    });
    assert.equal(metadata.generateName, 'db-');
    assert.equal(spec.hostname, 'db-6');
    assert.equal(spec.subdomain, 'db');
    assert.deepEqual(spec.volumes?.[0], {
      name: 'data',
      persistentVolumeClaim: { claimName: 'data-db-6' },
    });
    const claim = await getClaim(cluster, 'data-db-6');
    assert.deepEqual(claim.metadata.labels, LABELS);
    assert.equal(claim.metadata.ownerReferences, undefined);
    const { currentRevision, updateRevision, ...counters } = status;
    assert.equal(currentRevision, updateRevision);
    assert.deepEqual(counters, {
      observedGeneration: 1,
      replicas: 3,
      readyReplicas: 3,
      availableReplicas: 3,
      currentReplicas: 3,
      updatedReplicas: 3,
      collisionCount: 0,
    });
    assert.deepEqual(
      cluster.events.filter((event) => event.includes('db-5')),
      [
        'SuccessfulCreate: create Claim data-db-5 Pod db-5 in StatefulSet db success',
        'SuccessfulCreate: create Pod db-5 in StatefulSet db successful',
      ],
    );
  }));

test('scaling down takes the highest first, one by one, and leaves the claims', () =>
  withCluster(async (cluster) => {
    await create(cluster, 3, { volumeClaimTemplates: [CLAIM] });
    await runUntilQuiet(cluster);
    await patch(cluster, { replicas: 1 });
    assert.deepEqual(await names(cluster), ['db-0']);
    const deletions = cluster.events.filter((event) => event.startsWith('SuccessfulDelete'));
    assert.deepEqual(deletions, [
      'SuccessfulDelete: delete Pod db-2 in StatefulSet db successful',
      'SuccessfulDelete: delete Pod db-1 in StatefulSet db successful',
    ]);
    assert.equal((await claimNames(cluster)).length, 3);
    await patch(cluster, { replicas: 2 });
    await runUntilQuiet(cluster);
    assert.equal((await claimNames(cluster)).length, 3, 'the claim is used again');
  }));

test('a pod that is not ready holds up the pods above it, and scaling down too', () =>
  withCluster(async (cluster) => {
    await create(cluster, 3);
    await runUntilQuiet(cluster);
    await setPodReady(cluster.client, await getPod(cluster, 'db-0'), false, cluster.host.clock.now());
    await deletePod(cluster, 'db-2');
    assert.deepEqual(await names(cluster), ['db-0', 'db-1']);
    await patch(cluster, { replicas: 1 });
    assert.deepEqual(await names(cluster), ['db-0', 'db-1']);
    await runUntilQuiet(cluster);
    assert.deepEqual(await names(cluster), ['db-0']);
  }));

test('Parallel waits for nobody', () =>
  withCluster(async (cluster) => {
    await create(cluster, 5, { podManagementPolicy: 'Parallel' });
    assert.equal((await names(cluster)).length, 5);
    await patch(cluster, { replicas: 2 });
    assert.deepEqual(await names(cluster), ['db-0', 'db-1']);
  }));

test('pods that end are made anew, whatever their exit code', () =>
  withCluster(async (cluster) => {
    await create(cluster, 2);
    await runUntilQuiet(cluster);
    const before = await getPod(cluster, 'db-0');
    await fail(cluster, 'db-0');
    const after = await getPod(cluster, 'db-0');
    assert.notEqual(after.metadata.uid, before.metadata.uid);
    assert.equal(after.status.phase, 'Pending');
  }));

test('a new template goes from the highest ordinal down, each pod after the last one is available', () =>
  withCluster(async (cluster) => {
    await create(cluster, 3, { minReadySeconds: 10 });
    for (let i = 0; i < 3; i++) {
      await runAllPods(cluster);
      await cluster.advance('11s');
    }
    await setImage(cluster, 'db:2');
    assert.deepEqual(await images(cluster), ['db:1', 'db:1', 'db:2']);
    await runAllPods(cluster);
    await cluster.settle();
    assert.deepEqual(await images(cluster), ['db:1', 'db:1', 'db:2'], 'ready, but not for long enough');
    const { status } = await getSet(cluster);
    assert.equal(status.updatedReplicas, 1);
    assert.equal(status.currentReplicas, 2);
    assert.notEqual(status.currentRevision, status.updateRevision);
    await cluster.advance('11s');
    assert.deepEqual(await images(cluster), ['db:1', 'db:2', 'db:2']);
    for (let i = 0; i < 3; i++) {
      await runAllPods(cluster);
      await cluster.advance('11s');
    }
    assert.deepEqual(await images(cluster), ['db:2', 'db:2', 'db:2']);
    const { status: after } = await getSet(cluster);
    assert.equal(after.currentRevision, after.updateRevision);
    assert.equal(after.currentReplicas, 3);
  }));

test('a partition keeps the pods below it as they were, also when they are made anew', () =>
  withCluster(async (cluster) => {
    await create(cluster, 3);
    await runUntilQuiet(cluster);
    await patch(cluster, { updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 2 } } });
    await setImage(cluster, 'db:2');
    await runUntilQuiet(cluster);
    assert.deepEqual(await images(cluster), ['db:1', 'db:1', 'db:2']);
    await deletePod(cluster, 'db-1');
    await runUntilQuiet(cluster);
    assert.deepEqual(await images(cluster), ['db:1', 'db:1', 'db:2']);
    await patch(cluster, { updateStrategy: { rollingUpdate: { partition: 0 } } });
    await runUntilQuiet(cluster);
    assert.deepEqual(await images(cluster), ['db:2', 'db:2', 'db:2']);
  }));

test('OnDelete waits until somebody deletes the pod', () =>
  withCluster(async (cluster) => {
    await create(cluster, 2, { updateStrategy: { type: 'OnDelete' } });
    await runUntilQuiet(cluster);
    await setImage(cluster, 'db:2');
    await runUntilQuiet(cluster);
    assert.deepEqual(await images(cluster), ['db:1', 'db:1']);
    await deletePod(cluster, 'db-0');
    await runUntilQuiet(cluster);
    assert.deepEqual(await images(cluster), ['db:2', 'db:1']);
  }));

test('maxUnavailable lets several go at once', () =>
  withCluster(async (cluster) => {
    const rollingUpdate = { maxUnavailable: '50%' };
    const updateStrategy = { type: 'RollingUpdate', rollingUpdate } as const;
    await create(cluster, 5, { updateStrategy, podManagementPolicy: 'Parallel' });
    await runUntilQuiet(cluster);
    await setImage(cluster, 'db:2');
    assert.deepEqual(await images(cluster), ['db:1', 'db:1', 'db:1', 'db:2', 'db:2']);
    await runUntilQuiet(cluster);
    assert.deepEqual(new Set(await images(cluster)), new Set(['db:2']));
  }));

test('a broken revision is replaced under Parallel; under OrderedReady its pod has to be deleted by hand', () =>
  withCluster(async (cluster) => {
    await create(cluster, 2, { podManagementPolicy: 'Parallel' });
    await setImage(cluster, 'db:2');
    assert.deepEqual(await images(cluster), ['db:1', 'db:2'], 'one at a time');
    await runUntilQuiet(cluster);
    assert.deepEqual(await images(cluster), ['db:2', 'db:2']);
    await cluster.client.delete(statefulSets, REF);
    await cluster.settle();
    await create(cluster, 2);
    await setImage(cluster, 'db:2');
    assert.deepEqual(await images(cluster), ['db:1']);
    await deletePod(cluster, 'db-0');
    await runUntilQuiet(cluster);
    assert.deepEqual(await images(cluster), ['db:2', 'db:2']);
  }));

test('the history keeps what is in use and as much as it may, and serves to go back', () =>
  withCluster(async (cluster) => {
    await create(cluster, 1, { revisionHistoryLimit: 2 });
    await runUntilQuiet(cluster);
    for (const image of ['db:2', 'db:3', 'db:4', 'db:5', 'db:4']) {
      await setImage(cluster, image);
      await runUntilQuiet(cluster);
    }
    const { items } = await cluster.client.list(controllerRevisions);
    assert.deepEqual(
      items.map(({ revision }) => revision).toSorted((a, b) => a - b),
      [3, 5, 6],
    );
    const old = items.find(({ revision }) => revision === 3);
    assert.ok(old);
    await cluster.client.patch(statefulSets, REF, { type: 'strategic', body: old.data });
    await cluster.settle();
    await runUntilQuiet(cluster);
    assert.deepEqual(await images(cluster), ['db:3']);
  }));

test('adopts orphans that are called as its pods are, releases pods that stop matching, and fills their place', () =>
  withCluster(async (cluster) => {
    const { client } = cluster;
    const spec = { containers: [{ name: 'c', image: 'db:0' }] };
    for (const name of ['db-0', 'stray'])
      await client.create(pods, { metadata: { ...REF, name, labels: LABELS }, spec });
    await create(cluster, 1);
    const adopted = await getPod(cluster, 'db-0');
    assert.equal(adopted.metadata.ownerReferences?.[0]?.kind, 'StatefulSet');
    assert.equal((await getPod(cluster, 'stray')).metadata.ownerReferences, undefined);
    await runUntilQuiet(cluster);
    const renewed = await getPod(cluster, 'db-0');
    assert.notEqual(renewed.metadata.uid, adopted.metadata.uid, 'it has no revision, so it is rolled out');
    const other = { metadata: { labels: { app: 'other' } } };
    await client.patch(pods, { ...REF, name: 'db-0' }, { type: 'merge', body: other });
    await cluster.settle();
    assert.equal((await getPod(cluster, 'db-0')).metadata.ownerReferences, undefined);
    await deletePod(cluster, 'db-0');
    await cluster.advance('5m');
    assert.equal((await getPod(cluster, 'db-0')).metadata.ownerReferences?.[0]?.name, 'db');
  }));

test('labels of the identity come back', () =>
  withCluster(async (cluster) => {
    await create(cluster, 1);
    await runUntilQuiet(cluster);
    const body = { metadata: { labels: { 'statefulset.kubernetes.io/pod-name': null } } };
    await cluster.client.patch(pods, { ...REF, name: 'db-0' }, { type: 'merge', body });
    await cluster.settle();
    const { metadata } = await getPod(cluster, 'db-0');
    assert.equal(metadata.labels?.['statefulset.kubernetes.io/pod-name'], 'db-0');
    assert.ok(cluster.events.includes('SuccessfulUpdate: update Pod db-0 in StatefulSet db successful'));
  }));
