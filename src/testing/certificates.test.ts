/** Certificate signing requests in a whole cluster: approved by hand or by themselves, signed, taken away. */

import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { test } from 'node:test';
import { certificateRequest } from '../api/groups/certificates/certificate-request.fixture.ts';
import { certificateSigningRequests } from '../api/groups/certificates/certificate-signing-request/certificate-signing-request.ts';
import { isApiError } from '../api/meta/api-error.ts';
import type { CertificateSigningRequest } from '../api/types.gen.ts';
import { startCluster, type TestCluster } from './start-cluster.ts';

const USAGES = ['digital signature', 'client auth'];

type Hosts = NonNullable<Parameters<typeof certificateRequest>[2]>;

async function ask(
  { client }: TestCluster,
  name: string,
  subject: string,
  spec: Partial<CertificateSigningRequest['spec']> & { readonly hosts?: Hosts },
): Promise<void> {
  const { hosts, ...more } = spec;
  const request = await certificateRequest(subject, 'ecdsa', hosts);
  const signerName = 'kubernetes.io/kube-apiserver-client';
  await client.create(certificateSigningRequests, {
    metadata: { name },
    spec: { request, signerName, usages: USAGES, ...more },
  });
}

const read = ({ client }: TestCluster, name: string): Promise<CertificateSigningRequest> =>
  client.get(certificateSigningRequests, { name });

async function approve(cluster: TestCluster, name: string): Promise<void> {
  const request = await read(cluster, name);
  const condition = { type: 'Approved', status: 'True', reason: 'Test', message: '' };
  const next = { ...request, status: { conditions: [condition] } };
  await cluster.client.update(certificateSigningRequests, next, { subresource: 'approval' });
  await cluster.settle();
}

test('what is approved is signed, what a signer cannot sign fails, and both go after an hour', async () => {
  const cluster = await startCluster({ nodes: 0 });
  await cluster.settle();
  await ask(cluster, 'jane', 'CN=jane, O=developers', { expirationSeconds: 3600 });
  await ask(cluster, 'other', 'CN=jane', { usages: ['server auth'] });
  await cluster.settle();
  assert.deepEqual((await read(cluster, 'jane')).status, {}, 'nobody has approved it');
  await approve(cluster, 'jane');
  await approve(cluster, 'other');
  const { status } = await read(cluster, 'jane');
  const certificate = new X509Certificate(Buffer.from(status.certificate ?? '', 'base64'));
  assert.deepEqual(certificate.subject.split('\n').toSorted(), ['CN=jane', 'O=developers']);
  assert.equal(certificate.issuer, 'CN=k8ts-ca');
  const lifeMs = certificate.validToDate.getTime() - cluster.clock.now();
  // Signing takes real time, in which the virtual one may go on by some minutes.
  assert.ok(lifeMs > 3_200_000 && lifeMs <= 3_600_000);
  const failed = (await read(cluster, 'other')).status.conditions?.find(({ type }) => type === 'Failed');
  assert.equal(failed?.reason, 'SignerValidationFailure');
  assert.equal(failed.message, 'invalid usage for client certificate: server auth');
  await cluster.clock.advance('61m');
  for (const name of ['jane', 'other']) {
    await assert.rejects(read(cluster, name), (error) => isApiError(error, 'NotFound'));
  }
  await cluster.stop();
});

test('a node client certificate is approved when the asker may have one', async () => {
  const cluster = await startCluster({ nodes: 0 });
  await cluster.settle();
  const signerName = 'kubernetes.io/kube-apiserver-client-kubelet';
  await ask(cluster, 'node', 'CN=system:node:one, O=system:nodes', { signerName });
  await ask(cluster, 'false', 'CN=jane, O=system:nodes', { signerName });
  await cluster.settle();
  // An administrator may do anything, this among it.
  const { status } = await read(cluster, 'node');
  assert.deepEqual(
    (status.conditions ?? []).map(({ type, reason, message }) => [type, reason, message]),
    [['Approved', 'AutoApproved', 'Auto approving kubelet client certificate after SubjectAccessReview.']],
  );
  assert.ok((status.certificate ?? '') !== '');
  assert.deepEqual((await read(cluster, 'false')).status, {});
  const hosts: Hosts = [
    { type: 'dns', value: 'one' },
    { type: 'ip', value: '10.0.0.7' },
  ];
  const serving = {
    signerName: 'kubernetes.io/kubelet-serving',
    usages: ['digital signature', 'server auth'],
  };
  await ask(cluster, 'serving', 'CN=system:node:one, O=system:nodes', { ...serving, hosts });
  await cluster.settle();
  assert.deepEqual((await read(cluster, 'serving')).status, {}, 'this one is for people to approve');
  await approve(cluster, 'serving');
  const { certificate = '' } = (await read(cluster, 'serving')).status;
  const served = new X509Certificate(Buffer.from(certificate, 'base64'));
  assert.equal(served.subjectAltName, 'DNS:one, IP Address:10.0.0.7');
  assert.deepEqual(served.keyUsage, ['1.3.6.1.5.5.7.3.1']);
  await cluster.stop();
});
