/** authentication.k8s.io/v1: fields in the order of upstream JSON. The notation is described in ../notation.ts. */
export const authenticationV1 = `\
group authentication.k8s.io
version v1
protobuf k8s.io.api.authentication.v1
openapi io.k8s.api.authentication.v1

message BoundObjectReference
  kind       1 string
  apiVersion 2 string
  name       3 string
  uid        4 string

message ExtraValue wraps []string

kind SelfSubjectReview
  metadata 1 meta/v1.ObjectMeta
  status   2 SelfSubjectReviewStatus always

message SelfSubjectReviewStatus
  userInfo 1 UserInfo always

kind TokenRequest
  metadata 1 meta/v1.ObjectMeta
  spec     2 TokenRequestSpec   always
  status   3 TokenRequestStatus always

message TokenRequestSpec
  audiences         1 []string              always list=atomic
  expirationSeconds 4 int64?                default=3600
  boundObjectRef    3 BoundObjectReference?

message TokenRequestStatus
  token               1 string always
  expirationTimestamp 2 time   always

kind TokenReview
  metadata 1 meta/v1.ObjectMeta
  spec     2 TokenReviewSpec    required
  status   3 TokenReviewStatus  always

message TokenReviewSpec
  token     1 string   required
  audiences 2 []string list=atomic

message TokenReviewStatus
  authenticated 1 bool
  user          2 UserInfo always
  audiences     4 []string list=atomic
  error         3 string

message UserInfo
  username 1 string
  uid      2 string
  groups   3 []string     list=atomic
  extra    4 {}ExtraValue
`;
