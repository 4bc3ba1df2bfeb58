/** admission.k8s.io/v1: fields in the order of upstream JSON. The notation is described in ../notation.ts. */
export const admissionV1 = `\
group admission.k8s.io
version v1
protobuf k8s.io.api.admission.v1
openapi io.k8s.api.admission.v1

message AdmissionRequest
  uid                 1 string                        always
  kind                2 meta/v1.GroupVersionKind      always
  resource            3 meta/v1.GroupVersionResource  always
  subResource         4 string
  requestKind        13 meta/v1.GroupVersionKind?
  requestResource    14 meta/v1.GroupVersionResource?
  requestSubResource 15 string
  name                5 string
  namespace           6 string
  operation           7 string                        always
  userInfo            8 authentication/v1.UserInfo    always
  object              9 rawExtension
  oldObject          10 rawExtension
  dryRun             11 bool?
  options            12 rawExtension

message AdmissionResponse
  uid              1 string          always
  allowed          2 bool            always
  status           3 meta/v1.Status?
  patch            4 bytes
  patchType        5 string?
  auditAnnotations 6 {}string
  warnings         7 []string

message AdmissionReview
  request  1 AdmissionRequest?
  response 2 AdmissionResponse?
`;
