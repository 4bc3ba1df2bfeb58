import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isApiError } from '../../api/meta/api-error.ts';
import { pods } from '../../api/groups/core/pod/pod.ts';
import { resourceClaims } from '../../api/groups/resource/resource-claim/resource-claim.ts';
import { resourceSlices } from '../../api/groups/resource/resource-slice/resource-slice.ts';
import { withReservation } from '../../api/groups/resource/pod-resource-claims.ts';
import { formatTime } from '../../api/time/time.ts';
import type { DeviceTaint, Pod } from '../../api/types.gen.ts';
import { startTestCluster, type TestCluster, type TestClusterOptions } from '../cluster.fixture.ts';
import { deviceTaintEvictionController } from './device-taint-eviction.ts';

const namespace = 'default';
const DRIVER = 'gpu.example.com';

/** A pod that has device `d`. */
async function start(...tolerations: readonly object[]): Promise<TestCluster> {
  return startWith({}, tolerations);
}

async function startWith(
  options: TestClusterOptions,
  tolerations: readonly object[] = [],
): Promise<TestCluster> {
  const cluster = await startTestCluster([deviceTaintEvictionController], options);
  const { client } = cluster;
  await client.create(resourceSlices, {
    metadata: { name: 'slice' },
    spec: {
      driver: DRIVER,
      pool: { name: 'p', generation: 1, resourceSliceCount: 1 },
      nodeName: 'n',
      devices: [{ name: 'd' }, { name: 'other' }],
    },
  });
  const claim = await client.create(resourceClaims, {
    metadata: { namespace, name: 'c' },
    spec: { devices: { requests: [{ name: 'r', exactly: { deviceClassName: 'any' } }] } },
  });
  const pod = await createPod(cluster);
  const results = [{ request: 'r', driver: DRIVER, pool: 'p', device: 'd', tolerations }];
  const status = { ...withReservation(claim, pod), allocation: { devices: { results } } };
  await client.update(resourceClaims, { ...claim, status } as never, { subresource: 'status' });
  await cluster.settle();
  return cluster;
}

const createPod = ({ client }: TestCluster): Promise<Pod> =>
  client.create(pods, {
    metadata: { namespace, name: 'p' },
    spec: {
      nodeName: 'n',
      containers: [{ name: 'c', image: 'i' }],
      resourceClaims: [{ name: 'gpu', resourceClaimName: 'c' }],
    },
  });

async function taint(
  { client, host }: TestCluster,
  device: string,
  effect: DeviceTaint['effect'] | undefined,
): Promise<void> {
  const slice = await client.get(resourceSlices, { name: 'slice' });
  const timeAdded = formatTime(host.clock.now());
  const taints = effect === undefined ? [] : [{ key: 'broken', effect, timeAdded }];
  const devices = (slice.spec.devices ?? []).map((one) => (one.name === device ? { ...one, taints } : one));
  await client.update(resourceSlices, { ...slice, spec: { ...slice.spec, devices } });
}

async function podOf({ client }: TestCluster): Promise<Pod | undefined> {
  try {
    return await client.get(pods, { namespace, name: 'p' });
  } catch (error) {
    if (isApiError(error, 'NotFound')) return undefined;
    throw error;
  }
}

const isLeaving = async (cluster: TestCluster): Promise<boolean> => {
  const pod = await podOf(cluster);
  return pod === undefined || pod.metadata.deletionTimestamp !== undefined;
};

test('a pod leaves a device that is out of order, and no other', async () => {
  const cluster = await start();
  for (const [device, effect] of [
    ['other', 'NoExecute'],
    ['d', 'NoSchedule'],
    ['d', 'None'],
  ] as const) {
    await taint(cluster, device, effect);
    await cluster.settle();
    assert.equal(await isLeaving(cluster), false, `${device} ${effect}`);
  }
  await taint(cluster, 'd', 'NoExecute');
  await cluster.settle();
  assert.equal(await isLeaving(cluster), true);
  const condition = (await podOf(cluster))?.status.conditions?.find(
    ({ type }) => type === 'DisruptionTarget',
  );
  assert.equal(condition?.reason, 'DeletionByDeviceTaintManager');
  assert.deepEqual(cluster.events, ['DeviceTaintManagerEviction: Marking for deletion']);
  await cluster.stop();
});

test('what is tolerated, for ever or for a while', async () => {
  const forEver = await start({ key: 'broken', operator: 'Exists' });
  await taint(forEver, 'd', 'NoExecute');
  await forEver.advance('1h');
  assert.equal(await isLeaving(forEver), false);
  await forEver.stop();
  const limited = await start({ operator: 'Exists', tolerationSeconds: 60 });
  await taint(limited, 'd', 'NoExecute');
  await limited.advance('50s');
  assert.equal(await isLeaving(limited), false);
  await taint(limited, 'd', undefined);
  await limited.advance('50s');
  assert.equal(await isLeaving(limited), false, 'repaired in time');
  assert.deepEqual(limited.events, ['DeviceTaintManagerEviction: Cancelling deletion']);
  await taint(limited, 'd', 'NoExecute');
  await limited.advance('70s');
  assert.equal(await isLeaving(limited), true);
  await limited.stop();
});

test('a lost race or a crash does not save the pod', async () => {
  for (const trouble of ['refuse', 'crash'] as const) {
    const cluster = await start();
    cluster[trouble](1);
    await taint(cluster, 'd', 'NoExecute');
    await cluster.advance('1s');
    if (trouble === 'crash') await cluster.restart();
    await cluster.advance('10s');
    assert.equal(await isLeaving(cluster), true, trouble);
    await cluster.stop();
  }
});

test('a pod that comes back under its name, with the same device, leaves as well', async () => {
  const cluster = await startWith({ lagMs: { pods: 300 } });
  const { client } = cluster;
  await taint(cluster, 'd', 'NoExecute');
  await cluster.settle();
  assert.equal(await isLeaving(cluster), true);
  await client.delete(pods, { namespace, name: 'p' }, { gracePeriodSeconds: 0 });
  const pod = await createPod(cluster);
  const claim = await client.get(resourceClaims, { namespace, name: 'c' });
  const free = { ...claim, status: { ...claim.status, reservedFor: [] } };
  const status = withReservation(free, pod);
  await client.update(resourceClaims, { ...claim, status }, { subresource: 'status' });
  // That the first one went is never heard of.
  cluster.breakStreams(true);
  await cluster.advance('10s');
  assert.equal(await isLeaving(cluster), true);
  await cluster.stop();
});
