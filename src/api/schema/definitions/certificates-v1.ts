/** certificates.k8s.io/v1: fields in the order of upstream JSON. The notation is described in ../notation.ts. */
export const certificatesV1 = `\
group certificates.k8s.io
version v1
protobuf k8s.io.api.certificates.v1
openapi io.k8s.api.certificates.v1

kind CertificateSigningRequest
  metadata 1 meta/v1.ObjectMeta
  spec     2 CertificateSigningRequestSpec   required
  status   3 CertificateSigningRequestStatus always

message CertificateSigningRequestCondition
  type               1 string required
  status             6 string required
  reason             2 string
  message            3 string
  lastUpdateTime     4 time
  lastTransitionTime 5 time

kind CertificateSigningRequestList
  metadata 1 meta/v1.ListMeta
  items    2 []CertificateSigningRequest required

message CertificateSigningRequestSpec
  request           1 bytes        required
  signerName        7 string       required
  expirationSeconds 8 int32?
  usages            5 []string     list=atomic
  username          2 string
  uid               3 string
  groups            4 []string     list=atomic
  extra             6 {}ExtraValue

message CertificateSigningRequestStatus
  conditions  1 []CertificateSigningRequestCondition list=map(type)
  certificate 2 bytes

message ExtraValue wraps []string
`;
