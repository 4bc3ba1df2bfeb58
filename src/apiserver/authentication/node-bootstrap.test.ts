import assert from 'node:assert/strict';
import { generateKeyPairSync, X509Certificate } from 'node:crypto';
import { test } from 'node:test';
import { parseNetwork } from '../../api/addresses/addresses.ts';
import { createSimulatedHost } from '../../host/simulated/simulated.ts';
import { createAuthority } from '../../pki/pki.ts';
import { certifyNode, type NodeBootstrapParts } from './node-bootstrap.ts';

async function start(): Promise<NodeBootstrapParts> {
  const { clock } = createSimulatedHost(1);
  const authority = createAuthority('test', clock.now(), 10);
  const networks = ['10.43.0.0/16', '10.99.0.0/24'].flatMap((text) => parseNetwork(text) ?? []);
  return { authority, clock, serviceNetworks: () => networks, networks: { clusterDomain: 'cluster.local' } };
}

const publicKey = (curve = 'P-256'): string =>
  generateKeyPairSync('ec', { namedCurve: curve })
    .publicKey.export({ type: 'spki', format: 'pem' })
    .toString();

test('a machine gets the certificates of its node', async () => {
  const parts = await start();
  const answer = await certifyNode(parts, {
    nodeName: 'one',
    publicKey: publicKey(),
    hosts: ['10.0.0.7', 'one'],
  });
  const authority = new X509Certificate(parts.authority.certificatePem);
  const client = new X509Certificate(answer.clientCertificate);
  assert.ok(client.verify(authority.publicKey));
  assert.equal(client.subject, 'O=system:nodes\nCN=system:node:one');
  const serving = new X509Certificate(answer.servingCertificate);
  assert.equal(serving.checkHost('one'), 'one');
  assert.equal(serving.checkIP('10.0.0.7'), '10.0.0.7');
  assert.equal(answer.networks['clusterDomain'], 'cluster.local');
});

test('nobody gets a certificate for what is not theirs', async () => {
  const parts = await start();
  const ask = (change: object): Promise<unknown> =>
    certifyNode(parts, { nodeName: 'one', publicKey: publicKey(), hosts: [], ...change });
  await assert.rejects(ask({ hosts: ['kubernetes.default.svc'] }), { code: 400 });
  await assert.rejects(ask({ hosts: ['10.43.0.1'] }), { code: 400 });
  await assert.rejects(ask({ hosts: ['10.99.0.7'] }), { code: 400 });
  await assert.rejects(ask({ nodeName: 'One!' }), { code: 400 });
  await assert.rejects(ask({ publicKey: 'nonsense' }), { code: 400 });
  await assert.rejects(ask({ publicKey: publicKey('P-384') }), { code: 400 });
});
