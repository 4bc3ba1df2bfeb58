/** Certificate requests of others (PKCS #10): what they ask for, and the certificate that comes of it. */

import type * as X509 from '@peculiar/x509';
import { importKey, serialNumber, x509, type KeyPair } from './pki.ts';

export interface RequestedNames {
  readonly commonName: string;
  readonly organizations: readonly string[];
  readonly dnsNames: readonly string[];
  readonly addresses: readonly string[];
  readonly emails: readonly string[];
  readonly uris: readonly string[];
}

export interface SigningTerms {
  /** As the API names them: `digital signature`, `client auth`. */
  readonly usages: readonly string[];
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
}

/** Object identifiers of extended usages. */
const EXTENDED: { readonly [usage: string]: string } = {
  'server auth': '1.3.6.1.5.5.7.3.1',
  'client auth': '1.3.6.1.5.5.7.3.2',
  'code signing': '1.3.6.1.5.5.7.3.3',
  'email protection': '1.3.6.1.5.5.7.3.4',
};

/** `pem` has been validated: it is a request, signed with its own key. */
export async function readRequestedNames(pem: string): Promise<RequestedNames> {
  const library = await x509();
  const request = new library.Pkcs10CertificateRequest(pem);
  const names = alternativeNames(library, request)?.names.items ?? [];
  const of = (type: X509.GeneralNameType): readonly string[] =>
    names.filter((name) => name.type === type).map(({ value }) => value);
  return {
    commonName: request.subjectName.getField('CN')[0] ?? '',
    organizations: request.subjectName.getField('O'),
    dnsNames: of('dns'),
    addresses: of('ip'),
    emails: of('email'),
    uris: of('url'),
  };
}

/** Subject, key and alternative names are those of the request; nothing else of it is taken over. */
export async function signCertificateRequest(
  authority: KeyPair,
  pem: string,
  { usages, notBeforeMs, notAfterMs }: SigningTerms,
): Promise<string> {
  const library = await x509();
  const request = new library.Pkcs10CertificateRequest(pem);
  const issuer = new library.X509Certificate(authority.certificatePem);
  const names = alternativeNames(library, request);
  const extended = usages.map((usage) => EXTENDED[usage]).filter((oid) => oid !== undefined);
  const certificate = await library.X509CertificateGenerator.create({
    serialNumber: serialNumber(),
    subject: request.subjectName,
    issuer: issuer.subject,
    notBefore: new Date(notBeforeMs),
    notAfter: new Date(Math.min(notAfterMs, issuer.notAfter.getTime())),
    signingAlgorithm: { name: 'ECDSA', hash: 'SHA-256' },
    publicKey: request.publicKey,
    signingKey: await importKey(authority.keyPem),
    extensions: [
      new library.KeyUsagesExtension(keyUsages(library, usages), true),
      ...(extended.length === 0 ? [] : [new library.ExtendedKeyUsageExtension(extended)]),
      new library.BasicConstraintsExtension(false, undefined, true),
      await library.AuthorityKeyIdentifierExtension.create(issuer),
      ...(names === undefined ? [] : [names]),
    ],
  });
  return `${certificate.toString('pem')}\n`;
}

const ALTERNATIVE_NAMES = '2.5.29.17';

function alternativeNames(
  library: typeof X509,
  request: X509.Pkcs10CertificateRequest,
): X509.SubjectAlternativeNameExtension | undefined {
  const extension = request.getExtension(ALTERNATIVE_NAMES);
  return extension === null ? undefined : new library.SubjectAlternativeNameExtension(extension.rawData);
}

function keyUsages({ KeyUsageFlags }: typeof X509, usages: readonly string[]): number {
  const flags: { readonly [usage: string]: number } = {
    'digital signature': KeyUsageFlags.digitalSignature,
    signing: KeyUsageFlags.digitalSignature,
    'content commitment': KeyUsageFlags.nonRepudiation,
    'key encipherment': KeyUsageFlags.keyEncipherment,
    'key agreement': KeyUsageFlags.keyAgreement,
    'data encipherment': KeyUsageFlags.dataEncipherment,
  };
  return usages.reduce((all, usage) => all | (flags[usage] ?? 0), 0);
}
