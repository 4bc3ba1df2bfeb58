/** certificates.k8s.io/v1beta1: fields in the order of upstream JSON. The notation is described in ../notation.ts. */
export const certificatesV1beta1 = `\
group certificates.k8s.io
version v1beta1
protobuf k8s.io.api.certificates.v1beta1
openapi io.k8s.api.certificates.v1beta1

message CertificateSigningRequest
  metadata 1 meta/v1.ObjectMeta
  spec     2 CertificateSigningRequestSpec   always
  status   3 CertificateSigningRequestStatus always

message CertificateSigningRequestCondition
  type               1 string always
  status             6 string always
  reason             2 string
  message            3 string
  lastUpdateTime     4 time
  lastTransitionTime 5 time

message CertificateSigningRequestList
  metadata 1 meta/v1.ListMeta
  items    2 []CertificateSigningRequest always

message CertificateSigningRequestSpec
  request           1 bytes        always
  signerName        7 string?
  expirationSeconds 8 int32?
  usages            5 []string
  username          2 string
  uid               3 string
  groups            4 []string
  extra             6 {}ExtraValue

message CertificateSigningRequestStatus
  conditions  1 []CertificateSigningRequestCondition
  certificate 2 bytes

kind ClusterTrustBundle
  metadata 1 meta/v1.ObjectMeta
  spec     2 ClusterTrustBundleSpec required

kind ClusterTrustBundleList
  metadata 1 meta/v1.ListMeta
  items    2 []ClusterTrustBundle required

message ClusterTrustBundleSpec
  signerName  1 string
  trustBundle 2 string required

message ExtraValue wraps []string

kind PodCertificateRequest
  metadata 1 meta/v1.ObjectMeta
  spec     2 PodCertificateRequestSpec   required
  status   3 PodCertificateRequestStatus always

kind PodCertificateRequestList
  metadata 1 meta/v1.ListMeta
  items    2 []PodCertificateRequest required

message PodCertificateRequestSpec
  signerName                 1 string   required
  podName                    2 string   required
  podUID                     3 string   required
  serviceAccountName         4 string   required
  serviceAccountUID          5 string   required
  nodeName                   6 string   required
  nodeUID                    7 string   required
  maxExpirationSeconds       8 int32?   default=86400
  pkixPublicKey              9 bytes    always
  proofOfPossession         10 bytes    always
  stubPKCS10Request         12 bytes    required
  unverifiedUserAnnotations 11 {}string

message PodCertificateRequestStatus
  conditions       1 []meta/v1.Condition list=map(type) patch=merge(type)
  certificateChain 2 string
  notBefore        4 time?
  beginRefreshAt   5 time?
  notAfter         6 time?
`;
