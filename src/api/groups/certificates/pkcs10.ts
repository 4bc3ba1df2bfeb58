/**
 * Certificate requests (PKCS #10, RFC 2986): who asks for a certificate, and whether they hold the key.
 *
 * Input: the base64 of a PEM file, as `spec.request` has it. Output: the subject's organizations, or Go's
 * words for what is wrong. Only what is needed of DER is read; keys and signatures are Node's own business.
 */

import { constants, createPublicKey, verify, X509Certificate, type KeyObject } from 'node:crypto';
import { BIT_STRING, readElements, SEQUENCE, textOf, type Element } from '../../../base/der.ts';
import { pemBlocks } from '../../../base/pem.ts';

export interface CertificateRequestInfo {
  readonly organizations: readonly string[];
  /** What the signature covers, and with what. */
  readonly signed: Buffer;
  readonly keyInfo: Buffer;
  readonly algorithm: string;
  /** Of the algorithm, where it has some. */
  readonly parameters: Element | undefined;
  readonly signature: Buffer;
}

export type Parsed =
  | { readonly ok: true; readonly request: CertificateRequestInfo }
  | { readonly ok: false; readonly error: string };

/** Object identifiers as the hexadecimal of their DER. */
const ORGANIZATION = '55040a';

interface KeyKind {
  /** As Go names it. */
  readonly name: string;
  readonly goType: string;
  readonly failure: string;
}

const RSA: KeyKind = { name: 'RSA', goType: '*rsa.PublicKey', failure: 'crypto/rsa: verification error' };
const ECDSA: KeyKind = {
  name: 'ECDSA',
  goType: '*ecdsa.PublicKey',
  failure: 'x509: ECDSA verification failure',
};
const ED25519: KeyKind = {
  name: 'Ed25519',
  goType: 'ed25519.PublicKey',
  failure: 'x509: Ed25519 verification failure',
};
/** By Node's names. */
const KEY_KINDS: Readonly<Record<string, KeyKind>> = { rsa: RSA, ec: ECDSA, ed25519: ED25519 };

interface SignatureKind {
  /** Absent when the algorithm does that itself. */
  readonly hash?: string;
  readonly key: KeyKind;
  /** Of PSS padding. */
  readonly saltLength?: number;
}

const SIGNATURES: Readonly<Record<string, SignatureKind>> = {
  '2a864886f70d010105': { hash: 'sha1', key: RSA },
  '2a864886f70d01010b': { hash: 'sha256', key: RSA },
  '2a864886f70d01010c': { hash: 'sha384', key: RSA },
  '2a864886f70d01010d': { hash: 'sha512', key: RSA },
  '2a8648ce3d0401': { hash: 'sha1', key: ECDSA },
  '2a8648ce3d040302': { hash: 'sha256', key: ECDSA },
  '2a8648ce3d040303': { hash: 'sha384', key: ECDSA },
  '2a8648ce3d040304': { hash: 'sha512', key: ECDSA },
  '2b6570': { key: ED25519 },
};

const PSS = '2a864886f70d01010a';
const MASK = '2a864886f70d010108';
/** Those that Go takes of the many ways of PSS: everything by one hash, with as much salt as it has bytes. */
const PSS_HASHES: Readonly<Record<string, SignatureKind>> = {
  '608648016503040201': { hash: 'sha256', saltLength: 32, key: RSA },
  '608648016503040202': { hash: 'sha384', saltLength: 48, key: RSA },
  '608648016503040203': { hash: 'sha512', saltLength: 64, key: RSA },
};

function signatureKind({ algorithm, parameters }: CertificateRequestInfo): SignatureKind | undefined {
  return algorithm === PSS ? pssKind(parameters) : SIGNATURES[algorithm];
}

function pssKind(parameters: Element | undefined): SignatureKind | undefined {
  if (parameters?.tag !== SEQUENCE) return undefined;
  const tagged = readElements(parameters.content) ?? [];
  const inside = (tag: number): Element | undefined => {
    const outer = tagged.find((element) => element.tag === tag);
    return outer === undefined ? undefined : readElements(outer.content)?.[0];
  };
  const hash = hashOf(inside(0xa0));
  const [mask, maskHash] = readElements(inside(0xa1)?.content ?? Buffer.alloc(0)) ?? [];
  const trailer = inside(0xa3)?.content.toString('hex') ?? '01';
  const isMask = mask?.content.toString('hex') === MASK && hashOf(maskHash) === hash;
  const kind = hash === undefined ? undefined : PSS_HASHES[hash];
  const salt = inside(0xa2)?.content.toString('hex');
  if (kind?.saltLength === undefined || !isMask || trailer !== '01') return undefined;
  return salt === kind.saltLength.toString(16).padStart(2, '0') ? kind : undefined;
}

