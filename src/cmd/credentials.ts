/**
 * The cluster's own credentials: made on the first start, read on later ones, renewed before they expire
 * (`live-credentials.ts` does so while the server runs).
 *
 * Files under `<data>/pki`, mode 0600: the authority, the server's certificate, the administrator's, and
 * the key that signs service account tokens.
 */

import { createPrivateKey, generateKeyPairSync, X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import { join } from 'node:path';
import { FRONT_PROXY_NAME } from '../apiserver/authentication/request-header.ts';
import type { Clock, Disk } from '../host/host.ts';
import { isNearEnd } from '../pki/live-key-pair.ts';
import { createAuthority, issueCertificate, type CertificateRequest, type KeyPair } from '../pki/pki.ts';

const AUTHORITY_DAYS = 3650;
const LEAF_DAYS = 365;

const KUBELET_CLIENT = 'kube-apiserver-kubelet-client';

export interface Credentials {
  readonly authority: KeyPair;
  readonly server: KeyPair;
  readonly admin: KeyPair;
  /** By which kubelets know the API server. */
  readonly kubeletClient: KeyPair;
  readonly frontProxyAuthority: KeyPair;
  /** By which aggregated API servers know this one; of the authority of its own. */
  readonly frontProxyClient: KeyPair;
  /** PKCS #8, P-256. */
  readonly serviceAccountKeyPem: string;
}

/** What an authority signs, and what is renewed. */
export type Leaf = 'server' | 'admin' | 'kubeletClient' | 'frontProxyClient';

type Authorities = Pick<Credentials, 'authority' | 'frontProxyAuthority'>;

export interface CredentialParts {
  readonly disk: Disk;
  readonly clock: Clock;
  readonly folder: string;
  /** Names and addresses that the API server answers to. */
  readonly hosts: readonly string[];
}

export async function loadCredentials(parts: CredentialParts): Promise<Credentials> {
  await parts.disk.makeFolder(parts.folder, 0o700);
  const [authority, frontProxyAuthority] = await Promise.all([
    loadAuthority(parts, 'ca', 'k8ts-ca'),
    loadAuthority(parts, 'front-proxy-ca', 'k8ts-front-proxy-ca'),
  ]);
  const [leaves, serviceAccountKeyPem] = await Promise.all([
    loadLeaves(parts, { authority, frontProxyAuthority }),
    loadSigningKey(parts),
  ]);
  return { authority, frontProxyAuthority, ...leaves, serviceAccountKeyPem };
}

/** Reads the certificates, and renews those that are near their end. */
export async function loadLeaves(
  parts: CredentialParts,
  { authority, frontProxyAuthority }: Authorities,
): Promise<Pick<Credentials, Leaf>> {
  const masters = { organizations: ['system:masters'], usage: 'client' } as const;
  const [server, admin, kubeletClient, frontProxyClient] = await Promise.all([
    loadLeaf(parts, authority, 'apiserver', {
      commonName: 'kube-apiserver',
      hosts: parts.hosts,
      usage: 'server',
    }),
    loadLeaf(parts, authority, 'admin', { commonName: 'kubernetes-admin', ...masters }),
    loadLeaf(parts, authority, 'kubelet-client', { commonName: KUBELET_CLIENT, ...masters }),
    loadLeaf(parts, frontProxyAuthority, 'front-proxy-client', {
      commonName: FRONT_PROXY_NAME,
      usage: 'client',
    }),
  ]);
  return { server, admin, kubeletClient, frontProxyClient };
}

async function loadAuthority(parts: CredentialParts, name: string, commonName: string): Promise<KeyPair> {
  const present = await readPair(parts, name);
  if (present !== undefined) return present;
  return writePair(parts, name, createAuthority(commonName, parts.clock.now(), AUTHORITY_DAYS));
}

async function loadLeaf(
  parts: CredentialParts,
  authority: KeyPair,
  name: string,
  request: Omit<CertificateRequest, 'nowMs' | 'validDays'>,
): Promise<KeyPair> {
  const nowMs = parts.clock.now();
  const present = await readPair(parts, name);
  if (present !== undefined && stillGood(present, authority, request.hosts ?? [], nowMs)) return present;
  return writePair(parts, name, issueCertificate(authority, { ...request, nowMs, validDays: LEAF_DAYS }));
}

function stillGood(pair: KeyPair, authority: KeyPair, hosts: readonly string[], nowMs: number): boolean {
  const certificate = new X509Certificate(pair.certificatePem);
  if (isNearEnd(pair, nowMs)) return false;
  // Two processes that renewed at the same time may have left halves of two pairs.
  if (!certificate.checkPrivateKey(createPrivateKey(pair.keyPem))) return false;
  if (!certificate.verify(new X509Certificate(authority.certificatePem).publicKey)) return false;
  return hosts.every(
    (host) => (isIP(host) === 0 ? certificate.checkHost(host) : certificate.checkIP(host)) !== undefined,
  );
}

async function loadSigningKey({ disk, folder }: CredentialParts): Promise<string> {
  const file = join(folder, 'service-account.key');
  const present = await disk.readFile(file);
  if (present !== undefined) return Buffer.from(present).toString();
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  await disk.writeFileAtomic(file, Buffer.from(pem), 0o600);
  return pem;
}

async function readPair({ disk, folder }: CredentialParts, name: string): Promise<KeyPair | undefined> {
  const [certificate, key] = await Promise.all([
    disk.readFile(join(folder, `${name}.crt`)),
    disk.readFile(join(folder, `${name}.key`)),
  ]);
  if (certificate === undefined || key === undefined) return undefined;
  return { certificatePem: Buffer.from(certificate).toString(), keyPem: Buffer.from(key).toString() };
}

async function writePair({ disk, folder }: CredentialParts, name: string, pair: KeyPair): Promise<KeyPair> {
  await Promise.all([
    disk.writeFileAtomic(join(folder, `${name}.key`), Buffer.from(pair.keyPem), 0o600),
    disk.writeFileAtomic(join(folder, `${name}.crt`), Buffer.from(pair.certificatePem), 0o644),
  ]);
  return pair;
}
