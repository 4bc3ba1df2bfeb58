/**
 * X.509 certificates (RFC 5280) as DER: their parts, their extensions, and what of an authority's goes into those
 * that it signs. Keys and signatures are Node's own; signatures are ECDSA with SHA-256.
 */

import { createHash, sign, type KeyObject } from 'node:crypto';
import { assert, present } from '../base/assert.ts';
import {
  bitString,
  BOOLEAN,
  contextTag,
  element,
  namedBits,
  objectIdentifier,
  OCTET_STRING,
  readElements,
  sequence,
  SET,
  time,
  unsignedInteger,
  UTF8_STRING,
  type Element,
} from '../base/der.ts';
import { pemBlocks, pemText } from '../base/pem.ts';

export const ORGANIZATION = '2.5.4.10';
export const COMMON_NAME = '2.5.4.3';
export const ALTERNATIVE_NAMES = '2.5.29.17';
const SUBJECT_KEY_IDENTIFIER = '2.5.29.14';
const ECDSA_WITH_SHA256 = '1.2.840.10045.4.3.2';

/** Names and keys as DER: what somebody else wrote goes into a certificate as it is. */
export interface CertificateContent {
  /** Big-endian. */
  readonly serialNumber: Uint8Array;
  readonly issuer: Buffer;
  readonly subject: Buffer;
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
  /** SPKI. */
  readonly publicKey: Buffer;
  readonly extensions: readonly Buffer[];
}

/** PEM. */
export function signedCertificate(content: CertificateContent, signingKey: KeyObject): string {
  assert(signingKey.asymmetricKeyType === 'ec', 'authorities sign with ECDSA');
  const algorithm = sequence(objectIdentifier(ECDSA_WITH_SHA256));
  const unsigned = sequence(
    // Version 3: one that has extensions.
    element(contextTag(0, 'constructed'), unsignedInteger(Uint8Array.of(2))),
    unsignedInteger(content.serialNumber),
    algorithm,
    content.issuer,
    sequence(time(content.notBeforeMs), time(content.notAfterMs)),
    content.subject,
    content.publicKey,
    element(contextTag(3, 'constructed'), sequence(...content.extensions)),
  );
  const signature = bitString(sign('sha256', unsigned, signingKey));
  return pemText('CERTIFICATE', sequence(unsigned, algorithm, signature));
}

/** A subject or issuer: organizations first, as upstream writes them. */
export function distinguishedName(organizations: readonly string[], commonName: string): Buffer {
  const part = (type: string, text: string): Buffer =>
    element(SET, sequence(objectIdentifier(type), element(UTF8_STRING, Buffer.from(text))));
  return sequence(...organizations.map((one) => part(ORGANIZATION, one)), part(COMMON_NAME, commonName));
}

function extension(identifier: string, value: Buffer, { isCritical = false } = {}): Buffer {
  const critical = isCritical ? [element(BOOLEAN, Uint8Array.of(0xff))] : [];
  return sequence(objectIdentifier(identifier), ...critical, element(OCTET_STRING, value));
}

export function basicConstraints({ isAuthority }: { readonly isAuthority: boolean }): Buffer {
  const value = isAuthority ? sequence(element(BOOLEAN, Uint8Array.of(0xff))) : sequence();
  return extension('2.5.29.19', value, { isCritical: true });
}

/** The numbers of their bits in the extension. */
export const KEY_USAGE_BITS = {
  digitalSignature: 0,
  contentCommitment: 1,
  keyEncipherment: 2,
  dataEncipherment: 3,
  keyAgreement: 4,
  certificateSigning: 5,
  revocationSigning: 6,
} as const;

export function keyUsage(bits: readonly number[]): Buffer {
  return extension('2.5.29.15', namedBits(bits), { isCritical: true });
}

export function extendedKeyUsage(identifiers: readonly string[]): Buffer {
  return extension('2.5.29.37', sequence(...identifiers.map(objectIdentifier)));
}

export function subjectKeyIdentifier(identifier: Buffer): Buffer {
  return extension(SUBJECT_KEY_IDENTIFIER, element(OCTET_STRING, identifier));
}

