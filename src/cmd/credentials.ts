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
  const { credentials, written } = await makeCredentials(parts);
  await written;
  return credentials;
}

/**
 * For who has something else to do while the disk works: `written` resolves when all credentials are durable. Before,
 * nothing may depend on them that outlives the process.
 */
export async function makeCredentials(
  parts: CredentialParts,
): Promise<{ readonly credentials: Credentials; readonly written: Promise<void> }> {
  await parts.disk.makeFolder(parts.folder, 0o700);
  const [authorities, signingKey] = await Promise.all([holdAuthorities(parts), holdSigningKey(parts)]);
  const { authority, frontProxyAuthority } = authorities;
  const pairs = { authority: authority.pair, frontProxyAuthority: frontProxyAuthority.pair };
  const leaves = await holdLeaves(parts, pairs);
  const credentials = { ...pairs, ...pairsOf(leaves), serviceAccountKeyPem: signingKey.pem };
  // All are made before the first is written: a new cluster waits for the disk once.
  const written = Promise.all([
    writeNew(parts, [authority, frontProxyAuthority, ...Object.values(leaves)]),
    ...(signingKey.isNew ? [writeSigningKey(parts, signingKey.pem)] : []),
  ]).then(() => {});
  // Whoever awaits it hears of a failure; until somebody does it is not an unhandled one.
  written.catch(() => {});
  return { credentials, written };
}

/** A pair that was read, or one that is still to be written. */
interface Held {
  readonly name: string;
  readonly pair: KeyPair;
  readonly isNew: boolean;
}

async function holdAuthorities(
  parts: CredentialParts,
): Promise<{ readonly authority: Held; readonly frontProxyAuthority: Held }> {
  const [authority, frontProxyAuthority] = await Promise.all([
    holdAuthority(parts, 'ca', 'k8ts-ca'),
    holdAuthority(parts, 'front-proxy-ca', 'k8ts-front-proxy-ca'),
  ]);
  return { authority, frontProxyAuthority };
}

/** Reads the certificates, and renews those that are near their end. */
export async function loadLeaves(
  parts: CredentialParts,
  authorities: Authorities,
): Promise<Pick<Credentials, Leaf>> {
  const leaves = await holdLeaves(parts, authorities);
  await writeNew(parts, Object.values(leaves));
  return pairsOf(leaves);
}

function pairsOf(leaves: Readonly<Record<Leaf, Held>>): Pick<Credentials, Leaf> {
  const { server, admin, kubeletClient, frontProxyClient } = leaves;
  return {
    server: server.pair,
    admin: admin.pair,
    kubeletClient: kubeletClient.pair,
    frontProxyClient: frontProxyClient.pair,
  };
}

async function holdLeaves(
  parts: CredentialParts,
  { authority, frontProxyAuthority }: Authorities,
): Promise<Readonly<Record<Leaf, Held>>> {
  const masters = { organizations: ['system:masters'], usage: 'client' } as const;
  const [server, admin, kubeletClient, frontProxyClient] = await Promise.all([
    holdLeaf(parts, authority, 'apiserver', {
      commonName: 'kube-apiserver',
      hosts: parts.hosts,
      usage: 'server',
    }),
    holdLeaf(parts, authority, 'admin', { commonName: 'kubernetes-admin', ...masters }),
    holdLeaf(parts, authority, 'kubelet-client', { commonName: KUBELET_CLIENT, ...masters }),
    holdLeaf(parts, frontProxyAuthority, 'front-proxy-client', {
      commonName: FRONT_PROXY_NAME,
      usage: 'client',
    }),
  ]);
  return { server, admin, kubeletClient, frontProxyClient };
}

async function holdAuthority(parts: CredentialParts, name: string, commonName: string): Promise<Held> {
  const present = await readPair(parts, name);
  if (present !== undefined) return { name, pair: present, isNew: false };
  return { name, pair: createAuthority(commonName, parts.clock.now(), AUTHORITY_DAYS), isNew: true };
}

async function holdLeaf(
  parts: CredentialParts,
  authority: KeyPair,
  name: string,
  request: Omit<CertificateRequest, 'nowMs' | 'validDays'>,
): Promise<Held> {
  const nowMs = parts.clock.now();
  const present = await readPair(parts, name);
  if (present !== undefined && stillGood(present, authority, request.hosts ?? [], nowMs))
    return { name, pair: present, isNew: false };
  const pair = issueCertificate(authority, { ...request, nowMs, validDays: LEAF_DAYS });
  return { name, pair, isNew: true };
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

const SIGNING_KEY_FILE = 'service-account.key';

async function holdSigningKey({
  disk,
  folder,
}: CredentialParts): Promise<{ readonly pem: string; readonly isNew: boolean }> {
  const present = await disk.readFile(join(folder, SIGNING_KEY_FILE));
  if (present !== undefined) return { pem: Buffer.from(present).toString(), isNew: false };
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return { pem: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(), isNew: true };
}

function writeSigningKey({ disk, folder }: CredentialParts, pem: string): Promise<void> {
  return disk.writeFileAtomic(join(folder, SIGNING_KEY_FILE), Buffer.from(pem), 0o600);
}

async function readPair({ disk, folder }: CredentialParts, name: string): Promise<KeyPair | undefined> {
  const [certificate, key] = await Promise.all([
    disk.readFile(join(folder, `${name}.crt`)),
    disk.readFile(join(folder, `${name}.key`)),
  ]);
  if (certificate === undefined || key === undefined) return undefined;
  return { certificatePem: Buffer.from(certificate).toString(), keyPem: Buffer.from(key).toString() };
}

async function writeNew({ disk, folder }: CredentialParts, all: readonly Held[]): Promise<void> {
  const write = (file: string, text: string, mode: number): Promise<void> =>
    disk.writeFileAtomic(join(folder, file), Buffer.from(text), mode);
  await Promise.all(
    all
      .filter(({ isNew }) => isNew)
      .flatMap(({ name, pair }) => [
        write(`${name}.key`, pair.keyPem, 0o600),
        write(`${name}.crt`, pair.certificatePem, 0o644),
      ]),
  );
}
