import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compactVerify } from 'jose';
import { configMaps } from '../../api/groups/core/config-map/config-map.ts';
import { namespaces } from '../../api/groups/core/namespace/namespace.ts';
import { secrets } from '../../api/groups/core/secret/secret.ts';
import { formatTime } from '../../api/time/time.ts';
import { startTestCluster, type TestCluster } from '../cluster.fixture.ts';
import { bootstrapSignerController, detachedSignature } from './bootstrap-signer.ts';

const INFO = { namespace: 'kube-public', name: 'cluster-info' };

const createToken = ({ client }: TestCluster, id: string, more: { readonly [field: string]: string } = {}) =>
  client.create(secrets, {
    metadata: { name: `bootstrap-token-${id}`, namespace: 'kube-system' },
    type: 'bootstrap.kubernetes.io/token',
    stringData: {
      'token-id': id,
      'token-secret': '0123456789abcdef',
      'usage-bootstrap-signing': 'true',
      ...more,
    },
  });

async function keys({ client }: TestCluster): Promise<readonly string[]> {
  return Object.keys((await client.get(configMaps, INFO)).data ?? {}).toSorted();
}

test('a signature is a JWS without its content, with the token as its key', async () => {
  const secret = '0123456789abcdef';
  const [header = '', content, signature] = detachedSignature('text', { id: 'abcdef', secret }).split('.');
  assert.equal(Buffer.from(header, 'base64url').toString(), '{"alg":"HS256","kid":"abcdef"}');
  assert.equal(content, '');
  const whole = `${header}.${Buffer.from('text').toString('base64url')}.${signature ?? ''}`;
  const { payload } = await compactVerify(whole, Buffer.from(secret));
  assert.equal(Buffer.from(payload).toString(), 'text');
});

test('every token that is meant for it signs, as long as it is valid', async () => {
  const cluster = await startTestCluster([bootstrapSignerController]);
  const { client, host } = cluster;
  for (const name of ['kube-system', 'kube-public']) await client.create(namespaces, { metadata: { name } });
  await createToken(cluster, 'aaaaaa');
  await createToken(cluster, 'bbbbbb', { expiration: formatTime(host.clock.now() + 60_000) });
  await createToken(cluster, 'cccccc', { 'usage-bootstrap-signing': 'false' });
  await createToken(cluster, 'dddddd', { 'token-id': 'eeeeee' });
  await cluster.settle();
  await client.create(configMaps, {
    metadata: INFO,
    data: { kubeconfig: 'one', 'jws-kubeconfig-zzzzzz': 'x' },
  });
  await cluster.settle();
  assert.deepEqual(await keys(cluster), ['jws-kubeconfig-aaaaaa', 'jws-kubeconfig-bbbbbb', 'kubeconfig']);
  await cluster.advance('61s');
  assert.deepEqual(await keys(cluster), ['jws-kubeconfig-aaaaaa', 'kubeconfig']);
  await client.patch(configMaps, INFO, { type: 'merge', body: { data: { kubeconfig: 'two' } } });
  await cluster.settle();
  const { data } = await client.get(configMaps, INFO);
  const wanted = detachedSignature('two', { id: 'aaaaaa', secret: '0123456789abcdef' });
  assert.equal(data?.['jws-kubeconfig-aaaaaa'], wanted);
  await client.delete(secrets, { namespace: 'kube-system', name: 'bootstrap-token-aaaaaa' });
  await cluster.settle();
  assert.deepEqual(await keys(cluster), ['kubeconfig']);
  await cluster.stop();
});