/** The identifier of a hash that has no parameters, or null. */
function hashOf(element: Element | undefined): string | undefined {
  const [identifier, parameters] = readElements(element?.content ?? Buffer.alloc(0)) ?? [];
  const isPlain = parameters === undefined || parameters.whole.toString('hex') === '0500';
  return isPlain ? identifier?.content.toString('hex') : undefined;
}

export function parseCertificateRequest(requestBase64: string): Parsed {
  const [block] = pemBlocks(textIn(requestBase64));
  if (block?.type !== 'CERTIFICATE REQUEST') {
    return { ok: false, error: 'PEM block type must be CERTIFICATE REQUEST' };
  }
  const request = readRequest(block.der);
  if (request !== undefined) return { ok: true, request };
  return { ok: false, error: 'asn1: structure error: malformed certificate request' };
}

/** Why the request was not signed with the key that it names; undefined when it was. */
export function signatureProblem(request: CertificateRequestInfo): string | undefined {
  const kind = signatureKind(request);
  if (kind === undefined) return 'x509: cannot verify signature: algorithm unimplemented';
  const key = publicKey(request.keyInfo);
  const have = KEY_KINDS[key?.asymmetricKeyType ?? ''];
  if (key === undefined || have === undefined) return 'x509: unsupported public key';
  const { hash, key: wanted, saltLength } = kind;
  if (have !== wanted) {
    const what = `signature algorithm specifies an ${wanted.name} public key`;
    return `x509: ${what}, but have public key of type ${have.goType}`;
  }
  const padding = saltLength === undefined ? {} : { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength };
  const isSigned = verify(hash, request.signed, { key, ...padding }, request.signature);
  return isSigned ? undefined : wanted.failure;
}

function publicKey(der: Buffer): KeyObject | undefined {
  try {
    return createPublicKey({ key: der, format: 'der', type: 'spki' });
  } catch {
    return undefined;
  }
}

/** Why a text is no chain of certificates; undefined when it is one. */
export function certificateChainProblem(chainBase64: string): string | undefined {
  const blocks = pemBlocks(textIn(chainBase64));
  if (blocks.length === 0) return 'must contain at least one CERTIFICATE PEM block';
  for (const { type, der, hasHeaders } of blocks) {
    if (type !== 'CERTIFICATE') {
      return `only CERTIFICATE PEM blocks are allowed, found ${JSON.stringify(type)}`;
    }
    if (hasHeaders) return 'no PEM block headers are permitted';
    try {
      new X509Certificate(der).subject.toString();
    } catch {
      return 'x509: malformed certificate';
    }
  }
  return undefined;
}

function textIn(base64: string): string {
  return Buffer.from(base64, 'base64').toString('latin1');
}

function readRequest(der: Buffer): CertificateRequestInfo | undefined {
  const [outer, ...rest] = readElements(der) ?? [];
  if (outer?.tag !== SEQUENCE || rest.length > 0) return undefined;
  const [info, algorithm, signature] = readElements(outer.content) ?? [];
  if (info?.tag !== SEQUENCE || algorithm === undefined || signature?.tag !== BIT_STRING) return undefined;
  const [version, subject, keyInfo] = readElements(info.content) ?? [];
  const [identifier, parameters] = readElements(algorithm.content) ?? [];
  if (version === undefined || subject === undefined || keyInfo === undefined) return undefined;
  const organizations = readOrganizations(subject.content);
  if (identifier === undefined || organizations === undefined) return undefined;
  return {
    organizations,
    signed: info.whole,
    keyInfo: keyInfo.whole,
    algorithm: identifier.content.toString('hex'),
    parameters,
    // The first octet counts unused bits, of which a signature has none.
    signature: signature.content.subarray(1),
  };
}

/** A name is a list of sets of pairs of identifier and text. */
function readOrganizations(name: Buffer): string[] | undefined {
  const found: string[] = [];
  for (const set of readElements(name) ?? []) {
    for (const pair of readElements(set.content) ?? []) {
      const [identifier, value] = readElements(pair.content) ?? [];
      if (identifier === undefined || value === undefined) return undefined;
      if (identifier.content.toString('hex') === ORGANIZATION) found.push(textOf(value));
    }
  }
  return found;
}
