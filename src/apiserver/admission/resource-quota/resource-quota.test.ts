import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { games } from '../../../base/games.fixture.ts';
import { configMaps } from '../../../api/groups/core/config-map/config-map.ts';
import { pods } from '../../../api/groups/core/pod/pod.ts';
import { resourceQuotas } from '../../../api/groups/core/resource-quota/resource-quota.ts';
import { services } from '../../../api/groups/core/service/service.ts';
import { isApiError } from '../../../api/meta/api-error.ts';
import { createTestPipeline, type TestPipeline } from '../../pipeline.fixture.ts';
import { resourceQuotaAdmission } from './resource-quota.ts';

type List = { readonly [name: string]: string };
const QUOTA = { namespace: 'default', name: 'q' };

async function withQuota(hard: List): Promise<TestPipeline> {
  const pipeline = createTestPipeline(({ store, host }) => ({
    admission: [resourceQuotaAdmission(store, host.clock)],
  }));
  const { client } = pipeline;
  await client.create(resourceQuotas, { metadata: QUOTA, spec: { hard } });
  // As the controller leaves it when nothing is there yet.
  const used = Object.fromEntries(Object.keys(hard).map((name) => [name, '0']));
  const body = { status: { hard, used } };
  await client.patch(resourceQuotas, QUOTA, { type: 'merge', body }, { subresource: 'status' });
  return pipeline;
}

const podOf = (name: string, cpu: string) => ({
  metadata: { namespace: 'default', name },
  spec: { containers: [{ name: 'c', image: 'i', resources: { requests: { cpu } } }] },
});

const usedOf = async ({ client }: TestPipeline): Promise<List | undefined> =>
  (await client.get(resourceQuotas, QUOTA)).status.used;

test('what is over the quota is refused in upstream words, and leaves nothing behind', async () => {
  const pipeline = await withQuota({ pods: '2', cpu: '1' });
  const { client } = pipeline;
  await client.create(pods, podOf('a', '600m'));
  await assert.rejects(client.create(pods, podOf('b', '600m')), {
    code: 403,
    message: 'pods "b" is forbidden: exceeded quota: q, requested: cpu=600m, used: cpu=600m, limited: cpu=1',
  });
  await assert.rejects(
    client.create(pods, { ...podOf('c', '1m'), spec: { containers: [{ name: 'c', image: 'i' }] } }),
    { message: 'pods "c" is forbidden: failed quota: q: must specify cpu for: c' },
  );
  assert.deepEqual(await usedOf(pipeline), { pods: '1', cpu: '600m' });
  await assert.rejects(client.create(pods, podOf('a', '100m')), (error) =>
    isApiError(error, 'AlreadyExists'),
  );
  assert.deepEqual(await usedOf(pipeline), { pods: '1', cpu: '600m' });
});

test('a dry run is judged and not charged; other namespaces are free', async () => {
  const pipeline = await withQuota({ pods: '1' });
  const { client } = pipeline;
  await client.create(pods, podOf('a', '1'), { dryRun: true });
  assert.deepEqual(await usedOf(pipeline), { pods: '0' });
  await client.create(pods, podOf('a', '1'));
  await assert.rejects(client.create(pods, podOf('b', '1'), { dryRun: true }), /exceeded quota/);
  const elsewhere = podOf('b', '1');
  await client.create(pods, { ...elsewhere, metadata: { name: 'b', namespace: 'free' } });
});

test('updates that take more are charged the difference', async () => {
  const pipeline = await withQuota({ services: '1', 'services.nodeports': '1' });
  const { client } = pipeline;
  const place = { namespace: 'default', name: 'web' };
  const address = { clusterIP: '10.43.0.9', clusterIPs: ['10.43.0.9'] };
  const spec = { ...address, ports: [{ port: 80 }] };
  await client.create(services, { metadata: place, spec });
  const change = (body: object) => client.patch(services, place, { type: 'merge', body: body as never });
  await change({ metadata: { labels: { a: 'b' } } });
  assert.deepEqual(await usedOf(pipeline), { services: '1', 'services.nodeports': '0' });
  const ports = [
    { name: 'a', port: 80 },
    { name: 'b', port: 81 },
  ];
  await assert.rejects(
    change({ spec: { type: 'NodePort', ports } }),
    /exceeded quota: q, requested: services\.nodeports=2, used: services\.nodeports=0, limited: services\.nodeports=1/,
  );
});

test('no number of writers at once takes more than there is', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.integer({ min: 1, max: 9 }), fc.boolean()), { minLength: 1, maxLength: 25 }),
      fc.integer({ min: 1, max: 30 }),
      async (wishes, cpu) => {
        const hard = { pods: '12', cpu: `${cpu}00m`, configmaps: '4' };
        const pipeline = await withQuota(hard);
        const { client } = pipeline;
        const outcomes = await Promise.allSettled(
          wishes.map(([tenths, isMap], i) =>
            isMap
              ? client.create(configMaps, { metadata: { namespace: 'default', name: `m${i}` } })
              : client.create(pods, podOf(`p${i}`, `${tenths}00m`)),
          ),
        );
        const done = wishes.filter((_, i) => outcomes[i]?.status === 'fulfilled');
        const made = done.filter(([, isMap]) => !isMap).reduce((sum, [tenths]) => sum + tenths, 0);
        const maps = done.filter(([, isMap]) => isMap).length;
        assert.ok(made <= cpu && maps <= 4);
        const used = await usedOf(pipeline);
        const milli = (text = '0'): number =>
          text.endsWith('m') ? Number(text.slice(0, -1)) : Number(text) * 1000;
        assert.equal(milli(used?.['cpu']), made * 100, 'what is charged is what was made');
        assert.equal(used?.['pods'], String(done.length - maps));
        // Whoever was refused did not fit any more, whatever the order was.
        const refused = wishes.filter(([, isMap], i) => !isMap && outcomes[i]?.status === 'rejected');
        if (done.length - maps < 12) for (const [tenths] of refused) assert.ok(made + tenths > cpu);
      },
    ),
    games(40),
  );
});
