/**
 * The cluster's own credentials: made on the first start, read on later ones, renewed before they expire.
 *
 * Files under `<data>/pki`, mode 0600: the authority, the server's certificate, the administrator's, and
 * the key that signs service account tokens.
 */

import { X509Certificate, generateKeyPairSync } from 'node:crypto';
import { join } from 'node:path';
import { FRONT_PROXY_NAME, type FrontProxy } from '../apiserver/authentication/request-header.ts';
import type { Clock, Disk } from '../host/host.ts';
import { createAuthority, issueCertificate, type CertificateRequest, type KeyPair } from '../pki/pki.ts';

const AUTHORITY_DAYS = 3650;
const LEAF_DAYS = 365;
/** A certificate is replaced when less than this is left of it. */
const RENEW_BEFORE_MS = 30 * 86_400_000;

const KUBELET_CLIENT = 'kube-apiserver-kubelet-client';

export interface Credentials {
  readonly authority: KeyPair;
  readonly server: KeyPair;
  readonly admin: KeyPair;
  /** By which kubelets know the API server. */
  readonly kubeletClient: KeyPair;
  /** By which aggregated API servers know this one; of an authority of its own. */
  readonly frontProxy: FrontProxy;
  /** PKCS #8, P-256. */
  readonly serviceAccountKeyPem: string;
}

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
  const [server, admin, kubeletClient, frontProxyClient, serviceAccountKeyPem] = await Promise.all([
    loadLeaf(parts, authority, 'apiserver', {
      commonName: 'kube-apiserver',
      hosts: parts.hosts,
      usage: 'server',
    }),
    loadLeaf(parts, authority, 'admin', {
      commonName: 'kubernetes-admin',
      organizations: ['system:masters'],
      usage: 'client',
    }),
    loadLeaf(parts, authority, 'kubelet-client', {
      commonName: KUBELET_CLIENT,
      organizations: ['system:masters'],
      usage: 'client',
    }),
    loadLeaf(parts, frontProxyAuthority, 'front-proxy-client', {
      commonName: FRONT_PROXY_NAME,
      usage: 'client',
    }),
    loadSigningKey(parts),
  ]);
  const frontProxy = { authorityPem: frontProxyAuthority.certificatePem, client: frontProxyClient };
  return { authority, server, admin, kubeletClient, frontProxy, serviceAccountKeyPem };
}

async function loadAuthority(parts: CredentialParts, name: string, commonName: string): Promise<KeyPair> {
  const present = await readPair(parts, name);
  if (present !== undefined) return present;
  return writePair(parts, name, await createAuthority(commonName, parts.clock.now(), AUTHORITY_DAYS));
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
  return writePair(
    parts,
    name,
    await issueCertificate(authority, { ...request, nowMs, validDays: LEAF_DAYS }),
  );
}

function stillGood(pair: KeyPair, authority: KeyPair, hosts: readonly string[], nowMs: number): boolean {
  const certificate = new X509Certificate(pair.certificatePem);
  if (certificate.validToDate.getTime() - nowMs < RENEW_BEFORE_MS) return false;
  if (!certificate.verify(new X509Certificate(authority.certificatePem).publicKey)) return false;
  return hosts.every((host) => certificate.checkHost(host) ?? certificate.checkIP(host));
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
  await disk.writeFileAtomic(join(folder, `${name}.key`), Buffer.from(pair.keyPem), 0o600);
  await disk.writeFileAtomic(join(folder, `${name}.crt`), Buffer.from(pair.certificatePem), 0o644);
  return pair;
}
