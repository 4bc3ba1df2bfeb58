/**
 * Certificates and keys of a cluster: one authority of its own, and what it signs.
 *
 * X.509 is ours (`certificate.ts`): a cluster makes six certificates before it can serve, and a library for
 * it takes longer to load than that (docs/decisions/0011). Keys are ECDSA P-256: made in a millisecond, small in
 * handshakes.
 */

import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  randomBytes,
  type KeyObject,
} from 'node:crypto';
import {
  alternativeNames,
  authorityKeyIdentifier,
  basicConstraints,
  distinguishedName,
  extendedKeyUsage,
  hostNames,
  keyIdentifierOf,
  KEY_USAGE_BITS,
  keyUsage,
  readIssuer,
  signedCertificate,
  subjectKeyIdentifier,
} from './certificate.ts';

export interface KeyPair {
  readonly certificatePem: string;
  /** PKCS #8. */
  readonly keyPem: string;
}

export interface CertificateRequest {
  readonly commonName: string;
  readonly organizations?: readonly string[];
  /** DNS names and IP addresses that a server answers to. */
  readonly hosts?: readonly string[];
  readonly usage: 'client' | 'server' | 'peer';
  /** Wall time in milliseconds. */
  readonly nowMs: number;
  readonly validDays: number;
}

/** Object identifiers of extended usages. */
export const SERVER_AUTH = '1.3.6.1.5.5.7.3.1';
export const CLIENT_AUTH = '1.3.6.1.5.5.7.3.2';

const DAY_MS = 86_400_000;
/** Clocks differ a little between machines. */
const BACKDATE_MS = 300_000;

/** A self-signed authority. */
export function createAuthority(commonName: string, nowMs: number, validDays: number): KeyPair {
  const { privateKey, publicKey } = newKeys();
  const name = distinguishedName([], commonName);
  const spki = spkiOf(publicKey);
  const { digitalSignature, certificateSigning, revocationSigning } = KEY_USAGE_BITS;
  const content = {
    serialNumber: serialNumber(),
    issuer: name,
    subject: name,
    ...validity(nowMs, validDays),
    publicKey: spki,
    extensions: [
      basicConstraints({ isAuthority: true }),
      keyUsage([digitalSignature, certificateSigning, revocationSigning]),
      subjectKeyIdentifier(keyIdentifierOf(spki)),
    ],
  };
  return { certificatePem: signedCertificate(content, privateKey), keyPem: pemOf(privateKey) };
}

/** A new key with a certificate that the authority signs. */
export function issueCertificate(authority: KeyPair, request: CertificateRequest): KeyPair {
  const { privateKey, publicKey } = newKeys();
  return { certificatePem: issue(authority, request, publicKey), keyPem: pemOf(privateKey) };
}

/** A certificate for a key that somebody else holds, given as PEM (SPKI, ECDSA P-256). Throws for other keys. */
export function certify(authority: KeyPair, request: CertificateRequest, publicKeySpkiPem: string): string {
  const key = createPublicKey({ key: publicKeySpkiPem, format: 'pem' });
  if (key.asymmetricKeyDetails?.namedCurve !== 'prime256v1') throw new Error('the key is not ECDSA P-256');
  return issue(authority, request, key);
}

function issue(authority: KeyPair, request: CertificateRequest, key: KeyObject): string {
  const { commonName, organizations = [], hosts = [], usage, nowMs, validDays } = request;
  const issuer = readIssuer(authority.certificatePem);
  const subject = distinguishedName(organizations, commonName);
  const content = {
    serialNumber: serialNumber(),
    issuer: issuer.name,
    subject,
    ...validity(nowMs, validDays),
    publicKey: spkiOf(key),
    extensions: [
      basicConstraints({ isAuthority: false }),
      keyUsage([KEY_USAGE_BITS.digitalSignature, KEY_USAGE_BITS.keyEncipherment]),
      extendedKeyUsage(extendedUsages(usage)),
      authorityKeyIdentifier(issuer.keyIdentifier),
      ...(hosts.length === 0 ? [] : [alternativeNames(hostNames(hosts), subject)]),
    ],
  };
  return signedCertificate(content, createPrivateKey(authority.keyPem));
}

function extendedUsages(usage: CertificateRequest['usage']): readonly string[] {
  return usage === 'server' ? [SERVER_AUTH] : usage === 'client' ? [CLIENT_AUTH] : [SERVER_AUTH, CLIENT_AUTH];
}

function validity(
  nowMs: number,
  validDays: number,
): { readonly notBeforeMs: number; readonly notAfterMs: number } {
  return { notBeforeMs: nowMs - BACKDATE_MS, notAfterMs: nowMs + validDays * DAY_MS };
}

/** 127 random bits: positive, as RFC 5280 asks. */
export function serialNumber(): Uint8Array {
  const bytes = randomBytes(16);
  bytes[0] = (bytes[0] ?? 0) & 0x7f;
  return bytes;
}

function newKeys(): { readonly privateKey: KeyObject; readonly publicKey: KeyObject } {
  return generateKeyPairSync('ec', { namedCurve: 'P-256' });
}

function spkiOf(key: KeyObject): Buffer {
  return key.export({ type: 'spki', format: 'der' });
}

function pemOf(key: KeyObject): string {
  return key.export({ type: 'pkcs8', format: 'pem' }).toString();
}
