import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BUILT_IN_KINDS } from '../../api/catalog.ts';
import { pods } from '../../api/groups/core/pod/pod.ts';
import { resourceClaims } from '../../api/groups/resource/resource-claim/resource-claim.ts';
import { resourceClaimTemplates } from '../../api/groups/resource/resource-claim-template/resource-claim-template.ts';
import { ALLOCATION_FINALIZER, withReservation } from '../../api/groups/resource/pod-resource-claims.ts';
import type { Pod, ResourceV1ResourceClaim } from '../../api/types.gen.ts';
import { startTestCluster, type TestCluster, type TestClusterOptions } from '../cluster.fixture.ts';
import { garbageCollector } from '../garbage-collector/garbage-collector.ts';
import { resourceClaimController } from './resource-claim.ts';

const namespace = 'default';
const DEVICES = { requests: [{ name: 'gpu', exactly: { deviceClassName: 'gpu' } }] };

async function start(options: TestClusterOptions = {}): Promise<TestCluster> {
  return startTestCluster([resourceClaimController, garbageCollector(() => BUILT_IN_KINDS)], options);
}

async function addTemplate({ client }: TestCluster): Promise<void> {
  await client.create(resourceClaimTemplates, {
    metadata: { namespace, name: 'one-gpu' },
    spec: { metadata: { labels: { team: 'a' }, annotations: { note: 'n' } }, spec: { devices: DEVICES } },
  });
}

async function addPod(
  { client }: TestCluster,
  name: string,
  claim: object,
  nodeName?: string,
): Promise<void> {
  await client.create(pods, {
    metadata: { namespace, name },
    spec: {
      containers: [{ name: 'c', image: 'i', resources: { claims: [{ name: 'gpu' }] } }],
      resourceClaims: [{ name: 'gpu', ...claim }],
      ...(nodeName === undefined ? {} : { nodeName }),
    },
  });
}

const podOf = ({ client }: TestCluster, name: string): Promise<Pod> => client.get(pods, { namespace, name });
const claimsIn = async ({ client }: TestCluster): Promise<readonly ResourceV1ResourceClaim[]> =>
  (await client.list(resourceClaims)).items;

/** What the scheduler does. */
async function allocate({ client }: TestCluster, claim: ResourceV1ResourceClaim, ...users: readonly Pod[]) {
  const finalizers = [ALLOCATION_FINALIZER];
  let written = await client.update(resourceClaims, {
    ...claim,
    metadata: { ...claim.metadata, finalizers },
  });
  const results = [{ request: 'gpu', driver: 'gpu.example.com', pool: 'p', device: 'd' }];
  const allocated = { ...written, status: { allocation: { devices: { results } } } };
  const status = users.reduce(
    (sum, user) => withReservation({ ...allocated, status: sum }, user),
    allocated.status as ResourceV1ResourceClaim['status'],
  );
  written = await client.update(resourceClaims, { ...written, status }, { subresource: 'status' });
  return written;
}

async function finish({ client }: TestCluster, name: string): Promise<void> {
  const body = { status: { phase: 'Succeeded' } };
  await client.patch(pods, { namespace, name }, { type: 'merge', body }, { subresource: 'status' });
}

test('a claim of a template is made once, and the pod told', async () => {
  const cluster = await start();
  await addTemplate(cluster);
  await addPod(cluster, 'p', { resourceClaimTemplateName: 'one-gpu' });
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
  await addPod(cluster, 'p', { resourceClaimTemplateName: 'one-gpu' });
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
    await addPod(cluster, 'p', { resourceClaimTemplateName: 'one-gpu' });
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
  const draft = { metadata: { namespace, name: 'shared' }, spec: { devices: DEVICES } };
  const claim = await cluster.client.create(resourceClaims, draft);
  for (const name of ['p', 'q']) await addPod(cluster, name, { resourceClaimName: 'shared' });
  await allocate(cluster, claim, await podOf(cluster, 'p'), await podOf(cluster, 'q'));
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
    await addPod(cluster, 'p', { resourceClaimTemplateName: 'one-gpu' });
    await cluster.settle();
    const [claim] = await claimsIn(cluster);
    assert.ok(claim);
    await allocate(cluster, claim, await podOf(cluster, 'p'));
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
  const draft = { metadata: { namespace, name: 'shared' }, spec: { devices: DEVICES } };
  const claim = await cluster.client.create(resourceClaims, draft);
  await addPod(cluster, 'p', { resourceClaimName: 'shared' }, 'node');
  await allocate(cluster, claim);
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
