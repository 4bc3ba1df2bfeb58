/**
 * Request-header authentication: a front proxy whose certificate is of the front-proxy authority says in
 * headers for whom it asks. This server is such a proxy to aggregated API servers, and accepts one itself.
 * Upstream: `apiserver/pkg/authentication/request/headerrequest`.
 */

import { X509Certificate } from 'node:crypto';
import type { UserInfo } from '../../client/operation.ts';
import type { KeyPair } from '../../pki/pki.ts';
import type { Exchange, Headers } from '../http/exchange.ts';
import { AUTHENTICATED_GROUP } from './authenticator.ts';

export interface FrontProxy {
  /** The certificate of the authority, PEM. */
  readonly authorityPem: string;
  /** What this server shows to aggregated API servers. */
  readonly client: KeyPair;
}

/** The common name of front proxies' certificates. */
export const FRONT_PROXY_NAME = 'front-proxy-client';

type PeerCertificate = NonNullable<Exchange['certificate']>;
const EXTRA_PREFIX = 'x-remote-extra-';

export interface RequestHeaderAuthenticator {
  /** Whether the certificate is of the front-proxy authority: it proves nobody's identity then. */
  issued(certificate: PeerCertificate): boolean;
  /** For whom a front proxy asks; undefined when it is none, or asks for nobody. */
  userOf(certificate: PeerCertificate, headers: Headers): UserInfo | undefined;
}

/** Certificates were verified against the listener's authorities before; this tells which one it was. */
export function requestHeaderAuthenticator(authorityPem: string): RequestHeaderAuthenticator {
  const authority = new X509Certificate(authorityPem);
  const known = new WeakMap<PeerCertificate, boolean>();
  const issued = (certificate: PeerCertificate): boolean => {
    let answer = known.get(certificate);
    if (answer === undefined) {
      const { raw } = certificate;
      answer = raw !== undefined && new X509Certificate(raw).verify(authority.publicKey);
      known.set(certificate, answer);
    }
    return answer;
  };
  return {
    issued,
    userOf: (certificate, headers) => {
      const names: readonly string[] = [certificate.subject.CN ?? []].flat();
      return names.includes(FRONT_PROXY_NAME) && issued(certificate) ? claimedUser(headers) : undefined;
    },
  };
}

/** Who the headers say it is; undefined when they name nobody. */
export function claimedUser(headers: Headers): UserInfo | undefined {
  const name = many(headers['x-remote-user'])[0] ?? '';
  if (name === '') return undefined;
  const uid = many(headers['x-remote-uid'])[0] ?? '';
  const extra: { [key: string]: readonly string[] } = {};
  for (const [header, value] of Object.entries(headers)) {
    if (header.startsWith(EXTRA_PREFIX)) extra[decoded(header.slice(EXTRA_PREFIX.length))] = many(value);
  }
  return {
    name,
    groups: [...new Set([...many(headers['x-remote-group']), AUTHENTICATED_GROUP])],
    ...(uid === '' ? {} : { uid }),
    ...(Object.keys(extra).length === 0 ? {} : { extra }),
  };
}

/** The headers by which this server says for whom it asks. */
export function claimHeaders({ name, uid, groups, extra = {} }: UserInfo): {
  [name: string]: string | string[];
} {
  const headers: { [name: string]: string | string[] } = { 'x-remote-user': name };
  if (groups.length > 0) headers['x-remote-group'] = [...groups];
  if (uid !== undefined && uid !== '') headers['x-remote-uid'] = uid;
  for (const [key, values] of Object.entries(extra)) headers[EXTRA_PREFIX + encoded(key)] = [...values];
  return headers;
}

/** Node joins repeated headers with a comma; names of users and groups have none. */
function many(value: string | readonly string[] | undefined): readonly string[] {
  if (value === undefined || value === '') return [];
  return typeof value === 'string' ? value.split(',').map((part) => part.trim()) : value;
}

/** Keys may hold what header names may not: RFC 7230 tokens stay, without `%` itself. */
function encoded(key: string): string {
  return [...Buffer.from(key.toLowerCase())]
    .map((byte) => {
      const char = String.fromCharCode(byte);
      return /[a-z0-9!#$&'*+.^_`|~-]/.test(char)
        ? char
        : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
    })
    .join('');
}

function decoded(key: string): string {
  try {
    return decodeURIComponent(key);
  } catch {
    return key;
  }
}
