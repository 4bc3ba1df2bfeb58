/**
 * Tokens of service accounts: JWTs that the API server signs (ES256) and verifies, bound to the account
 * and, if asked for, to a pod, node or secret. A token dies with what it is bound to, whatever its expiry
 * says.
 *
 * Inputs: the signing key, the store (does what the token is bound to still exist?), the clock. Outputs:
 * tokens, and users of verified tokens. Invariants: signatures of a bounded number of tokens are
 * remembered, everything else is looked at each time.
 */

import { createPrivateKey, createPublicKey, hash, sign, type KeyObject } from 'node:crypto';
import type * as Jose from 'jose';
import { nodes } from '../../api/groups/core/node/node.ts';
import { pods } from '../../api/groups/core/pod/pod.ts';
import { secrets } from '../../api/groups/core/secret/secret.ts';
import { serviceAccounts } from '../../api/groups/core/service-account/service-account.ts';
import type { KubernetesObject, ResourceType } from '../../api/meta/object.ts';
import type { JsonObject } from '../../api/schema/schema.ts';
import type { Clock, Random } from '../../host/host.ts';
import type { Store } from '../../store/store.ts';
import { lookUp } from '../registry/look-up.ts';
import type { Authentication, Authenticator } from './authenticator.ts';
import {
  readClaims,
  serviceAccountUser,
  type BoundObject,
  type ServiceAccountClaim,
  type TokenClaims,
} from './service-account-claims.ts';

export const ISSUER = 'https://kubernetes.default.svc.cluster.local';
const ALGORITHM = 'ES256';
/** Verified signatures that are remembered: one for each pod of a large cluster. */
const CACHE_MAX = 10_000;
/**
 * The expiry that marks tokens which pods got without asking; such tokens are accepted a year, with a
 * warning.
 */
const UNASKED_SECONDS = 3607;
const EXTENDED_SECONDS = 365 * 24 * 3600;

export interface ServiceAccountTokensParts {
  readonly store: Store<KubernetesObject>;
  readonly clock: Clock;
  readonly random: Random;
  /** PKCS #8, ECDSA P-256. */
  readonly keyPem: string;
  readonly issuer: string;
  /**
   * What a token must be meant for to be accepted by the API itself; the first is the default of new
   * tokens.
   */
  readonly apiAudiences: readonly string[];
}

export interface TokenOrder {
  readonly namespace: string;
  readonly account: BoundObject;
  readonly audiences: readonly string[];
  readonly seconds: number;
  readonly bound: Pick<ServiceAccountClaim, 'pod' | 'node' | 'secret'>;
}

export interface IssuedToken {
  readonly token: string;
  /** What the requester is told; the token may be accepted longer. */
  readonly expiresMs: number;
}

export class ServiceAccountTokens {
  readonly #parts: ServiceAccountTokensParts;
  readonly #signingKey: KeyObject;
  readonly #publicKey: KeyObject;
  readonly #keyId: string;
  readonly #verified = new Map<string, TokenClaims>();
  #library: Promise<typeof Jose> | undefined;

  constructor(parts: ServiceAccountTokensParts) {
    this.#parts = parts;
    this.#signingKey = createPrivateKey(parts.keyPem);
    this.#publicKey = createPublicKey(parts.keyPem);
    const der = this.#publicKey.export({ type: 'spki', format: 'der' });
    this.#keyId = hash('sha256', der, 'base64url');
  }

  get apiAudiences(): readonly string[] {
    return this.#parts.apiAudiences;
  }

  get issuer(): string {
    return this.#parts.issuer;
  }

  /** The key that others verify tokens with, as a JSON Web Key. */
  publicJwk(): JsonObject {
    const { kty, crv, x, y } = this.#publicKey.export({ format: 'jwk' });
    return {
      use: 'sig',
      kty: kty ?? '',
      kid: this.#keyId,
      crv: crv ?? '',
      alg: ALGORITHM,
      x: x ?? '',
      y: y ?? '',
    };
  }

  issue(order: TokenOrder): IssuedToken {
    const nowSeconds = Math.floor(this.#parts.clock.now() / 1000);
    const expires = nowSeconds + order.seconds;
    const isUnasked =
      order.seconds === UNASKED_SECONDS &&
      order.bound.pod !== undefined &&
      order.audiences.every((audience) => this.#parts.apiAudiences.includes(audience));
    const claim: ServiceAccountClaim = {
      namespace: order.namespace,
      ...order.bound,
      serviceaccount: order.account,
      ...(isUnasked ? { warnafter: expires } : {}),
    };
    const token = this.#sign({
      aud: [...order.audiences],
      exp: isUnasked ? nowSeconds + EXTENDED_SECONDS : expires,
      iat: nowSeconds,
      iss: this.#parts.issuer,
      jti: this.#parts.random.uuid(),
      'kubernetes.io': claim,
      nbf: nowSeconds,
      sub: `system:serviceaccount:${order.namespace}:${order.account.name}`,
    });
    return { token, expiresMs: expires * 1000 };
  }

