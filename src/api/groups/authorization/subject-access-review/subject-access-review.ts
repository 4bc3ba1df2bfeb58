/** SubjectAccessReview: may somebody do this? */

import { virtualKind } from '../../../meta/virtual-kind.ts';
import type { SubjectAccessReview } from '../../../types.gen.ts';

export const subjectAccessReviews = virtualKind<SubjectAccessReview>({
  group: 'authorization.k8s.io',
  version: 'v1',
  kind: 'SubjectAccessReview',
  plural: 'subjectaccessreviews',
  namespaced: false,
  message: 'authorization/v1.SubjectAccessReview',
});
