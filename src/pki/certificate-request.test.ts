import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { test } from 'node:test';
import 'reflect-metadata';
import * as library from '@peculiar/x509';
import { readRequestedNames, signCertificateRequest } from './certificate-request.ts';
import { createAuthority } from './pki.ts';

const NOW = Date.UTC(2026, 10, 30, 12, 0, 0);
const DAY = 86_400_000;
const ECDSA = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const RSA = {
  name: 'RSASSA-PKCS1-v1_5',
  hash: 'SHA-256',
  modulusLength: 2048,
  publicExponent: new Uint8Array([1, 0, 1]),
};

async function requestPem(
  name: string,
  alternatives: readonly { readonly type: library.GeneralNameType; readonly value: string }[],
  algorithm: typeof ECDSA | typeof RSA = ECDSA,
): Promise<string> {
  const keys = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const request = await library.Pkcs10CertificateRequestGenerator.create({
    name,
    keys,
    signingAlgorithm: algorithm,
    attributes: [new library.ChallengePasswordAttribute('secret')],
    extensions: [
      new library.KeyUsagesExtension(library.KeyUsageFlags.keyCertSign, true),
      ...(alternatives.length === 0 ? [] : [new library.SubjectAlternativeNameExtension([...alternatives])]),
    ],
  });
  return request.toString('pem');
}

const NAMES = [
  { type: 'dns', value: 'node-1.example.org' },
  { type: 'ip', value: '192.0.2.7' },
  { type: 'ip', value: '2001:db8::1' },
  { type: 'email', value: 'jane@example.org' },
  { type: 'url', value: 'spiffe://example.org/jane' },
] as const;

test('what a request asks for is read from what a library wrote', async () => {
  assert.deepEqual(readRequestedNames(await requestPem('O=system:nodes, O=Zürich, CN=jane', NAMES)), {
    commonName: 'jane',
    organizations: ['system:nodes', 'Zürich'],
    dnsNames: ['node-1.example.org'],
    addresses: ['c0000207', '20010db8000000000000000000000001'],
    emails: ['jane@example.org'],
    uris: ['spiffe://example.org/jane'],
  });
  assert.deepEqual(readRequestedNames(await requestPem('', [])), {
    ...{ commonName: '', organizations: [], dnsNames: [], addresses: [], emails: [], uris: [] },
  });
});

test('a certificate has subject, key and names of the request, and nothing else of it', async () => {
  const authority = createAuthority('ca', NOW, 10);
  const usages = [
    'digital signature',
    'signing',
    'key encipherment',
    'server auth',
    'email protection',
    'any',
  ];
  for (const algorithm of [ECDSA, RSA]) {
    const pem = await requestPem('O=system:nodes, CN=jane', NAMES, algorithm);
    const terms = { usages, notBeforeMs: NOW, notAfterMs: NOW + DAY };
    const signed = signCertificateRequest(authority, pem, terms);
    assert.ok(signed.endsWith('-----END CERTIFICATE-----\n'));
    const request = new library.Pkcs10CertificateRequest(pem);
    const read = new library.X509Certificate(signed);
    assert.equal(read.subject, request.subject);
    assert.deepEqual(Buffer.from(read.publicKey.rawData), Buffer.from(request.publicKey.rawData));
    assert.ok(new X509Certificate(signed).verify(new X509Certificate(authority.certificatePem).publicKey));
    assert.deepEqual(read.getExtension(library.SubjectAlternativeNameExtension)?.names.toJSON(), NAMES);
    const { digitalSignature, keyEncipherment } = library.KeyUsageFlags;
    assert.equal(read.getExtension(library.KeyUsagesExtension)?.usages, digitalSignature | keyEncipherment);
    const extended = read.getExtension(library.ExtendedKeyUsageExtension);
    assert.deepEqual([...(extended?.usages ?? [])], ['1.3.6.1.5.5.7.3.1', '1.3.6.1.5.5.7.3.4']);
    assert.equal(read.getExtension(library.BasicConstraintsExtension)?.ca, false);
    const own = new library.X509Certificate(authority.certificatePem);
    assert.equal(
      read.getExtension(library.AuthorityKeyIdentifierExtension)?.keyId,
      own.getExtension(library.SubjectKeyIdentifierExtension)?.keyId,
    );
    assert.equal(read.notAfter.getTime(), NOW + DAY);
  }
});

test('nothing outlives the authority; alternative names are critical where there is no subject', async () => {
  const authority = createAuthority('ca', NOW, 10);
  const terms = { usages: [], notBeforeMs: NOW, notAfterMs: NOW + 99 * DAY };
  const of = async (name: string): Promise<library.X509Certificate> =>
    new library.X509Certificate(signCertificateRequest(authority, await requestPem(name, NAMES), terms));
  const nameless = await of('');
  assert.equal(
    nameless.notAfter.getTime(),
    new X509Certificate(authority.certificatePem).validToDate.getTime(),
  );
  assert.equal(nameless.getExtension(library.SubjectAlternativeNameExtension)?.critical, true);
  assert.equal(nameless.getExtension(library.KeyUsagesExtension), null);
  const named = await of('CN=jane');
  assert.equal(named.getExtension(library.SubjectAlternativeNameExtension)?.critical, false);
});
