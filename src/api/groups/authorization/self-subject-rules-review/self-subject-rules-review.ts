/** SelfSubjectRulesReview: what may I do in a namespace? */

import { virtualKind } from '../../../meta/virtual-kind.ts';
import type { SelfSubjectRulesReview } from '../../../types.gen.ts';

export const selfSubjectRulesReviews = virtualKind<SelfSubjectRulesReview>({
  group: 'authorization.k8s.io',
  version: 'v1',
  kind: 'SelfSubjectRulesReview',
  plural: 'selfsubjectrulesreviews',
  namespaced: false,
  message: 'authorization/v1.SelfSubjectRulesReview',
});
