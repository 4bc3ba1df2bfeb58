import assert from 'node:assert/strict';
import { test } from 'node:test';
import { namespaces } from '../../api/groups/core/namespace/namespace.ts';
import { secrets } from '../../api/groups/core/secret/secret.ts';
import { formatTime } from '../../api/time/time.ts';
import { startTestCluster } from '../cluster.fixture.ts';
import { tokenCleanerController } from './token-cleaner.ts';

test('a token goes when it expires, others stay', async () => {
  const cluster = await startTestCluster([tokenCleanerController]);
  const { client, host } = cluster;
  for (const name of ['kube-system', 'shop']) await client.create(namespaces, { metadata: { name } });
  const soon = formatTime(host.clock.now() + 60_000);
  const create = (name: string, expiration: string, namespace = 'kube-system', kind = 'token') =>
    client.create(secrets, {
      metadata: { name: `bootstrap-token-${name}`, namespace },
      type: `bootstrap.kubernetes.io/${kind}`,
      stringData: { 'token-id': name, 'token-secret': '0123456789abcdef', expiration },
    });
  await create('aaaaaa', soon);
  await create('bbbbbb', '');
  await create('cccccc', 'next tuesday');
  await create('dddddd', soon, 'shop');
  await create('eeeeee', soon, 'kube-system', 'other');
  const names = async () => {
    const { items } = await client.list(secrets);
    return items.map(({ metadata }) => metadata.name?.slice(-6)).toSorted();
  };
  await cluster.settle();
  assert.deepEqual(await names(), ['aaaaaa', 'bbbbbb', 'dddddd', 'eeeeee'], 'who knows when tuesday is');
  await cluster.advance('58s');
  assert.equal((await names()).length, 4);
  await cluster.advance('3s');
  assert.deepEqual(await names(), ['bbbbbb', 'dddddd', 'eeeeee']);
  await cluster.stop();
});

test('a token that was prolonged at the last moment stays', async () => {
  const cluster = await startTestCluster([tokenCleanerController], { lagMs: 2_000 });
  const { client, host } = cluster;
  await client.create(namespaces, { metadata: { name: 'kube-system' } });
  const ref = { namespace: 'kube-system', name: 'bootstrap-token-aaaaaa' };
  await client.create(secrets, {
    metadata: ref,
    type: 'bootstrap.kubernetes.io/token',
    stringData: { 'token-id': 'aaaaaa', expiration: formatTime(host.clock.now() + 60_000) },
  });
  await cluster.settle();
  const { data } = await client.get(secrets, ref);
  const leftMs = Date.parse(atob(data?.['expiration'] ?? '')) - host.clock.now();
  await host.clock.advance(leftMs - 1_000);
  const body = { stringData: { expiration: formatTime(host.clock.now() + 600_000) } };
  await client.patch(secrets, ref, { type: 'merge', body });
  await cluster.advance('1m');
  assert.equal((await client.list(secrets)).items.length, 1);
  await cluster.advance('10m');
  assert.equal((await client.list(secrets)).items.length, 0);
  await cluster.stop();
});
