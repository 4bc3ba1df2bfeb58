/** TokenReview: whose token is this? */

import { virtualKind } from '../../../meta/virtual-kind.ts';
import type { TokenReview } from '../../../types.gen.ts';

export const tokenReviews = virtualKind<TokenReview>({
  group: 'authentication.k8s.io',
  version: 'v1',
  kind: 'TokenReview',
  plural: 'tokenreviews',
  namespaced: false,
  message: 'authentication/v1.TokenReview',
});
