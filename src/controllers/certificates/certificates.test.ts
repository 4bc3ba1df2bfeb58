import assert from 'node:assert/strict';
import { test } from 'node:test';
import { certificateRequest } from '../../api/groups/certificates/certificate-request.fixture.ts';
import { certificateSigningRequests } from '../../api/groups/certificates/certificate-signing-request/certificate-signing-request.ts';
import { isApiError } from '../../api/meta/api-error.ts';
import { startTestCluster } from '../cluster.fixture.ts';
import { certificateController } from './certificates.ts';

const NAME = 'jane';

test('a request of an old name has its own time, although the cache still shows the one before', async () => {
  const controller = certificateController({ certificatePem: '', keyPem: '' });
  const lagMs = { certificatesigningrequests: 2_000 };
  const cluster = await startTestCluster([controller], { lagMs });
  const { client, host } = cluster;
  const request = await certificateRequest('CN=jane');
  const ask = async (): Promise<void> => {
    const spec = { request, signerName: 'acme.io/client', usages: ['client auth'] };
    await client.create(certificateSigningRequests, { metadata: { name: NAME }, spec });
  };
  await ask();
  const { metadata } = await client.get(certificateSigningRequests, { name: NAME });
  const dueMs = Date.parse(metadata.creationTimestamp ?? '') + 24 * 3_600_000;
  await host.clock.advance(dueMs - host.clock.now() - 500);
  await client.delete(certificateSigningRequests, { name: NAME });
  await ask();
  await cluster.advance('1h');
  const kept = await client.get(certificateSigningRequests, { name: NAME });
  assert.ok(Date.parse(kept.metadata.creationTimestamp ?? '') > host.clock.now() - 2 * 3_600_000);
  await cluster.advance('24h');
  await assert.rejects(client.get(certificateSigningRequests, { name: NAME }), (error) =>
    isApiError(error, 'NotFound'),
  );
  await cluster.stop();
});
