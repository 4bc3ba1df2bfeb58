import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BUILT_IN_KINDS } from '../../api/catalog.ts';
import { pods } from '../../api/groups/core/pod/pod.ts';
import { resourceClaims } from '../../api/groups/resource/resource-claim/resource-claim.ts';
import { startTestCluster, type TestCluster, type TestClusterOptions } from '../cluster.fixture.ts';
import { garbageCollector } from '../garbage-collector/garbage-collector.ts';
import {
  addClaim,
  addPod,
  addTemplate,
  allocate,
  claimsIn,
  finish,
  FROM_TEMPLATE,
  namespace,
  podOf,
} from './resource-claim.fixture.ts';
import { resourceClaimController } from './resource-claim.ts';

async function start(options: TestClusterOptions = {}): Promise<TestCluster> {
  return startTestCluster([resourceClaimController, garbageCollector(() => BUILT_IN_KINDS)], options);
}

test('a claim of a template is made once, and the pod told', async () => {
  const cluster = await start();
  await addTemplate(cluster);
  await addPod(cluster, 'p', FROM_TEMPLATE);
  await cluster.settle();
  const [claim, ...others] = await claimsIn(cluster);
  assert.deepEqual(others, []);
  assert.match(claim?.metadata.name ?? '', /^p-gpu-.{5}$/);
  assert.deepEqual(claim?.metadata.labels, { team: 'a' });
  assert.deepEqual(claim?.metadata.annotations, {
    note: 'n',
    'resource.kubernetes.io/pod-claim-name': 'gpu',
  });
  assert.equal(claim?.metadata.ownerReferences?.[0]?.name, 'p');
  assert.equal(claim?.spec.devices.requests[0]?.name, 'gpu');
  assert.deepEqual((await podOf(cluster, 'p')).status.resourceClaimStatuses, [
    { name: 'gpu', resourceClaimName: claim?.metadata.name },
  ]);
  await cluster.client.delete(resourceClaims, { namespace, name: claim?.metadata.name ?? '' });
  await cluster.advance('10s');
  const [second] = await claimsIn(cluster);
  assert.notEqual(second?.metadata.name, claim?.metadata.name);
  assert.equal(
    (await podOf(cluster, 'p')).status.resourceClaimStatuses?.[0]?.resourceClaimName,
    second?.metadata.name,
    'a lost one is made again',
  );
  await cluster.stop();
});

test('a missing template is told, and waited for', async () => {
  const cluster = await start();
  await addPod(cluster, 'p', FROM_TEMPLATE);
  await cluster.settle();
  assert.ok(
    cluster.events.includes(
      'FailedResourceClaimCreation: PodResourceClaim gpu: resource claim template "one-gpu": ' +
        'resourceclaimtemplate.resource.k8s.io "one-gpu" not found',
    ),
  );
  await addTemplate(cluster);
  await cluster.settle();
  assert.equal((await claimsIn(cluster)).length, 1);
  await cluster.stop();
});

test('neither late news, nor lost races, nor a crash make a second claim', async () => {
  for (const writes of [1, 2]) {
    const cluster = await start({ lagMs: { resourceclaims: 300, pods: 100 } });
    await addTemplate(cluster);
    cluster.crash(writes);
    await addPod(cluster, 'p', FROM_TEMPLATE);
    await cluster.advance('2s');
    await cluster.restart();
    cluster.refuse(1);
    await cluster.advance('10s');
    const claims = await claimsIn(cluster);
    assert.equal(claims.length, 1, `after ${writes} writes`);
    const [made] = (await podOf(cluster, 'p')).status.resourceClaimStatuses ?? [];
    assert.equal(made?.resourceClaimName, claims[0]?.metadata.name);
    await cluster.stop();
  }
});

test('the last user gives the claim back', async () => {
  const cluster = await start();
  const claim = await addClaim(cluster, 'shared');
  for (const name of ['p', 'q']) await addPod(cluster, name, { resourceClaimName: 'shared' });
  await allocate(cluster, claim, 'd', await podOf(cluster, 'p'), await podOf(cluster, 'q'));
  await cluster.settle();
  await finish(cluster, 'p');
  await cluster.settle();
  let [now] = await claimsIn(cluster);
  assert.deepEqual(
    now?.status.reservedFor?.map(({ name }) => name),
    ['q'],
  );
  assert.ok(now?.status.allocation !== undefined);
  await cluster.client.delete(pods, { namespace, name: 'q' }, { gracePeriodSeconds: 0 });
  await cluster.advance('10s');
  [now] = await claimsIn(cluster);
  assert.deepEqual(now?.status.reservedFor ?? [], []);
  assert.equal(now?.status.allocation, undefined);
  assert.deepEqual(now?.metadata.finalizers ?? [], []);
  await cluster.stop();
});

test('a generated claim goes when its pod is done, also after a crash in between', async () => {
  for (const writes of [1, 2, 3, 99]) {
    const cluster = await start();
    await addTemplate(cluster);
    await addPod(cluster, 'p', FROM_TEMPLATE);
    await cluster.settle();
    const [claim] = await claimsIn(cluster);
    assert.ok(claim);
    await allocate(cluster, claim, 'd', await podOf(cluster, 'p'));
    await cluster.settle();
    cluster.crash(writes);
    await finish(cluster, 'p');
    await cluster.advance('1s');
    await cluster.restart();
    await cluster.advance('10s');
    assert.deepEqual(await claimsIn(cluster), [], `after ${writes} writes`);
    await cluster.stop();
  }
});

test('a deleted claim waits for its users', async () => {
  const cluster = await start();
  const claim = await addClaim(cluster, 'shared');
  await addPod(cluster, 'p', { resourceClaimName: 'shared' }, 'node');
  await allocate(cluster, claim, 'd');
  await cluster.settle();
  const [reserved] = await claimsIn(cluster);
  assert.equal(reserved?.status.reservedFor?.[0]?.name, 'p', 'of a pod that was bound without it');
  await cluster.client.delete(resourceClaims, { namespace, name: 'shared' });
  await cluster.settle();
  assert.equal((await claimsIn(cluster)).length, 1);
  await finish(cluster, 'p');
  await cluster.advance('10s');
  assert.deepEqual(await claimsIn(cluster), []);
  await cluster.stop();
});

test('the claim for extended resources of a pod goes with it', async () => {
  const cluster = await start();
  await addPod(cluster, 'p', { resourceClaimName: 'none' });
  const pod = await podOf(cluster, 'p');
  const owner = { apiVersion: 'v1', kind: 'Pod', name: 'p', uid: pod.metadata.uid ?? '', controller: true };
  const claim = await addClaim(cluster, 'extended');
  const made = await cluster.client.update(resourceClaims, {
    ...claim,
    metadata: { ...claim.metadata, ownerReferences: [owner] },
  });
  await allocate(cluster, made, 'd', pod);
  const requestMappings = [{ containerName: 'c', resourceName: 'example.com/gpu', requestName: 'r' }];
  const extendedResourceClaimStatus = { resourceClaimName: 'extended', requestMappings };
  const status = { ...pod.status, extendedResourceClaimStatus };
  await cluster.client.update(pods, { ...pod, status }, { subresource: 'status' });
  await cluster.settle();
  assert.ok((await claimsIn(cluster))[0]?.status.allocation !== undefined);
  await finish(cluster, 'p');
  await cluster.advance('10s');
  assert.deepEqual(await claimsIn(cluster), []);
  await cluster.stop();
});
