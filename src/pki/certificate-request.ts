/** Certificate requests of others (PKCS #10): what they ask for, and the certificate that comes of it. */

import { createPrivateKey, X509Certificate } from 'node:crypto';
import { present } from '../base/assert.ts';
import { contextTag, objectIdentifier, readElements, textOf, type Element } from '../base/der.ts';
import {
  ALTERNATIVE_NAMES,
  alternativeNames,
  authorityKeyIdentifier,
  basicConstraints,
  childrenOf,
  COMMON_NAME,
  derOf,
  extendedKeyUsage,
  extensionValue,
  KEY_USAGE_BITS,
  keyUsage,
  NAME_TAGS,
  ORGANIZATION,
  readIssuer,
  signedCertificate,
} from './certificate.ts';
import { CLIENT_AUTH, SERVER_AUTH, serialNumber, type KeyPair } from './pki.ts';

export interface RequestedNames {
  readonly commonName: string;
  readonly organizations: readonly string[];
  readonly dnsNames: readonly string[];
  /** As hexadecimal digits, eight or thirty-two. */
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
  'server auth': SERVER_AUTH,
  'client auth': CLIENT_AUTH,
  'code signing': '1.3.6.1.5.5.7.3.3',
  'email protection': '1.3.6.1.5.5.7.3.4',
};

const USAGE_BITS: { readonly [usage: string]: number } = {
  'digital signature': KEY_USAGE_BITS.digitalSignature,
  signing: KEY_USAGE_BITS.digitalSignature,
  'content commitment': KEY_USAGE_BITS.contentCommitment,
  'key encipherment': KEY_USAGE_BITS.keyEncipherment,
  'key agreement': KEY_USAGE_BITS.keyAgreement,
  'data encipherment': KEY_USAGE_BITS.dataEncipherment,
};

/** The attribute in which a request says what extensions it wants. */
const EXTENSION_REQUEST = '1.2.840.113549.1.9.14';

interface Requested {
  readonly subject: Element;
  readonly publicKey: Element;
  /** The value of the extension. */
  readonly alternativeNames: Buffer | undefined;
}

/** `pem` has been validated: it is a request, signed with its own key. */
export function readRequestedNames(pem: string): RequestedNames {
  const { subject, alternativeNames: value } = read(pem);
  const names = childrenOf(readElements(value ?? Buffer.alloc(0))?.[0]);
  const of = (number: number): readonly Buffer[] =>
    names.filter(({ tag }) => tag === contextTag(number, 'primitive')).map(({ content }) => content);
  const texts = (number: number): readonly string[] => of(number).map((name) => name.toString('latin1'));
  return {
    commonName: subjectParts(subject, COMMON_NAME)[0] ?? '',
    organizations: subjectParts(subject, ORGANIZATION),
    dnsNames: texts(NAME_TAGS.dns),
    addresses: of(NAME_TAGS.ip).map((address) => address.toString('hex')),
    emails: texts(NAME_TAGS.email),
    uris: texts(NAME_TAGS.uri),
  };
}

/** Subject, key and alternative names are those of the request; nothing else of it is taken over. */
export function signCertificateRequest(
  authority: KeyPair,
  pem: string,
  { usages, notBeforeMs, notAfterMs }: SigningTerms,
): string {
  const { subject, publicKey, alternativeNames: names } = read(pem);
  const issuer = readIssuer(authority.certificatePem);
  const issuerEndMs = new X509Certificate(authority.certificatePem).validToDate.getTime();
  const extended = usages.map((usage) => EXTENDED[usage]).filter((oid) => oid !== undefined);
  const bits = usages.map((usage) => USAGE_BITS[usage]).filter((bit) => bit !== undefined);
  const content = {
    serialNumber: serialNumber(),
    issuer: issuer.name,
    subject: subject.whole,
    notBeforeMs,
    notAfterMs: Math.min(notAfterMs, issuerEndMs),
    publicKey: publicKey.whole,
    extensions: [
      ...(bits.length === 0 ? [] : [keyUsage(bits)]),
      ...(extended.length === 0 ? [] : [extendedKeyUsage(extended)]),
      basicConstraints({ isAuthority: false }),
      authorityKeyIdentifier(issuer.keyIdentifier),
      ...(names === undefined ? [] : [alternativeNames(names, subject.whole)]),
    ],
  };
  return `${signedCertificate(content, createPrivateKey(authority.keyPem))}\n`;
}

function read(pem: string): Requested {
  const [request] = readElements(derOf(pem)) ?? [];
  const [info] = childrenOf(request);
  const [, subject, publicKey, attributes] = childrenOf(info);
  const wanted = objectIdentifier(EXTENSION_REQUEST);
  const attribute = childrenOf(attributes)
    .map(childrenOf)
    .find(([type]) => type?.whole.equals(wanted) === true);
  const [extensions] = childrenOf(attribute?.[1]);
  return {
    subject: present(subject, 'the subject of a certificate request'),
    publicKey: present(publicKey, 'the key of a certificate request'),
    alternativeNames: extensionValue(childrenOf(extensions), ALTERNATIVE_NAMES),
  };
}

function subjectParts(subject: Element, identifier: string): readonly string[] {
  const wanted = objectIdentifier(identifier);
  return childrenOf(subject)
    .flatMap(childrenOf)
    .flatMap((pair) => {
      const [type, value] = childrenOf(pair);
      return value !== undefined && type?.whole.equals(wanted) === true ? [textOf(value)] : [];
    });
}
