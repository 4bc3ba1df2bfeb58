/** What is made here, as a library for X.509, Node's own reader and openssl see it. */

import 'reflect-metadata';
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createPrivateKey, generateKeyPairSync, X509Certificate } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import * as library from '@peculiar/x509';
import { createAuthority, certify, issueCertificate, type KeyPair } from './pki.ts';

const NOW = Date.UTC(2026, 10, 30, 12, 0, 0);
const DAY = 86_400_000;

function extensionsOf(pem: string): Map<string, library.Extension> {
  return new Map(new library.X509Certificate(pem).extensions.map((one) => [one.type, one]));
}

/** Fails unless openssl takes the chain, strictly by RFC 5280. */
function openSslVerifies(authority: KeyPair, certificatePem: string, purpose: string): void {
  const folder = mkdtempSync(join(tmpdir(), 'k8ts-pki-'));
  try {
    writeFileSync(join(folder, 'ca.crt'), `${authority.certificatePem}\n`);
    writeFileSync(join(folder, 'leaf.crt'), `${certificatePem}\n`);
    const when = ['-attime', String(NOW / 1000)];
    const args = ['verify', '-x509_strict', ...when, '-purpose', purpose, '-CAfile', 'ca.crt', 'leaf.crt'];
    assert.match(execFileSync('openssl', args, { cwd: folder, encoding: 'utf8' }), /leaf\.crt: OK/);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

test('an authority signs itself, and says that it is one', () => {
  const authority = createAuthority('the-ca', NOW, 3650);
  const read = new X509Certificate(authority.certificatePem);
  assert.ok(read.ca);
  assert.equal(read.subject, 'CN=the-ca');
  assert.ok(read.verify(read.publicKey));
  assert.ok(read.checkPrivateKey(createPrivateKey(authority.keyPem)));
  assert.equal(read.validFromDate.getTime(), NOW - 300_000);
  assert.equal(read.validToDate.getTime(), NOW + 3650 * DAY);
  const extensions = extensionsOf(authority.certificatePem);
  const usages = extensions.get('2.5.29.15') as library.KeyUsagesExtension;
  const { digitalSignature, keyCertSign, cRLSign } = library.KeyUsageFlags;
  assert.equal(usages.usages, digitalSignature | keyCertSign | cRLSign);
  assert.deepEqual(
    [...extensions.values()].map(({ type, critical }) => [type, critical]),
    [
      ['2.5.29.19', true],
      ['2.5.29.15', true],
      ['2.5.29.14', false],
    ],
  );
});

test('every kind of certificate is good for what it is for, with every name in it', () => {
  const authority = createAuthority('ca', NOW, 10);
  const hosts = [
    'localhost',
    '*.example.org',
    '192.0.2.7',
    '::1',
    '2001:db8::a:0:1',
    '::ffff:192.0.2.9',
    'fe80::',
  ];
  const organizations = ['system:nodes', 'a "quoted", one', 'Zürich 東京'];
  for (const usage of ['client', 'server', 'peer'] as const) {
    const request = { commonName: 'system:node:n1', organizations, hosts, usage, nowMs: NOW, validDays: 1 };
    const { certificatePem, keyPem } = issueCertificate(authority, request);
    const node = new X509Certificate(certificatePem);
    assert.ok(node.checkIssued(new X509Certificate(authority.certificatePem)));
    assert.ok(node.checkPrivateKey(createPrivateKey(keyPem)));
    assert.ok(!node.ca);
    const read = new library.X509Certificate(certificatePem);
    assert.deepEqual(read.subjectName.getField('O'), organizations);
    assert.deepEqual(read.subjectName.getField('CN'), ['system:node:n1']);
    assert.equal(node.checkHost('x.example.org'), '*.example.org');
    for (const host of hosts.slice(2)) assert.equal(node.checkIP(host), host, host);
    assert.equal(node.checkIP('::2'), undefined);
    if (usage !== 'server') openSslVerifies(authority, certificatePem, 'sslclient');
    if (usage !== 'client') openSslVerifies(authority, certificatePem, 'sslserver');
    const extended = extensionsOf(certificatePem).get('2.5.29.37') as library.ExtendedKeyUsageExtension;
    assert.equal(extended.usages.length, usage === 'peer' ? 2 : 1);
  }
});

test('an authority that the library made is taken, with its name as it is written there', async () => {
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
  const keys = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const made = await library.X509CertificateGenerator.createSelfSigned({
    serialNumber: '00ff',
    // Written as another type of string than here, and with another part.
    name: 'C=CH, O=old, CN=k8ts-ca',
    notBefore: new Date(NOW - DAY),
    notAfter: new Date(NOW + DAY),
    signingAlgorithm: algorithm,
    keys,
    extensions: [
      new library.BasicConstraintsExtension(true, undefined, true),
      new library.KeyUsagesExtension(library.KeyUsageFlags.keyCertSign, true),
      new library.SubjectKeyIdentifierExtension('0102030405'),
    ],
  });
  const der = Buffer.from(await crypto.subtle.exportKey('pkcs8', keys.privateKey));
  const key = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
  const authority = {
    certificatePem: made.toString('pem'),
    keyPem: key.export({ type: 'pkcs8', format: 'pem' }).toString(),
  };
  const request = { commonName: 'n1', usage: 'client', nowMs: NOW, validDays: 1 } as const;
  openSslVerifies(authority, issueCertificate(authority, request).certificatePem, 'sslclient');
});

test('dates before 1950 and after 2049 are written in the long form', () => {
  for (const nowMs of [
    Date.UTC(1949, 5, 1),
    Date.UTC(1950, 5, 1),
    Date.UTC(2049, 11, 31, 12),
    Date.UTC(2050, 1, 1),
  ]) {
    const { certificatePem } = createAuthority('ca', nowMs, 1);
    assert.equal(new X509Certificate(certificatePem).validToDate.getTime(), nowMs + DAY);
  }
});

test('numbers of certificates are positive and differ', () => {
  const authority = createAuthority('ca', NOW, 1);
  const request = { commonName: 'n', usage: 'client', nowMs: NOW, validDays: 1 } as const;
  const serials = Array.from(
    { length: 50 },
    () => new X509Certificate(issueCertificate(authority, request).certificatePem).serialNumber,
  );
  assert.equal(new Set(serials).size, 50);
  for (const serial of serials) assert.match(serial, /^[\dA-F]+$/);
});

test('only keys of P-256 are certified', () => {
  const authority = createAuthority('ca', NOW, 1);
  const request = { commonName: 'n', usage: 'client', nowMs: NOW, validDays: 1 } as const;
  const pemOf = (curve: string): string =>
    generateKeyPairSync('ec', { namedCurve: curve })
      .publicKey.export({ type: 'spki', format: 'pem' })
      .toString();
  openSslVerifies(authority, certify(authority, request, pemOf('P-256')), 'sslclient');
  assert.throws(() => certify(authority, request, pemOf('P-384')), /not ECDSA P-256/);
  assert.throws(() => certify(authority, request, 'nonsense'));
});
