/** LocalSubjectAccessReview: may somebody do this in the namespace of the review? */

import { virtualKind } from '../../../meta/virtual-kind.ts';
import type { LocalSubjectAccessReview } from '../../../types.gen.ts';

export const localSubjectAccessReviews = virtualKind<LocalSubjectAccessReview>({
  group: 'authorization.k8s.io',
  version: 'v1',
  kind: 'LocalSubjectAccessReview',
  plural: 'localsubjectaccessreviews',
  namespaced: true,
  message: 'authorization/v1.LocalSubjectAccessReview',
});
