/** TokenReview and SelfSubjectReview: whose token is this, and who am I. */

import { formatTime } from '../../api/time/time.ts';
import { tokenReviews } from '../../api/groups/authentication/token-review/token-review.ts';
import { selfSubjectReviews } from '../../api/groups/authentication/self-subject-review/self-subject-review.ts';
import type { KubernetesObject } from '../../api/meta/object.ts';
import type {
  SelfSubjectReview,
  TokenReview,
  TokenReviewStatus,
  UserInfo as ApiUser,
} from '../../api/types.gen.ts';
import type { Outcome, UserInfo } from '../../client/operation.ts';
import { authenticate, type Authenticator } from '../authentication/authenticator.ts';
import { serviceAccountUser } from '../authentication/service-account-claims.ts';
import type { ServiceAccountTokens } from '../authentication/service-account-token.ts';

import type { SubresourceCall, SubresourceHandler } from './subresource.ts';
import { admitCreated, bodyType, decodeCreated, type Schemas } from './subresource-body.ts';

export interface TokenReviewParts {
  readonly schemas: Schemas;
  /** All ways of proving who one is; asked with the token alone. */
  readonly authenticators: readonly Authenticator[];
  readonly tokens: ServiceAccountTokens;
}

export function tokenReviewHandler(parts: TokenReviewParts): SubresourceHandler {
  const { group, version, kind, plural } = tokenReviews;
  const type = bodyType(parts.schemas, group, version, kind);
  return {
    path: plural,
    group,
    handle: async (call) => {
      const review = await admitCreated(call, type, decodeCreated<TokenReview>(type, call));
      const status = await judge(parts, review.spec.token ?? '', review.spec.audiences ?? []);
      const answer: TokenReview = { ...review, status };
      return created(answer);
    },
  };
}

const UNKNOWN: TokenReviewStatus = { user: {}, error: 'invalid bearer token' };

async function judge(
  { authenticators, tokens }: TokenReviewParts,
  token: string,
  asked: readonly string[],
): Promise<TokenReviewStatus> {
  if (token === '') return UNKNOWN;
  const wanted = asked.length === 0 ? tokens.apiAudiences : asked;
  const verified = await tokens.verify(token, wanted);
  if (verified.result === 'invalid') return { user: {}, error: `[invalid bearer token, ${verified.reason}]` };
  if (verified.result === 'claims') {
    const audiences = wanted.filter((audience) => verified.claims.audiences.includes(audience));
    return { authenticated: true, user: apiUser(serviceAccountUser(verified.claims)), audiences };
  }
  const audiences = wanted.filter((audience) => tokens.apiAudiences.includes(audience));
  if (audiences.length === 0) return UNKNOWN;
  const user = await authenticate(authenticators, { certificate: undefined, bearerToken: token });
  return user === undefined ? UNKNOWN : { authenticated: true, user: apiUser(user), audiences };
}

export function selfSubjectReviewHandler(schemas: Schemas): SubresourceHandler {
  const { group, version, kind, plural } = selfSubjectReviews;
  const type = bodyType(schemas, group, version, kind);
  return {
    path: plural,
    group,
    handle: async (call) =>
      whoAmI(call, await admitCreated(call, type, decodeCreated<SelfSubjectReview>(type, call))),
  };
}

function whoAmI({ context, parts }: SubresourceCall, review: SelfSubjectReview): Outcome {
  const metadata = { ...review.metadata, creationTimestamp: formatTime(parts.clock.now()) };
  const answer: SelfSubjectReview = { ...review, metadata, status: { userInfo: apiUser(context.user) } };
  return created(answer);
}

function created(object: KubernetesObject): Outcome {
  return { type: 'object', object, created: true };
}

function apiUser({ name, uid = '', groups, extra = {} }: UserInfo): ApiUser {
  return {
    username: name,
    ...(uid === '' ? {} : { uid }),
    ...(groups.length === 0 ? {} : { groups }),
    ...(Object.keys(extra).length === 0 ? {} : { extra }),
  };
}