  /**
   * At once: libraries hand this to other threads, which takes longer than the fifty microseconds of work,
   * and which a virtual clock cannot wait for.
   */
  #sign(claims: object): string {
    const parts = [{ alg: ALGORITHM, kid: this.#keyId }, claims];
    const signed = parts.map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');
    const key = { key: this.#signingKey, dsaEncoding: 'ieee-p1363' } as const;
    return `${signed}.${sign('sha256', Buffer.from(signed), key).toString('base64url')}`;
  }

  /** `none` for tokens of others. `audiences`: the token must be meant for one of them. */
  async verify(
    token: string,
    audiences: readonly string[],
  ): Promise<
    Exclude<Authentication, { result: 'user' }> | { readonly result: 'claims'; readonly claims: TokenClaims }
  > {
    if (token.split('.').length !== 3) return { result: 'none' };
    const claims = await this.#checkSignature(token);
    if (!('kubernetes' in claims)) return claims;
    if (claims.expiresMs <= this.#parts.clock.now()) return invalid('service account token has expired');
    if (!claims.audiences.some((audience) => audiences.includes(audience))) {
      return invalid(
        `token audiences ${JSON.stringify(claims.audiences)} is invalid for the target audiences ${JSON.stringify(audiences)}`,
      );
    }
    const gone = this.#missing(claims.kubernetes);
    return gone === undefined ? { result: 'claims', claims } : invalid(gone);
  }

  async #checkSignature(token: string): Promise<TokenClaims | Exclude<Authentication, { result: 'user' }>> {
    const key = hash('sha256', token, 'base64');
    const known = this.#verified.get(key);
    if (known !== undefined) return known;
    const jose = await this.#jose();
    let payload: { readonly [claim: string]: unknown };
    try {
      if (jose.decodeJwt(token).iss !== this.#parts.issuer) return { result: 'none' };
      const currentDate = new Date(this.#parts.clock.now());
      ({ payload } = await jose.jwtVerify(token, this.#publicKey, { algorithms: [ALGORITHM], currentDate }));
    } catch (error) {
      return invalid(error instanceof Error ? error.message : String(error));
    }
    const claims = readClaims(payload);
    if (claims === undefined) return invalid('the token has none of the claims of a service account');
    this.#remember(key, claims);
    return claims;
  }

  /** The oldest goes first; it costs its bearer one verification. */
  #remember(key: string, claims: TokenClaims): void {
    if (this.#verified.size >= CACHE_MAX) {
      const oldest = this.#verified.keys().next();
      if (oldest.done !== true) this.#verified.delete(oldest.value);
    }
    this.#verified.set(key, claims);
  }

  #missing({ namespace, serviceaccount, pod, node, secret }: ServiceAccountClaim): string | undefined {
    const isThere = <T extends KubernetesObject>(type: ResourceType<T>, bound: BoundObject): boolean =>
      lookUp(this.#parts.store, type, namespace, bound.name)?.metadata.uid === bound.uid;
    if (!isThere(serviceAccounts, serviceaccount)) return 'service account has been deleted';
    if (pod !== undefined && !isThere(pods, pod)) return 'pod has been deleted';
    if (secret !== undefined && !isThere(secrets, secret)) return 'secret has been deleted';
    // With a pod the node is only information: the pod's life is what counts.
    const isNodeBound = node !== undefined && pod === undefined;
    return isNodeBound && !isThere(nodes, node) ? 'node has been deleted' : undefined;
  }

  #jose(): Promise<typeof Jose> {
    this.#library ??= import('jose');
    return this.#library;
  }
}

function invalid(reason: string): { readonly result: 'invalid'; readonly reason: string } {
  return { result: 'invalid', reason };
}

export function serviceAccountAuthenticator(tokens: ServiceAccountTokens): Authenticator {
  return {
    name: 'serviceaccount',
    authenticate: async ({ bearerToken }) => {
      if (bearerToken === '') return { result: 'none' };
      const verified = await tokens.verify(bearerToken, tokens.apiAudiences);
      if (verified.result !== 'claims') return verified;
      return { result: 'user', user: serviceAccountUser(verified.claims) };
    },
  };
}
