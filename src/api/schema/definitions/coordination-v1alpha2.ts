/** coordination.k8s.io/v1alpha2: fields in the order of upstream JSON. The notation is described in ../notation.ts. */
export const coordinationV1alpha2 = `\
group coordination.k8s.io
version v1alpha2
protobuf k8s.io.api.coordination.v1alpha2
openapi io.k8s.api.coordination.v1alpha2

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
`;
