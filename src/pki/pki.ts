/**
 * Certificates and keys of a cluster: one authority of its own, and what it signs.
 *
 * X.509 is `@peculiar/x509`, imported when the first certificate is made; reading and verifying is Node's
 * own. Keys are ECDSA P-256: made in a millisecond, small in handshakes.
 */

import type * as X509 from '@peculiar/x509';

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

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const DAY_MS = 86_400_000;
/** Clocks differ a little between machines. */
const BACKDATE_MS = 300_000;

let library: Promise<typeof X509> | undefined;

export async function x509(): Promise<typeof X509> {
  library ??= import('reflect-metadata').then(() => import('@peculiar/x509'));
  return library;
}

/** A self-signed authority. */
export async function createAuthority(
  commonName: string,
  nowMs: number,
  validDays: number,
): Promise<KeyPair> {
  const {
    X509CertificateGenerator,
    BasicConstraintsExtension,
    KeyUsagesExtension,
    KeyUsageFlags,
    SubjectKeyIdentifierExtension,
  } = await x509();
  const keys = await crypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
  const certificate = await X509CertificateGenerator.createSelfSigned({
    serialNumber: serialNumber(),
    name: `CN=${commonName}`,
    ...validity(nowMs, validDays),
    signingAlgorithm: ALGORITHM,
    keys,
    extensions: [
      new BasicConstraintsExtension(true, undefined, true),
      new KeyUsagesExtension(
        KeyUsageFlags.digitalSignature | KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign,
        true,
      ),
      await SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return { certificatePem: certificate.toString('pem'), keyPem: await exportKey(keys.privateKey) };
}

/** A new key with a certificate that the authority signs. */
export async function issueCertificate(authority: KeyPair, request: CertificateRequest): Promise<KeyPair> {
  const keys = await crypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
  const certificatePem = await sign(authority, request, keys.publicKey);
  return { certificatePem, keyPem: await exportKey(keys.privateKey) };
}

/**
 * A certificate for a key that somebody else holds, given as PEM (SPKI, ECDSA P-256). Rejects for other
 * keys.
 */
export async function certify(
  authority: KeyPair,
  request: CertificateRequest,
  publicKeySpkiPem: string,
): Promise<string> {
  const body = Buffer.from(publicKeySpkiPem.replace(/-----[^-]+-----|\s/g, ''), 'base64');
  return sign(authority, request, await crypto.subtle.importKey('spki', body, ALGORITHM, true, ['verify']));
}

async function sign(authority: KeyPair, request: CertificateRequest, publicKey: CryptoKey): Promise<string> {
  const library = await x509();
  const issuer = new library.X509Certificate(authority.certificatePem);
  const certificate = await library.X509CertificateGenerator.create({
    serialNumber: serialNumber(),
    subject: subjectOf(request),
    issuer: issuer.subject,
    ...validity(request.nowMs, request.validDays),
    signingAlgorithm: ALGORITHM,
    publicKey,
    signingKey: await importKey(authority.keyPem),
    extensions: [
      new library.BasicConstraintsExtension(false, undefined, true),
      new library.KeyUsagesExtension(
        library.KeyUsageFlags.digitalSignature | library.KeyUsageFlags.keyEncipherment,
        true,
      ),
      new library.ExtendedKeyUsageExtension(extendedUsages(request.usage)),
      await library.AuthorityKeyIdentifierExtension.create(issuer),
      ...(request.hosts === undefined || request.hosts.length === 0
        ? []
        : [new library.SubjectAlternativeNameExtension(request.hosts.map(alternativeName))]),
    ],
  });
  return certificate.toString('pem');
}

/** Organizations first, as upstream writes subjects; values as JSON so that commas and quotes are safe. */
function subjectOf({ commonName, organizations = [] }: CertificateRequest): { [type: string]: string[] }[] {
  return [...organizations.map((organization) => ({ O: [organization] })), { CN: [commonName] }];
}

function alternativeName(host: string): { type: 'ip' | 'dns'; value: string } {
  return { type: /^[\d.]+$|:/.test(host) ? 'ip' : 'dns', value: host };
}

function extendedUsages(usage: CertificateRequest['usage']): string[] {
  const server = '1.3.6.1.5.5.7.3.1';
  const client = '1.3.6.1.5.5.7.3.2';
  return usage === 'server' ? [server] : usage === 'client' ? [client] : [server, client];
}

function validity(nowMs: number, validDays: number): { notBefore: Date; notAfter: Date } {
  return { notBefore: new Date(nowMs - BACKDATE_MS), notAfter: new Date(nowMs + validDays * DAY_MS) };
}

export function serialNumber(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  // Positive, as RFC 5280 asks.
  bytes[0] = (bytes[0] ?? 0) & 0x7f;
  return Buffer.from(bytes).toString('hex');
}

async function exportKey(key: CryptoKey): Promise<string> {
  const body = Buffer.from(await crypto.subtle.exportKey('pkcs8', key)).toString('base64');
  const lines = body.match(/.{1,64}/g) ?? [];
  return `-----BEGIN PRIVATE KEY-----\n${lines.join('\n')}\n-----END PRIVATE KEY-----\n`;
}

export function importKey(pem: string): Promise<CryptoKey> {
  const body = pem.replace(/-----[^-]+-----|\s/g, '');
  return crypto.subtle.importKey('pkcs8', Buffer.from(body, 'base64'), ALGORITHM, true, ['sign']);
}
