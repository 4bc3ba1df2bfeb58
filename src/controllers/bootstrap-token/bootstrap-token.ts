/** What a bootstrap token's Secret says. Pure; fields and rules are upstream's `cluster-bootstrap`. */

import { BOOTSTRAP_SECRET_TYPE } from '../../apiserver/authentication/bootstrap-token.ts';
import type { Secret } from '../../api/types.gen.ts';

export const TOKEN_NAMESPACE = 'kube-system';
const NAME = /^bootstrap-token-([a-z0-9]{6})$/;
/** RFC 3339, as upstream insists on. */
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/;

export function isBootstrapToken({ metadata, type }: Secret): boolean {
  return metadata.namespace === TOKEN_NAMESPACE && type === BOOTSTRAP_SECRET_TYPE;
}

/** When the token expires; undefined: never. An expiration that cannot be read is long past. */
export function expiryMs(secret: Secret): number | undefined {
  const text = field(secret, 'expiration');
  if (text === '') return undefined;
  const ms = TIME.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(ms) ? 0 : ms;
}

export interface SigningToken {
  readonly id: string;
  readonly secret: string;
  readonly expiresMs: number | undefined;
}

/** The token, when it is good for signatures at this time. */
export function signingToken(secret: Secret, nowMs: number): SigningToken | undefined {
  const id = NAME.exec(secret.metadata.name ?? '')?.[1];
  const token = { id: field(secret, 'token-id'), secret: field(secret, 'token-secret') };
  const expiresMs = expiryMs(secret);
  if (id === undefined || token.id !== id || token.secret === '') return undefined;
  if (field(secret, 'usage-bootstrap-signing') !== 'true') return undefined;
  if (expiresMs !== undefined && expiresMs <= nowMs) return undefined;
  return { ...token, expiresMs };
}

function field({ data = {} }: Secret, name: string): string {
  return Buffer.from(data[name] ?? '', 'base64').toString();
}
