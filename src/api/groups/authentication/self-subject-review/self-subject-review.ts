/** SelfSubjectReview: who am I? */

import { virtualKind } from '../../../meta/virtual-kind.ts';
import type { SelfSubjectReview } from '../../../types.gen.ts';

export const selfSubjectReviews = virtualKind<SelfSubjectReview>({
  group: 'authentication.k8s.io',
  version: 'v1',
  kind: 'SelfSubjectReview',
  plural: 'selfsubjectreviews',
  namespaced: false,
  message: 'authentication/v1.SelfSubjectReview',
});