export function authorityKeyIdentifier(identifier: Buffer): Buffer {
  return extension('2.5.29.35', sequence(element(contextTag(0, 'primitive'), identifier)));
}

/** The value is that of another certificate or request. Critical where nothing else says who it is. */
export function alternativeNames(value: Buffer, subject: Buffer): Buffer {
  return extension(ALTERNATIVE_NAMES, value, { isCritical: subject.equals(sequence()) });
}

/** DNS names and addresses. */
export function hostNames(hosts: readonly string[]): Buffer {
  return sequence(
    ...hosts.map((host) =>
      isAddress(host)
        ? element(contextTag(NAME_TAGS.ip, 'primitive'), addressBytes(host))
        : element(contextTag(NAME_TAGS.dns, 'primitive'), Buffer.from(host, 'latin1')),
    ),
  );
}

/** How alternative names tell their types. */
export const NAME_TAGS = { email: 1, dns: 2, uri: 6, ip: 7 } as const;

function isAddress(host: string): boolean {
  return /^[\d.]+$|:/.test(host);
}

function addressBytes(address: string): Buffer {
  if (!address.includes(':')) return Buffer.from(address.split('.').map(Number));
  const [head = '', tail = ''] = withoutDots(address).split('::');
  const [before, after] = [head, tail].map((part) => (part === '' ? [] : part.split(':')));
  const groups = [...(before ?? []), ...Array<string>(8).fill('0')].slice(0, 8 - (after?.length ?? 0));
  return Buffer.from([...groups, ...(after ?? [])].map((group) => group.padStart(4, '0')).join(''), 'hex');
}

/** The last four bytes of an IPv6 address may be written as those of IPv4. */
function withoutDots(address: string): string {
  return address.replace(/(\d+)\.(\d+)\.(\d+)\.(\d+)$/, (_all, ...bytes: string[]) => {
    const [a = '', b = '', c = '', d = ''] = bytes.map((byte) => Number(byte).toString(16).padStart(2, '0'));
    return `${a}${b}:${c}${d}`;
  });
}

/** What of an authority stands in the certificates that it signs. */
export interface Issuer {
  readonly name: Buffer;
  readonly keyIdentifier: Buffer;
}

export function readIssuer(certificatePem: string): Issuer {
  const [certificate] = readElements(derOf(certificatePem)) ?? [];
  const [unsigned] = childrenOf(certificate);
  const fields = childrenOf(unsigned);
  // The version is left out by those of the first one.
  const [, , , , subject, publicKey, ...rest] = fields[0]?.tag === VERSION ? fields.slice(1) : fields;
  const extensions = childrenOf(childrenOf(rest.find(({ tag }) => tag === EXTENSIONS))[0]);
  const identifier = extensionValue(extensions, SUBJECT_KEY_IDENTIFIER);
  return {
    name: present(subject, 'the subject of an authority').whole,
    keyIdentifier:
      readElements(identifier ?? Buffer.alloc(0))?.[0]?.content ??
      keyIdentifierOf(present(publicKey, 'the key of an authority').whole),
  };
}

const VERSION = contextTag(0, 'constructed');
const EXTENSIONS = contextTag(3, 'constructed');

/** By the first method of RFC 5280; the key is SPKI. */
export function keyIdentifierOf(publicKey: Buffer): Buffer {
  const [, bits] = childrenOf(readElements(publicKey)?.[0]);
  return createHash('sha1').update(present(bits, 'the bits of a public key').content.subarray(1)).digest();
}

/** Of one of the extensions of a certificate or a request; undefined where it is not among them. */
export function extensionValue(extensions: readonly Element[], identifier: string): Buffer | undefined {
  const wanted = objectIdentifier(identifier);
  const found = extensions.map(childrenOf).find(([type]) => type?.whole.equals(wanted) === true);
  return found?.at(-1)?.content;
}

/** The elements in one; none where there is no sense in it. */
export function childrenOf(parent: Element | undefined): readonly Element[] {
  return parent === undefined ? [] : (readElements(parent.content) ?? []);
}

export function derOf(pem: string): Buffer {
  return present(pemBlocks(pem)[0], 'the block of a PEM file').der;
}
