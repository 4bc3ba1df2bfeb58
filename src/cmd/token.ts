/**
 * Join tokens: `<CA hash>::<id>.<secret>`. The hash lets the joining node know its server; the rest is a
 * bootstrap token of the cluster, kept as a Secret with an expiry, as upstream keeps them.
 */

import { createHash, randomBytes, X509Certificate } from 'node:crypto';
import { secrets } from '../api/groups/core/secret/secret.ts';
import type { Client } from '../client/client.ts';
import { formatTime, parseDuration } from '../api/time/time.ts';
import { asAdministrator } from './admin-client.ts';
import { UsageError } from './settings.ts';

export interface JoinToken {
  /** SHA-256 of the authority's certificate (DER), hexadecimal. */
  readonly authorityHash: string;
  readonly bootstrapToken: string;
}

export function parseJoinToken(text: string): JoinToken | undefined {
  const match = /^([0-9a-f]{64})::([a-z0-9]{6}\.[a-z0-9]{16})$/.exec(text.trim());
  return match === null ? undefined : { authorityHash: match[1] ?? '', bootstrapToken: match[2] ?? '' };
}

export function authorityHash(authorityPem: string): string {
  return createHash('sha256').update(new X509Certificate(authorityPem).raw).digest('hex');
}

export async function createToken(flags: { readonly dataDir?: string; readonly ttl: string }): Promise<void> {
  const ttl = parseDuration(flags.ttl);
  if (typeof ttl !== 'bigint' || ttl <= 0n)
    throw new UsageError(`--ttl ${flags.ttl}: must be a duration such as 24h`);
  await asAdministrator(flags, 'k8ts/token', async ({ api, authorityPem, host }) => {
    const token = await storeToken(api, host.clock.now() + Number(ttl / 1_000_000n));
    process.stdout.write(`${authorityHash(authorityPem)}::${token}\n`);
  });
}

/** Creates the Secret behind a new bootstrap token and returns the token. */
export async function storeToken(client: Client, expiresMs: number): Promise<string> {
  const id = randomBytes(3).toString('hex');
  const secret = randomBytes(8).toString('hex');
  await client.create(secrets, {
    metadata: { name: `bootstrap-token-${id}`, namespace: 'kube-system' },
    type: 'bootstrap.kubernetes.io/token',
    stringData: {
      'token-id': id,
      'token-secret': secret,
      expiration: formatTime(expiresMs),
      'usage-bootstrap-authentication': 'true',
      'usage-bootstrap-signing': 'true',
      'auth-extra-groups': 'system:bootstrappers:k8ts:nodes',
    },
  });
  return `${id}.${secret}`;
}
