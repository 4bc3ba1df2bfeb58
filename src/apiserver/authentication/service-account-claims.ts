/** What a service account's token says, and whom it makes the bearer. Pure. */

import type { UserInfo } from '../../client/operation.ts';

export interface BoundObject {
  readonly name: string;
  readonly uid: string;
}

/** The private claim under `kubernetes.io`, named as upstream names it. */
export interface ServiceAccountClaim {
  readonly namespace: string;
  readonly serviceaccount: BoundObject;
  readonly pod?: BoundObject;
  readonly node?: BoundObject;
  readonly secret?: BoundObject;
  /** Seconds since 1970: later uses are those of a client that does not renew its token. */
  readonly warnafter?: number;
}

export interface TokenClaims {
  readonly audiences: readonly string[];
  readonly id: string;
  /** Milliseconds since 1970. */
  readonly expiresMs: number;
  readonly kubernetes: ServiceAccountClaim;
}

export const SERVICE_ACCOUNTS_GROUP = 'system:serviceaccounts';

export function serviceAccountUser({ id, kubernetes }: TokenClaims): UserInfo {
  const { namespace, serviceaccount, pod, node } = kubernetes;
  const extra: { [key: string]: readonly string[] } = {
    'authentication.kubernetes.io/credential-id': [`JTI=${id}`],
  };
  for (const [kind, bound] of [
    ['node', node],
    ['pod', pod],
  ] as const) {
    if (bound === undefined) continue;
    extra[`authentication.kubernetes.io/${kind}-name`] = [bound.name];
    extra[`authentication.kubernetes.io/${kind}-uid`] = [bound.uid];
  }
  return {
    name: `system:serviceaccount:${namespace}:${serviceaccount.name}`,
    uid: serviceaccount.uid,
    groups: [SERVICE_ACCOUNTS_GROUP, `${SERVICE_ACCOUNTS_GROUP}:${namespace}`, 'system:authenticated'],
    extra,
  };
}

/** Undefined when a verified payload is none of ours in form. */
export function readClaims(payload: { readonly [claim: string]: unknown }): TokenClaims | undefined {
  const { aud, exp, jti } = payload;
  const audiences = typeof aud === 'string' ? [aud] : isTexts(aud) ? aud : undefined;
  const claim = payload['kubernetes.io'];
  if (audiences === undefined || typeof exp !== 'number' || !isRecord(claim)) return undefined;
  const serviceaccount = readBound(claim['serviceaccount']);
  const { namespace, warnafter } = claim;
  if (typeof namespace !== 'string' || serviceaccount === undefined) return undefined;
  const pod = readBound(claim['pod']);
  const node = readBound(claim['node']);
  const secret = readBound(claim['secret']);
  const kubernetes: ServiceAccountClaim = {
    namespace,
    serviceaccount,
    ...(pod === undefined ? {} : { pod }),
    ...(node === undefined ? {} : { node }),
    ...(secret === undefined ? {} : { secret }),
    ...(typeof warnafter === 'number' ? { warnafter } : {}),
  };
  return { audiences, id: typeof jti === 'string' ? jti : '', expiresMs: exp * 1000, kubernetes };
}

function readBound(value: unknown): BoundObject | undefined {
  if (!isRecord(value)) return undefined;
  const { name, uid } = value;
  return typeof name === 'string' && typeof uid === 'string' ? { name, uid } : undefined;
}

function isRecord(value: unknown): value is { readonly [key: string]: unknown } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}
