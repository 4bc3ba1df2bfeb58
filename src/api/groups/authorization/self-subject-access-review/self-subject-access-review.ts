/** SelfSubjectAccessReview: may I do this? */

import { virtualKind } from '../../../meta/virtual-kind.ts';
import type { SelfSubjectAccessReview } from '../../../types.gen.ts';

export const selfSubjectAccessReviews = virtualKind<SelfSubjectAccessReview>({
  group: 'authorization.k8s.io',
  version: 'v1',
  kind: 'SelfSubjectAccessReview',
  plural: 'selfsubjectaccessreviews',
  namespaced: false,
  message: 'authorization/v1.SelfSubjectAccessReview',
});
