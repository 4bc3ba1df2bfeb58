/** coordination.k8s.io/v1beta1: fields in the order of upstream JSON. The notation is described in ../notation.ts. */
export const coordinationV1beta1 = `\
group coordination.k8s.io
version v1beta1
protobuf k8s.io.api.coordination.v1beta1
openapi io.k8s.api.coordination.v1beta1

message Lease
  metadata 1 meta/v1.ObjectMeta
  spec     2 LeaseSpec          always

kind LeaseCandidate
  metadata 1 meta/v1.ObjectMeta
  spec     2 LeaseCandidateSpec required

kind LeaseCandidateList
  metadata 1 meta/v1.ListMeta
  items    2 []LeaseCandidate required

message LeaseCandidateSpec
  leaseName        1 string     required
  pingTime         2 microTime?
  renewTime        3 microTime?
  binaryVersion    4 string     required
  emulationVersion 5 string
  strategy         6 string     required

message LeaseList
  metadata 1 meta/v1.ListMeta
  items    2 []Lease          always

message LeaseSpec
  holderIdentity       1 string?
  leaseDurationSeconds 2 int32?
  acquireTime          3 microTime?
  renewTime            4 microTime?
  leaseTransitions     5 int32?
  strategy             6 string?
  preferredHolder      7 string?
`;
