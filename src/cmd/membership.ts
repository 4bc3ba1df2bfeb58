/**
 * What a node that joined from another machine got from the cluster, and how it is renewed: the node asks
 * where it joined, now as itself. The key stays, and never leaves the machine.
 */

import { createPrivateKey, createPublicKey, generateKeyPairSync } from 'node:crypto';
import { join } from 'node:path';
import type { Clock, Disk } from '../host/host.ts';
import { isNearEnd, LiveKeyPair } from '../pki/live-key-pair.ts';

export interface Membership {
  readonly clientCertificate: string;
  readonly servingCertificate: string;
  readonly certificateAuthority: string;
  readonly networks: {
    readonly podCidr: string;
    readonly serviceCidr: string;
    readonly clusterDomain: string;
  };
  readonly keyPem: string;
}

/** Sends the body to the place where nodes join, and resolves with the text of the answer. */
export type Ask = (body: string) => Promise<string>;

export interface NodePlace {
  readonly nodeName: string;
  readonly address: string;
}

export async function readMembership(disk: Disk, folder: string): Promise<Membership | undefined> {
  const known = await disk.readFile(fileIn(folder));
  return known === undefined ? undefined : (JSON.parse(Buffer.from(known).toString()) as Membership);
}

export async function askMembership(
  ask: Ask,
  { nodeName, address }: NodePlace,
  keyPem: string,
): Promise<Membership> {
  const publicKey = createPublicKey(createPrivateKey(keyPem)).export({ type: 'spki', format: 'pem' });
  const answer = await ask(
    JSON.stringify({ nodeName, publicKey: publicKey.toString(), hosts: [nodeName, address] }),
  );
  return { ...(JSON.parse(answer) as Omit<Membership, 'keyPem'>), keyPem };
}

export async function writeMembership(disk: Disk, folder: string, membership: Membership): Promise<void> {
  await disk.makeFolder(folder, 0o700);
  await disk.writeFileAtomic(fileIn(folder), Buffer.from(JSON.stringify(membership)), 0o600);
}

export function newKeyPem(): string {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
}

export interface LiveMembershipParts {
  readonly disk: Disk;
  readonly clock: Clock;
  readonly folder: string;
  readonly place: NodePlace;
  /** As the node itself. */
  readonly ask: Ask;
}

export class LiveMembership {
  readonly #parts: LiveMembershipParts;
  readonly client: LiveKeyPair;
  readonly serving: LiveKeyPair;

  constructor(parts: LiveMembershipParts, { clientCertificate, servingCertificate, keyPem }: Membership) {
    this.#parts = parts;
    this.client = new LiveKeyPair({ certificatePem: clientCertificate, keyPem });
    this.serving = new LiveKeyPair({ certificatePem: servingCertificate, keyPem });
  }

  /** Renews both certificates when one is near its end; names what is new. */
  async renew(): Promise<readonly string[]> {
    const { disk, clock, folder, place, ask } = this.#parts;
    const nowMs = clock.now();
    if (![this.client, this.serving].some(({ current }) => isNearEnd(current, nowMs))) return [];
    const { keyPem } = this.client.current;
    const next = await askMembership(ask, place, keyPem);
    await writeMembership(disk, folder, next);
    this.client.replace({ certificatePem: next.clientCertificate, keyPem });
    this.serving.replace({ certificatePem: next.servingCertificate, keyPem });
    return ['client', 'serving'];
  }
}

function fileIn(folder: string): string {
  return join(folder, 'membership.json');
}
