import assert from 'node:assert/strict';
import { test } from 'node:test';
import { certificateRequest, selfSignedPem } from './certificate-request.fixture.ts';
import { certificateChainProblem, parseCertificateRequest, signatureProblem } from './pkcs10.ts';

test('requests of every kind of key are read and verified', async () => {
  for (const kind of ['ecdsa', 'rsa', 'ed25519', 'pss'] as const) {
    const parsed = parseCertificateRequest(await certificateRequest('CN=me, O=devs, O=ops', kind));
    assert.ok(parsed.ok, kind);
    assert.deepEqual(parsed.request.organizations, ['devs', 'ops'], kind);
    assert.equal(signatureProblem(parsed.request), undefined, kind);
  }
});

test('a signature by another key is found out', async () => {
  const [mine, other] = await Promise.all([certificateRequest('CN=me'), certificateRequest('CN=me')]);
  const [a, b] = [parseCertificateRequest(mine), parseCertificateRequest(other)];
  assert.ok(a.ok && b.ok);
  const forged = { ...a.request, signature: b.request.signature };
  assert.equal(signatureProblem(forged), 'x509: ECDSA verification failure');
  const foreign = { ...a.request, algorithm: '2a864886f70d01010b' };
  assert.equal(
    signatureProblem(foreign),
    'x509: signature algorithm specifies an RSA public key, but have public key of type *ecdsa.PublicKey',
  );
  const unknown = { ...a.request, algorithm: '2a' };
  assert.equal(signatureProblem(unknown), 'x509: cannot verify signature: algorithm unimplemented');
});

test('PSS only as Go takes it, and only with the right signature', async () => {
  const little = parseCertificateRequest(await certificateRequest('CN=me', 'pss with little salt'));
  assert.ok(little.ok);
  assert.equal(signatureProblem(little.request), 'x509: cannot verify signature: algorithm unimplemented');
  const mine = parseCertificateRequest(await certificateRequest('CN=me', 'pss'));
  assert.ok(mine.ok);
  const forged = { ...mine.request, signed: Buffer.from('something else') };
  assert.equal(signatureProblem(forged), 'crypto/rsa: verification error');
});

test('what is no request is refused, wherever it is cut', async () => {
  const noPem = { ok: false, error: 'PEM block type must be CERTIFICATE REQUEST' };
  assert.deepEqual(parseCertificateRequest(''), noPem);
  assert.deepEqual(parseCertificateRequest(Buffer.from('hello').toString('base64')), noPem);
  const whole = Buffer.from(await certificateRequest('CN=me'), 'base64').toString();
  const der = Buffer.from(whole.replace(/-----[^-]+-----|\s/g, ''), 'base64');
  for (let length = 0; length < der.length; length++) {
    const body = der.subarray(0, length).toString('base64');
    const pem = `-----BEGIN CERTIFICATE REQUEST-----\n${body}\n-----END CERTIFICATE REQUEST-----\n`;
    assert.equal(parseCertificateRequest(Buffer.from(pem).toString('base64')).ok, false, String(length));
  }
});

test('chains of certificates', async () => {
  const certificatePem = await selfSignedPem();
  const keyPem = '-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n';
  const base64 = (text: string): string => Buffer.from(text).toString('base64');
  assert.equal(certificateChainProblem(base64(`${certificatePem}\n${certificatePem}\n`)), undefined);
  assert.equal(
    certificateChainProblem(base64(keyPem)),
    'only CERTIFICATE PEM blocks are allowed, found "PRIVATE KEY"',
  );
  assert.equal(certificateChainProblem(base64('x')), 'must contain at least one CERTIFICATE PEM block');
  const broken = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n';
  assert.equal(certificateChainProblem(base64(broken)), 'x509: malformed certificate');
  const headed = certificatePem.replace('-----\n', '-----\nA: b\n\n');
  assert.equal(certificateChainProblem(base64(headed)), 'no PEM block headers are permitted');
});
