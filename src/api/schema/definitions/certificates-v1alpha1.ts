/** certificates.k8s.io/v1alpha1: fields in the order of upstream JSON. The notation is described in ../notation.ts. */
export const certificatesV1alpha1 = `\
group certificates.k8s.io
version v1alpha1
protobuf k8s.io.api.certificates.v1alpha1
openapi io.k8s.api.certificates.v1alpha1

kind ClusterTrustBundle
  metadata 1 meta/v1.ObjectMeta
  spec     2 ClusterTrustBundleSpec required

kind ClusterTrustBundleList
  metadata 1 meta/v1.ListMeta
  items    2 []ClusterTrustBundle required

message ClusterTrustBundleSpec
  signerName  1 string
  trustBundle 2 string required
`;
