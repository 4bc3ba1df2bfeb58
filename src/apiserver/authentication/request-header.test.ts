import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { test } from 'node:test';
import type { PeerCertificate } from 'node:tls';
import { createAuthority, issueCertificate } from '../../pki/pki.ts';
import { claimedUser, claimHeaders, requestHeaderAuthenticator } from './request-header.ts';

test('a user goes into headers and comes out of them', () => {
  const user = {
    name: 'jane',
    uid: 'u-1',
    groups: ['devs', 'system:authenticated'],
    extra: { 'example.com/scopes': ['read', 'write'] },
  };
  const headers = claimHeaders(user);
  assert.deepEqual(headers['x-remote-extra-example.com%2Fscopes'], ['read', 'write']);
  const received = Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name.toLowerCase(), [value].flat().join(', ')]),
  );
  assert.deepEqual(claimedUser(received), user);
  assert.equal(claimedUser({ 'x-remote-group': 'system:masters' }), undefined);
});

test('only a certificate of the front-proxy authority with the right name speaks for others', async () => {
  const [proxies, cluster] = [createAuthority('proxies', 0, 1), createAuthority('cluster', 0, 1)];
  const authenticator = requestHeaderAuthenticator(proxies.certificatePem);
  const certificate = async (authority: typeof proxies, commonName: string): Promise<PeerCertificate> => {
    const pair = issueCertificate(authority, { commonName, usage: 'client', nowMs: 0, validDays: 1 });
    const raw = new X509Certificate(pair.certificatePem).raw;
    return { raw, subject: { CN: commonName } } as unknown as PeerCertificate;
  };
  const headers = { 'x-remote-user': 'jane' };
  const proxy = await certificate(proxies, 'front-proxy-client');
  assert.equal(authenticator.userOf(proxy, headers)?.name, 'jane');
  assert.equal(authenticator.userOf(proxy, {}), undefined);
  const other = await certificate(proxies, 'other');
  assert.deepEqual([authenticator.userOf(other, headers), authenticator.issued(other)], [undefined, true]);
  const stranger = await certificate(cluster, 'front-proxy-client');
  assert.deepEqual(
    [authenticator.userOf(stranger, headers), authenticator.issued(stranger)],
    [undefined, false],
  );
});
