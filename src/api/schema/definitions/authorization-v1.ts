/** authorization.k8s.io/v1: fields in the order of upstream JSON. The notation is described in ../notation.ts. */
export const authorizationV1 = `\
group authorization.k8s.io
version v1
protobuf k8s.io.api.authorization.v1
openapi io.k8s.api.authorization.v1

message ExtraValue wraps []string

message FieldSelectorAttributes
  rawSelector  1 string
  requirements 2 []meta/v1.FieldSelectorRequirement list=atomic

message LabelSelectorAttributes
  rawSelector  1 string
  requirements 2 []meta/v1.LabelSelectorRequirement list=atomic

kind LocalSubjectAccessReview
  metadata 1 meta/v1.ObjectMeta
  spec     2 SubjectAccessReviewSpec   required
  status   3 SubjectAccessReviewStatus always

message NonResourceAttributes
  path 1 string
  verb 2 string

message NonResourceRule
  verbs           1 []string required list=atomic
  nonResourceURLs 2 []string list=atomic

message ResourceAttributes
  namespace     1 string
  verb          2 string
  group         3 string
  version       4 string
  resource      5 string
  subresource   6 string
  name          7 string
  fieldSelector 8 FieldSelectorAttributes?
  labelSelector 9 LabelSelectorAttributes?

message ResourceRule
  verbs         1 []string required list=atomic
  apiGroups     2 []string list=atomic
  resources     3 []string list=atomic
  resourceNames 4 []string list=atomic

kind SelfSubjectAccessReview
  metadata 1 meta/v1.ObjectMeta
  spec     2 SelfSubjectAccessReviewSpec required
  status   3 SubjectAccessReviewStatus   always

message SelfSubjectAccessReviewSpec
  resourceAttributes    1 ResourceAttributes?
  nonResourceAttributes 2 NonResourceAttributes?

kind SelfSubjectRulesReview
  metadata 1 meta/v1.ObjectMeta
  spec     2 SelfSubjectRulesReviewSpec required
  status   3 SubjectRulesReviewStatus   always

message SelfSubjectRulesReviewSpec
  namespace 1 string

kind SubjectAccessReview
  metadata 1 meta/v1.ObjectMeta
  spec     2 SubjectAccessReviewSpec   required
  status   3 SubjectAccessReviewStatus always

message SubjectAccessReviewSpec
  resourceAttributes    1 ResourceAttributes?
  nonResourceAttributes 2 NonResourceAttributes?
  user                  3 string
  groups                4 []string               list=atomic
  extra                 5 {}ExtraValue
  uid                   6 string

message SubjectAccessReviewStatus
  allowed         1 bool   required
  denied          4 bool
  reason          2 string
  evaluationError 3 string

message SubjectRulesReviewStatus
  resourceRules    1 []ResourceRule    required list=atomic
  nonResourceRules 2 []NonResourceRule required list=atomic
  incomplete       3 bool              required
  evaluationError  4 string
`;
