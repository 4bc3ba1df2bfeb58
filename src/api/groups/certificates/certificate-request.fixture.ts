/** For tests: certificate requests as clients make them, and a certificate. */

import 'reflect-metadata';
import {
  Pkcs10CertificateRequestGenerator,
  SubjectAlternativeNameExtension,
  X509CertificateGenerator,
} from '@peculiar/x509';

const ECDSA = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const RSA = {
  name: 'RSASSA-PKCS1-v1_5',
  hash: 'SHA-256',
  modulusLength: 2048,
  publicExponent: new Uint8Array([1, 0, 1]),
} as const;
const RSA_PSS = { ...RSA, name: 'RSA-PSS', saltLength: 32 } as const;
const ED25519 = { name: 'Ed25519' } as const;

const ALGORITHMS = {
  ecdsa: ECDSA,
  rsa: RSA,
  ed25519: ED25519,
  pss: RSA_PSS,
  /** Less salt than the hash has bytes. */
  'pss with little salt': { ...RSA_PSS, saltLength: 20 },
} as const;

/** The base64 of the PEM, as `spec.request` has it. */
export async function certificateRequest(
  subject: string,
  kind: keyof typeof ALGORITHMS = 'ecdsa',
  hosts: readonly { readonly type: 'dns' | 'ip'; readonly value: string }[] = [],
): Promise<string> {
  const algorithm = ALGORITHMS[kind];
  const keys = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const request = await Pkcs10CertificateRequestGenerator.create({
    name: subject,
    keys,
    signingAlgorithm: algorithm,
    extensions: hosts.length === 0 ? [] : [new SubjectAlternativeNameExtension([...hosts])],
  });
  return Buffer.from(`${request.toString('pem')}\n`).toString('base64');
}

export async function selfSignedPem(): Promise<string> {
  const keys = await crypto.subtle.generateKey(ECDSA, true, ['sign', 'verify']);
  const notBefore = new Date(0);
  const certificate = await X509CertificateGenerator.createSelfSigned({
    serialNumber: '01',
    name: 'CN=test',
    notBefore,
    notAfter: new Date(86_400_000),
    signingAlgorithm: ECDSA,
    keys,
  });
  return certificate.toString('pem');
}
