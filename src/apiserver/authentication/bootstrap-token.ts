/**
 * Bootstrap tokens: `<id>.<secret>`, kept as Secrets of kube-system, with which a new machine proves that
 * it may join. Format: https://kubernetes.io/docs/reference/access-authn-authz/bootstrap-tokens/
 */

import { timingSafeEqual } from 'node:crypto';
import { secrets } from '../../api/groups/core/secret/secret.ts';
import type { KubernetesObject } from '../../api/meta/object.ts';
import type { Secret } from '../../api/types.gen.ts';
import type { Clock } from '../../host/host.ts';
import type { Store } from '../../store/store.ts';
import { lookUp } from '../registry/look-up.ts';
import type { Authentication, Authenticator } from './authenticator.ts';

export const BOOTSTRAPPERS_GROUP = 'system:bootstrappers';
export const BOOTSTRAP_SECRET_TYPE = 'bootstrap.kubernetes.io/token';
const TOKEN = /^([a-z0-9]{6})\.([a-z0-9]{16})$/;
const EXTRA_GROUP = /^system:bootstrappers:[a-z0-9:-]{0,255}[a-z0-9]$/;

export function bootstrapTokenAuthenticator(store: Store<KubernetesObject>, clock: Clock): Authenticator {
  return {
    name: 'bootstrap-token',
    authenticate: ({ bearerToken }) => {
      const match = TOKEN.exec(bearerToken);
      if (match === null) return { result: 'none' };
      const [, id = '', secret = ''] = match;
      const stored = lookUp(store, secrets, 'kube-system', `bootstrap-token-${id}`);
      return judge(stored, id, secret, clock.now());
    },
  };
}

function judge(stored: Secret | undefined, id: string, secret: string, nowMs: number): Authentication {
  // One answer for all that is wrong: who guesses learns nothing.
  const wrong = { result: 'invalid', reason: 'the bootstrap token is not valid' } as const;
  if (stored?.type !== BOOTSTRAP_SECRET_TYPE || stored.metadata.deletionTimestamp !== undefined) return wrong;
  const value = (key: string): string => Buffer.from(stored.data?.[key] ?? '', 'base64').toString();
  if (value('token-id') !== id || !sameSecret(value('token-secret'), secret)) return wrong;
  const expiration = value('expiration');
  if (expiration !== '' && !(Date.parse(expiration) > nowMs)) return wrong;
  if (value('usage-bootstrap-authentication') !== 'true') return wrong;
  const extra = value('auth-extra-groups')
    .split(',')
    .map((group) => group.trim())
    .filter((group) => EXTRA_GROUP.test(group));
  return {
    result: 'user',
    user: { name: `system:bootstrap:${id}`, groups: [BOOTSTRAPPERS_GROUP, ...extra] },
  };
}

function sameSecret(a: string, b: string): boolean {
  return a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b));
}
