/** What a machine without any rights may know of a cluster, and how a token vouches for it. */

import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { test } from 'node:test';
import { subjectAccessReviews } from '../api/groups/authorization/subject-access-review/subject-access-review.ts';
import { configMaps } from '../api/groups/core/config-map/config-map.ts';
import { secrets } from '../api/groups/core/secret/secret.ts';
import { startCluster } from './start-cluster.ts';

const INFO = { namespace: 'kube-public', name: 'cluster-info' };

test('anybody reads where the cluster is, and who has a token knows that it is true', async () => {
  const cluster = await startCluster({ nodes: 0 });
  const { client } = cluster;
  const [id, secret] = ['abcdef', '0123456789abcdef'];
  await client.create(secrets, {
    metadata: { name: `bootstrap-token-${id}`, namespace: 'kube-system' },
    type: 'bootstrap.kubernetes.io/token',
    stringData: { 'token-id': id, 'token-secret': secret, 'usage-bootstrap-signing': 'true' },
  });
  await cluster.settle();
  const { data = {} } = await client.get(configMaps, INFO);
  const { kubeconfig = '' } = data;
  assert.match(kubeconfig, /server: https:\/\/127\.0\.0\.1:6443\n/);
  assert.match(kubeconfig, /certificate-authority-data: [\w+/=]{100,}\n/);
  const [header = '', , signature] = (data[`jws-kubeconfig-${id}`] ?? '').split('.');
  const input = `${header}.${Buffer.from(kubeconfig).toString('base64url')}`;
  assert.equal(signature, createHmac('sha256', secret).update(input).digest('base64url'));
  const may = async (verb: string, name: string): Promise<boolean> => {
    const resourceAttributes = { verb, resource: 'configmaps', namespace: INFO.namespace, name };
    const { status } = await client.create(subjectAccessReviews, {
      spec: { user: 'system:anonymous', groups: ['system:unauthenticated'], resourceAttributes },
    });
    return status.allowed;
  };
  assert.equal(await may('get', 'cluster-info'), true);
  assert.equal(await may('update', 'cluster-info'), false);
  assert.equal(await may('get', 'kube-root-ca.crt'), false);
  await cluster.stop();
});
