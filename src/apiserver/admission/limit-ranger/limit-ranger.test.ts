import assert from 'node:assert/strict';
import { test } from 'node:test';
import { limitRanges } from '../../../api/groups/core/limit-range/limit-range.ts';
import { persistentVolumeClaims } from '../../../api/groups/core/persistent-volume-claim/persistent-volume-claim.ts';
import { pods } from '../../../api/groups/core/pod/pod.ts';
import type { LimitRangeItem } from '../../../api/types.gen.ts';
import { createTestPipeline, type TestPipeline } from '../../pipeline.fixture.ts';
import { limitRanger } from './limit-ranger.ts';

async function withLimits(...limits: readonly LimitRangeItem[]): Promise<TestPipeline> {
  const pipeline = createTestPipeline(({ store }) => ({ admission: [limitRanger(store)] }));
  const metadata = { namespace: 'default', name: 'limits' };
  await pipeline.client.create(limitRanges, { metadata, spec: { limits } });
  return pipeline;
}

const podOf = (resources: object, more: object = {}) => ({
  metadata: { namespace: 'default', name: 'web' },
  spec: { containers: [{ name: 'c', image: 'i', resources }], ...more },
});

test('containers get what they do not say, and a note says so', async () => {
  const { client } = await withLimits({
    type: 'Container',
    default: { cpu: '200m', memory: '64Mi' },
    defaultRequest: { cpu: '100m' },
  });
  const initContainers = [{ name: 'i', image: 'i', resources: { limits: { cpu: '1', memory: '1Gi' } } }];
  const { spec, metadata } = await client.create(
    pods,
    podOf({ requests: { memory: '1Mi' } }, { initContainers }),
  );
  assert.deepEqual(spec.containers[0]?.resources, {
    limits: { cpu: '200m', memory: '64Mi' },
    requests: { cpu: '100m', memory: '1Mi' },
  });
  assert.deepEqual(spec.initContainers?.[0]?.resources.requests, { cpu: '1', memory: '1Gi' });
  assert.equal(
    metadata.annotations?.['kubernetes.io/limit-ranger'],
    'LimitRanger plugin set: cpu request for container c; cpu, memory limit for container c',
  );
});

test('what is too small, too large or too far apart is refused', async () => {
  const { client } = await withLimits(
    { type: 'Container', min: { cpu: '100m' }, max: { memory: '1Gi' }, maxLimitRequestRatio: { cpu: '2' } },
    { type: 'Pod', max: { cpu: '2' } },
    { type: 'PersistentVolumeClaim', min: { storage: '1Gi' }, max: { storage: '4Gi' } },
  );
  const refusal = async (resources: object): Promise<string> => {
    try {
      await client.create(pods, podOf(resources));
      return 'taken';
    } catch (error) {
      return (error as Error).message.replace('pods "web" is forbidden: ', '');
    }
  };
  const list = (cpu: string, memory: string) => ({ cpu, memory });
  assert.equal(
    await refusal({ requests: list('50m', '1Mi'), limits: list('100m', '1Mi') }),
    'minimum cpu usage per Container is 100m, but request is 50m',
  );
  assert.equal(
    await refusal({ requests: list('1', '1Mi'), limits: list('1', '2Gi') }),
    'maximum memory usage per Container is 1Gi, but limit is 2Gi',
  );
  assert.equal(
    await refusal({ requests: list('1', '2Gi'), limits: list('3', '2Gi') }),
    '[maximum memory usage per Container is 1Gi, but limit is 2Gi, ' +
      'cpu max limit to request ratio per Container is 2, but provided ratio is 3.000000, ' +
      'maximum cpu usage per Pod is 2, but limit is 3]',
  );
  const claim = (storage: string) =>
    client.create(persistentVolumeClaims, {
      metadata: { namespace: 'default', name: 'data' },
      spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage } } },
    });
  await assert.rejects(claim('500Mi'), {
    message:
      'persistentvolumeclaims "data" is forbidden: minimum storage usage per PersistentVolumeClaim is 1Gi, but request is 500Mi',
  });
  await assert.rejects(
    claim('5Gi'),
    /maximum storage usage per PersistentVolumeClaim is 4Gi, but request is 5Gi$/,
  );
  await claim('2Gi');
  await client.create(pods, podOf({ requests: list('1', '1Mi'), limits: list('2', '1Gi') }));
});

test('what is not said where it has to be', async () => {
  const { client } = await withLimits({ type: 'Pod', min: { cpu: '1' }, max: { memory: '1Gi' } });
  await assert.rejects(client.create(pods, podOf({})), {
    message:
      'pods "web" is forbidden: [minimum cpu usage per Pod is 1.  No request is specified, ' +
      'maximum memory usage per Pod is 1Gi.  No limit is specified]',
  });
});
