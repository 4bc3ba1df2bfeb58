import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pods } from '../../api/groups/core/pod/pod.ts';
import type { Pod } from '../../api/types.gen.ts';
import { serviceAccounts } from '../../api/groups/core/service-account/service-account.ts';
import { serviceAccountAdmission } from '../admission/service-account/service-account.ts';
import { priorityAdmission } from '../admission/priority/priority.ts';
import { defaultTolerationSeconds } from '../admission/default-toleration-seconds/default-toleration-seconds.ts';
import { createTestPipeline, type TestPipeline } from '../pipeline.fixture.ts';

function withAdmission(): TestPipeline {
  return createTestPipeline(({ store, host: { clock } }) => ({
    admission: [
      serviceAccountAdmission({ store, clock }),
      priorityAdmission(store),
      defaultTolerationSeconds,
    ],
  }));
}

function replica(name: string, image = 'web:1', uid = 'web'): Pod {
  return {
    metadata: { namespace: 'default', name, labels: { uid } },
    spec: { containers: [{ name: 'web', image, env: [{ name: 'A', value: '1' }] }] },
  } as unknown as Pod;
}

test('replicas are stored with one specification, and one that differs shares what is equal', async () => {
  const { client } = withAdmission();
  await client.create(serviceAccounts, { metadata: { namespace: 'default', name: 'default' } });
  const create = (pod: Pod): Promise<Pod> => client.create(pods, pod);
  const first = await create(replica('web-abc-1'));
  const second = await create(replica('web-abc-2'));
  const other = await create(replica('web-abc-3', 'web:2'));
  const elsewhere = await create(replica('shop-1'));
  assert.equal(second.spec, first.spec);
  assert.notEqual(second.metadata.uid, first.metadata.uid);
  assert.notEqual(other.spec, first.spec);
  assert.equal(other.spec.containers[0]?.image, 'web:2');
  assert.equal(other.spec.tolerations, first.spec.tolerations);
  assert.deepEqual(elsewhere.spec, first.spec);
});

test('what one specification is told does not depend on who asked before', async () => {
  const { client } = withAdmission();
  await client.create(serviceAccounts, { metadata: { namespace: 'default', name: 'default' } });
  const bad = (name: string): Promise<Pod> => client.create(pods, replica(name, ' web'));
  for (const name of ['web-1', 'web-2']) {
    await assert.rejects(bad(name), {
      code: 422,
      message: `Pod "${name}" is invalid: spec.containers[0].image: Invalid value: " web": must not have leading or trailing whitespace`,
    });
  }
});

test('pods of one account mount their token under one name, those of another under another', async () => {
  const { client } = withAdmission();
  for (const name of ['default', 'robot'])
    await client.create(serviceAccounts, { metadata: { namespace: 'default', name } });
  const volumeOf = async (name: string, serviceAccountName: string): Promise<string | undefined> => {
    const pod = replica(name);
    const { spec } = await client.create(pods, { ...pod, spec: { ...pod.spec, serviceAccountName } });
    assert.equal(spec.serviceAccountName, serviceAccountName);
    return spec.volumes?.[0]?.name;
  };
  const names = [
    await volumeOf('a-1', 'default'),
    await volumeOf('a-2', 'default'),
    await volumeOf('a-3', 'robot'),
  ];
  assert.equal(names[0], names[1]);
  assert.notEqual(names[0], names[2]);
});

test('pods that start in one second share what their statuses have in common', async () => {
  const { client } = withAdmission();
  await client.create(serviceAccounts, { metadata: { namespace: 'default', name: 'default' } });
  const started = async (name: string, podIP: string, second: string): Promise<Pod> => {
    const pod = await client.create(pods, replica(name));
    const lastTransitionTime = `2030-01-01T00:00:${second}Z`;
    const conditions = [{ type: 'Ready', status: 'True', lastTransitionTime }];
    const status = { phase: 'Running', conditions, podIP };
    return client.update(pods, { ...pod, status } as Pod, { subresource: 'status' });
  };
  const first = await started('web-1', '10.0.0.1', '01');
  const second = await started('web-2', '10.0.0.2', '01');
  const later = await started('web-3', '10.0.0.3', '02');
  assert.equal(second.status?.conditions, first.status?.conditions);
  assert.notEqual(later.status?.conditions, first.status?.conditions);
  assert.deepEqual(
    [first, second, later].map(({ status }) => status?.podIP),
    ['10.0.0.1', '10.0.0.2', '10.0.0.3'],
  );
});
